/** Hearing a stretch again: which sound, what comes of it, how it is compared, and that taking it is one step back. */
import { expect, test } from 'playwright/test';
import type { JobRequest, LoadReport } from '../../workers/protocol.ts';
import { compare, runsOf, withSpeakers } from '../../src/again/compare.ts';
import { hearRange, type FreshCue } from '../../src/again/hear-range.ts';
import { madeFacts, madeTitle } from '../../src/again/made-words.ts';
import { cuesIn, soundFor, widened } from '../../src/again/stretch.ts';
import { transcriptFile, transcriptJson } from '../../src/export/transcript-json.ts';
import { readJson } from '../../src/import/read-json.ts';
import { isTried, withTrial } from '../../src/queue/job-steps.ts';
import { jobOf } from '../../src/queue/imported-job.ts';
import { newJob, type EditableCue, type Job } from '../../src/queue/job.ts';
import { madeOf } from '../../src/made-of.ts';
import { makingOf, withMaking, type Making } from '../../src/making.ts';
import type { Transcriber } from '../../src/queue/run.ts';
import { atOnce } from '../../src/slices.ts';
import { DEFAULT_CHOICES, requestOf } from '../../src/settings/choices.ts';
import { TranscriptDocument } from '../../src/transcript/document.ts';
import { scripted } from './forged-decode.ts';
import { en, forge, hear, RATE, spoken } from './forged-job.ts';
import { randomFrom } from './random.ts';

const cue = (id: string, start: number, end: number, text: string, more: Partial<EditableCue> = {}): EditableCue => ({
  ...{ id, start, end, text, edited: false, language: 'en' },
  ...more,
});
const fresh = (start: number, end: number, text: string, more: Partial<FreshCue> = {}): FreshCue => ({
  ...{ start, end, text, edited: false, language: 'de', again: 7 },
  ...more,
});

const when = (at: number) => ({ at, version: '1.0' });

const LOAD: LoadReport = {
  ...{ modelId: 'whisper-base', backend: 'cpu', source: 'memory', kept: true, loadMs: 1, sampleRate: RATE },
  ...{ windowSeconds: 30, languages: [], threads: 1, runtime: 'wasm', form: 'b8', memoryForm: 'fp32', noWords: null },
};

test('a stretch is widened to whole cues, and its sound reaches no other cue', () => {
  const cues = [cue('a', 0, 2, 'a'), cue('b', 2, 4, 'b'), cue('c', 4.1, 6, 'c'), cue('d', 9, 10, 'd')];
  expect(widened(cues, { start: 2.5, end: 5 })).toEqual({ start: 2, end: 6 });
  expect(cuesIn(cues, { start: 2, end: 4 }).map(({ id }) => id)).toEqual(['b']);
  expect(soundFor(cues, { start: 2, end: 6 }, 20)).toEqual({ start: 2, end: 6.3 });
  expect(soundFor(cues, { start: 2, end: 4 }, 20)).toEqual({ start: 2, end: 4.1 });
  expect(soundFor(cues, { start: 9, end: 10 }, 10.1)).toEqual({ start: 8.7, end: 10.1 });
  expect(widened(cues, { start: 7, end: 8 })).toEqual({ start: 7, end: 8 });
});

test('the engine hears up to a sample and no further', async () => {
  const whole = await hear(forge(scripted(spoken(4))), 4, en);
  expect(whole.windows).toHaveLength(4);
  const part = await hear(forge(scripted(spoken(4))), 4, { ...en, untilSample: 2.5 * RATE });
  expect(part.windows.map(({ endSample }) => endSample)).toEqual([RATE, 2 * RATE, 2.5 * RATE]);
  expect(part.report).toMatchObject({ outcome: 'done', encoderPasses: 3, doneSample: 2.5 * RATE });
  const border = await hear(forge(scripted(spoken(4))), 4, { ...en, untilSample: 2 * RATE });
  expect(border.windows.map(({ endSample }) => endSample)).toEqual([RATE, 2 * RATE]);
});

