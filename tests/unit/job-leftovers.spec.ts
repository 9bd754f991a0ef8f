/** Speech that was detected and not written, in a job on a forged model: heard again once, or marked. */
import { expect, test } from 'playwright/test';
import { INAUDIBLE } from '../../workers/hearing/hear.ts';
import type { Cue } from '../../workers/protocol.ts';
import { atStart, sampledOf, scripted } from './forged-decode.ts';
import { AGAIN, en, forge, hear, texts, windowOrAgain } from './forged-job.ts';
import { EN, END, forgedText, logitsOf, NO_SPEECH, time, type Asked, type Forged } from './forged-model.ts';

/** Seconds of a window, in steps of 0.2 s. */
const SECONDS = 10;
const at = (seconds: number): number => time(Math.round(5 * seconds));
const ofTen = (scripts: Record<number, number[]>): Forged =>
  forge(scripted(scripts), { seconds: SECONDS, window: windowOrAgain });
/** A word that is nothing when it is read. */
const BLANK = 39;
const blankText = {
  ...forgedText,
  decode: (ids: readonly number[]) => forgedText.decode(ids.filter((id) => id !== BLANK)),
};

const inOrder = (cues: readonly Cue[]): boolean =>
  cues.every((cue, i) => cue.start <= cue.end && (i === 0 || cues[i - 1].end <= cue.start));

test('speech behind the last sentence that only gives unlikely words is heard again as a window of its own, once', async () => {
  // What it is made to go on with is as likely as anything: it is taken off.
  const forged = ofTen({ 0: [at(0), 1, at(2)], [AGAIN]: [at(0), 7, at(4)] });
  const { windows, report } = await hear(forged, 1, en, {
    speech: [
      { start: 0.5, end: 2 },
      { start: 4, end: 8 },
    ],
  });
  expect(forged.encoded).toBe(2);
  expect(windows[0].cues).toMatchObject([{ text: 'w1' }, { text: 'w7' }]);
  const [, cue] = windows[0].cues;
  expect(cue.start).toBeGreaterThanOrEqual(3.7);
  expect(cue.start).toBeLessThanOrEqual(4);
  expect(cue.end).toBeCloseTo(7.7, 2);
  expect(cue.doubt).toBeUndefined();
  // Its tokens, and what else is told of a window, are those of the first hearing.
  expect(windows[0].tokens).toEqual([at(0), 1, at(2), at(2)]);
  expect(report).toMatchObject({ windows: 1, encoderPasses: 2 });
});

test('where all speech is in cues, where there is none, and without the nets nothing is heard again', async () => {
  const script = { 0: [at(0), 1, at(2)] };
  for (const [speech, safetyNets] of [
    [[{ start: 0.5, end: 2.2 }], true],
    [[], true],
    [undefined, true],
    [
      [
        { start: 0.5, end: 2 },
        { start: 4, end: 8 },
      ],
      false,
    ],
  ] as const) {
    const forged = ofTen(script);
    await hear(forged, 1, en, { safetyNets, ...(speech && { speech }) });
    expect(forged.encoded).toBe(1);
  }
});

test('what is heard again of several windows is heard window by window, for any batch, its cues in order', async () => {
  // The middle of each window is left out.
  const said = (k: number): number[] => [at(0), k, at(3), at(7), k + 10, at(10)];
  const forged = ofTen({
    0: said(0),
    1: said(1),
    2: said(2),
    [AGAIN]: [at(0), 30, at(3)],
    [AGAIN + 1]: [at(0), 31, at(3)],
    [AGAIN + 2]: [at(0), 32, at(3)],
  });
  const speech = [0, 10, 20].flatMap((from) => [
    { start: from, end: from + 3 },
    { start: from + 3.5, end: from + 6.5 },
    { start: from + 7, end: from + 10 },
  ]);
  const run = await hear(forged, 3, en, { batch: 2, speech });
  expect(texts(run)).toEqual(['w0|w30|w10', 'w1|w31|w11', 'w2|w32|w12']);
  expect(forged.encoded).toBe(3 + 3);
  for (const [k, window] of run.windows.entries()) {
    expect(inOrder(window.cues)).toBe(true);
    for (const cue of window.cues) {
      expect(cue.start).toBeGreaterThanOrEqual(10 * k);
      expect(cue.end).toBeLessThanOrEqual(10 * k + 10);
    }
  }
});

