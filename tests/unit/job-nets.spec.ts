/** The safety nets of a job on a forged model: second tries, doubts, and the CPU that takes over. */
import { expect, test } from 'playwright/test';
import { atStart, prompt, sampledOf, scripted, undecided } from './forged-decode.ts';
import { transcribeSound } from '../../workers/hearing/job.ts';
import { en, forge, hear, jobOf, spoken, texts } from './forged-job.ts';
import { EN, END, forgedText, logitsOf, NO_SPEECH, time, VOCABULARY, type Asked } from './forged-model.ts';

test('only the windows that fail are tried again, warmer, and what still fails is kept and marked', async () => {
  const loop = [time(0), ...Array<number>(40).fill(3)];
  const answer = scripted({ ...spoken(4), 1: loop, 2: loop });
  const attempts: number[] = [];
  const forged = forge((asked) => {
    // Window 2 recovers: from its second attempt on it says its words.
    if (asked.position === prompt.length - 1) attempts.push(asked.window);
    if (asked.window === 2 && attempts.filter((window) => window === 2).length > 1) return scripted(spoken(4))(asked);
    return answer(asked);
  });
  const run = await hear(forged, 4, en, { batch: 4 });
  expect(attempts.filter((window) => window === 0)).toHaveLength(1);
  expect(attempts.filter((window) => window === 1)).toHaveLength(6);
  expect(attempts.filter((window) => window === 2)).toHaveLength(2);
  expect(attempts.filter((window) => window === 3)).toHaveLength(1);
  expect(run.windows.map((window) => window.cues[0].doubt)).toEqual([undefined, 'repetition', undefined, undefined]);
  expect(run.windows.map((window) => window.temperature)).toEqual([0, expect.any(Number), 0.2, 0]);
  expect(texts(run)[1]).toContain('w3 w3');
  const bare = forge(answer);
  await hear(bare, 4, en, { batch: 4, safetyNets: false });
  // Plain greedy decoding: one prefill per group (1, 2, 1 windows), no second try.
  expect(bare.runs.filter((one) => !one.past)).toHaveLength(3);
});

test('retries draw the same in any batch', async () => {
  const results = await Promise.all(
    [1, 4].map((batch) =>
      hear(
        forge((asked) => (atStart(asked) ? logitsOf({ [EN]: 9 }) : undecided(asked))),
        6,
        en,
        { batch },
      ),
    ),
  );
  expect(results[0].windows).toEqual(results[1].windows);
  expect(results[0].windows.some((window) => window.temperature > 0)).toBe(true);
});

test('unsure words are marked, and no speech with unsure words is dropped', async () => {
  const answer = (asked: Asked): Float32Array => {
    const silent = asked.window === 1;
    if (atStart(asked)) return logitsOf(asked.window === 2 || silent ? { [NO_SPEECH]: 10, [EN]: 5 } : { [EN]: 10 });
    const next = spoken(3)[asked.window][sampledOf(asked).length] ?? END;
    // Unsure everywhere: the mean log-probability falls under -1, but the likeliest is the same.
    return asked.window === 2 ? logitsOf({ [next]: 10 }) : logitsOf({ [next]: 1 }, next < END ? -0.5 : 0);
  };
  // Of so long a window nothing has to be cut off as more than could be said.
  const run = await hear(forge(answer, { seconds: 3 }), 3, en);
  expect(run.windows[0].averageLogProbability).toBeLessThan(-1);
  expect(run.windows[0].cues[0].doubt).toBe('low-probability');
  expect(run.windows[1].cues).toEqual([]);
  expect(run.windows[1].noSpeechProbability).toBeGreaterThan(0.9);
  expect(run.windows[2].cues[0]).toMatchObject({ text: 'w2 w12', doubt: 'maybe-no-speech' });
});

test('words behind the end of the sound are kept, and doubted', async () => {
  const run = await hear(forge(scripted({ 0: [time(0), 1, 2, time(40), time(50), 3] })), 1, en);
  expect(run.windows[0].cues).toEqual([
    { start: 0, end: 0.8, text: 'w1 w2' },
    { start: 1, end: 1, text: 'w3', doubt: 'maybe-no-speech' },
  ]);
});

