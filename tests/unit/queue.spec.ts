/** A job's life without a browser: what is kept, what goes on, what is drawn. The engine is a script. */
import { expect, test } from 'playwright/test';
import {
  changed,
  editableCuesOf,
  isSameFile,
  languagesOf,
  newJob,
  resumeSample,
  withChanges,
  withSpeech,
  withWindow,
  type Job,
} from '../../src/queue/job.ts';
import { withTrack } from '../../src/queue/job-steps.ts';
import { phaseLine } from '../../src/queue/phase.ts';
import { Previews, type Preview } from '../../src/queue/previews.ts';
import { languageOf } from '../../src/queue/heard-language.ts';
import { transcribeFile, type Part, type Step, type Transcriber } from '../../src/queue/run.ts';
import { tapeOf } from '../../src/queue/tape.ts';
import { trackName, tracksOf } from '../../src/queue/tracks.ts';
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
  type SoundChoice,
  type WindowResult,
  WHOLE_SOUND,
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
    kept: true,
    loadMs: 1,
    sampleRate: RATE,
    windowSeconds: 10,
    languages: ['en', 'de'],
    threads: 1,
    runtime: 'wasm',
    form: 'b8',
    memoryForm: 'fp32',
    noWords: null,
  };
}

/** One stretch of the engine: gives windows from where it was asked to start, then `ends`. */
type Stretch = { windows: number; ends?: Error };

