/**
 * Speech regions: the hysteresis against a transcription of silero-vad's get_speech_timestamps (utils_vad.py), and
 * `silenceOut` with a model that reads its probability out of the sound itself.
 */
import { expect, test } from 'playwright/test';
import { VAD_FRAME } from '../../workers/speech/frames.ts';
import type { Silero } from '../../workers/speech/silero.ts';
import { everything, type SpeechFinder } from '../../workers/speech/speech.ts';
import { Hysteresis, silenceOut } from '../../workers/speech/vad.ts';
import type { Span } from '../../workers/speech/windows.ts';
import { randomFrom, type Random } from './random.ts';

const RATE = 16000;
const WINDOW = 10 * RATE;

/**
 * get_speech_timestamps with threshold 0.5, min_silence_duration_ms 100, speech_pad_ms 0, no longest speech, and
 * min_speech_duration_ms 90 (ours: three frames). One difference, wanted: a region that is still open at the end stops
 * where its last quiet stretch began, not at the end of the sound; the packer's pad brings that back.
 */
function reference(probabilities: ArrayLike<number>): Span[] {
  const threshold = 0.5;
  const negative = threshold - 0.15;
  const minSpeech = (RATE * 90) / 1000;
  const minSilence = (RATE * 100) / 1000;
  const speeches: Span[] = [];
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
    const inPieces: Span[] = [];
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

/** Sound that comes in blocks and is forgotten: reading what was forgotten throws. Past its end it is silence. */
class Ring {
  #blocks: { start: number; samples: Float32Array }[] = [];
  #forgotten: number;
  #kept = 0;
  most = 0;

  constructor(from: number) {
    this.#forgotten = from;
  }

  add(start: number, samples: Float32Array): void {
    this.#blocks.push({ start, samples });
    this.#kept += samples.length;
    this.most = Math.max(this.most, this.#kept);
  }

  forget(sample: number): void {
    if (sample < this.#forgotten) throw new Error('what was needed moved back');
    this.#forgotten = sample;
    while (this.#blocks.length > 0 && this.#blocks[0].start + this.#blocks[0].samples.length <= sample) {
      this.#kept -= this.#blocks.shift()!.samples.length;
    }
  }

  readonly read = (start: number, end: number): Float32Array => {
    if (start < this.#forgotten) throw new Error(`${start} was forgotten, ${this.#forgotten} is the first sample kept`);
    const out = new Float32Array(end - start);
    for (const block of this.#blocks) {
      const from = Math.max(start, block.start);
      const to = Math.min(end, block.start + block.samples.length);
      if (from < to) out.set(block.samples.subarray(from - block.start, to - block.start), from - start);
    }
    return out;
  };
}

/** The first sample of a frame is its probability, the second its number: what a forged model hears. */
function soundOf(probabilities: ArrayLike<number>, samples: number): Float32Array {
  const pcm = new Float32Array(samples);
  for (let frame = 0; frame * VAD_FRAME < samples; frame++) {
    pcm[frame * VAD_FRAME] = probabilities[frame] ?? 0;
    if (frame * VAD_FRAME + 1 < samples) pcm[frame * VAD_FRAME + 1] = frame;
  }
  return pcm;
}

/** Gives back the probabilities in the sound, and says whether every frame came once and in order. */
function forgedSilero(): Silero & { complaints: string[]; frames: number } {
  const silero = {
    complaints: [] as string[],
    frames: 0,
    listen: () => (pcm: Float32Array) => {
      const { complaints } = silero;
      if (pcm.length % VAD_FRAME !== 0) complaints.push('no whole frames');
      const count = pcm.length / VAD_FRAME;
      for (let frame = 0; frame < count; frame++) {
        const number = pcm[frame * VAD_FRAME + 1];
        const expected = silero.frames + frame;
        // The last frame may hold one sample only.
        if (number !== expected && !(number === 0 && frame === count - 1))
          complaints.push(`${number}, not ${expected}`);
      }
      silero.frames += count;
      return Promise.resolve(Float32Array.from({ length: count }, (_, i) => pcm[i * VAD_FRAME]));
    },
    spentMs: 0,
    dispose: () => Promise.resolve(),
  };
  return silero;
}

/** Feeds sound in blocks and forgets what is not needed, as the job does. */
async function find(
  finder: SpeechFinder,
  ring: Ring,
  pcm: Float32Array,
  from: number,
  blockLength: () => number,
): Promise<Span[]> {
  const regions: Span[] = [];
  for (let at = 0; at < pcm.length;) {
    const block = pcm.subarray(at, at + blockLength());
    ring.add(from + at, block);
    regions.push(...(await finder.push(block)));
    ring.forget(finder.neededFrom);
    at += block.length;
  }
  regions.push(...(await finder.flush()));
  return regions;
}

/** Joins regions that touch: what was cut out of one. */
function joined(regions: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const region of regions) {
    const last = out.at(-1);
    if (last?.end === region.start) last.end = region.end;
    else out.push({ ...region });
  }
  return out;
}

test('regions are the hysteresis of the whole file, cut to windows, whatever the blocks', async () => {
  const random = randomFrom(2);
  for (let round = 0; round < 40; round++) {
    const frames = random.whole(1, 3000);
    const probabilities = randomProbabilities(random, frames);
    if (round % 4 === 0) probabilities.fill(1, random.whole(0, frames), frames); // long speech to the end
    const samples = frames * VAD_FRAME - random.whole(0, VAD_FRAME - 1);
    const from = round % 3 === 0 ? random.whole(0, 1_000_000) : 0;
    const ring = new Ring(from);
    const silero = forgedSilero();
    const finder = silenceOut(silero, WINDOW, RATE, from, ring.read);
    const longest = random.whole(4000, 60_000);
    const pcm = soundOf(probabilities, samples);
    const regions = await find(finder, ring, pcm, from, () => random.whole(1, longest));
    expect(silero.complaints).toEqual([]);
    expect(silero.frames).toBe(frames);
    const expected = reference(probabilities).map((span) => ({
      start: from + span.start * VAD_FRAME,
      end: Math.min(from + samples, from + span.end * VAD_FRAME),
    }));
    let longestRegion = 0;
    let floor = from;
    for (const region of regions) {
      expect(region.start).toBeGreaterThanOrEqual(floor);
      expect(region.end).toBeGreaterThan(region.start);
      longestRegion = Math.max(longestRegion, region.end - region.start);
      floor = region.end;
    }
    expect(longestRegion).toBeLessThanOrEqual(WINDOW);
    // Nothing lost, nothing added; a cut may fall into the quiet at a region's end, at most three frames behind it.
    const found = joined(regions);
    expect(found.map((region) => region.start)).toEqual(expected.map((region) => region.start));
    found.forEach((region, i) => {
      expect(region.end).toBeGreaterThanOrEqual(expected[i].end);
      expect(region.end - expected[i].end).toBeLessThanOrEqual(3 * VAD_FRAME);
    });
  }
});

test('an hour of silence, and an hour of speech, need little memory', async () => {
  const block = new Float32Array(RATE);
  for (const probability of [0, 1]) {
    const ring = new Ring(0);
    const silero: Silero = {
      listen: () => (pcm) => Promise.resolve(new Float32Array(pcm.length / VAD_FRAME).fill(probability)),
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
