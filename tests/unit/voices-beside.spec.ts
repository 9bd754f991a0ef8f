/** Speakers told apart beside a job: nothing of it can fail the job, and what was missed is heard afterwards. */
import { expect, test } from 'playwright/test';
import { DEFAULT_JOB, fault, WHOLE_SOUND, type JobReport } from '../../workers/protocol.ts';
import { newJob } from '../../src/queue/job.ts';
import { talkOf, VoicesBeside, type BesideTelling, type PassingOn } from '../../src/queue/voices-beside.ts';

const file = new File(['x'], 'talk.wav');
const request = (fromSample = 0) => ({ ...DEFAULT_JOB, fromSample, heardLanguage: null });
const talk = talkOf('a', { find: () => newJob('a', file), change: () => {} });
const signal = new AbortController().signal;

function forged(hears: boolean, outcome: () => Promise<Pick<JobReport, 'outcome'>>) {
  const calls: string[] = [];
  const telling: BesideTelling = {
    beside: (_, fromSample, stop) => {
      calls.push(`beside ${fromSample}`);
      if (!hears) return Promise.resolve(null);
      const told = new Promise<void>((resolve) => {
        stop.addEventListener('abort', () => {
          calls.push('stopped');
          resolve();
        });
      });
      return Promise.resolve({ port: new MessageChannel().port1, told });
    },
    catchUp: () => {
      calls.push('catch up');
      return Promise.resolve();
    },
    hear: (_, { name }, choice) => {
      calls.push(`hear ${name} ${choice.track}`);
      return Promise.resolve();
    },
  };
  const engine = {
    transcribe: (...[, , , , , voices]: Parameters<PassingOn['transcribe']>) => {
      calls.push(voices === undefined ? 'alone' : 'with voices');
      voices?.close();
      return outcome() as Promise<JobReport>;
    },
  } as unknown as PassingOn;
  return { beside: new VoicesBeside(telling, engine, talk), calls };
}
const hear = (beside: VoicesBeside, fromSample = 0, choice = WHOLE_SOUND) =>
  beside.transcribe(file, request(fromSample), () => {}, signal, choice);

test('the engine passes on what it hears; a job that breaks off stops it, and goes on with it', async () => {
  let broken = true;
  const { beside, calls } = forged(true, () => {
    if (!broken) return Promise.resolve({ outcome: 'done' });
    broken = false;
    return Promise.reject(fault('GpuLost'));
  });
  await expect(hear(beside)).rejects.toMatchObject({ name: 'GpuLost' });
  await hear(beside, 480_000);
  expect(calls).toEqual(['beside 0', 'with voices', 'stopped', 'beside 480000', 'with voices']);
});

test('a cancelled job stops it as well; what it has heard gets its speakers once all words are there', async () => {
  const { beside, calls } = forged(true, () => Promise.resolve({ outcome: 'cancelled' }));
  await hear(beside);
  expect(calls.at(-1)).toBe('stopped');
  await beside.end(newJob('a', file), false);
  expect(calls.slice(-2)).toEqual(['stopped', 'catch up']);
});

test('where it cannot be heard beside the job, the job goes on alone, and the file is heard afterwards', async () => {
  const { beside, calls } = forged(false, () => Promise.resolve({ outcome: 'done' }));
  await hear(beside);
  await beside.end({ ...newJob('a', file), track: 1 }, true);
  expect(calls).toEqual(['beside 0', 'alone', 'hear talk.wav 1']);
});

test('channels that are heard one by one have one speaker each', async () => {
  const { beside, calls } = forged(true, () => Promise.resolve({ outcome: 'done' }));
  await hear(beside, 0, { track: null, channel: 1 });
  await beside.end(newJob('a', file), true);
  expect(calls).toEqual(['alone']);
});
