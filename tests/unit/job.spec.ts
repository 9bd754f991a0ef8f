/** A job on a forged model: the order of the windows, stops, faults, and what is prepared ahead. */
import { expect, test } from 'playwright/test';
import { PcmSource } from '../../workers/hearing/pcm-source.ts';
import type { JobEvent, PcmMessage, PcmRequest } from '../../workers/protocol.ts';
import { scripted } from './forged-decode.ts';
import { en, forge, hear, RATE, soundOf, spoken, texts } from './forged-job.ts';
import { DE, EN, PREVIOUS, START, TRANSCRIBE, TRANSLATE } from './forged-model.ts';

test('a job gives every window once, in order, at its time, for any batch', async () => {
  const expected = Array.from({ length: 10 }, (_, k) => `w${k} w${k + 10}`);
  for (const batch of [1, 2, 3, 4, 8]) {
    const forged = forge(scripted(spoken(10)));
    const run = await hear(forged, 10, {}, { batch });
    expect(texts(run)).toEqual(expected);
    expect(run.windows.map((window) => window.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(run.windows.map((window) => [window.cues[0].start, window.cues[0].end])).toEqual(
      expected.map((_, k) => [k, k + 1]),
    );
    expect(run.report).toMatchObject({
      outcome: 'done',
      doneSample: 10 * RATE,
      audioSeconds: 10,
      windows: 10,
      cues: 10,
      encoderPasses: 10,
      cpuRetries: 0,
      language: 'en',
    });
    expect(forged.encoded).toBe(10);
    // The first words do not wait for a batch.
    expect(forged.runs.slice(0, 5).every((run) => run.rows === 1)).toBe(true);
  }
});

test('a stop in the middle of a batch is a cancel: finished windows stay, the rest is not half there', async () => {
  const forged = forge(scripted(spoken(12)));
  // Five runs a group: windows 0, then 1 and 2, then 3 to 6, whose third run is the thirteenth.
  const run = await hear(forged, 12, en, { batch: 4, stopped: () => forged.runs.length >= 13 });
  expect(forged.runs).toHaveLength(13);
  expect(forged.runs[12].rows).toBe(4);
  expect(texts(run)).toEqual(['w0 w10', 'w1 w11', 'w2 w12']);
  expect(run.report).toMatchObject({ outcome: 'cancelled', doneSample: 3 * RATE, windows: 3, cues: 3 });
});

test('a stop while the sound is awaited is a cancel too, and what breaks by it is no fault', async () => {
  let stopped = false;
  const flush = (): Promise<never> => Promise.reject(new Error('session released'));
  // The person stops while speech is looked for, and the session it needs is gone.
  const run = await hear(forge(scripted({})), 0, en, {
    stopped: () => stopped,
    flush: () => {
      stopped = true;
      return flush();
    },
  });
  expect(run.report).toMatchObject({ outcome: 'cancelled', windows: 0 });
  await expect(hear(forge(scripted({})), 0, en, { flush })).rejects.toThrow('session released');
  // Windows found before the fault are told first.
  const told: number[] = [];
  const onEvent = (event: JobEvent): void => void (event.type === 'window' && told.push(event.window.index));
  await expect(hear(forge(scripted(spoken(3))), 3, en, { flush, onEvent })).rejects.toThrow('session released');
  expect(told).toEqual([0, 1]);
});

test('an error of the model is an error of the job; windows before it were told', async () => {
  const forged = forge(scripted(spoken(6)), {
    beforeRun: (run) => {
      if (run === 14) throw new Error('device lost');
    },
  });
  const told: number[] = [];
  const onEvent = (event: JobEvent): void => void (event.type === 'window' && told.push(event.window.index));
  await expect(hear(forged, 6, en, { batch: 4, onEvent })).rejects.toThrow('device lost');
  expect(told).toEqual([0, 1, 2]);
});

test('nothing is prepared ahead of the first words on the CPU, where it would keep them waiting', async () => {
  for (const [backend, ahead] of [
    ['cpu', 1],
    ['gpu', 6],
  ] as const) {
    let mels = 0;
    let beforeWords = 0;
    const forged = forge(scripted(spoken(6)), {
      backend,
      beforeRun: async (run) => {
        if (run !== 1) return;
        // The first run takes its time: whoever wants to run ahead can.
        for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
        beforeWords = mels;
      },
    });
    const run = await hear(forged, 6, en, { batch: 4, onMel: () => (mels += 1) });
    expect(beforeWords).toBe(ahead);
    expect(mels).toBe(6);
    expect(run.windows).toHaveLength(6);
  }
});

test('glossary and task stand in the prompt', async () => {
  const forged = forge(scripted(spoken(1)));
  await hear(forged, 1, { language: 'de', task: 'translate', glossary: '  abc ' });
  expect(forged.runs[0].ids).toEqual([PREVIOUS, 0, 1, 2, START, DE, TRANSLATE]);
  const long = forge(scripted(spoken(1)));
  await hear(long, 1, { ...en, glossary: 'z'.repeat(100) + 'b' });
  // At most half the positions less one, its end counts (decoding.py, _get_initial_tokens).
  expect(long.runs[0].ids).toEqual([PREVIOUS, ...Array<number>(30).fill(25), 1, START, EN, TRANSCRIBE]);
});

test('a fault of the media worker ends the job by its name, after the windows before it', async () => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<PcmRequest>) => {
    if (data.type !== 'begin') return;
    const say = (message: PcmMessage): void => port1.postMessage(message);
    say({ type: 'pcm', start: 0, samples: soundOf(0) });
    say({ type: 'fault', name: 'DamagedFile', message: 'packet 7' });
  };
  const source = new PcmSource(port2, RATE, 0);
  expect(await source.next(() => false)).toHaveLength(RATE);
  await expect(source.next(() => false)).rejects.toMatchObject({ name: 'DamagedFile', message: 'packet 7' });
  source.stop();
  port1.close();
});
