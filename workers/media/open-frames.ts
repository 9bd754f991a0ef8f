/** Files that are nothing but frames: one stream, or several joined by writing one behind the other. */
import { fault, type MediaFacts } from '../protocol';
import { ADTS_SYNTAX, readAdtsHeader } from './adts';
import { ByteWindow } from './bytes';
import { frameAtStart, frameInJunk, frames, type Frame, type FrameSyntax } from './frames';
import { refusalOf } from './formats/codec-names';
import type { Candidate, Media } from './media';
import { decodedWeights } from './mixer';
import { MP3_SYNTAX, readFrameHeader, readMp3Tag } from './mp3';
import { decodePackets, type Packet } from './packets';

/** A kind of stream. */
type Kind = {
  container: string;
  syntax: FrameSyntax;
  /** The codec of a frame as WebCodecs names it, from its first bytes; null: no browser has it. */
  codec(head: Uint8Array): string | null;
  /** The codec of the whole as it is told to people and proven. */
  told(head: Uint8Array): string;
};

const layerOf = (head: Uint8Array): number => readFrameHeader(head)?.layer ?? 3;

const adtsCodec = (head: Uint8Array): string => `mp4a.40.${readAdtsHeader(head)?.objectType ?? 2}`;

const MP3: Kind = {
  container: 'MP3',
  syntax: MP3_SYNTAX,
  // FFmpeg's decoder, which Chromium and Firefox have, reads layer 2 under the name of layer 3.
  codec: (head) => (layerOf(head) === 1 ? null : 'mp3'),
  told: (head) => `mp${layerOf(head)}`,
};
const AAC: Kind = {
  container: 'ADTS',
  syntax: ADTS_SYNTAX,
  codec: adtsCodec,
  told: adtsCodec,
};
const KINDS = [MP3, AAC];

/** A tag's own length of the file is believed if the file has at most this much more: the tags behind the frames. Bytes. */
const TRUSTED_REST = 1024;
/** A file that lacks less than this of its stated length lacks no sound to speak of. Bytes. */
const CUT_TOLERANCE = 1 << 16;

/** The frames from `start` seconds on, or from the one before. */
async function* packets(file: Blob, kind: Kind, first: number, start: number): AsyncGenerator<Packet, void> {
  const window = new ByteWindow(file);
  let config = null as AudioDecoderConfig | null;
  let stream = '';
  for await (const frame of frames(window, kind.syntax, first)) {
    const { timestamp, rate, channels } = frame;
    if (timestamp + frame.samples / rate <= start) continue;
    const data = (await window.at(frame.position, frame.bytes)).slice();
    if (stream !== frame.stream || config?.numberOfChannels !== channels) {
      const codec = kind.codec(data);
      if (codec === null) continue;
      ({ stream } = frame);
      config = { codec, sampleRate: rate, numberOfChannels: channels };
    }
    const chunk = (): EncodedAudioChunk =>
      new EncodedAudioChunk({ type: 'key', timestamp: Math.round(timestamp * 1e6), data });
    yield { timestamp, config, chunk };
  }
}

/** Length in seconds, by counting every frame: some 300 MB a second. */
async function countedSeconds(window: ByteWindow, kind: Kind, first: number): Promise<number> {
  let last: Frame | null = null;
  for await (const frame of frames(window, kind.syntax, first)) last = frame;
  return last ? last.timestamp + last.samples / last.rate : 0;
}

async function open({ file, choice }: Candidate, window: ByteWindow, kind: Kind, start: number): Promise<Media> {
  const { container } = kind;
  if (choice.track !== null && choice.track !== 0) throw fault('EngineFailed', `no track ${choice.track}`);
  const head = (await window.at(start, 1024)).slice();
  const tag = kind === MP3 ? readMp3Tag(head) : null;
  let first: Frame | null = null;
  for await (const frame of frames(window, kind.syntax, start)) {
    // The tag lies in a frame of its own, without sound. In the midst of a joined file players take it for a frame of
    // silence, and so does this; the first one they leave out.
    if (tag && frame.position === start) continue;
    first = frame;
    break;
  }
  if (!first) throw fault('DamagedFile', `${container} without a whole frame`);
  const { rate, channels, position } = first;
  const name = kind.codec(head);
  if (name === null) throw fault('UnsupportedFormat', 'holds MPEG layer 1');
  const codec = kind.told(head);
  const config: AudioDecoderConfig = { codec: name, sampleRate: rate, numberOfChannels: channels };
  // Safari has had AudioDecoder since version 26 only.
  if (!('AudioDecoder' in self) || !(await AudioDecoder.isConfigSupported(config)).supported)
    throw fault('UnsupportedFormat', refusalOf(codec, container));
  // A first header that speaks of the whole file spares the count; a joined file's speaks of its first part.
  const trusted =
    tag !== null &&
    tag.seconds !== null &&
    tag.bytes !== null &&
    Math.abs(start + tag.bytes - file.size) < TRUSTED_REST;
  const origin = tag?.delay ?? 0;
  const counted = trusted ? null : await countedSeconds(window, kind, position);
  const cut = start + (tag?.bytes ?? 0) > file.size + CUT_TOLERANCE;
  const stated = tag?.seconds ?? null;
  const seconds = counted ?? stated ?? 0;
  const facts: MediaFacts = {
    container,
    codec,
    seconds: Math.max(0, seconds - origin),
    sampleRate: rate,
    channels,
    video: false,
    tracks: [{ language: null, title: null, codec, channels, sampleRate: rate, decodable: true }],
    track: 0,
  };
  return {
    facts,
    stretches: [
      {
        at: 0,
        from: origin,
        to: Infinity,
        read: (from) => decodePackets(packets(file, kind, position, from)),
        weights: decodedWeights,
      },
    ],
    statedEnd: stated === null ? null : stated - origin,
    cut: cut ? { seconds: null } : null,
    noSoundFault: 'UnsupportedFormat',
    dispose: () => {},
  };
}

/** Opens a file in which nothing but tags and zeros stand before the first frame. */
export async function openFrames(candidate: Candidate): Promise<Media | null> {
  const window = new ByteWindow(candidate.file);
  for (const kind of KINDS) {
    const start = await frameAtStart(window, kind.syntax);
    if (start !== null) return open(candidate, window, kind, start);
  }
  return null;
}

/** The last resort: a stream of frames somewhere in the first megabytes of a file that nobody knows. */
export async function searchFrames(candidate: Candidate): Promise<Media | null> {
  const window = new ByteWindow(candidate.file);
  for (const kind of KINDS) {
    const start = await frameInJunk(window, kind.syntax);
    if (start !== null) return open(candidate, window, kind, start);
  }
  return null;
}
