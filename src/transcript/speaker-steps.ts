/**
 * What a person does with the speakers of a transcript: each is one step of the document, and undone by it. What names
 * nobody, or changes nothing, does nothing.
 */
import { speakerName, speakersOf } from '../export/speakers.ts';
import type { EditableCue, Speaker } from '../queue/job.ts';
import { defaultName } from '../speakers/labels.ts';
import { withSpeaker } from './cue-change.ts';
import type { TranscriptDocument } from './document.ts';

/** Everyone a cue names, and everyone who has a name: first in the order of the list, then of first appearance. */
export function everyone(document: Pick<TranscriptDocument, 'cues' | 'speakers'>): Speaker[] {
  const listed = document.speakers.map(({ id }) => ({ id, name: speakerName(document.speakers, id) }));
  const heard = speakersOf(document.cues.toArray(), document.speakers);
  return [...listed, ...heard.filter(({ id }) => !listed.some((speaker) => speaker.id === id))];
}

/** The id of the one with this name; undefined: nobody is called so. */
function speakerNamed(document: TranscriptDocument, name: string): string | undefined {
  const known = document.speakers.find((speaker) => speaker.name === name);
  return known?.id ?? document.speakers.find(({ id }) => id === name)?.id;
}

/** By name; one whom nobody has named yet becomes one of the speakers. */
export function setSpeakerNamed(document: TranscriptDocument, ids: Iterable<string>, name: string): boolean {
  const known = speakerNamed(document, name);
  if (known !== undefined) return document.setSpeaker(ids, known);
  // The name is a good id for it, unless it is another's.
  let id = name;
  while (document.speakers.some((speaker) => speaker.id === id)) id += '+';
  return document.changeSpeakers(spoken(document, ids, id), [...document.speakers, { id, name }]);
}

/** Everywhere. Where another one has this name already, both are one from then on. */
export function renameSpeaker(document: TranscriptDocument, id: string, name: string): boolean {
  if (name === '' || name === speakerName(document.speakers, id)) return false;
  const unlisted = document.cues.toArray().find((cue) => cue.speaker === name)?.speaker;
  const namesake =
    speakerNamed(document, name) ?? (speakerName(document.speakers, name) === name ? unlisted : undefined);
  if (namesake !== undefined && namesake !== id) return mergeSpeakers(document, id, namesake);
  const isListed = document.speakers.some((speaker) => speaker.id === id);
  const renamed = document.speakers.map((speaker) => (speaker.id === id ? { ...speaker, name } : speaker));
  return document.changeSpeakers([], isListed ? renamed : [...renamed, { id, name }]);
}

/** All that one says becomes another's, also what is told of them later, and the one leaves the list. */
export function mergeSpeakers(document: TranscriptDocument, from: string, into: string): boolean {
  if (from === into) return false;
  const changed = document.cues.toArray().flatMap((cue) => {
    const others = cue.alsoSpeaking ?? [];
    if (cue.speaker !== from && !others.includes(from)) return [];
    const speaker = cue.speaker === from ? into : cue.speaker;
    return [withOthers({ ...cue, ...(speaker !== undefined && { speaker }) }, others, from, into)];
  });
  const one = document.speakers.find(({ id }) => id === from);
  const left = document.speakers
    .filter((speaker) => speaker !== one)
    .map((speaker) =>
      speaker.id === into ? { ...speaker, joined: [...(speaker.joined ?? []), from, ...(one?.joined ?? [])] } : speaker,
    );
  return document.changeSpeakers(changed, one === undefined ? null : left);
}

/**
 * From a cue on, what its speaker says is somebody else's.
 * @returns the new speaker's id; null where the cue has none, or there is nothing of them before it to be told apart from
 */
export function splitSpeaker(document: TranscriptDocument, cueId: string): string | null {
  const cue = document.cues.get(cueId);
  if (cue?.speaker === undefined) return null;
  const theirs = document.cues.toArray().filter(({ speaker }) => speaker === cue.speaker);
  const at = theirs.findIndex(({ id }) => id === cueId);
  if (at <= 0) return null;
  const id = freeNumber(document, cue.speaker);
  const changed = theirs.slice(at).map((each) => withSpeaker(each, id));
  const others = document.speakers.map((speaker) => (speaker.joined?.includes(id) ? apart(speaker, id) : speaker));
  document.changeSpeakers(changed, [...others, { id, name: defaultName(id) }]);
  return id;
}

/** One of those whom they were made one with is somebody else again. */
function apart({ joined = [], ...speaker }: Speaker, id: string): Speaker {
  const left = joined.filter((other) => other !== id);
  return left.length === 0 ? speaker : { ...speaker, joined: left };
}

/**
 * The lowest number that no speaker has as an id or in the name. Whoever was made one with another than `from` is still told
 * by their voice, as that one.
 */
function freeNumber(document: TranscriptDocument, from: string): string {
  const taken = new Set(everyone(document).flatMap(({ id, name }) => [id, name]));
  for (const { id, joined = [] } of document.speakers) if (id !== from) for (const other of joined) taken.add(other);
  let number = 1;
  while (taken.has(String(number)) || taken.has(defaultName(String(number)))) number += 1;
  return String(number);
}

function spoken(document: TranscriptDocument, ids: Iterable<string>, speaker: string): EditableCue[] {
  return [...new Set(ids)].flatMap((id) => {
    const cue = document.cues.get(id);
    return cue === undefined || cue.speaker === speaker ? [] : [withSpeaker(cue, speaker)];
  });
}

/** The others who speak in a cue, once `from` is `into`. Nobody speaks over themselves. */
function withOthers(cue: EditableCue, others: readonly string[], from: string, into: string): EditableCue {
  const { alsoSpeaking: _, ...alone } = cue;
  const left = [...new Set(others.map((id) => (id === from ? into : id)))].filter((id) => id !== cue.speaker);
  return left.length === 0 ? alone : { ...alone, alsoSpeaking: left };
}
