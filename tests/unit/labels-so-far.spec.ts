/** Labels while a recording is heard: soon, ever more rarely, never two at a time, and none the worse for one that fails. */
import { expect, test } from 'playwright/test';
import { LabelsSoFar } from '../../src/speakers/labels-so-far.ts';

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('of two hours the first are there after half a minute, and a hundred suffice', async () => {
  const at: number[] = [];
  let second = 0;
  const soFar = new LabelsSoFar(() => {
    at.push(second);
    return Promise.resolve();
  });
  for (second = 0; second <= 7200; second += 2) {
    soFar.heard(second);
    await settled();
  }
  expect(at[0]).toBe(30);
  expect(at.length).toBeLessThan(100);
  for (const [index, time] of at.entries()) expect(time - (at[index - 1] ?? 0)).toBeLessThanOrEqual(0.05 * time + 32);
});

test('one at a time, and one that fails keeps none from the next', async () => {
  const fails: ((error: Error) => void)[] = [];
  const soFar = new LabelsSoFar(() => new Promise((_, reject) => fails.push(reject)));
  soFar.heard(40);
  soFar.heard(80);
  expect(fails).toHaveLength(1);
  fails[0](new Error('ended'));
  await settled();
  soFar.heard(90);
  expect(fails).toHaveLength(2);
});
