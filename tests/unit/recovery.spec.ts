/** How a job gets over the faults of its engine: a GPU that fails in any phase, workers that hang, a file cut at any place. */
import { mock } from 'node:test';
import { expect, test } from 'playwright/test';
import { openFile } from '../../src/engine/open-file.ts';
import { Silence } from '../../src/engine/silence.ts';
import type { MediaConnection } from '../../src/engine/workers.ts';
import { jobOf } from '../../src/queue/file-handles.ts';
import { fingerprintOf } from '../../src/queue/fingerprint.ts';
import { newJob, withWindow, type Job } from '../../src/queue/job.ts';
import { unfinishedNews } from '../../src/queue/go-on.ts';
import { transcribeFile, type Step, type Transcriber } from '../../src/queue/run.ts';
import { behind } from '../../workers/hearing/bookmark.ts';
import {
  ABORTED,
  DEFAULT_JOB,
  fault,
  WHOLE_SOUND,
  type FaultName,
  type JobReport,
  type LoadReport,
  type MediaFacts,
  type WindowResult,
} from '../../workers/protocol.ts';
import { writeTable, type Survived } from '../fault-table.ts';
import { randomFrom } from './random.ts';

const FACTS: MediaFacts = { container: 'wav', codec: 'pcm', seconds: 70, sampleRate: 16000, channels: 1, video: false };
const WINDOWS = 7;

/** In which the engine may fail; `write`: behind so many windows of its stretch. */
type Failure = { phase: 'load' | 'encode' } | { phase: 'write'; windows: number };

function windowAt(index: number): WindowResult {
  return {
    ...{ index, startSample: index * 1000, endSample: (index + 1) * 1000, cues: [], tokens: [], language: 'en' },
    ...{ languageProbability: 0.9, noSpeechProbability: 0, averageLogProbability: 0, compressionRatio: 1 },
    ...{ temperature: 0, backend: 'cpu', bookmark: { key: 'k', fromSample: index * 1000, state: index } },
  };
}

/** Fails as it is told, the GPU as often as it is asked, the CPU once; each stretch begins where it is asked to. */
function failing(failures: Failure[], name: FaultName) {
  const wrong: string[] = [];
  let blamed = 0;
  let failure: Failure | undefined;
  const engine: Transcriber = {
    open: () => Promise.resolve(FACTS),
    backendFor: () => Promise.resolve({ backend: 'gpu', why: null }),
    prepare: () => {
      failure = failures.shift();
      if (failure?.phase === 'load') return Promise.reject(fault(name));
      return Promise.resolve({ sampleRate: 1000, languages: [] as string[] } as LoadReport);
    },
    transcribe: (_file, { fromSample, bookmark }, onEvent) => {
      const first = fromSample / 1000;
      if (first > 0 && bookmark?.state !== first - 1) wrong.push(`from ${first} with ${JSON.stringify(bookmark)}`);
      const end = failure?.phase === 'write' ? Math.min(WINDOWS, first + failure.windows) : failure ? first : WINDOWS;
      for (let index = first; index < end; index++) onEvent({ type: 'window', window: windowAt(index) });
      if (failure !== undefined) return Promise.reject(fault(name));
      return Promise.resolve({ outcome: 'done' } as JobReport);
    },
    blameGpu: () => (blamed += 1),
  };
  return { engine, wrong, blamed: () => blamed };
}

const told: Survived[] = [];
test.afterAll(() => writeTable('faults-of-the-gpu', told));

const phaseOf = (failure: Failure): string => {
  if (failure.phase !== 'write') return failure.phase === 'load' ? 'loading the model' : 'encoding the first window';
  return failure.windows === 0 ? 'writing the first window' : `writing, ${failure.windows} windows kept`;
};

const FAULTS: readonly FaultName[] = ['GpuLost', 'GpuOutOfMemory', 'WrongResults', 'EngineFailed'];

for (const name of FAULTS)
  test(`${name} while loading, encoding or writing, once and twice: every window comes once, in order`, async () => {
    const phases: Failure[] = [
      { phase: 'load' },
      { phase: 'encode' },
      ...[0, 1, 3, 6].map((windows): Failure => ({ phase: 'write', windows })),
    ];
    for (const first of phases)
      for (const second of [undefined, ...phases]) {
        const { engine, wrong, blamed } = failing([first, ...(second ? [second] : [])], name);
        const came: number[] = [];
        const steps: Step['type'][] = [];
        const order = {
          ...{ file: new File(['x'], 'a.wav'), facts: FACTS, modelId: 'm', backend: 'auto' as const, track: null },
          ...{ hasWords: false, changeTrack: () => Promise.resolve(), request: DEFAULT_JOB },
          parts: () => [{ choice: WHOLE_SOUND, fromSample: 0, heardLanguage: null, bookmark: null }],
        };
        const onStep = (step: Step) => {
          steps.push(step.type);
          if (step.type === 'event' && step.event.type === 'window') came.push(step.event.window.index);
        };
        await transcribeFile(engine, order, onStep, new AbortController().signal);
        const what = JSON.stringify([first, second]);
        expect(came, what).toEqual([...Array(WINDOWS).keys()]);
        expect(wrong, what).toEqual([]);
        told.push({
          fault: second ? `${name}, then the CPU’s worker fails` : name,
          phase: [first, second].flatMap((one) => (one ? [phaseOf(one)] : [])).join(', then '),
          lost: `0 of ${WINDOWS} windows`,
          how: 'by itself, on the CPU',
        });
        expect([blamed(), steps.filter((step) => step === 'took-over').length], what).toEqual([1, 1]);
      }
  });

