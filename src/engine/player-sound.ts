/**
 * The sound of a recording as the browser's own player decodes it: for browsers that have no decoder for single packets
 * (WebCodecs came to Safari with version 26), or one that takes packets and says nothing.
 *
 * `decodeAudioData` exists on the page only, away from its main thread, and holds the whole sound in memory. So it is asked
 * for 16,000 samples a second, which is all that Whisper hears, and only for recordings of up to half an hour: with two
 * channels 230 MB while it decodes, and half of that as the WAV file that the media worker reads in place of the recording.
 */
import { fault } from '../../workers/protocol.ts';
import { inSlices } from '../slices.ts';

const RATE = 16_000;
const MOST_SECONDS = 1800;
/** A file of unknown length may be this large: half an hour at 64 kbit/s, as much as speech is given. */
const MOST_BYTES_UNTOLD = 14_400_000;
/** A player that has not read the head of a file on this device by then will not. */
const PATIENCE_MS = 3000;
/** Frames that are written between two looks at the clock: under a millisecond. */
const PIECE = 1 << 14;

/** Codecs that every browser's player knows, as the media worker names them where it cannot decode them. */
const PLAYED = /^holds (?:MP3|AAC|HE-AAC|Opus|Vorbis|FLAC)\b/;

/** Whether the player may know better than the media worker, which said `detail` of a file. */
export function mayBePlayed(detail: string): boolean {
  return PLAYED.test(detail);
}

/**
 * @param detail what the media worker said of the file
 * @returns the sound as a WAV file of the same name; null: the player does not open it either
 * @throws UnsupportedFormat for a recording that is too long to be held in memory
 */
export async function playerSound(file: File, detail: string): Promise<File | null> {
  const seconds = await playedSeconds(file);
  if (Number.isFinite(seconds) ? seconds > MOST_SECONDS : file.size > MOST_BYTES_UNTOLD)
    throw fault('UnsupportedFormat', `${detail.replace(/ in .*$/, '')} of more than half an hour`);
  try {
    const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await file.arrayBuffer());
    const wav = await inSlices(writingWav(sound));
    return new File(wav, file.name, { type: file.type, lastModified: file.lastModified });
  } catch {
    // Bytes that are no sound, or no memory for it: the media worker's own word stands.
    return null;
  }
}

/** How long the player says that a file is; Infinity where it does not know, or does not show the file at all. */
async function playedSeconds(file: File): Promise<number> {
  const url = URL.createObjectURL(file);
  const audio = new Audio();
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(Infinity), PATIENCE_MS);
      const end = (seconds: number) => {
        clearTimeout(timer);
        resolve(seconds);
      };
      audio.addEventListener('loadedmetadata', () => end(audio.duration), { once: true });
      audio.addEventListener('error', () => end(Infinity), { once: true });
      audio.preload = 'metadata';
      audio.src = url;
    });
  } finally {
    audio.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
}

/** An `AudioBuffer`, as far as it is read. */
type Sound = Pick<AudioBuffer, 'numberOfChannels' | 'length' | 'sampleRate' | 'getChannelData'>;

/** The parts of a WAV file of 16-bit samples (Multimedia Programming Interface 1.0, Microsoft and IBM 1991, chapter 3). */
export function* writingWav(sound: Sound): Generator<void, Blob[]> {
  const { numberOfChannels: channels, length, sampleRate } = sound;
  const frameBytes = 2 * channels;
  const head = new DataView(new ArrayBuffer(44));
  const letters = (at: number, text: string) => [...text].forEach((one, i) => head.setUint8(at + i, one.charCodeAt(0)));
  letters(0, 'RIFF');
  head.setUint32(4, 36 + length * frameBytes, true);
  letters(8, 'WAVEfmt ');
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, channels, true);
  head.setUint32(24, sampleRate, true);
  head.setUint32(28, sampleRate * frameBytes, true);
  head.setUint16(32, frameBytes, true);
  head.setUint16(34, 16, true);
  letters(36, 'data');
  head.setUint32(40, length * frameBytes, true);
  const parts = [new Blob([head])];
  const planes = Array.from({ length: channels }, (_, channel) => sound.getChannelData(channel));
  for (let from = 0; from < length; from += PIECE) {
    const frames = Math.min(PIECE, length - from);
    const piece = new DataView(new ArrayBuffer(frames * frameBytes));
    planes.forEach((plane, channel) => {
      for (let i = 0; i < frames; i++) {
        const value = Math.max(-1, Math.min(1, plane[from + i]));
        piece.setInt16(frameBytes * i + 2 * channel, Math.round(32767 * value), true);
      }
    });
    parts.push(new Blob([piece]));
    yield;
  }
  return parts;
}
