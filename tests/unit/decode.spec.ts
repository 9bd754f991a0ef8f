/** The decoder loop on a forged model: rows that leave a batch, tensors that must come back, errors, stops, languages. */
import { expect, test } from 'playwright/test';
import { flushGpuBuffers } from '../../workers/whisper/cache.ts';
import { detectLanguages } from '../../workers/whisper/decode.ts';
import { warmUp } from '../../workers/whisper/warm-up.ts';
import { decode, prompt, sampledOf, scripted, undecided } from './forged-decode.ts';
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
  type Asked,
} from './forged-model.ts';
import { randomFrom } from './random.ts';

const scripts: Record<number, number[]> = {
  1: [time(0), 1, 2, 3, time(20), time(20), 4, time(50)],
  2: [time(0), 5, time(10)],
  3: [time(2), 6, 7, 8, 9, 10, 11, 12, 13, time(50)],
  4: [time(0), 14, time(40)],
};
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
  await flushGpuBuffers(forged.model);
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
  const guesses = await detectLanguages(forged.model, hidden, 2);
  const sure = Math.E / (Math.E + 1);
  expect(guesses[0].languages.get('en')).toBeCloseTo(sure, 6);
  expect(guesses[1].languages.get('de')).toBeCloseTo(sure, 6);
  const all = Math.exp(2) + Math.exp(1) + 2 * Math.exp(4);
  expect(guesses[0].noSpeechProbability).toBeCloseTo(Math.exp(4) / all, 6);
  expect(forged.runs).toEqual([{ rows: 2, past: false, ids: [START, START], hiddenFrames: 50 }]);
  hidden.dispose();
  expect(forged.ledger.alive).toBe(0);
});

const german = [START, DE, TRANSCRIBE];

test('the run that takes the prompt in tells the languages: assumed rightly it stays one, wrongly it is one more', async () => {
  const answer = (asked: Asked): Float32Array => {
    // The first window is German; in a prompt of another language it says something else.
    if (asked.tokens.at(-1) === START)
      return logitsOf(asked.window === 1 ? { [DE]: 3, [EN]: 1 } : { [EN]: 3, [DE]: 1 });
    const wrong = asked.window === 1 && asked.tokens.includes(EN);
    return wrong
      ? logitsOf({ [[time(0), 30, time(10)][sampledOf(asked).length] ?? END]: 9 })
      : scripted(scripts)(asked);
  };
  const told: string[][] = [];
  const heard = async (windows: number[], wanted: number[][]) => {
    const forged = forgedModel(answer);
    const rows = await decode(forged, windows, {
      onLanguages: (guesses) => {
        told.push(guesses.map(({ languages }) => [...languages].sort((one, other) => other[1] - one[1])[0][0]));
        return wanted;
      },
    });
    return { rows, prefills: forged.runs.filter((run) => !run.past).map((run) => run.ids) };
  };
  const right = await heard([2, 3], [prompt, prompt]);
  expect(right.prefills).toEqual([[...prompt, ...prompt]]);
  expect(right.rows.map((row) => row.tokens)).toEqual([scripts[2], scripts[3]]);
  const wrong = await heard([1, 2], [german, prompt]);
  expect(wrong.prefills).toEqual([
    [...prompt, ...prompt],
    [...german, ...prompt],
  ]);
  expect(wrong.rows.map((row) => row.tokens)).toEqual([scripts[1], scripts[2]]);
  // Asked once a batch, whatever the answer was.
  expect(told).toEqual([
    ['en', 'en'],
    ['de', 'en'],
  ]);
  const [afresh] = await decode(forgedModel(answer), [1], { prompts: [german] });
  expect(wrong.rows[0]).toEqual(afresh);
});

test('an error while the prompt is taken in again frees everything', async () => {
  const forged = forgedModel(scripted(scripts), {
    beforeRun: (run) => {
      if (run === 2) throw new Error('device lost');
    },
  });
  await expect(decode(forged, [1, 2], { onLanguages: () => [german, german] })).rejects.toThrow('device lost');
  expect(forged.ledger.alive).toBe(0);
});

test('each token has its log-probability, and the end has one too', async () => {
  for (const windows of [[1], [1, 2, 3, 4]]) {
    for (const row of await decode(forgedModel(undecided), windows, { stopLoops: false })) {
      expect(row.logProbabilities).toHaveLength(row.tokens.length + (row.ended === 'end' ? 1 : 0));
      const sum = row.logProbabilities.reduce((a, b) => a + b, 0);
      expect(row.averageLogProbability).toBeCloseTo(sum / (row.tokens.length + 1), 9);
      expect(row.forcedFrom).toBeNull();
    }
  }
});