test('what the GPU cannot have heard right is heard again on the CPU, and counted', async () => {
  const nothing = new Float32Array(VOCABULARY).fill(NaN);
  const gpu = forge((asked) => (asked.window === 1 ? nothing : scripted(spoken(4))(asked)), { backend: 'gpu' });
  const cpu = forge(scripted(spoken(4)));
  const run = await hear(gpu, 4, en, { batch: 4, twin: cpu });
  expect(texts(run)).toEqual(['w0 w10', 'w1 w11', 'w2 w12', 'w3 w13']);
  expect(run.windows.map((window) => window.cues[0].doubt)).toEqual([
    undefined,
    'retried-on-cpu',
    undefined,
    undefined,
  ]);
  expect(run.windows.map((window) => window.backend)).toEqual(['gpu', 'cpu', 'gpu', 'gpu']);
  expect(run.report.cpuRetries).toBe(1);
  expect(cpu.encoded).toBe(1);
});

test('a GPU that gives only NaN leaves the language to the CPU, and is given up at the second window', async () => {
  const nothing = new Float32Array(VOCABULARY).fill(NaN);
  const cpu = forge(scripted(spoken(9)));
  const { context, events, close } = jobOf(
    forge(() => nothing, { backend: 'gpu' }),
    9,
    {},
    { batch: 2, twin: cpu },
  );
  await expect(transcribeSound(context)).rejects.toMatchObject({ name: 'WrongResults' });
  // What was finished before is kept; the CPU goes on behind it, in a worker of its own.
  const windows = events.flatMap((event) => (event.type === 'window' ? [event.window] : []));
  expect(windows.map(({ index, language }) => ({ index, language }))).toEqual([{ index: 0, language: 'en' }]);
  expect(windows[0].cues).toMatchObject([{ text: 'w0 w10', doubt: 'retried-on-cpu' }]);
  expect(cpu.encoded).toBe(2);
  close();
});

test('windows that cannot be right on the CPU either are not held against the GPU', async () => {
  const [gpu, cpu] = (['gpu', 'cpu'] as const).map((backend) => {
    const forged = forge(scripted(spoken(4)), { backend });
    forged.model.text = { ...forgedText, decode: () => '!!!!!!' };
    return forged;
  });
  const run = await hear(gpu, 4, en, { twin: cpu });
  expect(run.windows.map(({ cues }) => cues[0].doubt)).toEqual(Array<string>(4).fill('wrong-output'));
});

test('a GPU is given up where the CPU beside it cannot start', async () => {
  const nothing = new Float32Array(VOCABULARY).fill(NaN);
  const { context, close } = jobOf(
    forge(() => nothing, { backend: 'gpu' }),
    1,
    en,
  );
  const cpuTwin = () => Promise.reject(new RangeError('Array buffer allocation failed'));
  await expect(transcribeSound({ ...context, cpuTwin })).rejects.toMatchObject({ name: 'WrongResults' });
  close();
});

test('what cannot be right on the CPU either is kept and marked', async () => {
  const garbage = forge(scripted({ 0: [time(0), 1, time(50)] }));
  // What zeroed logits give.
  garbage.model.text = { ...forgedText, decode: () => '!!!!!!' };
  const run = await hear(garbage, 1, en);
  expect(run.windows[0].cues).toEqual([{ start: 0, end: 1, text: '!!!!!!', doubt: 'wrong-output' }]);
  const calm = await hear(garbage, 1, en, { safetyNets: false });
  expect(calm.windows[0].cues).toEqual([{ start: 0, end: 1, text: '!!!!!!' }]);
});

test('a word said many times is a repetition, and no sign of a broken GPU', async () => {
  const same = scripted({ 0: [time(0), ...Array<number>(12).fill(0), time(50)] });
  const twin = forge(same);
  const run = await hear(forge(same, { backend: 'gpu' }), 1, en, { twin });
  expect(run.windows[0].cues[0].doubt).toBe('repetition');
  expect(texts(run)[0]).toContain('w0 w0');
  expect(run.report.cpuRetries).toBe(0);
  expect(twin.encoded).toBe(0);
  const calm = await hear(forge(same), 1, en, { safetyNets: false });
  expect(calm.windows[0].cues[0].doubt).toBeUndefined();
});
