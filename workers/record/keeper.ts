/**
 * The bytes of one recording on the disk, chunk by chunk. A chunk and the record that counts it are one transaction, so
 * whatever ends the worker, what is on the disk is the recording up to the end of a chunk.
 */
import { concat } from '../concat';
import type { Database } from '../store/database';
import type { Recording } from '../protocol';

/** What of `Database` is needed; the tests have one that dies. */
export type RecordingDatabase = Pick<Database, 'keeps' | 'keys' | 'get' | 'getMany' | 'set' | 'setMany' | 'delete'>;

/** A recording as it is kept. */
export type KeptRecording = Recording & {
  version: 1;
  /** How many chunks there are. */
  chunks: number;
  /** Samples a second, for the header of a WAV. */
  sampleRate: number;
};

/** A chunk for each second of sound: about 8 kB. So much is lost in a crash, and half a second that is in no page yet. */
const CHUNK_SECONDS = 1;

export function recordingChunkKey(id: string, index: number): string {
  return `${id}#${index}`;
}

export class Keeper {
  readonly #database: RecordingDatabase;
  #recording: KeptRecording;
  #pending: Uint8Array[] = [];

  constructor(database: RecordingDatabase, recording: KeptRecording) {
    this.#database = database;
    this.#recording = recording;
  }

  /** As it is on the disk. */
  get recording(): KeptRecording {
    return this.#recording;
  }

  take(bytes: Uint8Array): void {
    this.#pending.push(bytes);
  }

  /** @param seconds of sound so far, on the disk or not */
  isDue(seconds: number): boolean {
    return seconds - this.#recording.seconds >= CHUNK_SECONDS;
  }

  /**
   * Writes what was taken. Rejects as `Database`; what was on the disk stays.
   * @param seconds of sound so far
   * @param ended nothing comes after it
   */
  async write(seconds: number, ended = false): Promise<void> {
    const chunk = concat(this.#pending);
    this.#pending = [];
    const { id, chunks, bytes } = this.#recording;
    const fresh = chunk.byteLength > 0;
    const next = {
      ...this.#recording,
      seconds,
      bytes: bytes + chunk.byteLength,
      chunks: chunks + (fresh ? 1 : 0),
      ended,
    };
    await this.#database.setMany([
      [id, next],
      ...(fresh ? [[recordingChunkKey(id, chunks), chunk] as [string, Uint8Array]] : []),
    ]);
    this.#recording = next;
  }
}
