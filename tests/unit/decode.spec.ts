/**
 * The decoder loop and the job around it on a forged model: rows that leave a batch, tensors that must come back, the
 * safety nets, languages, the glossary and the CPU that takes over.
 */
import { expect, test } from 'playwright/test';
import { runJob, type JobContext } from '../../workers/job.ts';
import { upTo } from '../../workers/whisper/batch.ts';
import { settle } from '../../workers/whisper/cache.ts';
import { warmUp } from '../../workers/whisper/warm-up.ts';
import { PcmSource } from '../../workers/pcm-source.ts';
import {
  DEFAULT_JOB,
  type JobEvent,
  type JobReport,
  type JobRequest,
  type MelShape,
  type PcmMessage,
  type PcmRequest,
  type WindowResult,
} from '../../workers/protocol.ts';
import type { SpeechFinder } from '../../workers/speech/speech.ts';
import { createLogMel, melFrames } from '../../workers/whisper/mel.ts';
import { decodeBatch, detectLanguages, type DecodedRow, type DecodeOptions } from '../../workers/whisper/decode.ts';
import {
  DE,
  EN,
  END,
  forgedModel,
  logitsOf,
  NO_SPEECH,
  PREVIOUS,
  START,
  time,
  TRANSCRIBE,
  TRANSLATE,
  VOCABULARY,
  type Asked,
  type Forged,
} from './forged-model.ts';
import { randomFrom } from './random.ts';

/** Tokens after the prompt. */
const sampledOf = ({ tokens }: Asked): number[] =>
  tokens.slice(tokens.findLastIndex((id) => id === TRANSCRIBE || id === TRANSLATE) + 1);
const atStart = ({ tokens }: Asked): boolean => tokens.at(-1) === START;

/** Says what is written for each window, and then that it is the end. English, speech. */
function scripted(scripts: Record<number, readonly number[]>, sureness = 10): (asked: Asked) => Float32Array {
  return (asked) => {
    if (atStart(asked)) return logitsOf({ [EN]: 10, [DE]: 2 });
    return logitsOf({ [scripts[asked.window]?.[sampledOf(asked).length] ?? END]: sureness });
  };
}

const scripts: Record<number, number[]> = {
  1: [time(0), 1, 2, 3, time(20), time(20), 4, time(50)],
  2: [time(0), 5, time(10)],
  3: [time(2), 6, 7, 8, 9, 10, 11, 12, 13, time(50)],
  4: [time(0), 14, time(40)],
};
const prompt = [START, EN, TRANSCRIBE];
const plain = { temperature: 0, stopLoops: true, stopped: () => false };

/** Decodes windows as one batch; everything the batch made must be gone after it. */
async function decode(forged: Forged, windows: number[], options: Partial<DecodeOptions> = {}): Promise<DecodedRow[]> {
  const { model, ledger } = forged;
  const [positions, width] = [model.sourcePositions, model.width];
  const values = Float32Array.from(windows.flatMap((one) => Array<number>(positions * width).fill(one)));
  const hidden = ledger.give(values, [windows.length, positions, width]);
  try {
    const prompts = windows.map(() => prompt);
    return await decodeBatch(model, hidden, { ...plain, prompts, randoms: windows.map(() => () => 0.5), ...options });
  } finally {
    expect(ledger.alive, 'tensors besides the encoder output').toBe(1);
    hidden.dispose();
  }
}

test('rows that finish at different steps say what they say alone', async () => {
  const forged = forgedModel(scripted(scripts));
  const together = await decode(forged, [1, 2, 3, 4]);
  for (const [row, window] of [1, 2, 3, 4].entries()) {
    expect(together[row].tokens).toEqual(scripts[window]);
    expect(together[row]).toEqual((await decode(forgedModel(scripted(scripts)), [window]))[0]);
  }
  expect(forged.runs.map((run) => run.rows)).toEqual([4, 4, 4, 4, 2, 2, 2, 2, 2, 1, 1]);
  // Only the first run sees the encoder output; after it one frame stands in for it.
  expect(forged.runs.map((run) => run.hiddenFrames)).toEqual([50, ...Array<number>(10).fill(1)]);
  expect(forged.runs.map((run) => run.past)).toEqual([false, ...Array<boolean>(10).fill(true)]);
});

