/** What the media worker's decoders make of a file, without a browser: only those of Earshot itself are there. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { clipped } from '../../workers/media/assemble.ts';
import { decodeBlocks } from '../../workers/media/decode.ts';
import { explain, openMedia } from '../../workers/media/open.ts';
import type { Loss, MediaFacts } from '../../workers/protocol.ts';

export type Heard = {
  facts: MediaFacts;
  /** Mono, at the rate asked for, from the sample asked for. */
  sound: Float32Array;
  totalSamples: number;
  loss: Loss | null;
};

/** A file of tests/fixtures. */
export function fixture(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url))));
}

function concat(parts: Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * @param mostBlocks seconds of sound after which it is stopped
 * @throws the fault that the page would get
 */
export async function hear(
  bytes: Uint8Array<ArrayBuffer>,
  { sampleRate = 16000, fromSample = 0, mostBlocks = Infinity } = {},
): Promise<Heard> {
  const file = new Blob([bytes]);
  const media = await openMedia(file);
  const named = (error: unknown): Promise<Error> => explain(file, error, media.noSoundFault);
  const source = decodeBlocks(media, sampleRate, fromSample, null, named);
  try {
    const blocks: Float32Array[] = [];
    for (;;) {
      const step = await source.next();
      if (step.done) return { facts: media.facts, sound: concat(blocks), ...step.value };
      blocks.push(step.value);
      if (blocks.length < mostBlocks) continue;
      return { facts: media.facts, sound: concat(blocks), totalSamples: NaN, loss: null };
    }
  } finally {
    await source.return({ totalSamples: 0, loss: null });
    media.dispose();
  }
}

/** The channels as the decoder gives them, at their own rate, nothing mixed or resampled. */
export async function channelsOf(bytes: Uint8Array<ArrayBuffer>): Promise<Float32Array[]> {
  const media = await openMedia(new Blob([bytes]));
  try {
    const parts: Float32Array[][] = [];
    const [stretch] = media.stretches;
    for await (const chunk of stretch.read(-Infinity)) {
      for (const [i, plane] of clipped(chunk, stretch).channels.entries()) (parts[i] ??= []).push(plane);
    }
    return parts.map(concat);
  } finally {
    media.dispose();
  }
}

/** Best normalised correlation of two recordings and where: positive lag means `b` is late. Samples. */
export function correlate(a: Float32Array, b: Float32Array, reach: number): { correlation: number; lag: number } {
  const length = Math.min(a.length, b.length);
  let best = { correlation: -1, lag: 0 };
  for (let lag = -reach; lag <= reach; lag++) {
    let [ab, aa, bb] = [0, 0, 1e-30];
    for (let i = Math.max(0, -lag); i < length - Math.max(0, lag); i++) {
      ab += a[i] * b[i + lag];
      aa += a[i] * a[i];
      bb += b[i + lag] * b[i + lag];
    }
    const correlation = ab / Math.sqrt(aa * bb + 1e-30);
    if (correlation > best.correlation) best = { correlation, lag };
  }
  return best;
}
