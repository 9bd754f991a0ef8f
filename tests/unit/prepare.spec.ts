/** Sound to windows: each carries the speech that is inside it, also where another finder cuts the windows. */
import { expect, test } from 'playwright/test';
import type { Prepared } from '../../workers/hearing/context.ts';
import { prepare } from '../../workers/hearing/prepare.ts';
import { everything } from '../../workers/speech/speech.ts';
import type { SampleRange } from '../../workers/speech/ranges.ts';
import { speechOf } from '../../workers/speech/windows.ts';
import { forge, jobOf, RATE } from './forged-job.ts';
import { logitsOf } from './forged-model.ts';
import { randomFrom } from './random.ts';

const WINDOW = 10;
/** All windows of a file in blocks of a second, taken whole by one finder, with a detector beside it. */
async function windowsOf(seconds: number, speech: SampleRange[] | null, lag: number): Promise<Prepared[]> {
  const noise = randomFrom(1);
  const { context, close } = jobOf(
    forge(() => logitsOf({}), { seconds: WINDOW }),
    seconds,
    {},
    {
      ...(speech && { speech: speech.map(({ start, end }) => ({ start: start / RATE, end: end / RATE })) }),
      lag,
      finder: (read) => everything(WINDOW * RATE, RATE, 0, read),
      sound: () => Float32Array.from({ length: RATE }, () => 0.1 * noise.normal()),
    },
  );
  const items: Prepared[] = [];
  try {
    for await (const item of prepare(context)) items.push(item);
  } finally {
    close();
  }
  return items;
}

test('each window carries the speech inside it, whenever it became known, and no other', async () => {
  const random = randomFrom(2);
  for (let round = 0; round < 12; round++) {
    const seconds = random.whole(2, 40);
    const speech: SampleRange[] = [];
    // Words, and regions longer than a window that are open while windows close.
    for (let at = 0; ;) {
      const start = at + random.whole(1, 3 * RATE);
      const end = start + (random.next() < 0.2 ? random.whole(5, 15) * RATE : random.whole(1, 2 * RATE));
      if (end > seconds * RATE) break;
      speech.push({ start, end });
      at = end;
    }
    if (round % 2 === 0)
      speech.push({ start: Math.max(seconds * RATE - 500, speech.at(-1)?.end ?? 0), end: 99 * RATE });
    const items = await windowsOf(seconds, speech, random.between(0, 4));
    let at = 0;
    for (const [index, { window, speech: inSeconds }] of items.entries()) {
      expect(window.index).toBe(index);
      const [{ start, end }] = window.pieces;
      expect([window.pieces.length, start]).toEqual([1, at]);
      const inside = speech
        .map((one) => ({ start: Math.max(one.start, start), end: Math.min(one.end, end) }))
        .filter((one) => one.end > one.start);
      expect(window.speech, `round ${round}, window ${index}`).toEqual(inside);
      expect(inSeconds).toEqual(speechOf(window, RATE));
      at = end;
    }
    expect(at).toBe(seconds * RATE);
  }
});

test('where nobody looks for speech, nobody says that there is none', async () => {
  for (const { window, speech } of await windowsOf(25, null, 0)) expect([window.speech, speech]).toEqual([null, null]);
});

test('sound under -30 dBFS is brought up to it before its log-mel is made', async () => {
  const loudness: number[] = [];
  for (const gain of [0.03, 0.001, 0.00001]) {
    const { context, close } = jobOf(
      forge(() => logitsOf({})),
      1,
      {},
      {
        sound: () => Float32Array.from({ length: RATE }, (_, i) => gain * Math.sin(i)),
      },
    );
    for await (const { mel } of prepare(context)) loudness.push(mel.reduce((a, b) => Math.max(a, b)));
    close();
  }
  for (const one of loudness) expect(one).toBeCloseTo(loudness[0], 2);
});