function bench(stretches: Stretch[], options: { noGpu?: boolean; cpuOnly?: string; loadFails?: Error[] } = {}) {
  const asked: { backend: Backend; request: JobRequest; choice: SoundChoice }[] = [];
  const blamed: string[] = [];
  let backend: Backend = 'gpu';
  const engine: Transcriber = {
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
    transcribe: (_file, request, onEvent, signal, choice = WHOLE_SOUND) => {
      asked.push({ backend, request, choice });
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

/** All of the sound, from the start. */
const WHOLE: Part = { choice: WHOLE_SOUND, fromSample: 0, heardLanguage: null, bookmark: null };

async function run(engine: Transcriber, change: Partial<Parameters<typeof transcribeFile>[1]> = {}) {
  const steps: Step[] = [];
  const order = {
    file: new File(['x'], 'a.wav'),
    facts: null,
    modelId: 'm',
    backend: 'auto' as const,
    track: null,
    hasWords: false,
    changeTrack: () => Promise.resolve(),
    request: DEFAULT_JOB,
    parts: () => [WHOLE],
    ...change,
  };
  const outcome = await transcribeFile(engine, order, (step) => steps.push(step), new AbortController().signal).then(
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

test.describe('one speaker a channel', () => {
  const side = (channel: number, fromSample = 0): Part => ({
    choice: { track: 1, channel },
    fromSample,
    heardLanguage: null,
    bookmark: null,
  });

  test('left is heard to its end, then right, each from where it stands; the report is the sum', async () => {
    const { engine, asked } = bench([{ windows: 1 }, { windows: 2 }]);
    const { report: end, steps } = await run(engine, { parts: () => [side(0, 20 * RATE), side(1)] });
    expect(asked.map(({ choice, request }) => [choice.track, choice.channel, request.fromSample])).toEqual([
      [1, 0, 20 * RATE],
      [1, 1, 0],
    ]);
    expect(end).toMatchObject({ outcome: 'done', windows: 3, wallMs: 2000, audioSeconds: 30 });
    const sides = steps.flatMap((step) =>
      step.type === 'event' && step.event.type === 'window' ? [step.part.choice.channel] : [],
    );
    expect(sides).toEqual([0, 1, 1]);
  });

  test('a GPU that fails on the left is not tried again for the right', async () => {
    const { engine, asked, blamed } = bench([{ windows: 1, ends: fault('GpuLost') }, { windows: 2 }, { windows: 3 }]);
    await run(engine, { parts: () => [side(0), side(1)] });
    expect(asked.map(({ backend, request, choice }) => [backend, choice.channel, request.fromSample / RATE])).toEqual([
      ['gpu', 0, 0],
      ['cpu', 0, 10],
      ['cpu', 1, 0],
    ]);
    expect(blamed).toEqual(['GpuLost']);
  });

  test('progress goes through the file once, not twice', async () => {
    const { engine } = bench([]);
    engine.transcribe = (_file, _request, onEvent) => {
      for (const doneSeconds of [0, 15, 30])
        onEvent({ type: 'progress', doneSeconds, audioSeconds: 30, speed: 10, secondsLeft: (30 - doneSeconds) / 10 });
      return Promise.resolve(report(0));
    };
    const { steps } = await run(engine, { parts: () => [side(0), side(1)] });
    const seen = steps.flatMap((step) => (step.type === 'event' && step.event.type === 'progress' ? [step.event] : []));
    expect(seen.map(({ doneSeconds }) => doneSeconds)).toEqual([0, 7.5, 15, 15, 22.5, 30]);
    expect(seen.map(({ secondsLeft }) => secondsLeft)).toEqual([6, 4.5, 3, 3, 1.5, 0]);
    expect(new Set(seen.map(({ speed }) => speed))).toEqual(new Set([5]));
  });

  test('the two sides become one conversation, with a name on every cue, and each goes on by itself', () => {
    const left = { ...windowAt(0), channel: 0 };
    const leftLater = { ...windowAt(2), channel: 0 };
    const right = { ...windowAt(0), channel: 1, cues: [{ start: 2, end: 5, text: 'yes' }] };
    const job = [left, leftLater, right, right].reduce(withWindow, newJob('1', new File(['x'], 'call.wav')));
    expect(job.cues.map(({ start, speaker }) => [start, speaker])).toEqual([
      [0, 'Left'],
      [2, 'Right'],
      [20, 'Left'],
    ]);
    expect(new Set(job.cues.map(({ id }) => id)).size).toBe(3);
    expect([resumeSample(job.windows, 0), resumeSample(job.windows, 1)]).toEqual([30 * RATE, 10 * RATE]);
    expect(resumeSample(job.windows), 'nothing of the whole sound').toBe(0);
  });
});

test('the tracks of a file have names a person can choose by', () => {
  const track = { title: null, channels: 2, sampleRate: RATE, codec: 'aac', decodable: true };
  const tracks = [
    { ...track, language: 'ger' },
    { ...track, language: 'eng', title: 'Director\u202E speaks', codec: 'ac-3', decodable: false },
    { ...track, language: null },
  ];
  expect(tracks.map(trackName)).toEqual([
    '1: German (aac)',
    "2: English, Director speaks (ac-3), can't be opened here",
    '3: (aac)',
  ]);
  expect(tracksOf({ ...FACTS, tracks: tracks.slice(0, 1) }, null)).toBeNull();
  expect(tracksOf(FACTS, null)).toBeNull();
  expect(tracksOf({ ...FACTS, tracks, track: 2 }, null)?.heard).toBe(2);
  expect(tracksOf({ ...FACTS, tracks, track: 2 }, 0)?.heard).toBe(0);
  expect(tracksOf({ ...FACTS, tracks }, null)?.heard).toBe(0);
  // Whether each side is a speaker is settled by the channels of the track that is heard.
  const mono = { ...track, language: null, channels: 1, codec: 'opus' };
  const facts = { ...FACTS, tracks: [track, mono].map((one) => ({ ...one, language: null })), track: 0 };
  expect(withTrack({ ...newJob('1', new File(['x'], 'a.mkv')), facts }, 1)).toMatchObject({
    track: 1,
    facts: { channels: 1, codec: 'opus', track: 1 },
  });
});

test.describe('of several tracks the first one with speech', () => {
  const codec = { language: null, title: null, codec: 'aac', channels: 1, sampleRate: RATE };
  const tracks = [true, false, true, true].map((decodable) => ({ ...codec, decodable }));

  /** Hears the tracks; those whose number is in `spoken` have a window of words. */
  async function hears(spoken: number[], change: Partial<Parameters<typeof transcribeFile>[1]> = {}) {
    const { engine } = bench([]);
    const heard: number[] = [];
    const changes: (number | null)[] = [];
    let track: number | null = null;
    engine.open = (_file, _signal, choice) => Promise.resolve({ ...FACTS, tracks, track: choice.track ?? 0 });
    engine.transcribe = (_file, _request, onEvent, _signal, choice = WHOLE_SOUND) => {
      const at = choice.track ?? 0;
      heard.push(at);
      const said = spoken.includes(at);
      onEvent({ type: 'window', window: said ? windowAt(at) : { ...windowAt(at), cues: [] } });
      return Promise.resolve({ ...report(1), cues: said ? 1 : 0, audioSeconds: 30 + at });
    };
    const outcome = await run(engine, {
      changeTrack: (next) => {
        track = next;
        changes.push(next);
        return Promise.resolve();
      },
      parts: () => [{ ...WHOLE, choice: { track, channel: null } }],
      ...change,
    });
    return { ...outcome, heard, changes };
  }

  test('is heard, past tracks without speech and such as cannot be decoded', async () => {
    const { heard, changes, report: end } = await hears([2, 3]);
    expect(heard).toEqual([0, 2]);
    expect(changes).toEqual([2]);
    expect(end?.audioSeconds).toBe(32);
  });

  test('is left as it is where it has words, also from an earlier visit, and where a person chose', async () => {
    expect(await hears([0, 2])).toMatchObject({ heard: [0], changes: [] });
    expect(await hears([2], { hasWords: true })).toMatchObject({ heard: [0], changes: [] });
    expect(await hears([2], { track: 0 })).toMatchObject({ heard: [0], changes: [] });
  });

  test('with speech in none of them, the file ends on the first', async () => {
    const { heard, changes, report: end, steps } = await hears([]);
    expect(heard).toEqual([0, 2, 3]);
    expect(changes).toEqual([2, 3, null]);
    expect(end?.audioSeconds).toBe(30);
    expect(steps.findLast(({ type }) => type === 'opened')).toMatchObject({ facts: { track: 0 } });
  });
});

test('an abort ends a job whose GPU is still being tested, whatever that test does', async () => {
  const { engine } = bench([{ windows: 1 }]);
  const stop = new AbortController();
  let asked = (): void => undefined;
  const hangs = new Promise<void>((resolve) => (asked = resolve));
  engine.backendFor = (_choice, _modelId, signal) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(fault(ABORTED)));
      asked();
    });
  const order = { file: new File(['x'], 'a.wav'), facts: FACTS, modelId: 'm', backend: 'auto' as const, track: null };
  const rest = { hasWords: false, changeTrack: () => Promise.resolve(), request: DEFAULT_JOB, parts: () => [WHOLE] };
  const job = transcribeFile(engine, { ...order, ...rest }, () => undefined, stop.signal);
  await hangs;
  stop.abort();
  await expect(job).rejects.toMatchObject({ name: ABORTED });
});

test('a language that was chosen is no finding: only a detected one is gone on with', () => {
  expect(languageOf(windowAt(0))).toEqual({ language: 'en', probability: 0.9 });
  expect(languageOf({ ...windowAt(0), languageProbability: 1 })).toBeNull();
});

test.describe('a job', () => {
  const job = newJob('1', new File(['12345'], 'a.wav', { lastModified: 7 }));

  test('takes each window once, in order', () => {
    const two = [windowAt(0), windowAt(1), windowAt(1)].reduce(withWindow, job);
    expect(two.cues.map(({ text }) => text)).toEqual(['window 0', 'window 1']);
    expect(resumeSample(two.windows)).toBe(20 * RATE);
    expect(resumeSample([])).toBe(0);
  });

  test('lets go of speech that is heard: three hours of it hold no more than what lies ahead', () => {
    let long = job;
    for (let at = 0; at < 3 * 3600; at += 5) {
      long = withSpeech(long, [{ start: at + 30, end: at + 34 }]);
      long = { ...long, progress: { ...long.progress, doneSeconds: at } };
      expect(long.speech.length).toBeLessThan(10);
    }
    expect(long.speech.at(-1)).toEqual({ start: 10825, end: 10829 });
  });

  test('leaves no window out: one inside another has its words in their place', () => {
    const again = {
      ...windowAt(0),
      startSample: 5 * RATE,
      endSample: 8 * RATE,
      cues: [{ start: 5, end: 6, text: 'again' }],
    };
    const all = [windowAt(0), windowAt(1), again].reduce(withWindow, job);
    expect(all.cues.map(({ text }) => text)).toEqual(['window 0', 'again', 'window 1']);
    expect(resumeSample(all.windows)).toBe(20 * RATE);
  });

  test('keeps the names of its cues when it is read back', () => {
    expect(editableCuesOf(windowAt(2))).toEqual(editableCuesOf(windowAt(2)));
  });

  test('of several languages knows each cue by its own, and the file by the first', () => {
    const german = { ...windowAt(1), language: 'de' };
    const job = [windowAt(0), german, windowAt(2)].reduce(withWindow, newJob('a', new File(['x'], 'a.wav')));
    expect(job.cues.map((cue) => cue.language)).toEqual(['en', 'de', 'en']);
    expect(languagesOf(job.cues)).toEqual(['en', 'de']);
    expect(job).toMatchObject({ language: 'en', languageProbability: 0.9 });
    expect(withWindow({ ...job, language: 'fr' }, windowAt(3)).language).toBe('fr');
  });

  test('changes go to their cues, whatever comes meanwhile, and leave the others alone', () => {
    const before = withWindow(withWindow(job, windowAt(0)), windowAt(1));
    const [first, second] = before.cues;
    const edited = { ...first, text: 'widow 0', edited: true };
    const half = { ...first, id: `${first.id}~n`, start: first.start + 1, text: 'half', edited: true };
    const changes = new Map([
      [first.id, edited],
      [half.id, half],
    ]);
    const after = withWindow(withChanges(before, changes, [{ id: 's', name: 'Ada' }]), windowAt(2));
    expect(after.cues.map(({ text }) => text)).toEqual(['widow 0', 'half', 'window 1', 'window 2']);
    expect(after.cues[2]).toBe(second);
    expect(after.speakers).toEqual([{ id: 's', name: 'Ada' }]);
    const later = withChanges(after, new Map([[second.id, null]]));
    expect(later.cues.map(({ text }) => text)).toEqual(['widow 0', 'half', 'window 2']);
    expect(later.speakers).toBe(after.speakers);
    // Read back: the engine's cues with all of the changes are the same transcript.
    expect(changed(later.windows.flatMap(editableCuesOf), later.edits)).toEqual(later.cues);
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
  const heard: Job = { ...running, windows: [windowAt(0)], cues: editableCuesOf(windowAt(0)), language: 'en' };
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
    // A cue is cut between words where the speaker changes, so their times are needed.
    expect(requestOf(DEFAULT_CHOICES).words).toBe(DEFAULT_CHOICES.words);
    expect(requestOf({ ...DEFAULT_CHOICES, words: false, tellSpeakers: true }).words).toBe(true);
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