test('warming up is one encoder pass and four runs of the decoder, and leaves nothing', async () => {
  const forged = forgedModel(scripted({ 0: Array.from({ length: 20 }, (_, i) => (i === 0 ? time(0) : 3)) }));
  await warmUp(forged.model);
  expect(forged.runs.map((run) => run.past)).toEqual([false, true, true, true]);
  expect(forged.ledger.freed).toBe(forged.ledger.made);
  await settle(forged.model);
  expect(forged.runs.at(-1)).toMatchObject({ past: false, ids: [START], hiddenFrames: 1 });
  expect(forged.ledger.freed).toBe(forged.ledger.made);
});

test('batches of any windows in any order say what the windows say alone', async () => {
  const random = randomFrom(1);
  for (let round = 0; round < 100; round++) {
    const many = Object.fromEntries(
      Array.from({ length: 9 }, (_, window) => {
        const words = Array.from({ length: random.whole(1, 12) }, () => random.whole(0, 39));
        return [window, [time(0), ...words, time(random.whole(1, 50))]];
      }),
    );
    const windows = Array.from({ length: random.whole(1, 8) }, () => random.whole(0, 8));
    const rows = await decode(forgedModel(scripted(many)), windows, { stopLoops: false });
    expect(rows.map((row) => row.tokens)).toEqual(windows.map((window) => many[window]));
  }
});

/** Undecided logits, different for every window and position: what is drawn depends on the draw. */
const undecided = (asked: Asked): Float32Array => {
  const random = randomFrom(asked.window * 1000 + asked.position);
  return Float32Array.from({ length: VOCABULARY }, () => random.normal());
};

test('what is drawn at a temperature does not depend on the batch', async () => {
  const windows = [1, 2, 3, 4];
  const randoms = (some: number[]): (() => number)[] => some.map((window) => randomFrom(window).next);
  const together = await decode(forgedModel(undecided), windows, { temperature: 0.8, randoms: randoms(windows) });
  for (const [row, window] of windows.entries()) {
    const alone = await decode(forgedModel(undecided), [window], { temperature: 0.8, randoms: randoms([window]) });
    expect(together[row]).toEqual(alone[0]);
  }
});

test('the mean log-probability is over the tokens and the end, no speech is asked at the start of the transcript', async () => {
  const answer = (asked: Asked): Float32Array => {
    const { position } = asked;
    // Behind a glossary of three tokens the start stands at position 3.
    if (position === 3) return logitsOf({ [NO_SPEECH]: Math.log(0.3), [EN]: Math.log(0.7) }, -Infinity);
    const next = [time(0), 7, time(30)][sampledOf(asked).length] ?? END;
    // 0.8 for the token said, the rest for one that no rule bans there.
    return logitsOf({ [next]: Math.log(0.8), [next >= END ? time(49) : 8]: Math.log(0.2) }, -Infinity);
  };
  const glossed = [PREVIOUS, 0, 1, START, EN, TRANSCRIBE];
  const [row] = await decode(forgedModel(answer), [1], { prompts: [glossed] });
  expect(row.tokens).toEqual([time(0), 7, time(30)]);
  expect(row.noSpeechProbability).toBeCloseTo(0.3, 6);
  expect(row.averageLogProbability).toBeCloseTo(Math.log(0.8), 6);
  expect(row.ended).toBe('end');
});

test('a row that never ends stops at half the positions, one that repeats itself long before', async () => {
  const endless = {
    1: [time(0), ...Array.from({ length: 60 }, (_, i) => (i * 7) % 39)],
    2: [time(0), ...Array<number>(60).fill(3)],
  };
  const rows = await decode(forgedModel(scripted(endless)), [1, 2]);
  expect(rows.map((row) => row.ended)).toEqual(['length', 'loop']);
  expect(rows[0].tokens).toEqual(endless[1].slice(0, 32));
  expect(rows[1].tokens).toHaveLength(19);
  const unwatched = await decode(forgedModel(scripted(endless)), [2], { stopLoops: false });
  expect(unwatched[0].ended).toBe('length');
});

test('a long prompt leaves the positions that are there', async () => {
  const long = [PREVIOUS, ...Array<number>(40).fill(0), START, EN, TRANSCRIBE];
  const endless = { 1: [time(0), ...Array.from({ length: 60 }, (_, i) => (i * 7) % 39)] };
  const forged = forgedModel(scripted(endless));
  const [row] = await decode(forged, [1], { prompts: [long] });
  expect(row.ended).toBe('length');
  expect(long.length + row.tokens.length).toBeLessThanOrEqual(forged.model.targetPositions);
});