/** An engine that says a word a second from where it is asked to begin. */
function engineOf(asked: JobRequest[], outcome: 'done' | 'cancelled' = 'done'): Transcriber {
  return {
    open: () => Promise.reject(new Error('it is open already')),
    backendFor: () => Promise.resolve({ backend: 'cpu', why: null }),
    prepare: () => Promise.resolve(LOAD),
    transcribe: (_file, request, onEvent) => {
      asked.push(request);
      const start = request.fromSample / RATE;
      onEvent({
        type: 'window',
        window: {
          ...{ index: 0, startSample: request.fromSample, endSample: request.untilSample ?? 0, tokens: [] },
          cues: [
            { start: start - 1, end: start + 1, text: 'first' },
            { start: start + 1, end: start + 99, text: 'last' },
          ],
          ...{ language: 'de', languageProbability: 1, noSpeechProbability: 0, averageLogProbability: 0 },
          ...{ compressionRatio: 1, temperature: 0, backend: 'cpu' },
        },
      });
      return Promise.resolve({ outcome } as Awaited<ReturnType<Transcriber['transcribe']>>);
    },
    blameGpu: () => undefined,
  };
}

const FACTS: NonNullable<Job['facts']> = {
  ...{ container: 'wav', codec: 'pcm', seconds: 20, sampleRate: RATE, channels: 1, video: false },
};

test('a stretch is heard with its own settings, and what comes of it stays inside', async () => {
  const asked: JobRequest[] = [];
  const job = { ...newJob('j', new File(['x'], 'a.wav')), facts: FACTS, cues: [cue('a', 0, 9, 'x')] };
  const request = requestOf({ ...DEFAULT_CHOICES, language: 'de', glossary: ' Ada ' });
  const told: string[] = [];
  const settings = { modelId: 'whisper-base', backend: 'cpu' as const, version: '1.0', request };
  const { signal } = new AbortController();
  const heard = await hearRange(
    engineOf(asked),
    job,
    { start: 2, end: 5 },
    settings,
    (one) => told.push(one.type),
    signal,
  );
  expect(asked).toMatchObject([{ fromSample: 2 * RATE, untilSample: 5 * RATE, language: 'de', glossary: 'Ada' }]);
  expect(heard.cues.map(({ start, end, again }) => [start, end, again])).toEqual([
    [2, 3, heard.making.at],
    [3, 5, heard.making.at],
  ]);
  expect(heard.making).toMatchObject({ language: 'de', glossary: 'Ada', part: { start: 2, end: 5 } });
  expect(told).toContain('progress');
  const stopped = hearRange(engineOf([], 'cancelled'), job, { start: 2, end: 5 }, settings, () => undefined, signal);
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
});

test('the channels of a conversation are heard each on its own again', async () => {
  const asked: JobRequest[] = [];
  const job = { ...newJob('j', new File(['x'], 'a.wav')), facts: FACTS, sides: true };
  const settings = { modelId: 'm', backend: 'cpu' as const, version: '1.0', request: requestOf(DEFAULT_CHOICES) };
  const { signal } = new AbortController();
  const { cues } = await hearRange(engineOf(asked), job, { start: 2, end: 5 }, settings, () => undefined, signal);
  expect(asked).toHaveLength(2);
  expect(new Set(cues.map(({ speaker }) => speaker))).toEqual(new Set(['Left', 'Right']));
});

test('two hearings: rows where both have a border, words that differ to the letter', () => {
  const rows = compare(
    [cue('a', 0, 2, 'ask not what'), cue('b', 2, 4, 'your country'), cue('c', 6, 8, 'the end')],
    [fresh(0, 2.1, 'ask not what'), fresh(2.1, 3, 'Your'), fresh(3, 4, 'county'), fresh(10, 11, 'more')],
  );
  expect(rows.map(({ same }) => same)).toEqual([true, false, false, false]);
  expect(rows.map(({ old, fresh }) => [old.length, fresh.length])).toEqual([
    [1, 1],
    [1, 2],
    [1, 0],
    [0, 1],
  ]);
  expect(runsOf('ask not what your country', 'ask not your own country')).toEqual([
    [
      { text: 'ask not', differs: false },
      { text: ' what', differs: true },
      { text: ' your country', differs: false },
    ],
    [
      { text: 'ask not your', differs: false },
      { text: ' own', differs: true },
      { text: ' country', differs: false },
    ],
  ]);
});

