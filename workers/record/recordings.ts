/** The recordings on this device: what there is, one as a file, and away with one. */
import type { Recording } from '../protocol';
import { recordingChunkKey, type KeptRecording, type RecordingDatabase } from './keeper';
import { wavHeader } from './wav-header';

/** Chunks read at once: half a megabyte of Opus, six of bare samples. */
const CHUNKS_AT_ONCE = 64;

export class Recordings {
  readonly #database: RecordingDatabase;

  constructor(database: RecordingDatabase) {
    this.#database = database;
  }

  /** The newest first; those that were deleted and can still come back are among them. */
  async list(): Promise<Recording[]> {
    const ids = (await this.#database.keys()).filter((key) => !key.includes('#'));
    const found = await this.#database.getMany<KeptRecording>(ids);
    return found.filter((one) => one !== undefined).sort((a, b) => b.startedMs - a.startedMs);
  }

  /**
   * Its bytes are never in memory all at once: those of each batch of chunks go to the browser's own Blob storage.
   * @returns null: there is none
   */
  async file(id: string): Promise<File | null> {
    const recording = await this.#database.get<KeptRecording>(id);
    if (recording === undefined) return null;
    const { name, type, startedMs, chunks, sampleRate, bytes } = recording;
    const parts: BlobPart[] = type === 'audio/wav' ? [wavHeader(sampleRate, bytes)] : [];
    for (let from = 0; from < chunks; from += CHUNKS_AT_ONCE) {
      const count = Math.min(CHUNKS_AT_ONCE, chunks - from);
      const wanted = Array.from({ length: count }, (_, index) => recordingChunkKey(id, from + index));
      const found = await this.#database.getMany<Uint8Array<ArrayBuffer>>(wanted);
      parts.push(new Blob(found.filter((chunk) => chunk !== undefined)));
    }
    // The same date each time, so that the list of files knows a recording again that it was given in an earlier visit.
    return new File(parts, name, { type, lastModified: startedMs });
  }

  async mark(id: string, change: Partial<Pick<Recording, 'deleted' | 'ended'>>): Promise<void> {
    const recording = await this.#database.get<KeptRecording>(id);
    if (recording !== undefined) await this.#database.set(id, { ...recording, ...change });
  }

  /** Takes those off the disk for good that were deleted. */
  async purge(): Promise<void> {
    for (const { id, deleted } of await this.list()) if (deleted) await this.#remove(id);
  }

  async #remove(id: string): Promise<void> {
    const recording = await this.#database.get<KeptRecording>(id);
    const chunks = Array.from({ length: recording?.chunks ?? 0 }, (_, index) => recordingChunkKey(id, index));
    await this.#database.delete([id, ...chunks]);
  }
}