test('an error at any run frees everything', async () => {
  for (let broken = 1; broken <= 8; broken++) {
    const forged = forgedModel(scripted(scripts), {
      beforeRun: (run) => {
        if (run === broken) throw new Error('device lost');
      },
    });
    // `decode` counts the tensors whether it throws or not.
    await expect(decode(forged, [1, 2, 3])).rejects.toThrow('device lost');
    expect(forged.ledger.alive).toBe(0);
  }
});

test('a stop ends the loop between two steps, keeps what rows have, and frees everything', async () => {
  for (const at of [1, 3, 5]) {
    const forged = forgedModel(scripted(scripts));
    const rows = await decode(forged, [1, 2, 3], { stopped: () => forged.runs.length >= at });
    expect(forged.runs).toHaveLength(at);
    expect(rows[0]).toMatchObject({ ended: 'stopped', tokens: scripts[1].slice(0, at) });
    expect(rows[1].ended).toBe(at < 4 ? 'stopped' : 'end');
  }
});

test('languages are told by one step over the language tokens only', async () => {
  const forged = forgedModel(({ window }) =>
    logitsOf({ [window === 1 ? EN : DE]: 2, [window === 1 ? DE : EN]: 1, [NO_SPEECH]: 4, 5: 4 }, -Infinity),
  );
  const hidden = forged.ledger.give(
    Float32Array.of(...Array<number>(200).fill(1), ...Array<number>(200).fill(2)),
    [2, 50, 4],
  );
  const { guesses, begun } = await detectLanguages(forged.model, hidden, 2, false);
  expect(begun).toBeNull();
  const sure = Math.E / (Math.E + 1);
  expect(guesses[0].languages.get('en')).toBeCloseTo(sure, 6);
  expect(guesses[1].languages.get('de')).toBeCloseTo(sure, 6);
  const all = Math.exp(2) + Math.exp(1) + 2 * Math.exp(4);
  expect(guesses[0].noSpeechProbability).toBeCloseTo(Math.exp(4) / all, 6);
  expect(forged.runs).toEqual([{ rows: 2, past: false, ids: [START, START], hiddenFrames: 50 }]);
  hidden.dispose();
  expect(forged.ledger.alive).toBe(0);
});

test('what was begun to tell the language is gone on with: the same rows, the cross-attention made once', async () => {
  for (const stopAfter of [Infinity, 0, 2]) {
    const afresh = await decode(forgedModel(scripted(scripts)), [1, 2, 3]);
    const forged = forgedModel(scripted(scripts));
    const values = Float32Array.from([1, 2, 3].flatMap((one) => Array<number>(200).fill(one)));
    const hidden = forged.ledger.give(values, [3, 50, 4]);
    const { begun } = await detectLanguages(forged.model, hidden, 3, true);
    let steps = 0;
    const rows = await decodeBatch(forged.model, hidden, {
      ...plain,
      prompts: [prompt, prompt, prompt],
      randoms: [() => 0.5, () => 0.5, () => 0.5],
      begun,
      onStep: () => (steps += 1),
      stopped: () => steps - 2 >= stopAfter,
    });
    expect(forged.runs.filter((run) => !run.past)).toHaveLength(1);
    if (stopAfter === Infinity) expect(rows).toEqual(afresh);
    else expect(rows[0].tokens).toEqual(scripts[1].slice(0, stopAfter + 1));
    expect(forged.ledger.alive, 'tensors besides the encoder output').toBe(1);
    hidden.dispose();
  }
});

const RATE = 16000;

/** A second of sound that tells the forged encoder which window it is: each is half as loud as the one before. */
function secondOf(window: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: RATE }, (_, i) => 0.9 * 0.5 ** window * Math.sin((2 * Math.PI * 1000 * i) / RATE));
}

function melOf(samples: Float32Array, shape: MelShape): Float32Array<ArrayBuffer> {
  const mel = new Float32Array(shape.bins * melFrames(shape));
  createLogMel(shape).run(samples, mel);
  return mel;
}

const loudest = (mel: Float32Array): number => mel.reduce((a, b) => Math.max(a, b));
const reference = melOf(secondOf(0), forgedModel(() => logitsOf({})).model.mel);
/** Half the amplitude is a quarter of the power, and the log-mel is a quarter of its logarithm. */
const windowOfMel = (mel: Float32Array): number =>
  Math.round((loudest(reference) - loudest(mel)) / (Math.log10(4) / 4));

