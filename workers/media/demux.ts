/** mediabunny's end of a file: its tracks as chunks of sound. */
import {
  ADTS,
  ALL_FORMATS,
  AudioSampleSink,
  BlobSource,
  EncodedPacketSink,
  HLS,
  Input,
  MP3,
  type InputAudioTrack,
} from 'mediabunny';
import type { Decoding } from './choose-decoder';
import { decodeHere } from './packets-here';
import type { Chunk, Stretch } from './media';
import { decodedWeights } from './mixer';
import { decodePackets, type Packet } from './packets';

/** A playlist is not a recording, and following one would ask the network. Bare frames are found one by one elsewhere. */
const FORMATS = ALL_FORMATS.filter((format) => ![HLS, MP3, ADTS].some((other) => other === format));
const UNCOMPRESSED = /^(pcm-|ulaw|alaw)/;
/** Of what is decoded here, the codecs whose channels have a known order: that of the browser's decoders. */
const LAID_OUT = /^(ac-3|ec-3|wma)/;

/** @param file read as it is needed, never as a whole */
export function inputOf(file: Blob): Input {
  // A read ahead that fails is no news: the read that needs those bytes fails too, and is waited for.
  return new Input({ formats: FORMATS, source: new BlobSource(file, { handleUnhandledError: () => {} }) });
}

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

/** The track's packets from the one at `start` on. `known`: what the decoder is told; null: what mediabunny says. */
async function* packetsOf(
  track: InputAudioTrack,
  start: number,
  known: AudioDecoderConfig | null,
): AsyncGenerator<Packet, void> {
  const config = known ?? (await track.getDecoderConfig());
  if (!config) throw new Error('no decoder configuration');
  const sink = new EncodedPacketSink(track);
  const first = (Number.isFinite(start) ? await sink.getKeyPacket(start) : null) ?? (await sink.getFirstPacket());
  if (!first) return;
  for await (const packet of sink.packets(first)) {
    yield { timestamp: packet.timestamp, config, chunk: () => packet.toEncodedAudioChunk() };
  }
}

/** Where a stretch lies: [from, to) of its track's clock is heard at `at` of the file's. Seconds. */
type Placed = Pick<Stretch, 'at' | 'from' | 'to'>;

/**
 * A stretch of one track.
 * @param by what decodes its packets; null: mediabunny unpacks them, or the browser decodes what mediabunny knows
 */
export function stretchOf(track: InputAudioTrack, codec: string, span: Placed, by: Decoding | null): Stretch {
  const plain = UNCOMPRESSED.test(codec);
  return {
    ...span,
    read: (start) => {
      if (typeof by === 'function') return decodeHere(track, by, start);
      return plain ? pcmChunks(track, start) : decodePackets(packetsOf(track, start, by));
    },
    weights: LAID_OUT.test(codec) || (!plain && typeof by !== 'function') ? decodedWeights : () => null,
  };
}
