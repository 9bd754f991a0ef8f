/** Decodes an open file into mono blocks at the rate asked for, a second at a time, on an absolute clock. */
import { InputDisposedError } from 'mediabunny';
import { fault, type Loss } from '../protocol';
import { Assembly } from './assemble';
import { isMediaFault, type Chunk, type Media, type Stretch } from './media';
import { JITTER_SECONDS } from './timeline';

/** Seconds of sound in a block: 64 KB at 16 kHz. */
const BLOCK_SECONDS = 1;
/**
 * Seconds decoded ahead of a seek and thrown away: covers what the mix looks at before a sample (2 s), the bit reservoir
 * of MP3 (at most ten frames), the overlap of AAC, the 80 ms Opus needs to converge (RFC 7845, section 4.6) and the
 * resampler's reach.
 */
const WARM_UP_SECONDS = 4;
/** A recording may end this much before its stated end without being called cut: frames and edit lists round. */
const END_TOLERANCE_SECONDS = 0.5;
/** Damaged spots in a row that are jumped over before the rest is given up. */
const MAX_JUMPS = 8;

export type Decoded = {
  /** True length at the rate asked for, from the start of the file. */
  totalSamples: number;
  loss: Loss | null;
};

/** What happened while a stretch was read. */
type Reading = {
  /** Sound came behind a spot that could not be decoded. */
  resumed: boolean;
  /** The last thing that happened was an error. */
  gaveUp: boolean;
};

/**
 * A stretch's sound from `start` seconds of its own clock on. A decoder that gives up on a damaged spot is started again
 * behind it, with growing steps: one bad frame must not cost the rest of an interview.
 * @param explain names an error
 * @throws FileVanished, FileChanged; DamagedFile or UnsupportedFormat when nothing could be decoded at all
 */
async function* chunks(
  stretch: Stretch,
  start: number,
  explain: (error: unknown) => Promise<Error>,
): AsyncGenerator<Chunk, Reading> {
  const reading: Reading = { resumed: false, gaveUp: false };
  let from = start;
  let reached = -Infinity;
  for (let jumps = 0; jumps <= MAX_JUMPS; jumps++) {
    try {
      for await (const chunk of stretch.read(from)) {
        if (chunk.timestamp >= stretch.to) break;
        // After a jump the decoder starts at the packet before, which was heard already.
        if (chunk.timestamp < reached - JITTER_SECONDS) continue;
        reached = chunk.timestamp + (chunk.channels[0]?.length ?? 0) / chunk.rate;
        jumps = 0;
        reading.resumed ||= reading.gaveUp;
        reading.gaveUp = false;
        yield chunk;
      }
      return reading;
    } catch (error) {
      if (error instanceof InputDisposedError) throw error; // stopped: the caller knows
      const named = isMediaFault(error) ? error : await explain(error);
      const gone = named.name === 'FileVanished' || named.name === 'FileChanged';
      // A decoder that is silent from the first packet on would be silent behind every jump.
      const closed = named.name === 'UnsupportedFormat' || jumps === MAX_JUMPS;
      if (gone || (reached === -Infinity && closed)) throw named;
      reading.gaveUp = true;
      from = Math.max(reached, start, 0) + 0.1 * 2 ** jumps;
    }
  }
  return reading;
}

/**
 * Decodes `media` and yields its sound as consecutive blocks of `sampleRate` samples (the last one shorter), the first
 * of them at `fromSample`. Nothing is decoded ahead of what is asked for beyond a handful of packets and what the mix
 * looks at, so memory does not depend on the file's length. Dispose `media` to end a decode under way.
 * @param sampleRate samples per second wanted
 * @param fromSample absolute index, at that rate, of the first sample wanted
 * @param channel index of the one channel to hear; null: all of them, mixed
 * @param explain names an error
 * @throws FileVanished, FileChanged; DamagedFile or UnsupportedFormat when nothing could be decoded
 */
export async function* decodeBlocks(
  media: Media,
  sampleRate: number,
  fromSample: number,
  channel: number | null,
  explain: (error: unknown) => Promise<Error>,
): AsyncGenerator<Float32Array<ArrayBuffer>, Decoded> {
  const blockLength = BLOCK_SECONDS * sampleRate;
  let block = new Float32Array(blockLength);
  let filled = 0;

  function* packed(pieces: Iterable<Float32Array>): Generator<Float32Array<ArrayBuffer>> {
    for (const samples of pieces) {
      for (let used = 0; used < samples.length;) {
        const part = samples.subarray(used, used + blockLength - filled);
        block.set(part, filled);
        filled += part.length;
        used += part.length;
        if (filled < blockLength) continue;
        yield block;
        block = new Float32Array(blockLength);
        filled = 0;
      }
    }
  }

  const start = fromSample > 0 ? fromSample / sampleRate - WARM_UP_SECONDS : -Infinity;
  const assembly = new Assembly(sampleRate, fromSample, start, channel);
  let resumed = false;
  let gaveUp = false;
  let lastError: Error | null = null;
  // The stretch before the one asked for is read too where the warm-up reaches into it.
  const wanted = media.stretches.filter(
    ({ at, from, to }, i) => at + to - from > start || i === media.stretches.length - 1,
  );
  for (const stretch of wanted) {
    const { at, from } = stretch;
    const source = chunks(
      stretch,
      start > at ? start - at + from : from > 0 ? from - WARM_UP_SECONDS : -Infinity,
      explain,
    );
    try {
      for (let step = await source.next(); ; step = await source.next()) {
        if (step.done) {
          resumed ||= step.value.resumed;
          gaveUp = step.value.gaveUp;
          break;
        }
        yield* packed(assembly.add(step.value, stretch));
      }
    } catch (error) {
      const gone = !isMediaFault(error) || error.name === 'FileVanished' || error.name === 'FileChanged';
      // A part without a single good packet does not cost the parts behind it.
      if (gone || wanted.length === 1) throw error;
      lastError = error;
      gaveUp = true;
    } finally {
      await source.return({ resumed: false, gaveUp: false });
    }
  }
  if (assembly.seconds === null) throw lastError ?? fault(media.noSoundFault, 'no sound in the audio track');
  yield* packed(assembly.finish());
  if (filled > 0) yield block.slice(0, filled);
  return { totalSamples: assembly.totalSamples, loss: lossOf(media, assembly.seconds, resumed, gaveUp) };
}

/** What of the file's sound is missing. `seconds`: where what was heard ends. */
function lossOf({ statedEnd, cut }: Media, seconds: number, resumed: boolean, gaveUp: boolean): Loss | null {
  const short = statedEnd === null ? null : statedEnd - seconds;
  if (short !== null && short > END_TOLERANCE_SECONDS) return { where: 'end', seconds: short };
  if (cut) return { where: 'end', seconds: cut.seconds };
  if (resumed) return { where: 'within', seconds: null };
  // The stated end was reached: what could not be decoded was no sound.
  return gaveUp && short === null ? { where: 'end', seconds: null } : null;
}
