/**
 * How many windows are decoded at once. A decoder step of Whisper base is 246 dispatches in 22 submissions for any number
 * of rows (ONNX Runtime 1.31-dev, counted 2026-11), so more rows are cheaper a row, until the GPU has enough to do or no
 * room. The text does not depend on it.
 */
import type { WhisperModel } from './model';

/** The most rows that were measured. The job finds out by itself whether so many are worth it on this GPU (`bySpeed`). */
const MOST_ROWS = 8;
/**
 * The share of the largest buffer that the rows of a batch may take together. WebGPU does not say how much memory there
 * is; the largest buffer grows with it, and the weights and everything else the browser draws need the rest. A choice, on
 * the careful side: what is refused all the same makes the batch smaller.
 */
const SHARE_OF_LARGEST = 1 / 4;

/** Bytes one more window takes on the GPU: its cross-attention K/V, its own K/V at their longest, its encoder output. */
export function rowBytes({ layers, width, sourcePositions, targetPositions }: WhisperModel): number {
  return 4 * width * (2 * layers * (sourcePositions + targetPositions / 2) + 2 * sourcePositions);
}

/**
 * Rows at once on the CPU. The weights are read once a step, whatever the rows: Whisper base in fp32 on two threads takes
 * 11.5 ms a step for one, 6.2 ms a row for four and 5.8 for eight, and four windows are as long as anyone should wait.
 */
const CPU_ROWS = 4;

/** The most windows at once: on the GPU by a memory budget, then by asking the device for that much and giving it back. */
export async function largestBatch(model: WhisperModel): Promise<number> {
  const { device } = model;
  if (!device) return CPU_ROWS;
  const bytes = rowBytes(model);
  let rows = Math.min(MOST_ROWS, Math.floor((device.limits.maxBufferSize * SHARE_OF_LARGEST) / bytes));
  while (rows > 1 && !(await hasRoom(device, rows * bytes))) rows = Math.floor(rows / 2);
  return Math.max(1, rows);
}

async function hasRoom(device: GPUDevice, bytes: number): Promise<boolean> {
  device.pushErrorScope('out-of-memory');
  const buffer = device.createBuffer({ size: 4 * Math.ceil(bytes / 4), usage: GPUBufferUsage.STORAGE });
  const refused = await device.popErrorScope();
  buffer.destroy();
  return refused === null;
}

/** The sizes of a job's batches, one after the other. */
export type BatchSizes = {
  /** None is larger. It falls when memory runs out. */
  readonly limit: number;
  /** Of the next. */
  readonly size: number;
  /** What a full batch of `size` took. @param seconds of sound in it */
  measured(seconds: number, ms: number): void;
  /** There is no memory for more than so many: none is larger from now on. */
  fit(rows: number): void;
};

/** 1, 2, 4 ... `limit`: the first words do not wait for a batch to be encoded. */
export function upTo(most: number): BatchSizes {
  let limit = most;
  let size = 1;
  return {
    get limit() {
      return limit;
    },
    get size() {
      return size;
    },
    measured() {
      size = Math.min(limit, size * 2);
    },
    fit(rows) {
      limit = Math.min(limit, rows);
      size = Math.min(size, limit);
    },
  };
}

/**
 * A larger batch must take at most this share of the time for a second of sound: for a smaller gain a person should not wait
 * longer for its words. A choice.
 */
const WORTH_IT = 0.95;
/** Batches of a size before it is judged: one alone may have met something else that kept the GPU busy. */
const TRIES = 2;

/** As `upTo`, but back to the size before and no further when a size was not worth it twice. */
export function bySpeed(most: number): BatchSizes {
  let limit = most;
  let size = 1;
  let smaller = 1;
  let settled = limit === 1;
  /** Milliseconds a second of sound: the best of the size before, and of this one. */
  let before = Infinity;
  let best = Infinity;
  let tries = 0;
  return {
    get limit() {
      return limit;
    },
    get size() {
      return size;
    },
    fit(rows) {
      limit = Math.min(limit, rows);
      if (size < limit) return;
      size = limit;
      settled = true;
    },
    measured(seconds, ms) {
      if (settled || seconds <= 0) return;
      best = Math.min(best, ms / seconds);
      tries += 1;
      if (best <= before * WORTH_IT) {
        settled = size === limit;
        if (settled) return;
        before = best;
        best = Infinity;
        tries = 0;
        smaller = size;
        size = Math.min(limit, size * 2);
      } else if (tries === TRIES) {
        settled = true;
        size = smaller;
      }
    },
  };
}