type Run = { report: JobReport; windows: WindowResult[]; events: JobEvent[] };

/** A file of so many seconds, each a window of its own, through the job. */
async function hear(
  forged: Forged,
  seconds: number,
  request: Partial<JobRequest> = {},
  {
    batch = 1,
    twin,
    onEvent = () => undefined,
    onMel = () => undefined,
    stopped = () => false,
    flush = () => Promise.resolve([]),
  }: {
    batch?: number;
    twin?: Forged;
    onEvent?: (event: JobEvent) => void;
    onMel?: () => void;
    stopped?: () => boolean;
    flush?: SpeechFinder['flush'];
  } = {},
): Promise<Run> {
  const { port1, port2 } = new MessageChannel();
  let sent = 0;
  port1.onmessage = ({ data }: MessageEvent<PcmRequest>) => {
    const say = (message: PcmMessage): void => port1.postMessage(message);
    if (data.type === 'mel') {
      onMel();
      say({ type: 'mel', id: data.id, mel: melOf(data.samples, data.shape), ms: 1 });
    }
    if (data.type !== 'pull') return;
    for (let i = 0; i < data.blocks && sent < seconds; i++, sent++) {
      say({ type: 'pcm', start: sent * RATE, samples: secondOf(sent) });
    }
    if (sent === seconds) say({ type: 'end', totalSamples: seconds * RATE, decodeMs: 1, truncated: false });
  };
  const source = new PcmSource(port2, RATE, 0);
  let at = 0;
  const events: JobEvent[] = [];
  const context: JobContext = {
    model: forged.model,
    request: { ...DEFAULT_JOB, ...request },
    source,
    finder: {
      push: (block) => {
        const start = at;
        at += block.length;
        return Promise.resolve([{ start, end: at }]);
      },
      flush,
      get neededFrom() {
        return at;
      },
      spentMs: 0,
    },
    batch: upTo(batch),
    cpuTwin: twin ? () => Promise.resolve(twin.model) : null,
    stopped,
    emit: (event) => {
      events.push(event);
      onEvent(event);
    },
    stages: { mediaMs: 0, speechMs: 0, melMs: 0, encodeMs: 0, decodeMs: 0, wordsMs: 0 },
    counts: { tokens: 0, encoderPasses: 0, decoderSteps: 0, doneSeconds: 0, wallMs: 0 },
  };
  try {
    const report = await runJob(context);
    return { report, events, windows: events.flatMap((event) => (event.type === 'window' ? [event.window] : [])) };
  } finally {
    source.stop();
    port1.close();
    expect(forged.ledger.alive, 'tensors after the job').toBe(0);
    if (twin) expect(twin.ledger.alive, 'tensors of the CPU after the job').toBe(0);
  }
}

const spoken = (windows: number): Record<number, number[]> =>
  Object.fromEntries(Array.from({ length: windows }, (_, k) => [k, [time(0), k, k + 10, time(50)]]));
const forge = (answer: (asked: Asked) => Float32Array, backend: 'cpu' | 'gpu' = 'cpu'): Forged =>
  forgedModel(answer, { backend, window: windowOfMel });
const texts = ({ windows }: Run): string[] => windows.map((window) => window.cues.map((cue) => cue.text).join('|'));
const en = { language: 'en' } as const;

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
    expect(forged.runs.slice(0, 6).every((run) => run.rows === 1)).toBe(true);
  }
});

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
  await hear(bare, 4, { ...en, safetyNets: false }, { batch: 4 });
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
  const run = await hear(forge(answer), 3, en);
  expect(run.windows[0].averageLogProbability).toBeLessThan(-1);
  expect(run.windows[0].cues[0].doubt).toBe('low-probability');
  expect(run.windows[1].cues).toEqual([]);
  expect(run.windows[1].noSpeechProbability).toBeGreaterThan(0.9);
  expect(run.windows[2].cues[0]).toMatchObject({ text: 'w2 w12', doubt: 'maybe-no-speech' });
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
  const forged = forgedModel(scripted(spoken(6)), {
    window: windowOfMel,
    beforeRun: (run) => {
      if (run === 14) throw new Error('device lost');
    },
  });
  const told: number[] = [];
  const onEvent = (event: JobEvent): void => void (event.type === 'window' && told.push(event.window.index));
  await expect(hear(forged, 6, en, { batch: 4, onEvent })).rejects.toThrow('device lost');
  expect(told).toEqual([0, 1, 2]);
});

