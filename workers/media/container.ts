/** Every container that mediabunny knows: which track, which stretches of it, what the file says of itself. */
import {
  IsobmffInputFormat,
  MatroskaInputFormat,
  MPEG_TS,
  UnsupportedInputFormatError,
  type Input,
  type InputAudioTrack,
  type InputFormat,
} from 'mediabunny';
import { fault } from '../protocol';
import type { Decoding } from './choose-decoder';
import { inputOf, stretchOf } from './demux';
import { clockShift, cutsOf, isShort, readEditList } from './edits';
import { segmentEnd } from './matroska';
import type { Candidate, Media } from './media';
import { LATEST_START_SECONDS } from './timeline';
import { knownTrack, pickTrack, type KnownTrack } from './tracks';

/** Boxes of an MP4 that are visited to know its length: half a second's work, an hour of ordinary fragments. */
const MOST_FRAGMENTS = 4000;

/**
 * Seconds that Matroska's times of Opus packets are late by (its CodecDelay element, which mediabunny does not read, is
 * the pre-skip of the OpusHead: RFC 7845, section 5.1).
 */
async function opusPreSkip(track: InputAudioTrack): Promise<number> {
  const head = (await track.getDecoderConfig())?.description;
  if (!head) return 0;
  const view = ArrayBuffer.isView(head) ? new DataView(head.buffer, head.byteOffset) : new DataView(head);
  return view.byteLength < 12 ? 0 : view.getUint16(10, true) / 48000;
}

/** The track to hear. `by`: what decodes it where mediabunny does not know. */
type Chosen = { track: InputAudioTrack; codec: string; by: Decoding | null };

/** What a kind of container adds to a track: its stretches, its length, what it promises. */
type Told = Pick<Media, 'stretches' | 'statedEnd' | 'cut'> & { seconds: number | null };

/**
 * The sound of an MP4 or a QuickTime film: what its edit list plays, at the times at which it plays it. Where it ends is
 * read from its index or the last of its fragments, which tell of every sample, also of one that the file was cut
 * before.
 */
async function fromMovie(candidate: Candidate, { track, codec, by }: Chosen): Promise<Told> {
  const list = await readEditList(candidate.file, track.id);
  const glance = await isShort(candidate.file, MOST_FRAGMENTS);
  const mediaEnd = glance ? await track.computeDuration().catch(() => Infinity) : Infinity;
  const shift = list ? clockShift(list.edits) : 0;
  const cuts = list && list.edits.length > 0 ? cutsOf(list) : [{ at: 0, from: await zeroOf(track), to: Infinity }];
  const stretches = cuts.map(({ at, from, to }) =>
    stretchOf(track, codec, { at, from: from + shift, to: to + shift }, by),
  );
  const end = stretches.reduce((most, { at, from, to }) => Math.max(most, at + Math.min(to, mediaEnd) - from), 0);
  const stated = end < Infinity ? end : null;
  return { stretches, statedEnd: stated, cut: null, seconds: stated };
}

/** Where a track's clock is zero: late only in a piece that was cut from a longer broadcast. */
async function zeroOf(track: InputAudioTrack): Promise<number> {
  const first = await track.getFirstTimestamp();
  return first > LATEST_START_SECONDS ? first : 0;
}

/** Every other container: one stretch from its zero on. */
async function fromWhole(
  candidate: Candidate,
  input: Input,
  format: InputFormat,
  { track, codec, by }: Chosen,
  alone: boolean,
): Promise<Told> {
  const first = await input.getFirstTimestamp();
  const matroska = format instanceof MatroskaInputFormat;
  const preSkip = matroska && codec === 'opus' ? await opusPreSkip(track) : 0;
  const origin = format === MPEG_TS || first > LATEST_START_SECONDS ? first : preSkip;
  const stated = await track.getDurationFromMetadata();
  const seconds = stated === null ? null : Math.max(0, stated - origin);
  const stretches = [stretchOf(track, codec, { at: 0, from: origin, to: Infinity }, by)];
  if (!matroska) return { stretches, statedEnd: seconds, cut: null, seconds };
  // Matroska states the length of its longest track, which says nothing of the others; that the file is whole its size says.
  const end = segmentEnd(candidate.head);
  const cut = end !== null && end > candidate.file.size;
  return {
    stretches,
    statedEnd: alone ? seconds : null,
    cut: cut ? { seconds: null } : null,
    seconds,
  };
}

async function tell(
  candidate: Candidate,
  input: Input,
  format: InputFormat,
  chosen: Chosen,
  alone: boolean,
): Promise<Told> {
  if (format instanceof IsobmffInputFormat) return fromMovie(candidate, chosen);
  return fromWhole(candidate, input, format, chosen, alone);
}

/** A transport stream has its list of tracks everywhere, so that one without holds what mediabunny has no name for. */
function withoutTracks(format: InputFormat): Error {
  if (format === MPEG_TS) return fault('UnsupportedFormat', `holds an unknown codec in ${format.name}`);
  if (format instanceof IsobmffInputFormat)
    return fault('DamagedFile', `no index: ${format.name} without its moov box`);
  return fault('DamagedFile', `${format.name} without its list of tracks`);
}

/**
 * Opens a file of a container that mediabunny knows, and the track that was chosen: the first this browser can decode,
 * or the one asked for.
 * @throws UnsupportedFormat, NoAudioTrack, DamagedFile; what a failed read throws
 */
export async function openContainer(candidate: Candidate): Promise<Media | null> {
  const input = inputOf(candidate.file);
  try {
    const format = await input.getFormat().catch((error: unknown) => {
      if (error instanceof UnsupportedInputFormatError) return null;
      throw error;
    });
    if (!format) {
      input.dispose();
      return null;
    }
    const all = await input.getTracks();
    if (all.length === 0) throw withoutTracks(format);
    const audio = all.filter((track): track is InputAudioTrack => track.isAudioTrack());
    if (audio.length === 0) throw fault('NoAudioTrack', format.name);
    const known: KnownTrack[] = [];
    for (const track of audio) known.push(await knownTrack(track, candidate.file));
    const tracks = known.map(({ facts }) => facts);
    const index = pickTrack(tracks, candidate.choice.track, format.name);
    const { codec, sampleRate, channels } = tracks[index];
    const chosen = { track: audio[index], codec, by: known[index].decoder?.by ?? null };
    const told = await tell(candidate, input, format, chosen, all.length === 1);
    return {
      facts: {
        container: format.name,
        codec,
        seconds: told.seconds,
        sampleRate,
        channels,
        video: all.some((other) => other.isVideoTrack()),
        tracks,
        track: index,
      },
      stretches: told.stretches,
      statedEnd: told.statedEnd,
      cut: told.cut,
      noSoundFault: 'DamagedFile',
      dispose: () => input.dispose(),
    };
  } catch (error) {
    input.dispose();
    throw error;
  }
}
