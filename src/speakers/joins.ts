/**
 * Speakers whom a person has made one. That is kept with the one who is left (`Speaker.joined`), so it is undone and kept with
 * the list of speakers; what is told of the others later is told of that one. Pure.
 */
import type { SpeakerTurn, StatedSpeakers } from '../../workers/protocol.ts';
import type { Speaker } from './labels.ts';

/** From the id of one who was joined to the id of who they are. */
export type Joins = ReadonlyMap<string, string>;

/** Whoever is in the list is somebody of their own, whatever was said of them before. */
export function joinsIn(speakers: readonly Speaker[]): Joins {
  const listed = new Set(speakers.map(({ id }) => id));
  return new Map(
    speakers.flatMap(({ id, joined = [] }) =>
      joined.filter((other) => !listed.has(other)).map((other): [string, string] => [other, id]),
    ),
  );
}

/** @param turns sorted by start @returns as well; two who are one never speak at the same time as themselves */
export function joinedTurns(turns: readonly SpeakerTurn[], joins: Joins): readonly SpeakerTurn[] {
  if (joins.size === 0) return turns;
  const into = new Set(joins.values());
  const open = new Map<string, SpeakerTurn>();
  const made: SpeakerTurn[] = [];
  for (const turn of turns) {
    const speaker = joins.get(turn.speaker) ?? turn.speaker;
    const last = into.has(speaker) ? open.get(speaker) : undefined;
    if (last !== undefined && turn.start <= last.end) {
      last.end = Math.max(last.end, turn.end);
      continue;
    }
    const own = { ...turn, speaker };
    open.set(speaker, own);
    made.push(own);
  }
  return made;
}

/**
 * Two who were made one are one of those that a person says there are: so many more are told apart.
 * @param tell as if nobody had been made one
 */
export async function asManyAs(
  stated: StatedSpeakers | null,
  joins: Joins,
  tell: (stated: StatedSpeakers | null) => Promise<SpeakerTurn[]>,
): Promise<SpeakerTurn[]> {
  let turns = await tell(stated);
  if (stated === null) return turns;
  const people = () => new Set(turns.map(({ speaker }) => joins.get(speaker) ?? speaker)).size;
  for (let more = 1; more <= joins.size && people() < stated.least; more += 1)
    turns = await tell({ least: stated.least + more, most: stated.most + more });
  return turns;
}
