import { expect, test } from 'playwright/test';
import { subtitleClock, toMs } from '../../src/export/subtitle-clock.ts';
import { randomFrom } from './random.ts';

const comma = (seconds: number) => subtitleClock(toMs(seconds), ',');

test('rounds to milliseconds first and splits then', () => {
  expect(comma(2.9996)).toBe('00:00:03,000');
  expect(comma(59.9999)).toBe('00:01:00,000');
  expect(comma(3599.9995)).toBe('01:00:00,000');
  expect(comma(2.9994)).toBe('00:00:02,999');
});

test('says hours, minutes, seconds and milliseconds', () => {
  expect(comma(0)).toBe('00:00:00,000');
  expect(comma(0.001)).toBe('00:00:00,001');
  expect(comma(3725.04)).toBe('01:02:05,040');
  expect(subtitleClock(3725040, '.')).toBe('01:02:05.040');
});

test('has room for more than 99 hours', () => {
  expect(comma(100 * 3600)).toBe('100:00:00,000');
  expect(comma(1234 * 3600 + 1.5)).toBe('1234:00:01,500');
});

test('is never negative', () => {
  expect(comma(-0.2)).toBe('00:00:00,000');
});

test('reads back to the same millisecond, and grows with the time', () => {
  const random = randomFrom(11);
  const times = Array.from({ length: 5000 }, () => random.between(0, 400_000)).sort((a, b) => a - b);
  // One expectation for all: each costs some milliseconds.
  const faults: string[] = [];
  let last = -1;
  for (const time of times) {
    const parts = /^(\d{2,}):([0-5]\d):([0-5]\d),(\d{3})$/.exec(comma(time)) ?? [];
    const [hours, minutes, seconds, ms] = parts.slice(1).map(Number);
    const back = ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
    if (!(Math.abs(back - time * 1000) <= 0.5 + 1e-6 && back >= last)) faults.push(`${time}: ${comma(time)}`);
    last = back;
  }
  expect(faults).toEqual([]);
});
