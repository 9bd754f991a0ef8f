/**
 * Told turns laid on a transcript: which of its cues become others. What a person has said of a cue stays, whatever is
 * told; what was cut only because the speaker changed is made whole before it is cut anew. Pure, but for the worker's
 * labelling, which is handed in.
 */
import type { Cue, SpeakerTurn } from '../../workers/protocol.ts';
import { glueBetween } from '../shaper/pieces.ts';
import { joinedTurns, joinsIn } from './joins.ts';
import { speakersWithNames, type Speaker } from './labels.ts';

/** A cue of a transcript, with what is needed of it here. */
export type TalkCue = Cue & { id: string; edited: boolean; language: string };

/** By the id of a cue: the cue as it is now; null: it is gone. */
export type CueChanges<C> = ReadonlyMap<string, C | null>;

/** A recording's transcript, as the one who has it lets it be read and changed. */
export type Talk = {
  id: string;
  /** Null: it is not there any more. */
  look(): { cues: readonly TalkCue[]; speakers: readonly Speaker[] } | null;
  change(changes: CueChanges<TalkCue>, speakers: readonly Speaker[]): void;
};

/** The cues with their speakers, split where the speaker changes, each part with an id of its own. */
export type Label = <C extends TalkCue>(cues: readonly C[], turns: readonly SpeakerTurn[]) => Promise<C[]>;

/**
 * @param cues in order
 * @param told all turns that the speakers in the cues may come from, since another count can be undone: one who is in a cue
 *   by none of them was named by a person, or came with the file
 * @param known with whom they were made one by a person: these turns are theirs, too
 */
export async function toldCues<C extends TalkCue>(
  cues: readonly C[],
  known: readonly Speaker[],
  told: readonly (readonly SpeakerTurn[])[],
  turns: readonly SpeakerTurn[],
  label: Label,
): Promise<{ changes: CueChanges<C>; speakers: Speaker[] }> {
  const joins = joinsIn(known);
  const possible = joins.size === 0 ? told : told.flatMap((each) => [joinedTurns(each, joins), each]);
  const byHand = await saidByHand(cues, possible, label);
  const input = whole(cues, byHand);
  const fresh = withoutParts(input, await label(input, joinedTurns(turns, joins)), byHand);
  const before = new Map(cues.map((cue) => [cue.id, cue]));
  const left = new Set(fresh.map(({ id }) => id));
  const changes = new Map<string, C | null>();
  for (const cue of fresh) {
    const old = before.get(cue.id);
    if (old === undefined || !isSame(old, cue)) changes.set(cue.id, cue);
  }
  for (const { id } of cues) if (!left.has(id)) changes.set(id, null);
  return { changes, speakers: inTheirOrder(speakersWithNames(fresh, known), known) };
}

/**
 * Of these changes those whose cues are as they were: a person may have changed some meanwhile, or a job heard more. A cue
 * and its parts go together.
 */
export function stillMeant<C extends TalkCue>(
  changes: CueChanges<C>,
  seen: readonly C[],
  now: readonly C[],
): CueChanges<C> {
  if (seen === now) return changes;
  const then = new Map(seen.map((cue) => [cue.id, cue]));
  const others = new Set(now.filter((cue) => then.get(cue.id) !== cue).map(({ id }) => partOf(id).origin));
  const left = new Set(now.map(({ id }) => id));
  for (const { id } of seen) if (!left.has(id)) others.add(partOf(id).origin);
  return new Map([...changes].filter(([id]) => !others.has(partOf(id).origin)));
}

/** What was said by hand is neither cut nor named anew. `labelled`: each cue of `input`, and behind it its parts. */
function withoutParts<C extends TalkCue>(
  input: readonly C[],
  labelled: readonly C[],
  byHand: ReadonlySet<string>,
): readonly C[] {
  const given = new Map(input.map((cue) => [cue.id, cue]));
  let own: C | null = null;
  return labelled.flatMap((cue) => {
    const source = given.get(cue.id);
    if (source === undefined) return own === null ? [cue] : [];
    own = byHand.has(cue.id) ? source : null;
    return [own ?? cue];
  });
}

/** The cues of which a person has said who speaks. */
async function saidByHand<C extends TalkCue>(
  cues: readonly C[],
  told: readonly (readonly SpeakerTurn[])[],
  label: Label,
): Promise<ReadonlySet<string>> {
  let named = cues.filter(({ speaker }) => speaker !== undefined);
  for (const turns of told) {
    if (named.length === 0) break;
    const machine = new Map((await label(named, turns)).map(({ id, speaker }) => [id, speaker]));
    named = named.filter(({ id, speaker }) => machine.get(id) !== speaker);
  }
  return new Set(named.map(({ id }) => id));
}

/** Parts that follow each other become the cue that they were cut from; what a person has edited or said stays apart. */
function whole<C extends TalkCue>(cues: readonly C[], byHand: ReadonlySet<string>): C[] {
  const made: C[] = [];
  const isFixed = (cue: C) => cue.edited || byHand.has(cue.id);
  for (const cue of cues) {
    const last = made.at(-1);
    const { origin, isPart } = partOf(cue.id);
    if (last === undefined || !isPart || partOf(last.id).origin !== origin || isFixed(last) || isFixed(cue)) {
      made.push(cue);
      continue;
    }
    const words = [...(last.words ?? []), ...(cue.words ?? [])];
    const text = last.text + glueBetween(last.text, cue.text) + cue.text;
    made[made.length - 1] = { ...last, text, end: Math.max(last.end, cue.end), ...(words.length > 0 && { words }) };
  }
  return made;
}

/** Ids as `withPartIds` makes them (src/speakers/labels.ts). */
function partOf(id: string): { origin: string; isPart: boolean } {
  const [, origin] = /^(.+)\.\d+'*$/.exec(id) ?? [];
  return { origin: origin ?? id, isPart: origin !== undefined };
}

function isSame(a: TalkCue, b: TalkCue): boolean {
  const others = (cue: TalkCue) => (cue.alsoSpeaking ?? []).join('\n');
  return (
    a.text === b.text &&
    a.start === b.start &&
    a.end === b.end &&
    a.speaker === b.speaker &&
    others(a) === others(b) &&
    a.words?.length === b.words?.length
  );
}

/** By their numbers, and so the same for each count; then who was known by another name, in the order there was. */
function inTheirOrder(speakers: readonly Speaker[], known: readonly Speaker[]): Speaker[] {
  const place = ({ id }: Speaker) => {
    if (/^\d+$/.test(id)) return Number(id) - Number.MAX_SAFE_INTEGER;
    const at = known.findIndex((speaker) => speaker.id === id);
    return at < 0 ? known.length : at;
  };
  return [...speakers].sort((a, b) => place(a) - place(b));
}
