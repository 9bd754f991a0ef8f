/** What the two networks are given and what they give: Kaldi's filter bank and the powerset of segmentation-3.0. */
import { expect, test } from 'playwright/test';
import { createFbank, FBANK_BINS, fbankFrames, subtractMean } from '../../workers/speakers/fbank.ts';
import { POWERSET, WINDOW_FRAMES } from '../../workers/speakers/powerset.ts';
import { FrameVotes, STEP_FRAMES } from '../../workers/speakers/votes.ts';

/** Two tones, a sweep, an offset and a stretch of digital silence: 0.1 s at 16 kHz. */
function sound(): Float32Array {
  return Float32Array.from({ length: 1600 }, (_, i) => {
    if (i >= 800 && i < 1200) return 0;
    const tone = (hertz: number) => Math.sin((2 * Math.PI * hertz * i) / 16000);
    return 0.3 * tone(220) + 0.1 * tone(3100) + 0.02 + 0.05 * tone(100 + 2 * i);
  });
}

/** Every eighth bin by kaldi-native-fbank 1.22.3 (80 bins from 20 Hz, Povey window, snip-edges, no dither), by frame. */
const KALDI: Record<number, number[]> = {
  0: [-5.8603, 1.2414, -3.2151, -0.9285, -0.9504, -8.9657, -11.1244, -8.3629, -15.9424, -15.9424],
  4: [-5.2811, -0.3944, -4.009, -5.965, -6.9474, -4.0664, -1.3878, 1.0038, -1.7419, -2.5169],
  6: [-4.7396, -0.2813, -3.9071, -5.5233, -7.4668, -5.0197, -2.0272, -0.4746, -1.6053, -1.2802],
  7: [-5.196, 1.3112, -5.5254, -7.0304, -8.5598, -6.5309, -3.6055, -2.0615, -2.9905, -0.4699],
};

test('the filter bank is the one of Kaldi', () => {
  const rows = createFbank()(sound());
  expect(rows.length).toBe(8 * FBANK_BINS);
  for (const [frame, values] of Object.entries(KALDI))
    for (const [i, value] of values.entries())
      expect(Math.abs(rows[Number(frame) * FBANK_BINS + 8 * i] - value), `frame ${frame}, bin ${8 * i}`).toBeLessThan(
        2e-3,
      );
});

test('only frames that lie wholly inside the sound count', () => {
  expect([0, 399, 400, 559, 560, 16000].map(fbankFrames)).toEqual([0, 0, 1, 1, 2, 98]);
  expect(createFbank()(new Float32Array(100)).length).toBe(0);
});

test('digital silence has the floor in each bin and no NaN', () => {
  const rows = createFbank()(new Float32Array(400));
  expect([...new Set(rows)]).toEqual([Math.fround(Math.log(1.1920928955078125e-7))]);
});

test('without its mean a bin sums to nothing', () => {
  const rows = subtractMean(createFbank()(sound()));
  for (let bin = 0; bin < FBANK_BINS; bin++) {
    let sum = 0;
    for (let t = 0; t < 8; t++) sum += rows[t * FBANK_BINS + bin];
    expect(Math.abs(sum)).toBeLessThan(1e-4);
  }
});

test('each logit stands for its own set of speakers, never for all three', () => {
  expect([...POWERSET].map((set) => [0, 1, 2].filter((speaker) => set & (1 << speaker)))).toEqual([
    [],
    [0],
    [1],
    [2],
    [0, 1],
    [0, 2],
    [1, 2],
  ]);
  // Eighty frames of each set in turn, as sure as can be.
  const logits = new Float32Array(WINDOW_FRAMES * POWERSET.length).fill(-20);
  for (let t = 0; t < WINDOW_FRAMES; t++) logits[t * POWERSET.length + Math.min(6, Math.floor(t / 80))] = 0;
  const votes = new FrameVotes();
  const [first, rest] = [votes.add(logits), votes.rest()];
  expect([first.first, first.speech.length, rest.first]).toEqual([0, STEP_FRAMES, STEP_FRAMES]);
  const all = (one: 'speech' | 'overlap' | 'change') => [...first[one], ...rest[one]];
  for (let c = 0; c < 7; c++) {
    const middle = c * 80 + 40;
    expect(all('speech')[middle], `speech of set ${c}`).toBeCloseTo(c === 0 ? 0 : 1, 4);
    expect(all('overlap')[middle], `overlap of set ${c}`).toBeCloseTo(c < 4 ? 0 : 1, 4);
  }
  // From one speaker to another the voice changes wholly, from one pair to another that shares a speaker by half.
  expect(all('change')[160]).toBeCloseTo(1, 4);
  expect(all('change')[400]).toBeCloseTo(0.5, 4);
  expect(all('change')[200]).toBeCloseTo(0, 4);
});

test('a frame is the mean of all windows that heard it', () => {
  const sure = (set: number) => {
    const logits = new Float32Array(WINDOW_FRAMES * POWERSET.length).fill(-20);
    for (let t = 0; t < WINDOW_FRAMES; t++) logits[t * POWERSET.length + set] = 0;
    return logits;
  };
  const votes = new FrameVotes();
  const parts = [sure(1), sure(1), sure(0)].map((logits) => votes.add(logits));
  expect(parts.map(({ speech }) => Number(speech[60].toFixed(3)))).toEqual([1, 1, 0.667]);
  const { first, speech } = votes.rest();
  expect(first).toBe(3 * STEP_FRAMES);
  // Frames of the first window end 139 behind that, of the second 289.
  expect([0, 138, 139, 288, 289].map((t) => Number(speech[t].toFixed(3)))).toEqual([0.667, 0.667, 0.5, 0.5, 0]);
});
