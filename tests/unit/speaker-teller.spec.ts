/** The speakers worker as the page uses it, on a forged worker. */
import { expect, test } from 'playwright/test';
import {
  ABORTED,
  fault,
  WHOLE_SOUND,
  type Cue,
  type ModelState,
  type VoiceReport,
  type VoiceTable,
} from '../../workers/protocol.ts';
import { labelsOf } from '../../workers/speakers/words.ts';
import { Connection } from '../../src/engine/connection.ts';
import type { SpeakersConnection } from '../../src/engine/speakers-worker.ts';
import type { MediaConnection } from '../../src/engine/workers.ts';
import { SpeakerTeller } from '../../src/speakers/teller.ts';
import { forgedTable } from './forged-voices.ts';

const { table } = forgedTable([0, 1, 0]);
const nothing = forgedTable([]).table;
const file = new File([], 'talk.wav');
const going = () => new AbortController().signal;

type Forged = {
  load?: () => Promise<void>;
  hear?: () => Promise<VoiceReport>;
  sent?: () => Promise<void>;
  soFar?: VoiceTable | null;
  ready?: boolean;
};

function tellerOf({ load, hear, sent, soFar = table, ready = true }: Forged) {
  const calls: string[] = [];
  const note = <T>(name: string, answer: T): T => {
    calls.push(name);
    return answer;
  };
  const worker = () => ({ addEventListener: () => {}, terminate: () => calls.push('ended') });
  const speakers = {
    load: () => note('load', load?.() ?? Promise.resolve()),
    hear: () => note('hear', hear?.() ?? Promise.resolve({ outcome: 'done', table, spentMs: 1 })),
    cancel: () => note('cancel', Promise.resolve()),
    tableSoFar: () => note('so far', Promise.resolve(soFar)),
    label: (...asked: Parameters<typeof labelsOf>) => note('label', Promise.resolve(labelsOf(...asked))),
  };
  const media = { stream: () => note('stream', sent?.() ?? Promise.resolve()) };
  const teller = new SpeakerTeller({
    startSpeakers: () =>
      note('worker', new Connection(worker(), speakers, 'EngineFailed') as unknown as SpeakersConnection),
    startMedia: () => note('media', new Connection(worker(), media, 'DamagedFile') as unknown as MediaConnection),
    onRequests: () => {},
    model: () => ({ ready }) as ModelState,
    fetchModel: () => note('fetch', Promise.resolve()),
  });
  return { teller, calls };
}

test('the networks are fetched where they are not here, before anything is decoded', async () => {
  const missing = tellerOf({ ready: false });
  await missing.teller.afterwards(file, WHOLE_SOUND, () => {}, going());
  expect(missing.calls.slice(0, 2)).toEqual(['fetch', 'media']);
  const here = tellerOf({});
  expect((await here.teller.afterwards(file, WHOLE_SOUND, () => {}, going())).outcome).toBe('done');
  expect(here.calls).not.toContain('fetch');
});

test('one recording at a time, and one that failed keeps none from the next', async () => {
  let open = 0;
  let most = 0;
  let failed = false;
  const { teller } = tellerOf({
    hear: async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open -= 1;
      if (!failed) {
        failed = true;
        throw fault('EngineFailed', 'once');
      }
      return { outcome: 'done', table, spentMs: 1 };
    },
  });
  const runs = [1, 2, 3].map(() => teller.afterwards(file, WHOLE_SOUND, () => {}, going()));
  const outcomes = await Promise.allSettled(runs);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(most).toBe(1);
});

test('networks that do not load are a named fault, and the sound is let go of', async () => {
  const { teller, calls } = tellerOf({ load: () => Promise.reject(fault('ModelDamaged', 'embedding.onnx')) });
  const { port, report } = teller.beside(() => {}, going());
  const closed = new Promise((resolve) => port.addEventListener('close', resolve));
  port.start();
  await expect(report).rejects.toMatchObject({ name: 'ModelDamaged' });
  await closed;
  expect(calls).not.toContain('hear');
});

test('a file that breaks off gives the voices until there; one that gives nothing is a fault', async () => {
  const broken = {
    sent: () => Promise.reject(fault('DamagedFile', 'cut')),
    hear: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw fault('DamagedFile', 'cut');
    },
  };
  const some = tellerOf(broken);
  const report = await some.teller.afterwards(file, WHOLE_SOUND, () => {}, going());
  expect([report.outcome, report.table]).toEqual(['cancelled', table]);
  const none = tellerOf({ ...broken, soFar: nothing });
  await expect(none.teller.afterwards(file, WHOLE_SOUND, () => {}, going())).rejects.toMatchObject({
    name: 'DamagedFile',
  });
});

test('an abort is told to the worker, whose answer counts', async () => {
  const controller = new AbortController();
  let answer: (report: VoiceReport) => void = () => {};
  const { teller, calls } = tellerOf({ hear: () => new Promise((resolve) => (answer = resolve)) });
  const { report } = teller.beside(() => {}, controller.signal);
  await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort();
  expect(calls).toContain('cancel');
  answer({ outcome: 'cancelled', table, spentMs: 1 });
  expect((await report).outcome).toBe('cancelled');
  const late = teller.beside(() => {}, controller.signal);
  await expect(late.report).rejects.toMatchObject({ name: ABORTED });
});

test('an ended worker is started anew', async () => {
  const { teller, calls } = tellerOf({});
  await teller.afterwards(file, WHOLE_SOUND, () => {}, going());
  expect(teller.awake).toBe(true);
  teller.end();
  expect(teller.awake).toBe(false);
  await teller.afterwards(file, WHOLE_SOUND, () => {}, going());
  expect(calls.filter((call) => call === 'worker')).toHaveLength(2);
});

test('what is done with labelled cues is a task of its own: thousands of them are put together in the one before', async () => {
  const { teller } = tellerOf({});
  const order: string[] = [];
  const labelled = teller
    .label<Cue & { id: string }>([{ id: '0-0', start: 0, end: 1, text: 'words' }], [{ start: 0, end: 1, speaker: '1' }])
    .then(([cue]) => order.push(`labelled ${cue.speaker}`));
  // What was asked before all this is answered first.
  setTimeout(() => order.push('another task'));
  await labelled;
  expect(order).toEqual(['another task', 'labelled 1']);
});
