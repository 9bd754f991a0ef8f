/**
 * Speech regions: the hysteresis against a transcription of silero-vad's get_speech_timestamps (utils_vad.py), and
 * `silenceOut` with a model that reads its probability out of the sound itself.
 */
import { expect, test } from 'playwright/test';
import { VAD_FRAME } from '../../workers/speech/frames.ts';
import type { Silero } from '../../workers/speech/silero.ts';
import { everything } from '../../workers/speech/speech.ts';
import { Hysteresis, silenceOut, type SilenceOutState } from '../../workers/speech/vad.ts';
import { createPacker, type PackerState } from '../../workers/speech/windows.ts';
import type { SampleRange } from '../../workers/speech/ranges.ts';
import { find, forgedSilero, joined, QUARTER, Ring, soundOf, told } from './forged-silero.ts';
import { randomFrom, type Random } from './random.ts';

const RATE = 16000;
const WINDOW = 10 * RATE;

/**
 * get_speech_timestamps with threshold 0.5, min_silence_duration_ms 100, speech_pad_ms 0, no longest speech, and
 * min_speech_duration_ms 90 (ours: three frames). One difference, wanted: a region that is still open at the end stops
 * where its last quiet stretch began, not at the end of the sound; the packer's pad brings that back.
 */
function reference(probabilities: ArrayLike<number>): SampleRange[] {
  const threshold = 0.5;
  const negative = threshold - 0.15;
  const minSpeech = (RATE * 90) / 1000;
  const minSilence = (RATE * 100) / 1000;
  const speeches: SampleRange[] = [];
  let triggered = false;
  let start = 0;
  let silence: number | null = null;
  for (let i = 0; i < probabilities.length; i++) {
    const now = VAD_FRAME * i;
    const probability = probabilities[i];
    if (probability >= threshold && silence !== null) silence = null;
    if (probability >= threshold && !triggered) {
      triggered = true;
      start = now;
      continue;
    }
    if (probability < negative && triggered) {
      silence ??= now;
      if (now - silence < minSilence) continue;
      if (silence - start > minSpeech) speeches.push({ start, end: silence });
      triggered = false;
      silence = null;
    }
  }
  const end = silence ?? VAD_FRAME * probabilities.length;
  if (triggered && end - start > minSpeech) speeches.push({ start, end });
  return speeches.map((one) => ({ start: one.start / VAD_FRAME, end: one.end / VAD_FRAME }));
}

/** Probabilities that change slowly, quickly, or sit on the thresholds. */
function randomProbabilities(random: Random, frames: number): Float32Array {
  const stay = random.between(0, 0.98);
  const edges = [0.5, 0.35, 0.499, 0.351, 0.36, 0, 1];
  let now = 0.5;
  return Float32Array.from({ length: frames }, () => {
    if (random.next() > stay) now = random.next() < 0.3 ? edges[random.whole(0, edges.length - 1)] : random.next();
    return now;
  });
}

test('regions are those of the reference, fed at once or in pieces', () => {
  const random = randomFrom(1);
  let seen = 0;
  for (let round = 0; round < 3000; round++) {
    const probabilities = randomProbabilities(random, random.whole(0, 400));
    const expected = reference(probabilities);
    const whole = new Hysteresis();
    const atOnce = [...whole.push(probabilities), ...whole.flush()];
    const chunked = new Hysteresis();
    const inPieces: SampleRange[] = [];
    for (let at = 0; at < probabilities.length;) {
      const to = at + random.whole(1, 60);
      inPieces.push(...chunked.push(probabilities.subarray(at, to)));
      at = to;
    }
    inPieces.push(...chunked.flush());
    if (JSON.stringify([atOnce, inPieces]) !== JSON.stringify([expected, expected])) {
      expect({ round, atOnce, inPieces }).toEqual({ round, atOnce: expected, inPieces: expected });
    }
    seen += expected.length;
  }
  expect(seen, 'regions compared').toBeGreaterThan(10_000);
});

