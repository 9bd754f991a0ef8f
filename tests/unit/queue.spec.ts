/** A job's life without a browser: what is kept, what goes on, what is drawn. The engine is a script. */
import { expect, test } from 'playwright/test';
import {
  cuesOf,
  isSameFile,
  languagesOf,
  newJob,
  resumeSample,
  withEdit,
  withWindow,
  type Job,
} from '../../src/queue/job.ts';
import { phaseLine } from '../../src/queue/phase.ts';
import { Previews, type Preview } from '../../src/queue/previews.ts';
import { runJob, type Bench, type Step } from '../../src/queue/run.ts';
import { tapeOf } from '../../src/queue/tape.ts';
import { choicesOfQuery, DEFAULT_CHOICES, requestOf, validChoices } from '../../src/settings/choices.ts';
import { LANGUAGE_CODES, languageName, languages } from '../../src/settings/languages.ts';
import {
  ABORTED,
  DEFAULT_JOB,
  fault,
  type Backend,
  type JobEvent,
  type JobReport,
  type JobRequest,
  type LoadReport,
  type MediaFacts,
  type WindowResult,
} from '../../workers/protocol.ts';

const RATE = 16000;
const FACTS: MediaFacts = { container: 'wav', codec: 'pcm', seconds: 30, sampleRate: RATE, channels: 1, video: false };

function windowAt(index: number, backend: Backend = 'gpu'): WindowResult {
  const start = index * 10;
  return {
    index,
    startSample: start * RATE,
    endSample: (start + 10) * RATE,
    cues: [{ start, end: start + 4, text: `window ${index}` }],
    tokens: [],
    language: 'en',
    languageProbability: 0.9,
    noSpeechProbability: 0,
    averageLogProbability: -0.1,
    compressionRatio: 1,
    temperature: 0,
    backend,
  };
}

function report(windows: number): JobReport {
  return {
    outcome: 'done',
    doneSample: 30 * RATE,
    audioSeconds: 30,
    wallMs: 1000,
    language: 'en',
    languageProbability: 0.9,
    windows,
    cues: windows,
    tokens: 0,
    encoderPasses: windows,
    decoderSteps: 0,
    cpuRetries: 0,
    truncated: false,
    firstTextMs: 1,
    stages: { mediaMs: 0, speechMs: 0, melMs: 0, encodeMs: 0, decodeMs: 0, wordsMs: 0 },
  };
}

function load(backend: Backend): LoadReport {
  return {
    modelId: 'm',
    backend,
    source: 'memory',
    loadMs: 1,
    sampleRate: RATE,
    windowSeconds: 10,
    languages: ['en', 'de'],
    threads: 1,
    runtime: 'wasm',
  };
}

/** One stretch of the engine: gives windows from where it was asked to start, then `ends`. */
type Stretch = { windows: number; ends?: Error };

function bench(stretches: Stretch[], options: { noGpu?: boolean; cpuOnly?: string; loadFails?: Error[] } = {}) {
  const asked: { backend: Backend; request: JobRequest }[] = [];
  const blamed: string[] = [];
  let backend: Backend = 'gpu';
  const engine: Bench = {
    open: () => Promise.resolve(FACTS),
    backendFor: (choice, modelId) =>
      Promise.resolve(
        options.cpuOnly === modelId
          ? { backend: 'cpu', why: 'cpu-model' }
          : options.noGpu && choice === 'auto'
            ? { backend: 'cpu', why: 'no-gpu' }
            : { backend: choice === 'cpu' ? 'cpu' : 'gpu', why: null },
      ),
    prepare: (request) => {
      const fails = options.loadFails?.shift();
      if (fails) return Promise.reject(fails);
      backend = request.backend;
      return Promise.resolve(load(backend));
    },
    transcribe: (_file, request, onEvent, signal) => {
      asked.push({ backend, request });
      const stretch = stretches.shift() ?? { windows: 0 };
      const first = request.fromSample / (10 * RATE);
      for (let index = 0; index < stretch.windows; index += 1) {
        onEvent({ type: 'window', window: windowAt(first + index, backend) });
      }
      if (signal.aborted) return Promise.reject(fault(ABORTED));
      return stretch.ends ? Promise.reject(stretch.ends) : Promise.resolve(report(stretch.windows));
    },
    blameGpu: (name) => blamed.push(name),
  };
  return { engine, asked, blamed };
}