test('silence is told of once, after all its beats, and whoever is heard begins anew', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    let silent = 0;
    const silence = new Silence(8000, () => (silent += 1));
    mock.timers.tick(7000);
    silence.heard();
    mock.timers.tick(7000);
    expect(silent).toBe(0);
    mock.timers.tick(1000);
    expect(silent).toBe(1);
    mock.timers.tick(20_000);
    expect(silent).toBe(1);
    const ended = new Silence(8000, () => (silent += 1));
    ended.end();
    mock.timers.tick(20_000);
    expect(silent).toBe(1);
  } finally {
    mock.timers.reset();
  }
});

test('a file whose worker dies is opened once more in a fresh one; two dead workers are said of the file', async () => {
  const file = new File(['x'], 'a.wav');
  const { signal } = new AbortController();
  const dead = { alive: false, call: () => Promise.reject(fault(ABORTED)) } as unknown as MediaConnection;
  const sound = { alive: true, call: () => Promise.resolve(FACTS) } as unknown as MediaConnection;
  const open = (...workers: MediaConnection[]) =>
    openFile({ connection: () => workers.shift()!, busy: () => false }, file, signal, WHOLE_SOUND);
  expect(await open(dead, sound)).toBe(FACTS);
  await expect(open(dead, dead)).rejects.toMatchObject({ name: 'DamagedFile' });
  // A fault of the file is no fault of the worker.
  const refusing = { alive: true, call: () => Promise.reject(fault('NoAudioTrack')) } as unknown as MediaConnection;
  await expect(open(refusing, sound)).rejects.toMatchObject({ name: 'NoAudioTrack' });
});

test('what of a window lies behind a place is neither heard twice nor left out', () => {
  const random = randomFrom(5);
  for (let round = 0; round < 500; round++) {
    let at = 0;
    const pieces = Array.from({ length: random.whole(1, 4) }, () => {
      const start = at + random.whole(0, 50);
      at = start + random.whole(1, 50);
      return { start, end: at };
    });
    const window = { index: 0, pieces, speech: pieces };
    const sample = random.whole(0, at + 10);
    const samples = pieces.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i));
    const left = (behind(window, sample)?.pieces ?? []).flatMap(({ start, end }) =>
      Array.from({ length: end - start }, (_, i) => start + i),
    );
    expect(left).toEqual(samples.filter((one) => one >= sample));
  }
});

test('a file is known by its content: under another name and date, and not when a part of it is another', async () => {
  const bytes = (change: number | null) => {
    const all = new Uint8Array(500_000).map((_, i) => i % 251);
    if (change !== null) all[change] ^= 1;
    return all;
  };
  const one = await fingerprintOf(new File([bytes(null)], 'a.wav', { lastModified: 1 }));
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(await fingerprintOf(new File([bytes(null)], 'b.wav', { lastModified: 2 }))).toBe(one);
  for (const place of [0, 250_000, 499_999]) expect(await fingerprintOf(new Blob([bytes(place)]))).not.toBe(one);
  expect(await fingerprintOf(new Blob([bytes(null).subarray(1)]))).not.toBe(one);
});

test('what was not finished is one offer, which names the file and the place', () => {
  const choose = () => undefined;
  const cut = (name: string, change: Partial<Job> = {}): Job => ({
    ...newJob(name, new File([], name)),
    ...{ phase: 'cancelled', fileMissing: true },
    progress: { doneSeconds: 95, audioSeconds: 4000, speed: 0, secondsLeft: null },
    ...change,
  });
  expect(unfinishedNews([], choose)).toBe(null);
  expect(unfinishedNews([cut('a', { phase: 'done' }), cut('b', { elsewhere: true })], choose)).toBe(null);
  expect(unfinishedNews([cut('talk.wav')], choose)).toMatchObject({
    sentence: 'talk.wav stopped at 0:01:35. Add it again, and it goes on from there.',
    actions: [{ label: 'Choose the file' }],
  });
  const waited = cut('talk.wav', { progress: { doneSeconds: 0, audioSeconds: null, speed: 0, secondsLeft: null } });
  expect(unfinishedNews([waited], choose)?.sentence).toBe(
    'Nothing of talk.wav was heard yet. Add it again to hear it.',
  );
  expect(unfinishedNews([cut('a'), cut('b')], choose)?.sentence).toContain('2 files were not finished.');
});

test('a job that ends right behind a window says how far it came', () => {
  const job = { ...newJob('a', new File([], 'a')), load: { sampleRate: 1000 } as LoadReport };
  const cut = withWindow(withWindow(job, windowAt(0)), windowAt(3));
  expect(cut.progress.doneSeconds).toBe(4);
  // A stretch that lies further back takes nothing away.
  expect(withWindow(cut, windowAt(1)).progress.doneSeconds).toBe(4);
});

test('a file is known by its content under whatever name, and by its name where the content is not known', async () => {
  const file = (text: string, name: string) => new File([text], name, { lastModified: 7 });
  const job = async (id: string, of: File, printed: boolean) => ({
    ...newJob(id, of, false),
    fileMissing: true,
    fingerprint: printed ? await fingerprintOf(of) : null,
  });
  const jobs = [
    await job('named', file('11111', 'a.wav'), false),
    await job('printed', file('22222', 'b.wav'), true),
    await job('other', file('33333', 'c.wav'), true),
  ];
  const found = async (of: File) => (await jobOf(of, jobs))?.id;
  expect(await found(file('22222', 'renamed.wav'))).toBe('printed');
  expect(await found(file('22222', 'c.wav'))).toBe('printed');
  expect(await found(file('55555', 'a.wav'))).toBe('named');
  // The name and the date of one whose content is another.
  expect(await found(file('55555', 'b.wav'))).toBeUndefined();
});
