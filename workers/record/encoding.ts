/**
 * Sound becomes bytes that can be cut anywhere: pages of Ogg with Opus inside, each of which stands for itself, or bare
 * samples, whose WAV header is made when the recording is read. So what is on the disk after a crash is a file.
 */
import {
  AudioSample,
  AudioSampleSource,
  canEncodeAudio,
  NullTarget,
  OggOutputFormat,
  Output,
  Quality,
} from 'mediabunny';
import { WAV_BYTES_PER_SAMPLE } from './wav-header';

/** 29 MB an hour. Opus is transparent for one voice from about 40 kbit/s (RFC 6716, section 2.1.1), and meetings are worse. */
const BITS_PER_SECOND = 64_000;
/** Opus knows this rate and its divisors (RFC 6716, section 2); of any other rate it is made. */
const OPUS_RATE = 48_000;
/** Sound that is in no page yet is lost in a crash. */
const PAGE_SECONDS = 0.5;

export type Encoding = {
  /** What the file is: `audio/wav` bytes need a header before them. */
  type: 'audio/ogg' | 'audio/wav';
  extension: '.ogg' | '.wav';
  /** @param samples one channel, [-1, 1] */
  add(samples: Float32Array): Promise<void>;
  /** Gives the bytes that are still missing. Nothing may be added afterwards. */
  finish(): Promise<void>;
  /** Instead of `finish`, where nobody wants the rest: lets go of the encoder. */
  drop(): Promise<void>;
};

/**
 * Opus where the browser has an encoder for it, else 16 bit samples.
 * @param sink takes the bytes in their order
 */
export async function chooseEncoding(sampleRate: number, sink: (bytes: Uint8Array) => void): Promise<Encoding> {
  const quality = new Quality({ bitrate: BITS_PER_SECOND });
  const able = await canEncodeAudio('opus', { numberOfChannels: 1, sampleRate: OPUS_RATE, quality }).catch(() => false);
  return able ? opusEncoding(sampleRate, quality, sink) : wavEncoding(sink);
}

async function opusEncoding(
  sampleRate: number,
  quality: Quality,
  sink: (bytes: Uint8Array) => void,
): Promise<Encoding> {
  const source = new AudioSampleSource({
    codec: 'opus',
    quality,
    ...(sampleRate !== OPUS_RATE && { transform: { sampleRate: OPUS_RATE } }),
  });
  const output = new Output({
    // The muxer uses the bytes of a page again for the next one.
    format: new OggOutputFormat({ maximumPageDuration: PAGE_SECONDS, onPage: (page) => sink(page.slice()) }),
    target: new NullTarget(),
  });
  output.addAudioTrack(source);
  await output.start();
  let samplesBefore = 0;
  return {
    type: 'audio/ogg',
    extension: '.ogg',
    async add(samples) {
      const sample = new AudioSample({
        data: samples,
        format: 'f32',
        numberOfChannels: 1,
        sampleRate,
        timestamp: samplesBefore / sampleRate,
      });
      samplesBefore += samples.length;
      await source.add(sample);
      sample.close();
    },
    finish: () => output.finalize(),
    drop: () => output.cancel(),
  };
}

function wavEncoding(sink: (bytes: Uint8Array) => void): Encoding {
  return {
    type: 'audio/wav',
    extension: '.wav',
    async add(samples) {
      const bytes = new DataView(new ArrayBuffer(samples.length * WAV_BYTES_PER_SAMPLE));
      samples.forEach((value, index) =>
        bytes.setInt16(index * WAV_BYTES_PER_SAMPLE, Math.round(32767 * Math.min(1, Math.max(-1, value))), true),
      );
      sink(new Uint8Array(bytes.buffer));
    },
    async finish() {},
    async drop() {},
  };
}