async function run(engine: Bench, change: Partial<Parameters<typeof runJob>[1]> = {}) {
  const steps: Step[] = [];
  const order = {
    file: new File(['x'], 'a.wav'),
    facts: null,
    modelId: 'm',
    backend: 'auto' as const,
    request: DEFAULT_JOB,
    ...change,
  };
  const outcome = await runJob(engine, order, (step) => steps.push(step), new AbortController().signal).then(
    (value) => ({ report: value, error: null }),
    (error: unknown) => ({ report: null, error: error as Error }),
  );
  const windows = steps.flatMap((step) =>
    step.type === 'event' && step.event.type === 'window' ? [step.event.window.index] : [],
  );
  return { steps, windows, ...outcome };
}

test.describe('one file through the engine', () => {
  test('opens, loads, transcribes', async () => {
    const { engine, asked } = bench([{ windows: 3 }]);
    const { steps, windows, report: end } = await run(engine);
    expect(steps.map(({ type }) => type).slice(0, 4)).toEqual(['opening', 'opened', 'loading', 'loading']);
    expect(windows).toEqual([0, 1, 2]);
    expect(asked).toHaveLength(1);
    expect(end?.outcome).toBe('done');
  });

  for (const name of ['GpuLost', 'GpuOutOfMemory', 'WrongResults', 'EngineFailed'] as const) {
    test(`${name}: the CPU goes on from the last finished window`, async () => {
      const { engine, asked, blamed } = bench([{ windows: 2, ends: fault(name, 'why') }, { windows: 1 }]);
      const { steps, windows, report: end } = await run(engine);
      expect(windows).toEqual([0, 1, 2]);
      expect(asked.map(({ backend, request }) => [backend, request.fromSample / RATE])).toEqual([
        ['gpu', 0],
        ['cpu', 20],
      ]);
      expect(steps.find(({ type }) => type === 'took-over')).toEqual({
        type: 'took-over',
        name,
        detail: 'why',
        atSeconds: 20,
      });
      expect(blamed).toEqual([name]);
      expect(end?.outcome).toBe('done');
    });
  }

  test('a load the GPU refuses goes to the CPU as well', async () => {
    const { engine, asked } = bench([{ windows: 1 }], { loadFails: [fault('NoGpu')] });
    const { report: end } = await run(engine, { backend: 'gpu' });
    expect(asked.map(({ backend }) => backend)).toEqual(['cpu']);
    expect(end?.outcome).toBe('done');
  });

  test('on the CPU one fresh try, then the fault', async () => {
    const failed = () => fault('EngineFailed', 'again');
    const once = bench([{ windows: 1, ends: failed() }, { windows: 2 }]);
    expect((await run(once.engine, { backend: 'cpu' })).windows).toEqual([0, 1, 2]);
    const twice = bench([
      { windows: 1, ends: failed() },
      { windows: 1, ends: failed() },
    ]);
    const { windows, error } = await run(twice.engine, { backend: 'cpu' });
    expect(windows).toEqual([0, 1]);
    expect(error?.name).toBe('EngineFailed');
  });

  test('a fault of the file is no fault of the GPU', async () => {
    const { engine, asked, blamed } = bench([{ windows: 1, ends: fault('DamagedFile') }]);
    const { error } = await run(engine);
    expect(error?.name).toBe('DamagedFile');
    expect(asked).toHaveLength(1);
    expect(blamed).toEqual([]);
  });

  test('automatic without an adapter says so and takes the CPU', async () => {
    const { engine, asked } = bench([{ windows: 1 }], { noGpu: true });
    const { steps } = await run(engine);
    expect(steps).toContainEqual({ type: 'no-gpu', why: 'no-gpu' });
    expect(asked[0]?.backend).toBe('cpu');
  });

  test('a model for the CPU only goes there, whatever was chosen, and says so', async () => {
    const { engine, asked } = bench([{ windows: 1 }], { cpuOnly: 'compact' });
    const { steps } = await run(engine, { backend: 'gpu', modelId: 'compact' });
    expect(steps).toContainEqual({ type: 'no-gpu', why: 'cpu-model' });
    expect(asked[0]?.backend).toBe('cpu');
  });

  test('a language the model does not have is detected instead, and said', async () => {
    const { engine, asked } = bench([{ windows: 1 }]);
    const { steps } = await run(engine, { request: { ...DEFAULT_JOB, language: 'ja' } });
    expect(asked[0]?.request.language).toBeNull();
    expect(steps).toContainEqual({ type: 'language-unknown', language: 'ja' });
  });
});

