/** Which language each window of a job is heard in, on a forged model. */
import { expect, test } from 'playwright/test';
import { atStart, scripted } from './forged-decode.ts';
import { forge, hear, spoken } from './forged-job.ts';
import {
  DE,
  EN,
  logitsOf,
  NO_SPEECH,
  PREVIOUS,
  START,
  TRANSCRIBE,
  VOCABULARY,
  type Asked,
  type Forged,
} from './forged-model.ts';

/** Windows whose language is told by these logits, without speech that anyone looked for. */
const heardAs = (logits: Record<number, number>[]) => (asked: Asked) =>
  atStart(asked) ? logitsOf(logits[asked.window]) : scripted(spoken(logits.length))(asked);

const prefills = (forged: Forged): number[][] => forged.runs.filter((run) => !run.past).map((run) => run.ids);

test('a sure window switches, an unsure one does not, the same for any batch', async () => {
  const [english, german, doubtful] = [{ [EN]: 9 }, { [DE]: 9 }, { [DE]: 1, [EN]: 0 }];
  const order = [english, doubtful, german, german, doubtful, english, doubtful, english];
  const expected = ['en', 'en', 'de', 'de', 'de', 'en', 'en', 'en'];
  const runs = [];
  for (const batch of [1, 2, 4, 8]) {
    const forged = forge(heardAs(order));
    const run = await hear(forged, 8, {}, { batch });
    expect(run.windows.map((window) => window.language)).toEqual(expected);
    expect(run.report.language).toBe('en');
    runs.push(run.windows);
  }
  for (const windows of runs) expect(windows).toEqual(runs[0]);
});

test('the prompt is taken in once more only where the language was assumed wrongly', async () => {
  const [english, german] = [{ [EN]: 9 }, { [DE]: 9 }];
  const [enPrompt, dePrompt] = [
    [START, EN, TRANSCRIBE],
    [START, DE, TRANSCRIBE],
  ];
  const forged = forge(heardAs([english, english, german, german, english]));
  await hear(forged, 5);
  expect(prefills(forged)).toEqual([enPrompt, enPrompt, enPrompt, dePrompt, dePrompt, dePrompt, enPrompt]);
  // Each window is written behind the prompt of its own language, in a batch too.
  const batched = forge(heardAs([english, german, english, german]));
  await hear(batched, 4, {}, { batch: 4 });
  expect(prefills(batched)).toEqual([
    enPrompt,
    [...enPrompt, ...enPrompt],
    [...dePrompt, ...enPrompt],
    enPrompt,
    dePrompt,
  ]);
});

test('a file that is heard on from the middle is assumed to be in the language it was in', async () => {
  const german = forge(heardAs([{ [DE]: 9 }, { [EN]: 0.5, [DE]: 0 }]));
  const run = await hear(german, 2, { heardLanguage: { language: 'de', probability: 0.9 } });
  expect(run.windows.map((window) => window.language)).toEqual(['de', 'de']);
  expect(prefills(german)).toHaveLength(2);
});

test('behind a glossary the language is told by a run of its own', async () => {
  const forged = forge(heardAs([{ [DE]: 9 }, { [DE]: 9 }]));
  const run = await hear(forged, 2, { glossary: 'abc' });
  expect(run.windows.map((window) => window.language)).toEqual(['de', 'de']);
  const glossed = [PREVIOUS, 0, 1, 2, START, DE, TRANSCRIBE];
  expect(prefills(forged)).toEqual([[START], glossed, [START], glossed]);
});

test('the choice of a person wins over what is heard', async () => {
  const forged = forge(heardAs([{ [EN]: 9 }, { [EN]: 9 }]));
  const run = await hear(forged, 2, { language: 'de' });
  expect(run.windows.map((one) => [one.language, one.languageProbability])).toEqual([
    ['de', 1],
    ['de', 1],
  ]);
  expect(prefills(forged)).toEqual([
    [START, DE, TRANSCRIBE],
    [START, DE, TRANSCRIBE],
  ]);
});

test('per window: each has its own language', async () => {
  const answer = (asked: Asked): Float32Array =>
    atStart(asked) ? logitsOf(asked.window % 2 === 0 ? { [DE]: 9 } : { [EN]: 9 }) : scripted(spoken(4))(asked);
  const run = await hear(forge(answer), 4, { languagePerWindow: true }, { batch: 4 });
  expect(run.windows.map((window) => window.language)).toEqual(['de', 'en', 'de', 'en']);
});

test('per window: a GPU that gives no numbers for one window spoils no other', async () => {
  const nothing = new Float32Array(VOCABULARY).fill(NaN);
  const right = heardAs([{ [DE]: 9 }, { [EN]: 9 }, { [DE]: 9 }, { [EN]: 9 }]);
  for (const broken of [0, 1, 2, 3]) {
    const gpu = forge((asked) => (asked.window === broken ? nothing : right(asked)), { backend: 'gpu' });
    const run = await hear(gpu, 4, { languagePerWindow: true }, { batch: 4, twin: forge(right) });
    expect(run.windows.map((window) => window.language)).toEqual(['de', 'en', 'de', 'en']);
    expect(run.windows.map((window) => window.backend)).toEqual(
      [0, 1, 2, 3].map((window) => (window === broken ? 'cpu' : 'gpu')),
    );
  }
});

test('a window that is heard again on the CPU tells the language of the file once', async () => {
  // Windows so near to silence settle nothing: the language is that of both together.
  const share = (en: number, de: number): Record<number, number> => ({
    [EN]: Math.log(0.45 * en),
    [DE]: Math.log(0.45 * de),
    [NO_SPEECH]: Math.log(0.55),
  });
  // It would be English if the first one were counted twice.
  const answer = heardAs([share(0.55, 0.45), share(0.44, 0.56)]);
  const gpu = forge(answer, { backend: 'gpu' });
  // Words of the first window alone cannot be right.
  const { text } = gpu.model;
  gpu.model.text = { ...text, decode: (ids) => (ids.includes(0) ? '!!!!!!' : text.decode(ids)) };
  const run = await hear(gpu, 2, {}, { twin: forge(answer) });
  expect(run.windows.map(({ backend, language }) => [backend, language])).toEqual([
    ['cpu', 'en'],
    ['gpu', 'de'],
  ]);
});
