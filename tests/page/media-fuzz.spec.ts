/**
 * Damaged files of every kind: each ends with sound or with the name of what is wrong, in bounded time and memory. A few
 * hundred with a fixed seed; `npm run fuzz -- 5000` tries as many as it is told, with a seed of the day.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, fixture, test } from '../browser.ts';
import { wav } from '../fixtures/wav.ts';

type Fuzz = typeof import('../harness/fuzz.ts');

const COUNT = Number(process.env['FUZZ_FILES'] ?? 320);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
/** Files between two looks at the memory. */
const ROUND = 320;

const clips = (): [string, string][] => {
  const names = readdirSync(fixture('media')).filter((name) => !name.endsWith('.md'));
  const files = names.map((name): [string, Buffer] => [name, readFileSync(fixture(`media/${name}`))]);
  for (const name of ['02_german_then_english_track.mkv', '03_cut_in_the_middle_two_edits.m4a']) {
    files.push([name, readFileSync(fixture(`media-cases/${name}`))]);
  }
  const tone = Float32Array.from({ length: 16_000 }, (_, i) => 0.5 * Math.sin(i / 7));
  for (const [name, tag, bits] of [
    ['pcm.wav', 1, 16],
    ['float.wav', 3, 32],
    ['mu-law.wav', 7, 8],
  ] as const) {
    files.push([name, Buffer.from(wav({ samples: [tone, tone], tag, bits }))]);
  }
  return files.map(([name, bytes]) => [name, bytes.toString('base64')]);
};

test('no damaged file hangs, breaks the worker or fills the memory', async ({ harness }) => {
  test.setTimeout(60_000 + COUNT * 1000);
  const complaints: string[] = [];
  harness.on('console', (message) => {
    if (message.text().startsWith('media worker:')) complaints.push(message.text());
  });
  const files = clips();
  const endings: Record<string, number> = {};
  for (let done = 0, round = 0; done < COUNT; done += ROUND, round++) {
    const report = await harness.evaluate(
      async ([given, count, seed]) => (await window.harness.load<Fuzz>('fuzz')).fuzz(given, count, seed),
      [files, Math.min(ROUND, COUNT - done), SEED * 1000 + round] as const,
    );
    expect(report.wrong).toEqual([]);
    expect(complaints, 'errors that nobody caught').toEqual([]);
    expect(report.slowestMs).toBeLessThan(15_000);
    if (report.megabytes !== null) expect(report.megabytes).toBeLessThan(250);
    for (const [ending, times] of Object.entries(report.endings)) endings[ending] = (endings[ending] ?? 0) + times;
    if (COUNT > ROUND) console.log(`${Math.min(COUNT, done + ROUND)} files:`, JSON.stringify(endings));
  }
  // Some of them are still heard, and some are not: or this would test nothing.
  expect(endings['end']).toBeGreaterThan(COUNT / 5);
  expect(Object.keys(endings).length).toBeGreaterThan(2);
});
