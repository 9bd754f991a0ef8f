import { expect, test } from 'playwright/test';
import { passed, rightWords, verdictKey, verdictOf } from '../../src/self-test/verdict.ts';

const truth = 'three one four one five nine two six five three'.split(' ');

test('words count where they come in order', () => {
  expect(rightWords(truth, truth)).toBe(10);
  expect(rightWords(truth, truth.toSpliced(3, 1))).toBe(9);
  expect(rightWords(truth, truth.toSpliced(3, 0, 'zero', 'zero'))).toBe(10);
  expect(rightWords(truth, truth.toSpliced(0, 1, 'eight'))).toBe(9);
  expect(rightWords(truth, ['!!!!'])).toBe(0);
  expect(rightWords(truth, [])).toBe(0);
});

test('one slip passes, garbage and silence do not', () => {
  expect(passed({ right: 10, total: 10 })).toBe(true);
  expect(passed({ right: 9, total: 10 })).toBe(true);
  expect(passed({ right: 8, total: 10 })).toBe(false);
  expect(passed({ right: 0, total: 0 })).toBe(false);
});

test('a verdict is kept per browser version and adapter, and only a verdict is taken for one', () => {
  const adapter = {
    vendor: 'v',
    architecture: 'a',
    device: 'd',
    description: 'x',
    fallback: false,
    features: [],
    limits: {},
  };
  expect(verdictKey('one', adapter)).not.toBe(verdictKey('two', adapter));
  expect(verdictKey('one', adapter)).not.toBe(verdictKey('one', { ...adapter, architecture: 'b' }));
  const verdict = { backend: 'gpu', right: 1, total: 17, heard: '', wallMs: 3 } as const;
  expect(verdictOf(JSON.stringify(verdict))).toEqual(verdict);
  for (const text of [null, '', 'no', 'null', '{}', '{"right":"17","total":17}']) expect(verdictOf(text)).toBeNull();
});
