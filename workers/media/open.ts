/** Opens a file: which container, which audio track, what it says of itself. Nothing is decoded here. */
import {
  ALL_FORMATS,
  BlobSource,
  HLS,
  Input,
  MatroskaInputFormat,
  MPEG_TS,
  UnsupportedInputFormatError,
} from 'mediabunny';
import type { InputAudioTrack } from 'mediabunny';
import { fault, type FaultName, type MediaFacts } from '../protocol';
import { segmentEnd } from './matroska';
import { id3Length, readMp3Tag, type Mp3Tag } from './mp3';
import { readWavHeader, trueWav } from './wav';

/** Enough for every chunk a recorder puts before the sound of a WAV (a `bext` of a field recorder is a few KiB). */
const HEAD_BYTES = 64 * 1024;
/** A playlist is not a recording, and following one would ask the network. */
const FORMATS = ALL_FORMATS.filter((format) => format !== HLS);
/** Found by a pattern of bits, which noise can have too: a failure to decode then means "this never was one". */
const SYNC_FORMATS = ['MP3', 'ADTS'];
/** A clock that starts later than this is that of a longer broadcast the file was cut from. Seconds. */
const LATEST_START = 60;

/** An open file. `dispose` ends every read and decode under way: they reject. */
export type Media = {
  facts: MediaFacts;
  track: InputAudioTrack;
  /** Seconds on the track's clock at which the file's own clock is zero. */
  origin: number;
  /** Length in seconds that the sound itself must reach, on the track's clock; null where the file makes no such claim. */
  statedEnd: number | null;
  /** The file is shorter than its own headers say. */
  truncated: boolean;
  /** Named for an error that comes before any sound. */
  noSoundFault: 'DamagedFile' | 'UnsupportedFormat';
  /** The fault a failed read or decode amounts to: FileVanished, or `otherwise`. */
  explain(error: unknown, otherwise: 'DamagedFile' | 'UnsupportedFormat'): Promise<Error>;
  dispose(): void;
};

const MEDIA_FAULTS: FaultName[] = ['EmptyFile', 'UnsupportedFormat', 'NoAudioTrack', 'DamagedFile', 'FileVanished'];

/** Whether the error has its name already. */
export function isMediaFault(error: unknown): error is Error & { name: FaultName } {
  return error instanceof Error && (MEDIA_FAULTS as string[]).includes(error.name);
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the file can still be read: its first and last byte. */
async function canStillRead(file: Blob): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    await file.slice(Math.max(0, file.size - 1)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function explain(file: Blob, error: unknown, otherwise: 'DamagedFile' | 'UnsupportedFormat'): Promise<Error> {
  // The name of a failed read differs between browsers and ways of reading; asking once more does not.
  return fault((await canStillRead(file)) ? otherwise : 'FileVanished', words(error));
}

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

/**
 * Opens `file` and picks the track to hear: the container's main one, or the first this browser can decode.
 * The caller must `dispose()` it.
 * @throws EmptyFile, UnsupportedFormat, NoAudioTrack, DamagedFile, FileVanished
 */
export async function openMedia(file: Blob): Promise<Media> {
  if (file.size === 0) {
    // Chromium gives a file that is gone the size 0 too; only a read of the whole tells.
    await file.arrayBuffer().catch((error: unknown) => {
      throw fault('FileVanished', words(error));
    });
    throw fault('EmptyFile');
  }
  let head: Uint8Array<ArrayBuffer>;
  let tag: Mp3Tag | null;
  try {
    head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    const start = id3Length(head); // cover art: often longer than the head
    tag = readMp3Tag(new Uint8Array(await file.slice(start, start + 1024).arrayBuffer()));
  } catch (error) {
    throw fault('FileVanished', words(error));
  }
  const wav = readWavHeader(head);
  if (wav?.unsupported) throw fault('UnsupportedFormat', wav.unsupported);
  const whole = wav ? trueWav(file, wav) : { blob: file, truncated: false };
  // A read ahead that fails is no news: the read that needs those bytes fails too, and is waited for.
  const source = new BlobSource(whole.blob, { handleUnhandledError: () => {} });
  const input = new Input({ formats: FORMATS, source });
  try {
    const format = await input.getFormat().catch(async (error: unknown) => {
      if (error instanceof UnsupportedInputFormatError) throw fault('UnsupportedFormat', 'no container known here');
      throw await explain(file, error, 'DamagedFile');
    });
    const noSoundFault = SYNC_FORMATS.includes(format.name) ? 'UnsupportedFormat' : 'DamagedFile';
    try {
      const tracks = await input.getTracks();
      if (tracks.length === 0) throw fault('DamagedFile', `${format.name} without an index of its tracks`);
      const decodable = await input.getPrimaryAudioTrack({ filter: (track) => track.canDecode() });
      const track = decodable ?? (await input.getPrimaryAudioTrack());
      if (!track) throw fault('NoAudioTrack', format.name);
      const codec =
        (await track.getCodecParameterString()) ?? (await track.getCodec()) ?? String(await track.getInternalCodecId());
      if (!decodable) throw fault('UnsupportedFormat', `${codec} in ${format.name}`);

      const isMp3 = format.name === 'MP3';
      // Ogg keeps its length on its last page; the others would have to be read to the end.
      const stated = format.name === 'Ogg' ? await track.computeDuration() : await track.getDurationFromMetadata();
      const first = await input.getFirstTimestamp();
      const isMatroska = format instanceof MatroskaInputFormat;
      const preSkip = isMatroska && codec === 'opus' ? await opusPreSkip(track) : 0;
      const origin = isMp3 ? (tag?.delay ?? 0) : format === MPEG_TS || first > LATEST_START ? first : preSkip;
      const end = segmentEnd(head);
      const video = tracks.some((other) => other.isVideoTrack());
      return {
        facts: {
          container: format.name,
          codec,
          seconds: stated === null ? null : Math.max(0, stated - origin),
          sampleRate: await track.getSampleRate(),
          channels: await track.getNumberOfChannels(),
          video,
        },
        track,
        origin,
        // Matroska states the length of its longest track, which may be the picture's; Ogg was measured, not stated.
        statedEnd: isMp3 ? (tag?.seconds ?? null) : format.name === 'Ogg' || (isMatroska && video) ? null : stated,
        truncated: whole.truncated || (end !== null && end > file.size),
        noSoundFault,
        explain: (error, otherwise) => explain(file, error, otherwise),
        dispose: () => input.dispose(),
      };
    } catch (error) {
      if (isMediaFault(error)) throw error;
      throw await explain(file, error, noSoundFault);
    }
  } catch (error) {
    input.dispose();
    throw error;
  }
}
