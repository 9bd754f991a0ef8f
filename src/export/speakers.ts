/** Who speaks: a cue names a speaker by an id, the transcript says what the speaker is called. Pure. */

/** `joined`: whom a person has made one with this one (src/speakers/joins.ts). */
export type Speaker = { id: string; name: string; joined?: readonly string[] };

/** The name to show for an id; one that the transcript has no name for is called by its id. */
export function speakerName(speakers: readonly Speaker[] | undefined, id: string): string {
  const name = speakers
    ?.find((speaker) => speaker.id === id)
    // What was typed or came with a file may hold line ends that \s does not know, and what UTF-8 cannot hold.
    ?.name.replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
  return name ? name : id;
}

/** Everyone whom a cue names, in the order they are first heard. */
export function speakersOf(cues: readonly { speaker?: string }[], speakers: readonly Speaker[] | undefined): Speaker[] {
  const ids = new Set(cues.flatMap(({ speaker }) => (speaker === undefined ? [] : [speaker])));
  return [...ids].map((id) => ({ id, name: speakerName(speakers, id) }));
}