test('the open region is known while it is open', () => {
  const hysteresis = new Hysteresis();
  expect(hysteresis.open).toBeNull();
  hysteresis.push(Float32Array.of(0, 0, 0.9, 0.9, 0.9));
  expect(hysteresis.open).toBe(2);
  expect(hysteresis.push(Float32Array.of(0, 0, 0, 0, 0))).toEqual([{ start: 2, end: 5 }]);
  expect(hysteresis.open).toBeNull();
});

test('regions are the hysteresis of the whole file, cut to windows, whatever the blocks', async () => {
  const random = randomFrom(2);
  for (let round = 0; round < 40; round++) {
    const frames = random.whole(1, 3000);
    const probabilities = randomProbabilities(random, frames);
    if (round % 4 === 0) probabilities.fill(1, random.whole(0, frames), frames); // long speech to the end
    const samples = frames * VAD_FRAME - random.whole(0, 2 * QUARTER - 1);
    const from = round % 3 === 0 ? random.whole(0, 1_000_000) : 0;
    const ring = new Ring(from);
    const silero = forgedSilero();
    const finder = silenceOut(silero, WINDOW, RATE, from, ring.read);
    const longest = random.whole(4000, 60_000);
    const pcm = soundOf(probabilities, samples);
    const regions = await find(finder, ring, pcm, from, () => random.whole(1, longest));
    expect(silero.complaints).toEqual([]);
    expect(silero.frames).toBe(frames);
    const expected = reference(probabilities.map(told)).map((span) => ({
      start: from + span.start * VAD_FRAME,
      end: Math.min(from + samples, from + span.end * VAD_FRAME),
    }));
    const wrong: string[] = [];
    const say = (bad: boolean, what: string): void => void (bad && wrong.push(what));
    let floor = from;
    for (const region of regions) {
      say(region.start < floor, 'goes back');
      say(region.end <= region.start, 'empty');
      say(region.end - region.start > WINDOW, 'longer than a window');
      floor = region.end;
    }
    // Nothing lost, nothing added; a cut may fall into the quiet at a region's end, at most three frames behind it.
    const found = joined(regions);
    expect(found.map((region) => region.start)).toEqual(expected.map((region) => region.start));
    found.forEach((region, i) => {
      say(region.end < expected[i].end, 'ends too soon');
      say(region.end - expected[i].end > 3 * VAD_FRAME, 'ends too late');
    });
    expect(wrong).toEqual([]);
  }
});

test('an hour of silence, and an hour of speech, need little memory', async () => {
  const block = new Float32Array(RATE);
  for (const probability of [0, 1]) {
    const ring = new Ring(0);
    const silero: Silero = {
      listen: () =>
        Object.assign(
          (pcm: Float32Array) => Promise.resolve(new Float32Array(pcm.length / VAD_FRAME).fill(probability)),
          { state: () => ({ h: new Float32Array(), c: new Float32Array(), context: new Float32Array() }) },
        ),
      spentMs: 0,
      dispose: () => Promise.resolve(),
    };
    const finder = silenceOut(silero, WINDOW, RATE, 0, ring.read);
    let regions = 0;
    let end = 0;
    for (let second = 0; second < 3600; second++) {
      ring.add(second * RATE, block);
      for (const region of await finder.push(block)) {
        regions += 1;
        expect(region.start).toBe(end);
        end = region.end;
      }
      ring.forget(finder.neededFrom);
    }
    const last = await finder.flush();
    // A window, a slab of 2 s in which no decision is made yet, and two blocks.
    expect(ring.most / RATE).toBeLessThanOrEqual(WINDOW / RATE + 2.1 + 2);
    if (probability === 0) expect([regions, last]).toEqual([0, []]);
    else {
      expect(last.at(-1)?.end).toBe(3600 * RATE);
      expect(regions).toBeGreaterThanOrEqual(359);
      expect(regions).toBeLessThan(370);
    }
  }
});

