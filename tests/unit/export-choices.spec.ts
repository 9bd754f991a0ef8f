/** What is chosen for exports: kept, read back, and never trusted; what a broken limit is called. */
import { expect, test } from 'playwright/test';
import { DEFAULT_EXPORT, isChanged, limitsOf, optionsOf, validExport } from '../../src/export/export-choices.ts';
import { FORMATS } from '../../src/export/formats.ts';
import { violationWords } from '../../src/export/violation-words.ts';
import { PRESETS } from '../../src/shaper/limits.ts';
import { atOnce, inSlices } from '../../src/slices.ts';

test('what was kept comes back; damaged parts of it are as by default', () => {
  const chosen = { ...DEFAULT_EXPORT, format: 'vtt', preset: 'youtube', limits: limitsOf('youtube'), wordTimes: true };
  expect(validExport(JSON.parse(JSON.stringify(chosen)))).toEqual(chosen);
  for (const broken of [null, 7, 'x', [], { format: 'exe', preset: 'own', limits: 'none', times: 'yes' }]) {
    expect(validExport(broken)).toEqual(DEFAULT_EXPORT);
  }
});

test('subtitles are shaped by default, and Raw alone leaves them as they are', () => {
  expect(optionsOf(DEFAULT_EXPORT).limits).toEqual(PRESETS[0].limits);
  expect(optionsOf({ ...DEFAULT_EXPORT, preset: 'raw' }).limits).toBe(null);
  expect(isChanged(DEFAULT_EXPORT)).toBe(false);
  expect(isChanged({ ...DEFAULT_EXPORT, limits: { ...DEFAULT_EXPORT.limits, lines: 3 } })).toBe(true);
  expect(isChanged({ ...DEFAULT_EXPORT, preset: 'raw' })).toBe(false);
});

test('formats: each has a name and an extension, and the menu has the four that it always had', () => {
  expect(new Set(FORMATS.map(({ name }) => name)).size).toBe(FORMATS.length);
  expect(
    FORMATS.every(({ extension, type }) => /^[a-z]+$/.test(extension) && /^[a-z]+\/[\w.+-]+(;|$)/.test(type)),
  ).toBe(true);
  expect(FORMATS.filter(({ quick }) => quick).map(({ name }) => name)).toEqual([
    ...['Plain text', 'SubRip (.srt)', 'WebVTT (.vtt)', 'JSON'],
  ]);
});

test('a broken limit is said in words with its unit', () => {
  const said = (
    [
      { kind: 'line', value: 50, limit: 42 },
      { kind: 'fast', value: 18.62, limit: 17 },
      { kind: 'short', value: 640, limit: 1000 },
      { kind: 'long', value: 9000, limit: 7000 },
      { kind: 'gap', value: 20, limit: 80 },
      { kind: 'lines', value: 3, limit: 2 },
    ] as const
  ).map(violationWords);
  expect(said).toEqual([
    'A line is 50 wide, 8 too many: one word is longer than a line.',
    'Too fast by 1.6 a second: no room to stay longer.',
    'Only 0.6 s long: no room to stay longer.',
    '9.0 s long, 2.0 s too much.',
    'Only 20 ms before the next one.',
    '3 lines, 1 too many.',
  ]);
});

test('slices give the result of the work, let others in between, and end when asked to', async () => {
  function* work(steps: number): Generator<void, string> {
    for (let at = 0; at < steps; at += 1) {
      const until = performance.now() + 3;
      while (performance.now() < until);
      yield;
    }
    return 'done';
  }
  expect(atOnce(work(1))).toBe('done');
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  expect(await inSlices(work(20))).toBe('done');
  clearInterval(timer);
  expect(turns).toBeGreaterThan(1);
  const ending = new AbortController();
  const given = inSlices(work(1000), ending.signal);
  ending.abort();
  await expect(given).rejects.toThrow(/abort/i);
});
