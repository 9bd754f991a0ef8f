import { expect, test } from 'playwright/test';
import { Timeline } from '../../workers/media/timeline';

const RATE = 48000;

test('sound that begins late is preceded by silence', () => {
  const timeline = new Timeline(RATE, 0);
  expect(timeline.place(0.5, 960)).toEqual({ silence: 24000, skip: 0 });
  expect(timeline.position).toBe(24960);
});

test('priming before zero is dropped to the sample', () => {
  const timeline = new Timeline(44100, 0);
  expect(timeline.place(-1024 / 44100, 1024)).toEqual({ silence: 0, skip: 1024 });
  expect(timeline.place(0, 1024)).toEqual({ silence: 0, skip: 0 });
  expect(timeline.position).toBe(1024);
  const opus = new Timeline(RATE, 0);
  expect(opus.place(-0.001, 960)).toEqual({ silence: 0, skip: 48 });
});

test('jitter of whole milliseconds is no gap', () => {
  const timeline = new Timeline(RATE, 0);
  for (let i = 0; i < 1000; i++) {
    const rounded = Math.round(i * 21.333) / 1000; // as Matroska writes it
    expect(timeline.place(rounded, 1024)).toEqual({ silence: 0, skip: 0 });
  }
  expect(timeline.position).toBe(1024 * 1000);
});

test('a gap becomes silence, an overlap is cut', () => {
  const timeline = new Timeline(RATE, 0);
  timeline.place(0, 48000);
  expect(timeline.place(1.25, 960)).toEqual({ silence: 12000, skip: 0 });
  expect(timeline.place(1.25, 960)).toEqual({ silence: 0, skip: 960 });
  expect(timeline.place(1.26, 960)).toEqual({ silence: 0, skip: 480 });
  expect(timeline.position).toBe(48000 + 12000 + 960 + 480);
});

test('a clock that starts again goes on, and one that jumps by hours invents nothing', () => {
  const timeline = new Timeline(RATE, 0);
  for (let i = 0; i < 10; i++) timeline.place(i, RATE);
  expect(timeline.place(0, RATE)).toEqual({ silence: 0, skip: 0 });
  expect(timeline.place(1, RATE)).toEqual({ silence: 0, skip: 0 });
  expect(timeline.place(95443, RATE)).toEqual({ silence: 0, skip: 0 });
  expect(timeline.place(95445, RATE)).toEqual({ silence: RATE, skip: 0 });
  expect(timeline.position).toBe(15 * RATE);
});
