/** Files on a disk that other programs write to: gone, changed, still growing, and larger than 32 bits can count. */
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { wav } from '../fixtures/wav.ts';
import type { Outcome } from '../harness/media.ts';
import { decodeFile, decodeMade, soundOf, type Media } from './sound.ts';

const RATE = 16000;

function tone(hertz: number, rate: number, seconds: number, gain = 0.5): Float32Array {
  return Float32Array.from(
    { length: Math.round(rate * seconds) },
    (_, i) => gain * Math.sin((2 * Math.PI * hertz * i) / rate),
  );
}

/** Reads the picked file; `change` happens before the first byte is read or when two of its seconds were. */
async function changedFile(harness: Page, when: 'before' | 'while', change: () => void): Promise<Outcome> {
  if (when === 'before') {
    change();
    return harness.evaluate(async () => {
      const media = await window.harness.load<Media>('media');
      return media.decode(media.picked());
    });
  }
  const running = harness.evaluate(async () => {
    const media = await window.harness.load<Media>('media');
    return media.decode(media.picked(), { credits: 2, hold: true });
  });
  await harness.evaluate(async () => (await window.harness.load<Media>('media')).held());
  change();
  await harness.evaluate(async () => (await window.harness.load<Media>('media')).goOn());
  return running;
}

test('a file that is gone, written to or replaced, while it waits or is read, is named as such', async ({
  harness,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-'));
  const path = join(folder, 'recording.wav');
  const made = wav({ samples: [tone(440, 48000, 200), tone(440, 48000, 200)], rate: 48000 });
  try {
    await harness.evaluate(() => window.harness.load<Media>('media'));
    for (const [how, fault, change] of [
      // Emptied first: a reader that has it open would not notice that only its name is gone.
      ['gone', 'FileVanished', () => (writeFileSync(path, ''), rmSync(path))],
      ['appended', 'FileChanged', () => appendFileSync(path, made.subarray(44, 200_000))],
      ['replaced', 'FileChanged', () => writeFileSync(path, wav({ samples: [tone(880, 48000, 99)], rate: 48000 }))],
      ['emptied', 'FileChanged', () => writeFileSync(path, '')],
    ] as const) {
      for (const when of ['before', 'while'] as const) {
        writeFileSync(path, made);
        await harness.setInputFiles('#media-file', path);
        const outcome = await changedFile(harness, when, () => void change());
        expect([how, when, outcome.fault, outcome.rejectedAs]).toEqual([how, when, fault, fault]);
      }
    }
    const next = await decodeMade(harness, wav({ samples: [tone(440, RATE, 1)] }), 'next.wav');
    expect(next.end?.totalSamples).toBe(RATE);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('five gigabytes are read as quickly as five megabytes, at both ends', async ({ harness }) => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-'));
  const path = join(folder, 'long.wav');
  const GIGABYTES = 5 * 2 ** 30;
  const last = wav({ samples: [tone(440, RATE, 3)] }).subarray(44);
  try {
    // What is left in the header of a length that did not fit, and none at all.
    for (const dataSize of [GIGABYTES % 2 ** 32, 0xffffffff, 0]) {
      const file = openSync(path, 'w');
      writeSync(file, wav({ samples: [new Float32Array(0)], dataSize, riffSize: 0xffffffff }));
      ftruncateSync(file, 44 + GIGABYTES); // a hole: it takes no room
      writeSync(file, last, 0, last.length, 44 + GIGABYTES - last.length);
      closeSync(file);
      const samples = GIGABYTES / 2;
      const outcome = await decodeFile(harness, path, { keep: true, fromSample: samples - 5 * RATE });
      expect(outcome.end).toEqual({ totalSamples: samples, truncated: false, loss: null });
      expect(outcome.facts?.seconds).toBe(samples / RATE);
      expect(outcome.samples).toBe(5 * RATE);
      const sound = soundOf(outcome);
      expect(sound.subarray(0, 1.5 * RATE).every((value) => Math.abs(value) < 1e-3)).toBe(true);
      const truth = tone(440, RATE, 3);
      expect(Math.abs(sound[3.5 * RATE] - truth[1.5 * RATE])).toBeLessThan(1e-2);
    }
    // Fragments behind a gap of four and a half gigabytes.
    const movie = readFileSync(fixture('media/fragmented.mp4'));
    const fragments = movie.indexOf('moof') - 4;
    const gap = 9 * 2 ** 29;
    const free = Buffer.alloc(16);
    free.writeUInt32BE(1, 0);
    free.write('free', 4);
    free.writeBigUInt64BE(BigInt(gap), 8);
    const file = openSync(path, 'w');
    writeSync(file, movie, 0, fragments, 0);
    writeSync(file, free, 0, 16, fragments);
    writeSync(file, movie, fragments, movie.length - fragments, fragments + gap);
    closeSync(file);
    const near = await decodeMade(harness, movie, 'near.mp4', { keep: true });
    const far = await decodeFile(harness, path, { keep: true });
    expect(soundOf(far)).toEqual(soundOf(near));
    expect(far.end).toEqual(near.end);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an hour of sound leaves no more in memory than a minute', async ({ harness }) => {
  test.setTimeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'earshot-'));
  const path = join(folder, 'hour.wav');
  try {
    const file = openSync(path, 'w');
    writeSync(file, wav({ samples: [new Float32Array(0)], rate: 8000, dataSize: 0 }));
    ftruncateSync(file, 44 + 3600 * 16_000);
    closeSync(file);
    const megabytes = async (): Promise<number> =>
      (
        await harness.evaluate(() =>
          (
            performance as unknown as { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> }
          ).measureUserAgentSpecificMemory(),
        )
      ).bytes / 1e6;
    await decodeFile(harness, path, { stopAfter: 60 });
    const minute = await megabytes();
    const outcome = await decodeFile(harness, path);
    expect(outcome.end?.totalSamples).toBe(3600 * RATE);
    expect((await megabytes()) - minute).toBeLessThan(30);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
