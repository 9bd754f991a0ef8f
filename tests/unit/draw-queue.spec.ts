/** What is drawn anew: little at once, much in steps, and each block as it is when its turn comes. */
import { expect, test } from 'playwright/test';
import type { Block } from '../../src/transcript/cue-order.ts';
import { DRAWN_AT_ONCE, DrawQueue } from '../../src/transcript/draw-queue.ts';

function queueOf() {
  const drawn: string[] = [];
  const queue = new DrawQueue<string>((name) => drawn.push(name));
  const note = (...keys: number[]) => {
    for (const key of keys) queue.note(`block ${key}`, { key, cues: [] } satisfies Block);
  };
  /** What was drawn since the last time. */
  const seen = () => drawn.splice(0);
  return { queue, note, seen };
}
const keys = (count: number) => Array.from({ length: count }, (_, key) => key);

test('a few are drawn at once', () => {
  const { queue, note, seen } = queueOf();
  note(...keys(DRAWN_AT_ONCE), 0);
  expect(queue.drawing(undefined)).toBeNull();
  expect(seen()).toEqual(keys(DRAWN_AT_ONCE).map((key) => `block ${key}`));
  expect(queue.drawing(undefined)).toBeNull();
  expect(seen()).toEqual([]);
});

test('many are drawn one by one from where the person is, and what is changed meanwhile does not wait behind them', () => {
  const { queue, note, seen } = queueOf();
  note(...keys(10));
  const drawing = queue.drawing(6)!;
  expect(seen()).toEqual([]);
  drawing.next();
  drawing.next();
  expect(seen()).toEqual(['block 6', 'block 7']);
  // A letter is typed in a block that waits: it is drawn now, and not a second time.
  note(3);
  expect(queue.drawing(3)).toBeNull();
  expect(seen()).toEqual(['block 3']);
  // All of them are changed again: the drawing that goes on takes them on, each of them once.
  note(...keys(10));
  expect(queue.drawing(0)).toBeNull();
  while (drawing.next().done !== true);
  expect(seen().sort()).toEqual(keys(10).map((key) => `block ${key}`));
  note(...keys(10));
  expect(queue.drawing(0)).not.toBeNull();
});

test('what was drawn in another way is not drawn again', () => {
  const { queue, note, seen } = queueOf();
  note(...keys(10));
  const drawing = queue.drawing(undefined)!;
  drawing.next();
  queue.clear();
  expect(drawing.next().done).toBe(true);
  expect(seen()).toEqual(['block 0']);
});