test.describe('a job', () => {
  const job = newJob('1', new File(['12345'], 'a.wav', { lastModified: 7 }));

  test('takes each window once, in order', () => {
    const two = [windowAt(0), windowAt(1), windowAt(1)].reduce(withWindow, job);
    expect(two.cues.map(({ text }) => text)).toEqual(['window 0', 'window 1']);
    expect(resumeSample(two.windows)).toBe(20 * RATE);
    expect(resumeSample([])).toBe(0);
  });

  test('keeps the names of its cues when it is read back', () => {
    expect(cuesOf(windowAt(2))).toEqual(cuesOf(windowAt(2)));
  });

  test('of several languages knows each cue by its own, and the file by the first', () => {
    const german = { ...windowAt(1), language: 'de' };
    const job = [windowAt(0), german, windowAt(2)].reduce(withWindow, newJob('a', new File(['x'], 'a.wav')));
    expect(job.cues.map((cue) => cue.language)).toEqual(['en', 'de', 'en']);
    expect(languagesOf(job.cues)).toEqual(['en', 'de']);
    expect(job).toMatchObject({ language: 'en', languageProbability: 0.9 });
    expect(withWindow({ ...job, language: 'fr' }, windowAt(3)).language).toBe('fr');
  });

  test('an edit marks its cue, drops word times that no longer fit, and leaves the others alone', () => {
    const words = [{ start: 0, end: 1, text: 'window', probability: 1 }];
    const window = { ...windowAt(0), cues: [{ start: 0, end: 4, text: 'window 0', words }] };
    const before = withWindow(withWindow(job, window), windowAt(1));
    const [first, second] = before.cues;
    const after = withEdit(before, first?.id ?? '', 'widow 0');
    expect(after.cues[0]).toEqual({ id: first?.id, start: 0, end: 4, text: 'widow 0', edited: true, language: 'en' });
    expect(after.cues[1]).toBe(second);
    expect(withEdit(before, first?.id ?? '', 'window 0').cues[0]).toBe(first);
  });

  test('knows its file again by name, size and date', () => {
    expect(isSameFile(job, new File(['54321'], 'a.wav', { lastModified: 7 }))).toBe(true);
    expect(isSameFile(job, new File(['54321'], 'a.wav', { lastModified: 8 }))).toBe(false);
    expect(isSameFile(job, new File(['5432'], 'a.wav', { lastModified: 7 }))).toBe(false);
  });
});

function line(job: Job): string {
  return phaseLine(job)
    .parts.map(({ text }) => text)
    .join('');
}

test('the line under the name says where the file stands', () => {
  const job = { ...newJob('1', new File(['x'], 'a.wav')), facts: { ...FACTS, seconds: 7092 } };
  expect(line({ ...job, facts: null })).toBe('Waiting');
  expect(line(job)).toBe('Waiting. 1 h 58 min');
  expect(line({ ...job, facts: { ...FACTS, seconds: 1440, video: true } })).toBe('Waiting. 24 min, video');
  expect(line({ ...job, phase: 'needs-model' })).toBe('Waiting for the model. 1 h 58 min');
  const progress = { doneSeconds: 3772, audioSeconds: 7092, speed: 24.2, secondsLeft: 138 };
  const running: Job = { ...job, phase: 'transcribing', load: load('gpu'), progress };
  expect(line(running)).toBe('53 % at 24×, 2 min 18 s left');
  expect(line({ ...running, load: load('cpu') })).toBe('53 % on the CPU at 24×, 2 min 18 s left');
  expect(line({ ...running, progress: { ...progress, speed: 0 } })).toBe('Listening for the first words');
  const heard: Job = { ...running, windows: [windowAt(0)], cues: cuesOf(windowAt(0)), language: 'en' };
  expect(line({ ...heard, phase: 'cancelled' })).toBe('Stopped at 1:02:52. The words up to there are kept.');
  expect(line({ ...job, phase: 'cancelled' })).toBe('Stopped. Nothing was transcribed yet.');
  expect(line({ ...heard, phase: 'done', report: { ...report(1), wallMs: 58_000 } })).toBe(
    'Done in 58 s. 1 h 58 min, English',
  );
  expect(line({ ...heard, phase: 'done', saved: true })).toBe('Saved. 1 h 58 min, English');
});

