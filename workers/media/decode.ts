/** Decodes an open file into mono blocks at the rate asked for, a second at a time, on an absolute clock. */
import { AudioSampleSink, InputDisposedError, type InputAudioTrack } from 'mediabunny';
import { fault } from '../protocol';
import type { Media } from './open';
import { decodePackets, type Chunk } from './packets';
import { outputLength, Resampler } from './resample';
import { downmix, JITTER_SECONDS, Timeline } from './timeline';

/** Seconds of sound in a block: 64 KB at 16 kHz. */
const BLOCK_SECONDS = 1;
/**
 * Seconds decoded ahead of a seek and thrown away: covers the bit reservoir of MP3 (at most ten frames), the overlap of
 * AAC, the 80 ms Opus needs to converge (RFC 7845, section 4.6) and the resampler's reach.
 */
const WARM_UP_SECONDS = 1;
/** A recording may end this much before its stated end without being called cut: frames and edit lists round. */
const END_TOLERANCE_SECONDS = 0.5;
/** Damaged spots in a row that are jumped over before the rest is given up. */
const MAX_JUMPS = 8;
const UNCOMPRESSED = /^(pcm-|ulaw|alaw)/;

export type Decoded = {
  /** True length at the rate asked for, from the start of the file. */
  totalSamples: number;
  truncated: boolean;
};

/** Uncompressed sound, which mediabunny unpacks itself, with exact times. */
async function* pcmChunks(track: InputAudioTrack, start: number): AsyncGenerator<Chunk, void> {
  for await (const sample of new AudioSampleSink(track).samples(start)) {
    try {
      const channels = Array.from({ length: sample.numberOfChannels }, (_, planeIndex) => {
        const plane = new Float32Array(sample.numberOfFrames);
        sample.copyTo(plane, { planeIndex, format: 'f32-planar' });
        return plane;
      });
      yield { timestamp: sample.timestamp, rate: sample.sampleRate, channels };
    } finally {
      sample.close();
    }
  }
}

/**
 * The track's sound from `start` seconds on. A decoder that gives up on a damaged spot is started again behind it, with
 * growing steps: one bad frame must not cost the rest of an interview.
 * @returns whether anything could not be decoded
 * @throws FileVanished; DamagedFile or UnsupportedFormat when nothing could be decoded at all
 */
async function* chunks(media: Media, start: number): AsyncGenerator<Chunk, boolean> {
  const read = UNCOMPRESSED.test(media.facts.codec) ? pcmChunks : decodePackets;
  let from = start;
  let reached = -Infinity;
  let damaged = false;
  for (let jumps = 0; jumps <= MAX_JUMPS; jumps++) {
    try {
      for await (const chunk of read(media.track, from)) {
        // After a jump the decoder starts at the packet before, which was heard already.
        if (chunk.timestamp < reached - JITTER_SECONDS) continue;
        reached = chunk.timestamp + (chunk.channels[0]?.length ?? 0) / chunk.rate;
        jumps = 0;
        yield chunk;
      }
      return damaged;
    } catch (error) {
      if (error instanceof InputDisposedError) throw error; // stopped: the caller knows
      const named = await media.explain(error, media.noSoundFault);
      if (named.name === 'FileVanished' || (reached === -Infinity && jumps === MAX_JUMPS)) throw named;
      damaged = true;
      from = Math.max(reached, start, 0) + 0.1 * 2 ** jumps;
    }
  }
  return damaged;
}

/**
 * Decodes `media` and yields its sound as consecutive blocks of `sampleRate` samples (the last one shorter), the first
 * of them at `fromSample`. Nothing is decoded ahead of what is asked for beyond a handful of packets, so memory does not
 * depend on the file's length. Dispose `media` to end a decode under way.
 * @param sampleRate samples per second wanted
 * @param fromSample absolute index, at that rate, of the first sample wanted
 * @throws FileVanished; DamagedFile or UnsupportedFormat when nothing could be decoded
 */
export async function* decodeBlocks(
  media: Media,
  sampleRate: number,
  fromSample: number,
): AsyncGenerator<Float32Array<ArrayBuffer>, Decoded> {
  const blockLength = BLOCK_SECONDS * sampleRate;
  let block = new Float32Array(blockLength);
  let filled = 0;
  let next = fromSample;
  let timeline: Timeline | null = null;
  let resampler: Resampler | null = null;

  function* packed(samples: Float32Array): Generator<Float32Array<ArrayBuffer>> {
    for (let used = 0; used < samples.length;) {
      const part = samples.subarray(used, used + blockLength - filled);
      block.set(part, filled);
      filled += part.length;
      used += part.length;
      next += part.length;
      if (filled < blockLength) continue;
      yield block;
      block = new Float32Array(blockLength);
      filled = 0;
    }
  }

  const start = fromSample > 0 ? fromSample / sampleRate + media.origin - WARM_UP_SECONDS : -Infinity;
  const source = chunks(media, start);
  let damaged = false;
  try {
    for (let step = await source.next(); ; step = await source.next()) {
      if (step.done) {
        damaged = step.value;
        break;
      }
      const { rate, channels } = step.value;
      const samples = downmix(channels);
      const timestamp = step.value.timestamp - media.origin;
      if (!timeline || !resampler || timeline.rate !== rate) {
        // Broadcasts change their rate in mid-stream: the stretch so far is finished, the next joins where it ends.
        if (resampler) yield* packed(resampler.finish());
        const position: number = timeline
          ? Math.round((timeline.position / timeline.rate) * rate)
          : Math.max(0, Math.min(Math.round(timestamp * rate), Math.ceil((start - media.origin) * rate)));
        timeline = new Timeline(rate, position);
        resampler = new Resampler(rate, sampleRate, position, next);
      }
      const { silence, skip } = timeline.place(timestamp, samples.length);
      for (let left = silence; left > 0; left -= rate) {
        yield* packed(resampler.push(new Float32Array(Math.min(left, rate))));
      }
      yield* packed(resampler.push(samples.subarray(skip)));
    }
  } finally {
    await source.return(false);
  }
  if (!timeline || !resampler) throw fault(media.noSoundFault, 'no sound in the audio track');
  yield* packed(resampler.finish());
  if (filled > 0) yield block.slice(0, filled);
  const seconds = timeline.position / timeline.rate + media.origin;
  const short = media.statedEnd !== null && seconds < media.statedEnd - END_TOLERANCE_SECONDS;
  return {
    totalSamples: outputLength(timeline.position, timeline.rate, sampleRate),
    truncated: damaged || short || media.truncated,
  };
}
