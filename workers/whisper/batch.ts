/**
 * How many windows are decoded at once. A decoder step costs the same dispatches for any number of rows (ENGINE.md 4),
 * so more rows are cheaper a row, until the GPU has enough to do or no room. The text does not depend on it.
 */
import type { WhisperModel } from './model';

/** Beyond this a step gets longer with the rows on every GPU measured (ENGINE.md 4: 4 to 8). */
const MOST_ROWS = 8;
/** Of the largest buffer there may be: what little WebGPU says about the memory. */
const SHARE_OF_LARGEST = 1 / 4;

/** Bytes one more window takes on the GPU: its cross-attention K/V, its own K/V at their longest, its encoder output. */
export function rowBytes({ layers, width, sourcePositions, targetPositions }: WhisperModel): number {
  return 4 * width * (2 * layers * (sourcePositions + targetPositions / 2) + 2 * sourcePositions);
}

/**
 * The most windows at once: by a memory budget, then by asking the device for that much and giving it back. On the CPU
 * one: its cores are busy with one row already.
 */
export async function largestBatch(model: WhisperModel): Promise<number> {
  const { device } = model;
  if (!device) return 1;
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
  /** None is larger. */
  readonly limit: number;
  /** Of the next. */
  readonly size: number;
  /** What a full batch of `size` took. @param seconds of sound in it */
  tell(seconds: number, ms: number): void;
};

/** 1, 2, 4 ... `limit`: the first words do not wait for a batch to be encoded. */
export function upTo(limit: number): BatchSizes {
  let size = 1;
  return {
    limit,
    get size() {
      return size;
    },
    tell() {
      size = Math.min(limit, size * 2);
    },
  };
}

/** A larger batch must be this much cheaper a second of sound, or it only makes the person wait. */
const WORTH_IT = 0.95;
/** One batch may be unlucky. */
const TRIES = 2;

/** As `upTo`, but back to the size before and no further when a size was not worth it twice. */
export function bySpeed(limit: number): BatchSizes {
  let size = 1;
  let smaller = 1;
  let settled = limit === 1;
  /** Milliseconds a second of sound: the best of the size before, and of this one. */
  let before = Infinity;
  let best = Infinity;
  let tries = 0;
  return {
    limit,
    get size() {
      return size;
    },
    tell(seconds, ms) {
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