test('what stays empty is marked, at the times of the speech', async () => {
  const forged = ofTen({ 0: [at(0), 1, at(2)], [AGAIN]: [at(0), BLANK, at(4.4)] });
  forged.model.text = blankText;
  const speech = [
    { start: 0.5, end: 2 },
    { start: 4, end: 8 },
    { start: 8.5, end: 9.2 },
  ];
  const { windows } = await hear(forged, 1, en, { speech });
  expect(windows[0].cues).toEqual([
    { start: 0.4, end: 2, text: 'w1' },
    { start: 4, end: 9.2, text: INAUDIBLE, doubt: 'unheard' },
  ]);
  expect(forged.encoded).toBe(2);
});

test('a window that gives nothing at all is marked where there was speech', async () => {
  const forged = ofTen({ 0: [at(0), BLANK, at(10)], [AGAIN]: [at(0), BLANK, at(10)] });
  forged.model.text = blankText;
  const { windows } = await hear(forged, 1, en, {
    speech: [
      { start: 1, end: 3 },
      { start: 6, end: 7.5 },
    ],
  });
  expect(windows[0].cues.map(({ start, end, text }) => [start, end, text])).toEqual([
    [1, 3, INAUDIBLE],
    [6, 7.5, INAUDIBLE],
  ]);
});

test('of a text without room for its end the rest is heard again from its last time', async () => {
  const many = Array.from({ length: 40 }, (_, i) => (i * 7) % 38);
  const script = { 0: [at(0), 1, 2, at(2), at(2), ...many], [AGAIN]: [at(0), 7, at(7.6)] };
  const forged = ofTen(script);
  const { windows } = await hear(forged, 1, en, { speech: [{ start: 0, end: 9.5 }] });
  expect(windows[0].cues.map((cue) => cue.text)).toEqual(['w1 w2', 'w7']);
  // A frame of the log-mel that begins inside the first cue ends that.
  expect(windows[0].cues[0].end).toBeCloseTo(2, 1);
  expect(windows[0].cues[1].start).toBeCloseTo(2, 1);
  expect(inOrder(windows[0].cues)).toBe(true);
  expect(forged.encoded).toBe(2);
  // Nothing is thrown away where nobody would hear it again: without detection, and with hardly any speech behind.
  for (const speech of [undefined, [{ start: 0, end: 3 }]]) {
    const whole = ofTen(script);
    const run = await hear(whole, 1, en, speech ? { speech } : {});
    expect(run.windows[0].tokens).toHaveLength(32);
    expect(whole.encoded).toBe(1);
  }
  // What runs out of room again stays as it is.
  const twice = ofTen({ ...script, [AGAIN]: [at(0), 7, at(1), at(1), ...many] });
  const run = await hear(twice, 1, en, { speech: [{ start: 0, end: 9.5 }] });
  expect(twice.encoded).toBe(2);
  expect(run.windows[0].cues.map((cue) => cue.text).slice(0, 2)).toEqual(['w1 w2', 'w7']);
  expect(run.windows[0].cues).toHaveLength(3);
});

test('a window with sure speech is never emptied as silence', async () => {
  const silent = (asked: Asked): Float32Array => {
    if (atStart(asked)) return logitsOf({ [NO_SPEECH]: 10, [EN]: 5 });
    const next = [at(0), 1, 2, at(10)][sampledOf(asked).length] ?? END;
    return logitsOf({ [next]: 1 }, next < END ? -0.5 : 0);
  };
  for (const [speech, kept] of [
    [undefined, false],
    [[{ start: 1, end: 1.9 }], false],
    [[{ start: 1, end: 2.1 }], true],
  ] as const) {
    const forged = forge(silent, { seconds: SECONDS });
    const run = await hear(forged, 1, en, speech ? { speech } : {});
    expect(run.windows[0].noSpeechProbability).toBeGreaterThan(0.9);
    expect(run.windows[0].averageLogProbability).toBeLessThan(-1);
    expect(run.windows[0].cues.length > 0, `${kept}`).toBe(kept);
    if (kept) expect(texts(run)[0]).toContain('w1 w2');
    if (kept) expect(run.windows[0].cues.every((cue) => cue.doubt !== undefined)).toBe(true);
  }
});