test('two hearings at random: no cue is lost, the runs are the texts, what is the same is never marked', () => {
  const random = randomFrom(20261126);
  const words = 'ask not what your country can do for you 你好 世界'.split(' ');
  const faults: string[] = [];
  for (let round = 0; round < 400; round += 1) {
    let at = 0;
    const made = <T>(make: (start: number, end: number, text: string, index: number) => T): T[] => {
      at = random.between(0, 2);
      return Array.from({ length: random.whole(0, 6) }, (_, index) => {
        const start = at;
        at += random.between(0, 4);
        const text = Array.from({ length: random.whole(1, 4) }, () => words[random.whole(0, words.length - 1)]).join(
          ' ',
        );
        const end = at;
        if (random.next() < 0.5) at += random.between(0, 1);
        return make(start, end, text, index);
      });
    };
    const old = made((start, end, text, index) => cue(`o${index}`, start, end, text));
    const heard = made((start, end, text) => fresh(start, end, text));
    const rows = compare(old, heard);
    const note = (what: string) => faults.push(`${what} (round ${round})`);
    if (JSON.stringify(rows.flatMap((row) => row.old)) !== JSON.stringify(old)) note('an old cue is lost');
    if (JSON.stringify(rows.flatMap((row) => row.fresh)) !== JSON.stringify(heard)) note('a new cue is lost');
    const textOf = (runs: (typeof rows)[number]['oldRuns'], kept = false) =>
      runs.flatMap(({ text, differs }) => (differs && kept ? [] : [text])).join('');
    for (const row of rows) {
      const [said, now] = [row.old, row.fresh].map((cues) => cues.map(({ text }) => text).join(' '));
      if (textOf(row.oldRuns) !== said || textOf(row.freshRuns) !== now) note('the runs are not the text');
      const same = [row.oldRuns, row.freshRuns].map((runs) => textOf(runs, true).replace(/\s/g, ''));
      if (same[0] !== same[1]) note('what is the same differs');
      if (row.same && row.oldRuns.some(({ differs }) => differs)) note('what is the same is marked');
    }
  }
  expect(faults).toEqual([]);
});

test('new cues are said by who said most of the old ones', () => {
  const old = [cue('a', 0, 2, 'a', { speaker: 'Ada' }), cue('b', 2, 6, 'b', { speaker: 'Bob' })];
  const cues = withSpeakers(old, [
    fresh(0, 3, 'x'),
    fresh(1, 6, 'y'),
    fresh(8, 9, 'z'),
    fresh(0, 1, 'l', { speaker: 'Left' }),
  ]);
  expect(cues.map(({ speaker }) => speaker)).toEqual(['Ada', 'Bob', undefined, 'Left']);
});

test('what is taken is one step: undo gives the old words, redo the new ones', () => {
  const cues = [cue('0-0', 0, 2, 'one'), cue('0-1', 2, 4, 'two', { edited: true }), cue('0-2', 4, 6, 'three')];
  const document = new TranscriptDocument(cues);
  document.setText('0-2', 'drei');
  const before = document.cues.toArray();
  document.exchange(['0-0', '0-1'], [fresh(0, 1, 'eins'), fresh(0, 1.5, 'zwei'), fresh(2, 3, 'und')]);
  const after = document.cues.toArray();
  expect(after.map(({ text }) => text)).toEqual(['eins', 'zwei', 'und', 'drei']);
  expect(new Set(after.map(({ id }) => id)).size).toBe(4);
  document.undo();
  expect(document.cues.toArray()).toEqual(before);
  document.redo();
  expect(document.cues.toArray()).toEqual(after);
  const changes = document.takeChanges();
  expect([...changes!.cues.keys()].filter((id) => changes!.cues.get(id) === null).sort()).toEqual(['0-0', '0-1']);
  expect(document.exchange([], [])).toBe(false);
});

