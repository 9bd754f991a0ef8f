/** How far and how fast: one download's bytes, turned into what the page shows. Pure given the clock. */
import type { DownloadProgress, FileState } from '../protocol';

/** Speed is the mean over the last five seconds: steady enough to read, quick enough to notice a stall. */
const SPEED_WINDOW_MS = 5000;
/** Below half a second the mean is noise. */
const FIRST_SPEED_MS = 500;

export class Pace {
  readonly #modelId: string;
  readonly #files: { path: string; bytes: number; loadedBytes: number; state: FileState }[];
  #arrived: { atMs: number; bytes: number }[] = [];
  #startedMs: number | null = null;

  constructor(modelId: string, files: { path: string; bytes: number }[]) {
    this.#modelId = modelId;
    this.#files = files.map(({ path, bytes }) => ({ path, bytes, loadedBytes: 0, state: 'waiting' }));
  }

  /** Where a file stands; includes what was already on disk, which is no sign of speed. */
  set(path: string, loadedBytes: number, state: FileState): void {
    const file = this.#files.find((one) => one.path === path);
    if (file) Object.assign(file, { loadedBytes, state });
  }

  /** Bytes that just came over the network. */
  arrive(bytes: number, nowMs: number): void {
    this.#startedMs ??= nowMs;
    this.#arrived.push({ atMs: nowMs, bytes });
  }

  progress(nowMs: number): DownloadProgress {
    const loadedBytes = sum(this.#files.map((file) => file.loadedBytes));
    const totalBytes = sum(this.#files.map((file) => file.bytes));
    this.#arrived = this.#arrived.filter(({ atMs }) => nowMs - atMs < SPEED_WINDOW_MS);
    const spanMs = Math.min(SPEED_WINDOW_MS, nowMs - (this.#startedMs ?? nowMs));
    const recent = sum(this.#arrived.map(({ bytes }) => bytes));
    const bytesPerSecond = spanMs < FIRST_SPEED_MS ? 0 : (recent * 1000) / spanMs;
    return {
      modelId: this.#modelId,
      loadedBytes,
      totalBytes,
      bytesPerSecond,
      secondsLeft: bytesPerSecond > 0 ? (totalBytes - loadedBytes) / bytesPerSecond : null,
      files: this.#files.map((file) => ({ ...file })),
    };
  }
}

const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
