/** What an open file is: stretches of sound on one clock. How a kind of file is added: an `Opener`, named in open.ts. */
import type { FaultName, MediaFacts, SoundChoice } from '../protocol';

/** One decoded chunk. `timestamp`: seconds on its stretch's own clock; `channels`: one array per channel, [-1, 1]. */
export type Chunk = { timestamp: number; rate: number; channels: Float32Array[] };

/**
 * A piece of the file's clock and where its sound comes from. Most files are one stretch; an edit list, a chained Ogg
 * and whatever else was put together from parts are several, in the order in which they are heard.
 */
export type Stretch = {
  /** Where it begins on the file's clock, whose zero is a player's. Seconds. */
  at: number;
  /** What is heard of it, [from, to) on its own clock, in seconds. Nothing outside ever leaves this worker. */
  from: number;
  to: number;
  /**
   * Its sound from `start` on or from a little before; -Infinity: from its first chunk.
   * @throws what reading or decoding throws, after the last chunk that could be decoded
   */
  read(start: number): AsyncGenerator<Chunk, void>;
  /** Weight of each channel in the mix where the layout is known; null: every channel is a microphone of its own. */
  weights(channels: number): number[] | null;
};

/** An open file. `dispose` ends every read and decode under way: they reject. */
export type Media = {
  facts: MediaFacts;
  stretches: Stretch[];
  /** Seconds on the file's clock that the sound must reach; null where the file makes no such claim. */
  statedEnd: number | null;
  /** The file is shorter than its own headers say. `seconds`: by how much, null where that is not known. */
  cut: { seconds: number | null } | null;
  /** Named for an error that comes before any sound. */
  noSoundFault: 'DamagedFile' | 'UnsupportedFormat';
  dispose(): void;
};

/** A file that is being opened. */
export type Candidate = {
  file: Blob;
  /** Its first bytes: 64 KiB, or all there is. */
  head: Uint8Array<ArrayBuffer>;
  choice: SoundChoice;
};

/**
 * Looks at a file and opens it if it is of its kind.
 * @returns null where it is not
 * @throws a media fault; anything else counts as a failed read
 */
export type Opener = (candidate: Candidate) => Promise<Media | null>;

const MEDIA_FAULTS: FaultName[] = [
  'EmptyFile',
  'UnsupportedFormat',
  'NoAudioTrack',
  'DamagedFile',
  'FileVanished',
  'FileChanged',
];

/** Whether the error has its name already. */
export function isMediaFault(error: unknown): error is Error & { name: FaultName } {
  return error instanceof Error && (MEDIA_FAULTS as string[]).includes(error.name);
}
