/** Files through the shipped media worker, and what came out held against what was said. */
import type { Page } from 'playwright/test';
import type { Options, Outcome } from '../harness/media.ts';

export type Media = typeof import('../harness/media.ts');

/** Decodes a file on disk. */
export async function decodeFile(page: Page, path: string, options: Options = {}): Promise<Outcome> {
  await page.evaluate(() => window.harness.load<Media>('media')); // makes the input
  await page.setInputFiles('#media-file', path);
  return page.evaluate(async (given) => {
    const media = await window.harness.load<Media>('media');
    return media.decode(media.picked(), given);
  }, options);
}

/** Decodes bytes made in the test. */
export function decodeMade(page: Page, bytes: Uint8Array, name: string, options: Options = {}): Promise<Outcome> {
  return page.evaluate(
    async ([base64, fileName, given]) =>
      (await window.harness.load<Media>('media')).decodeBytes(base64, fileName, given),
    [Buffer.from(bytes).toString('base64'), name, options] as const,
  );
}

/** Base64 of floats, as the harness gives them. */
export function floats(base64: string | null): Float32Array {
  const bytes = Buffer.from(base64 ?? '', 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

export function soundOf(outcome: Outcome): Float32Array {
  return floats(outcome.sound);
}

/**
 * Where `piece` is in `whole` within `reach` samples of `expected`: the best normalised correlation, of either sign, and
 * how late it is against `expected`.
 */
export function locate(
  whole: Float32Array,
  piece: Float32Array,
  expected: number,
  reach: number,
): { correlation: number; late: number } {
  const at = (late: number, step: number): number => {
    let [ab, aa, bb] = [0, 1e-9, 1e-9];
    for (let i = 0; i < piece.length; i += step) {
      const a = piece[i];
      const b = whole[expected + late + i] ?? 0;
      ab += a * b;
      aa += a * a;
      bb += b * b;
    }
    return Math.abs(ab) / Math.sqrt(aa * bb);
  };
  const search = (from: number, to: number, by: number, step: number): { correlation: number; late: number } => {
    let best = { correlation: 0, late: 0 };
    for (let late = from; late <= to; late += by) {
      const correlation = at(late, step);
      if (correlation > best.correlation) best = { correlation, late };
    }
    return best;
  };
  // Roughly first: every fourth place, every seventh sample.
  const { late } = search(-reach, reach, 4, 7);
  return search(late - 4, late + 4, 1, 2);
}