test('the tape draws what is known: done, now, found ahead', () => {
  const speech = [
    { start: 0, end: 4 },
    { start: 10, end: 14 },
    { start: 20, end: 24 },
  ];
  const job: Job = {
    ...[windowAt(0)].reduce(withWindow, newJob('1', new File(['x'], 'a.wav'))),
    phase: 'transcribing',
    load: load('cpu'),
    facts: { ...FACTS, seconds: 100 },
    speech,
    progress: { doneSeconds: 10, audioSeconds: 100, speed: 1, secondsLeft: 90 },
  };
  expect(tapeOf(job)).toEqual([
    { kind: 'done', x: 0, width: 40 },
    { kind: 'now', x: 100, width: 40 },
    { kind: 'ahead', x: 200, width: 40 },
  ]);
  expect(tapeOf({ ...job, facts: null, progress: { ...job.progress, audioSeconds: null } })).toEqual([]);
});

test('previews are drawn at a pace, the newest of each kind, and not after the end', async () => {
  const drawn: (readonly Preview[])[] = [];
  const previews = new Previews(20, (events) => drawn.push(events));
  const partial = (text: string): Extract<JobEvent, { type: 'partial' }> => ({ type: 'partial', start: 0, text });
  for (const text of ['a', 'ab', 'abc']) previews.push(partial(text));
  await expect.poll(() => drawn.length).toBe(1);
  expect(drawn[0]).toEqual([partial('abc')]);
  previews.push(partial('abcd'));
  previews.end();
  previews.push(partial('abcde'));
  // Another one, begun later, has its turn: the first would have had it by now.
  const after: number[] = [];
  new Previews(40, () => after.push(1)).push(partial('x'));
  await expect.poll(() => after.length).toBe(1);
  expect(drawn).toHaveLength(1);
});

test.describe('settings', () => {
  test('an address presets them; nonsense in it is left out', () => {
    expect(choicesOfQuery('?model=whisper-digits-10s&backend=cpu&language=en&task=translate')).toEqual({
      model: 'whisper-digits-10s',
      backend: 'cpu',
      language: 'en',
      task: 'translate',
    });
    expect(choicesOfQuery('?language=detect')).toEqual({ language: '' });
    expect(choicesOfQuery('?backend=quantum&language=xx&task=sing&glossary=a')).toEqual({});
    expect(validChoices('x')).toEqual({});
    expect(validChoices({ words: 'yes', skipSilence: false })).toEqual({ skipSilence: false });
    expect(validChoices({ languagePerWindow: true })).toEqual({ languagePerWindow: true });
    expect(validChoices({ languagePerWindow: 1 })).toEqual({});
    expect(validChoices({ modelIdleMinutes: 0, engineIdleMinutes: 7 })).toEqual({ modelIdleMinutes: 0 });
  });

  test('become a request', () => {
    expect(requestOf(DEFAULT_CHOICES)).not.toHaveProperty('fromSample');
    expect(requestOf({ ...DEFAULT_CHOICES, language: 'de', glossary: '  Morag ' })).toMatchObject({
      language: 'de',
      glossary: 'Morag',
    });
    expect(requestOf(DEFAULT_CHOICES).language).toBeNull();
    const several = { ...DEFAULT_CHOICES, languagePerWindow: true };
    expect(requestOf(several).languagePerWindow).toBe(true);
    expect(requestOf({ ...several, language: 'de' }).languagePerWindow, 'a chosen language is the only one').toBe(
      false,
    );
    expect(requestOf(DEFAULT_CHOICES).languagePerWindow).toBe(false);
  });

  test('ninety-nine languages, each with a name', () => {
    expect(new Set(LANGUAGE_CODES).size).toBe(99);
    for (const code of LANGUAGE_CODES) expect(languageName(code), code).toMatch(/^[A-Z]/);
    const names = languages().map(({ name }) => name);
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en')));
    expect(new Set(names).size).toBe(99);
  });
});

test('a job another tab has says where it goes on', () => {
  const job: Job = { ...newJob('1', new File(['x'], 'a.wav')), elsewhere: true, phase: 'cancelled' };
  expect(phaseLine(job).parts[0].text).toBe('Open in another tab, where it goes on. To go on here, close that tab.');
  expect(phaseLine({ ...job, phase: 'done' }).parts[0].text).toContain('It can be read here');
});