test('how it was made: the same settings once, a part as long as its words are there, all of it in our JSON', () => {
  const request = requestOf(DEFAULT_CHOICES);
  const first = makingOf(request, LOAD, when(1));
  expect(withMaking(withMaking([], first), makingOf(request, LOAD, when(2)))).toEqual([first]);
  const gpu = makingOf(request, { ...LOAD, backend: 'gpu' }, when(3));
  expect(withMaking([first], gpu)).toEqual([first, gpu]);
  const part: Making = { ...makingOf({ ...request, glossary: 'Ada' }, LOAD, when(7)), part: { start: 1, end: 4 } };
  expect(withMaking([first, part], makingOf(request, LOAD, when(9)))).toEqual([first, part]);
  const job = { ...newJob('j', new File([], 'a.wav')), made: [first, part], cues: [cue('a', 1, 4, 'x', { again: 7 })] };
  expect(transcriptFile(job)).toMatchObject({ made: [first, part], cues: [{ again: 7 }] });
  expect(madeOf(job.made, [cue('a', 1, 4, 'x')])).toEqual([first]);
  expect(transcriptFile({ ...job, made: [] })).not.toHaveProperty('made');
  expect(madeTitle(part, 100)).toBe('0:01 to 0:04, heard again');
  const facts = Object.fromEntries(madeFacts(part, null));
  expect(facts).toMatchObject({ Model: 'whisper-base (8-bit blocks)', Backend: 'CPU', 'Names and spellings': 'Ada' });
});

test('our JSON brings back how it was made, what was heard again, and what own spellings stand for', () => {
  const first = makingOf(requestOf(DEFAULT_CHOICES), LOAD, when(1));
  const part: Making = { ...makingOf(requestOf(DEFAULT_CHOICES), LOAD, when(7)), part: { start: 1, end: 4 } };
  const cues = [
    cue('a', 1, 2, 'Sinclair', { again: 7, heard: { text: 'Sinclare' } }),
    cue('b', 2, 4, 'x', { heard: { text: 'y', words: [{ start: 2, end: 3, text: 'y', probability: 0.5 }] } }),
  ];
  const job = { ...newJob('j', new File([], 'a.wav')), language: 'en', made: [first, part], cues };
  const file = JSON.parse(atOnce(transcriptJson(job))) as { made: unknown[] };
  const read = atOnce(readJson({ ...file, made: [...file.made, { at: 'yesterday' }, null] }))!;
  expect(read.made).toEqual([first, part]);
  expect(read.cues).toMatchObject(cues.map(({ id: _, language: __, ...rest }) => rest));
  const back = jobOf('k', read, new File([], 'a.json'), null);
  expect(back.made).toEqual([first, part]);
  expect(back.cues.map(({ heard, again }) => [heard, again])).toEqual(cues.map(({ heard, again }) => [heard, again]));
});

test('a long recording is tried once its windows reach a minute, a short one never', () => {
  const window = (endSample: number) => ({ endSample }) as NonNullable<Parameters<typeof isTried>[1]>;
  const job = (seconds: number) => ({
    ...newJob('j', new File([], 'a.wav')),
    load: LOAD,
    facts: { ...FACTS, seconds },
  });
  expect(isTried(job(7200), window(59 * RATE))).toBe(false);
  expect(isTried(job(7200), window(60 * RATE))).toBe(true);
  expect(isTried(job(170), window(160 * RATE))).toBe(false);
  const heard = { ...job(7200), windows: [{ ...window(61 * RATE), cues: [] }] };
  expect(withTrial(heard)).toMatchObject({ trial: 'heard', progress: { doneSeconds: 61 } });
  expect(withTrial(job(7200)).trial).toBeNull();
  expect(isTried(undefined, window(60 * RATE))).toBe(false);
  expect(isTried(job(7200), undefined)).toBe(false);
});
