import { expect, test } from 'playwright/test';
import { clock, count, duration, percent, preciseSize, size, speed } from '../../src/clock.ts';

test('a moment is written as on a clock, with hours where the recording has them', () => {
  expect(clock(0)).toBe('0:00');
  expect(clock(7.99)).toBe('0:07');
  expect(clock(59.9996)).toBe('0:59');
  expect(clock(2470)).toBe('41:10');
  expect(clock(2470, 7092)).toBe('0:41:10');
  expect(clock(3725)).toBe('1:02:05');
  expect(clock(-1)).toBe('0:00');
});

test('a length of time is said as people say it', () => {
  expect(duration(0)).toBe('0 s');
  expect(duration(0.2)).toBe('1 s');
  expect(duration(58)).toBe('58 s');
  expect(duration(59.6)).toBe('1 min');
  expect(duration(138)).toBe('2 min 18 s');
  expect(duration(544)).toBe('9 min 4 s');
  expect(duration(1440)).toBe('24 min');
  expect(duration(3599)).toBe('1 h');
  expect(duration(7092)).toBe('1 h 58 min');
  expect(duration(13020)).toBe('3 h 37 min');
});

test('sizes count in thousands and carry as many digits as matter', () => {
  expect(size(712)).toBe('712 B');
  expect(size(999_499)).toBe('999 kB');
  expect(size(999_500)).toBe('1 MB');
  expect(size(2_770_000)).toBe('2.8 MB');
  expect(size(206_190_057)).toBe('206 MB');
  expect(size(38_000_000_000)).toBe('38 GB');
  expect(preciseSize(118_390_000)).toBe('118.4 MB');
  expect(preciseSize(206_000_000)).toBe('206 MB');
});

test('speeds, shares and counts', () => {
  expect(speed(24.3)).toBe('24×');
  expect(speed(9.96)).toBe('10×');
  expect(speed(3.14)).toBe('3.1×');
  expect(speed(2)).toBe('2×');
  expect(speed(0.01)).toBe('0.1×');
  expect(percent(0.534)).toBe('53 %');
  expect(percent(1.2)).toBe('100 %');
  expect(count(1, 'file')).toBe('1 file');
  expect(count(5, 'file')).toBe('5 files');
});
