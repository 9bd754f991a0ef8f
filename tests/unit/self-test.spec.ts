import { expect, test } from 'playwright/test';
import { rightWords } from '../../src/engine/right-words.ts';
import { passed, verdictKey, verdictsOf, whyNotGpu } from '../../src/engine/verdict.ts';
import {
  benchmarkRows,
  BENCHMARK_COLUMNS,
  browserName,
  resultWords,
  testWords,
  type TestResult,
} from '../../src/self-test/test-words.ts';
import type { Backend } from '../../workers/protocol.ts';

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
  expect(verdictsOf(JSON.stringify(verdict)), 'as an earlier version kept it').toEqual({ digits: verdict });
  const kept = { digits: verdict, gpu: verdict };
  expect(verdictsOf(JSON.stringify(kept))).toEqual(kept);
  for (const text of [null, '', 'no', 'null', '{}', '[]', '{"right":"17","total":17}', '{"gpu":{"right":1}}'])
    expect(verdictsOf(text)).toEqual({});
});

const heardAs = (right: number, wallMs: number, backend: Backend = 'gpu') => ({
  ...{ backend, right, total: 20, heard: '', wallMs },
  ...{ loadMs: 1500, report: { audioSeconds: 11, stages: { ...noStages, encodeMs: 400, decodeMs: 900 } } },
});
const noStages = { mediaMs: 0, speechMs: 0, melMs: 0, encodeMs: 0, decodeMs: 0, wordsMs: 0 };

test('what the tests find drives Automatic', () => {
  expect(whyNotGpu({})).toBe(null);
  expect(whyNotGpu({ digits: heardAs(20, 1) })).toBe(null);
  expect(whyNotGpu({ digits: heardAs(3, 1) })).toBe('wrong-results');
  expect(whyNotGpu({ digits: heardAs(20, 1), gpu: heardAs(5, 1) })).toBe('wrong-results');
  expect(whyNotGpu({ gpu: heardAs(20, 1000), cpu: heardAs(20, 4000) })).toBe(null);
  expect(whyNotGpu({ gpu: heardAs(20, 4000), cpu: heardAs(20, 1000) })).toBe('slower-gpu');
  expect(whyNotGpu({ gpu: heardAs(20, 1050), cpu: heardAs(20, 1000) }), 'chance').toBe(null);
  expect(whyNotGpu({ gpu: heardAs(20, 4000), cpu: heardAs(2, 1000) }), 'a CPU that is wrong is no better').toBe(null);
});

test('the verdict in words, and as a row of the table', () => {
  const result = (clip: TestResult['clip'], backend: Backend, right: number, wallMs: number): TestResult => ({
    ...{ clip, backend, verdict: heardAs(right, wallMs, backend), problem: null, memoryBytes: 474e6 },
  });
  const hardware = { fallback: false };
  const all = [result('sentence', 'gpu', 20, 1000), result('sentence', 'cpu', 20, 4200)];
  expect(testWords(all, hardware)).toBe(
    'The GPU hears the words right, 4.2 times as fast as the CPU. Automatic uses the GPU.',
  );
  expect(testWords([result('sentence', 'gpu', 20, 4200), result('sentence', 'cpu', 20, 1000)], hardware)).toBe(
    'The GPU hears the words right, and the CPU is 4.2 times as fast. Automatic uses the CPU.',
  );
  expect(testWords([result('digits', 'gpu', 2, 1), result('digits', 'cpu', 20, 1)], hardware)).toBe(
    'The GPU gets words wrong. Automatic uses the CPU.',
  );
  expect(testWords([result('digits', 'gpu', 20, 1), result('digits', 'cpu', 20, 1)], { fallback: true })).toBe(
    'The GPU hears the words right. Automatic uses the CPU.',
  );
  expect(testWords([result('digits', 'cpu', 20, 1)], null)).toBe('The CPU hears the words right.');
  expect(testWords([], null)).toBe('');
  expect(resultWords(all[0])).toBe('GPU, a sentence: 20 of 20 words right, 1.0 s');
  expect(resultWords({ ...all[0], verdict: null, problem: 'Stopped.' })).toBe('GPU, a sentence: Stopped.');
  const place = { date: '2026-11-26', browser: 'Chrome 150', adapter: 'Apple M2', cpu: 'CPU, 8 cores' };
  const rows = benchmarkRows([result('digits', 'gpu', 20, 1), ...all], place).split('\n');
  expect(rows).toEqual([
    '| 2026-11-26 | Apple M2 | Chrome 150 | GPU | sentence.wav, 11 s, Whisper base | 1.50 s | 0.40 s | 0.90 s | 0.091 | 474 MB |',
    '| 2026-11-26 | CPU, 8 cores | Chrome 150 | CPU | sentence.wav, 11 s, Whisper base | 1.50 s | 0.40 s | 0.90 s | 0.382 | 474 MB |',
  ]);
  for (const row of rows) expect(row.split('|')).toHaveLength(BENCHMARK_COLUMNS.length + 2);
});

test('the browser by the name people know it by', () => {
  const mozilla = 'Mozilla/5.0 (X11; Linux x86_64)';
  expect(browserName(`${mozilla} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36`)).toBe(
    'Chrome 150',
  );
  expect(browserName(`${mozilla} AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36 Edg/150.0`)).toBe('Edge 150');
  expect(browserName('Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0')).toBe('Firefox 140');
  expect(browserName(`${mozilla} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15`)).toBe(
    'Safari 26.0',
  );
  expect(browserName('something')).toBe('something');
});