test('the language is pooled over the first windows, the same for any batch, and the choice wins', async () => {
  // Two windows lean to German, the others clearly are English.
  const answer = (asked: Asked): Float32Array => {
    if (atStart(asked)) return logitsOf(asked.window < 2 ? { [DE]: 0.2, [EN]: 0 } : { [EN]: 4, [DE]: 0 });
    return scripted(spoken(8))(asked);
  };
  const runs = [];
  for (const batch of [1, 4]) {
    const forged = forge(answer);
    const run = await hear(forged, 8, {}, { batch });
    expect(run.windows.map((window) => window.language)).toEqual(['de', 'de', 'en', 'en', 'en', 'en', 'en', 'en']);
    expect(run.report.language).toBe('en');
    runs.push(run.windows);
    // Prompts carry the language they were heard in.
    const fed = forged.runs.flatMap((one) => one.ids);
    expect(fed.filter((id) => id === DE)).toHaveLength(2);
    expect(fed.filter((id) => id === EN)).toHaveLength(6);
  }
  expect(runs[0]).toEqual(runs[1]);
  const chosen = forge(answer);
  const german = await hear(chosen, 2, { language: 'de' });
  expect(german.windows.map((one) => [one.language, one.languageProbability])).toEqual([
    ['de', 1],
    ['de', 1],
  ]);
  expect(chosen.runs.filter((one) => !one.past).map((one) => one.ids)).toEqual([
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

test('nothing is prepared ahead of the first words on the CPU, where it would keep them waiting', async () => {
  for (const [backend, ahead] of [
    ['cpu', 1],
    ['gpu', 6],
  ] as const) {
    let mels = 0;
    let beforeWords = 0;
    const forged = forgedModel(scripted(spoken(6)), {
      backend,
      window: windowOfMel,
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

test('words behind the end of the sound are kept, and doubted', async () => {
  const run = await hear(forge(scripted({ 0: [time(0), 1, 2, time(40), time(50), 3] })), 1, en);
  expect(run.windows[0].cues).toEqual([
    { start: 0, end: 0.8, text: 'w1 w2' },
    { start: 1, end: 1, text: 'w3', doubt: 'maybe-no-speech' },
  ]);
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

test('what the GPU cannot have heard right is heard again on the CPU, and counted', async () => {
  const nothing = new Float32Array(VOCABULARY).fill(NaN);
  const gpu = forge((asked) => (asked.window === 1 ? nothing : scripted(spoken(4))(asked)), 'gpu');
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

test('a GPU that gives only NaN leaves the language to the CPU', async () => {
  const nothing = new Float32Array(VOCABULARY).fill(NaN);
  const cpu = forge(scripted(spoken(3)));
  const run = await hear(
    forge(() => nothing, 'gpu'),
    3,
    {},
    { batch: 2, twin: cpu },
  );
  expect(texts(run)).toEqual(['w0 w10', 'w1 w11', 'w2 w12']);
  expect(run.windows.map((window) => window.language)).toEqual(['en', 'en', 'en']);
  expect(run.report.cpuRetries).toBe(3);
});

test('what cannot be right on the CPU either is kept and marked', async () => {
  const same = [time(0), ...Array<number>(12).fill(0), time(50)];
  const run = await hear(forge(scripted({ 0: same })), 1, en);
  expect(run.windows[0].cues[0].doubt).toBeDefined();
  expect(texts(run)[0]).toContain('w0 w0');
  const calm = await hear(forge(scripted({ 0: same })), 1, { ...en, safetyNets: false });
  expect(calm.windows[0].cues[0].doubt).toBeUndefined();
});

test('a fault of the media worker ends the job by its name, after the windows before it', async () => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<PcmRequest>) => {
    if (data.type !== 'begin') return;
    const say = (message: PcmMessage): void => port1.postMessage(message);
    say({ type: 'pcm', start: 0, samples: secondOf(0) });
    say({ type: 'fault', name: 'DamagedFile', message: 'packet 7' });
  };
  const source = new PcmSource(port2, RATE, 0);
  expect(await source.next(() => false)).toHaveLength(RATE);
  await expect(source.next(() => false)).rejects.toMatchObject({ name: 'DamagedFile', message: 'packet 7' });
  source.stop();
  port1.close();
});