test('what is known grows with the sound, and an open region begins where it will be told to', async () => {
  const random = randomFrom(4);
  for (let round = 0; round < 20; round++) {
    const probabilities = randomProbabilities(random, random.whole(100, 2000));
    const pcm = soundOf(probabilities, probabilities.length * VAD_FRAME);
    const from = random.whole(0, 1000);
    const ring = new Ring(from);
    const finder = silenceOut(forgedSilero(), WINDOW, RATE, from, ring.read);
    const regions: SampleRange[] = [];
    const wrong: string[] = [];
    const say = (bad: boolean, what: string): void => void (bad && wrong.push(what));
    /** All that was said to be known: up to where, and where the open region begins. */
    const claims: { knownTo: number; openFrom: number | null; told: number }[] = [];
    for (let at = 0; at < pcm.length;) {
      const block = pcm.subarray(at, at + random.whole(1, 40_000));
      ring.add(from + at, block);
      regions.push(...(await finder.push(block)));
      at += block.length;
      const { knownTo, openFrom } = finder;
      say(knownTo > from + at, 'knows what has not come');
      // Detection works on slabs of two seconds.
      say(knownTo <= from + at - 2.1 * RATE, 'knows too little');
      claims.push({ knownTo, openFrom, told: regions.length });
    }
    regions.push(...(await finder.flush()));
    for (const { knownTo, openFrom, told: before } of claims) {
      const next = regions.slice(before).find((region) => region.start < knownTo);
      // Whatever begins later in what is known must be the open region; one too short to be speech may come to nothing.
      say(next !== undefined && openFrom !== next.start, 'an open region that was not told');
    }
    expect(wrong).toEqual([]);
  }
});

test('no sound at all is no region', async () => {
  const finder = silenceOut(forgedSilero(), WINDOW, RATE, 5000, new Ring(5000).read);
  expect(await finder.flush()).toEqual([]);
});

test('without detection all sound is speech, cut to windows, none left out', async () => {
  const random = randomFrom(3);
  for (let round = 0; round < 20; round++) {
    const from = random.whole(0, 50_000);
    const pcm = Float32Array.from({ length: random.whole(1, 60 * RATE) }, () => random.next() - 0.5);
    const ring = new Ring(from);
    const finder = everything(WINDOW, RATE, from, ring.read);
    const regions = await find(finder, ring, pcm, from, () => random.whole(1, 40_000));
    expect(joined(regions)).toEqual([{ start: from, end: from + pcm.length }]);
    expect(Math.max(...regions.map((region) => region.end - region.start))).toBeLessThanOrEqual(WINDOW);
    expect(ring.most).toBeLessThanOrEqual(WINDOW + 80_000);
  }
});

test('detection and packing that are cut anywhere and go on from what was kept give what they give in one go', async () => {
  const random = randomFrom(9);
  let windows = 0;
  for (let round = 0; round < 20; round++) {
    const frames = random.whole(400, 3000);
    const pcm = soundOf(randomProbabilities(random, frames), frames * VAD_FRAME);
    const from = random.whole(0, 1) * random.whole(1, 50_000);
    /** Hears everything, with fresh objects and nothing but what was kept before each block where `cut` says so. */
    const pack = async (cut: () => boolean): Promise<unknown[]> => {
      const ring = new Ring(from);
      const make = (kept: { finder: SilenceOutState; packer: PackerState } | null) => ({
        finder: silenceOut(forgedSilero(), WINDOW, RATE, from, ring.read, kept?.finder),
        packer: createPacker(WINDOW, RATE, from, kept?.packer),
      });
      let now = make(null);
      const out: unknown[] = [];
      const take = (regions: SampleRange[]) => {
        for (const region of regions) {
          const window = now.packer.add(region);
          if (window) out.push(window);
        }
      };
      for (let at = 0; at < pcm.length;) {
        if (cut()) {
          const kept = { finder: now.finder.state as SilenceOutState, packer: now.packer.state };
          now = make(structuredClone(kept));
        }
        const block = pcm.subarray(at, at + random.whole(1000, 20_000));
        ring.add(from + at, block);
        const regions = await now.finder.push(block);
        at += block.length;
        now.packer.reached(from + at);
        take(regions);
      }
      take(await now.finder.flush());
      const last = now.packer.flush(from + pcm.length);
      if (last) out.push(last);
      return out;
    };
    const inOneGo = await pack(() => false);
    expect(await pack(() => random.next() < 0.3)).toEqual(inOneGo);
    windows += inOneGo.length;
  }
  expect(windows).toBeGreaterThan(40);
});
