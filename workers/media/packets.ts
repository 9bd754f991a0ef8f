/**
 * Compressed packets in, sound on the container's clock out.
 *
 * Why not mediabunny's own sample sink: Chromium's AudioDecoder takes the timestamp of the first packet and from then on
 * only counts frames (measured with Chromium 156: packets moved by 2 s came out without a gap, for Opus, AAC, MP3, FLAC
 * and Vorbis), and it labels what comes out first with the first packet's time even where that packet gave nothing
 * (Vorbis) or was shortened (Opus). So times are taken from the packets here and frames are counted between them.
 */
import { fault } from '../protocol';
import { nameOf } from './formats/codec-names';
import type { Chunk } from './media';

/** A compressed packet. A change of `config` (another object) is another decoder. */
export type Packet = {
  /** Seconds on the stretch's own clock. */
  timestamp: number;
  config: AudioDecoderConfig;
  chunk(): EncodedAudioChunk;
};

/** Packets given to the decoder and chunks waiting to be taken, together. */
const QUEUE = 16;
/** A step between packets this much longer than the longest chunk is a gap. Seconds. Silence in Opus (DTX) steps by 0.4 s. */
const GAP_SECONDS = 0.06;
/** No chunk is taken for shorter: codecs with two block lengths (Vorbis) may show the short one first. Seconds. */
const LONGEST_AT_LEAST = 0.1;
/** Packets and frames may drift apart by this much before the clock is set by the packets again. Seconds. */
const DRIFT_SECONDS = 0.2;

/**
 * A decoder answers within milliseconds. WebKitGTK 2.50 says that it decodes FLAC, takes the packets, and then neither
 * gives sound nor fails. Two such waits in a row, because a machine that was asleep comes back with the first one over.
 */
const SILENT_MS = 5000;
/** So many packets without any sound are answer enough: no codec holds back more than a few. */
const MOST_UNANSWERED = 100;

/** The planes of a decoded chunk, as floats. Does not close it. */
function planes(sound: AudioData): Float32Array[] {
  return Array.from({ length: sound.numberOfChannels }, (_, planeIndex) => {
    const plane = new Float32Array(sound.numberOfFrames);
    sound.copyTo(plane, { planeIndex, format: 'f32-planar' });
    return plane;
  });
}

/** An AudioDecoder whose chunks are pulled. */
class Decoder {
  readonly #decoder: AudioDecoder;
  readonly #codec: string;
  readonly #ready: AudioData[] = [];
  #error: Error | null = null;
  /** Packets that were given before the first sound came. */
  #unanswered = 0;
  #wake: () => void = () => {};

  constructor(config: AudioDecoderConfig) {
    this.#codec = config.codec;
    this.#decoder = new AudioDecoder({
      output: (sound) => {
        this.#unanswered = -Infinity;
        this.#ready.push(sound);
        this.#wake();
      },
      error: (error) => {
        this.#error = error;
        this.#wake();
      },
    });
    this.#decoder.addEventListener('dequeue', () => this.#wake());
    this.#decoder.configure(config);
  }

  get full(): boolean {
    return this.#decoder.decodeQueueSize + this.#ready.length >= QUEUE;
  }

  /** The next chunk if there is one; the caller closes it. @throws what the decoder complained of, after its last chunk */
  take(): AudioData | undefined {
    if (this.#ready.length === 0 && this.#error) throw this.#error;
    return this.#ready.shift();
  }

  decode(packet: Packet): void {
    if (this.#error) return;
    this.#unanswered += 1;
    if (this.#unanswered > MOST_UNANSWERED) this.#fall();
    else this.#decoder.decode(packet.chunk());
  }

  /** Resolves when the decoder took a packet, gave a chunk or failed. */
  changed(): Promise<void> {
    return this.#patiently(new Promise((resolve) => (this.#wake = resolve)));
  }

  /** Makes it give everything it still holds; a failure is thrown by `take`. */
  async flush(): Promise<void> {
    if (this.#error) return;
    await this.#patiently(this.#decoder.flush().catch((error: Error) => void (this.#error ??= error)));
  }

  /** Silence is a failure, too. */
  async #patiently(answer: Promise<void>): Promise<void> {
    let waits = 0;
    let timer: ReturnType<typeof setInterval> | undefined;
    const silence = new Promise<void>((resolve) => {
      timer = setInterval(() => {
        if (++waits < 2) return;
        this.#fall();
        resolve();
      }, SILENT_MS);
    });
    await Promise.race([answer, silence]).finally(() => clearInterval(timer));
  }

  #fall(): void {
    this.#error ??= fault('UnsupportedFormat', `holds ${nameOf(this.#codec)}`);
  }

  close(): void {
    for (const sound of this.#ready.splice(0)) sound.close();
    if (this.#decoder.state !== 'closed') this.#decoder.close();
  }
}

/** Seconds of sound that a decoder gives for this packet when it comes first. @throws when it cannot be decoded */
async function soundOfFirst(packet: Packet): Promise<number> {
  const decoder = new Decoder(packet.config);
  try {
    decoder.decode(packet);
    await decoder.flush();
    let seconds = 0;
    for (let sound = decoder.take(); sound; sound = decoder.take()) {
      seconds += sound.numberOfFrames / sound.sampleRate;
      sound.close();
    }
    return seconds;
  } finally {
    decoder.close();
  }
}

/**
 * Where the first sound of a run lies. It ends where the second packet begins: true for a first packet that gives
 * nothing, is cut short (Opus, pre-skip) or gives all.
 */
async function anchor(first: Packet, second: Packet | null): Promise<number> {
  if (second?.config !== first.config) return first.timestamp;
  const given = await soundOfFirst(first);
  const begin = second.timestamp - given;
  // Packets whose times run backwards say nothing either.
  const gap = Math.abs(begin - first.timestamp) > LONGEST_AT_LEAST + GAP_SECONDS;
  return gap ? first.timestamp : begin;
}

/**
 * Decodes packets. Chunks follow on each other except where the packets leave a gap.
 * @param packets in the order of decoding; returned when done
 * @throws what reading or decoding throws, after the last chunk that could be decoded
 */
export async function* decodePackets(packets: AsyncGenerator<Packet, void>): AsyncGenerator<Chunk, void> {
  const following = async (): Promise<Packet | null> => (await packets.next()).value ?? null;
  let decoder: Decoder | null = null;
  let clock = 0;
  let longest = 0;
  function* taken(from: Decoder): Generator<Chunk> {
    for (let sound = from.take(); sound; sound = from.take()) {
      try {
        const seconds = sound.numberOfFrames / sound.sampleRate;
        yield { timestamp: clock, rate: sound.sampleRate, channels: planes(sound) };
        clock += seconds;
        longest = Math.max(longest, seconds);
      } finally {
        sound.close();
      }
    }
  }
  try {
    let packet = await following();
    let next = packet && (await following());
    let config = packet?.config;
    // Each turn is one run of packets without a gap; its first packet is always taken, so it ends.
    while (packet) {
      clock = await anchor(packet, next);
      if (!decoder || packet.config !== config) {
        decoder?.close();
        ({ config } = packet);
        decoder = new Decoder(config);
        longest = 0;
      }
      const first: Packet = packet;
      for (let last = packet.timestamp; packet;) {
        const step: number = packet.timestamp - last;
        const span = Math.max(longest, LONGEST_AT_LEAST);
        // What is still in the decoder explains a distance of QUEUE chunks between the packets and the frames counted.
        const drift = Math.abs(packet.timestamp - clock) - QUEUE * (longest || span);
        const apart = packet.config !== config || step > span + GAP_SECONDS || step < -span || drift > DRIFT_SECONDS;
        if (packet !== first && apart) break;
        last = packet.timestamp;
        decoder.decode(packet);
        yield* taken(decoder);
        while (decoder.full) {
          await decoder.changed();
          yield* taken(decoder);
        }
        packet = next;
        next = packet && (await following());
      }
      await decoder.flush();
      yield* taken(decoder);
    }
  } finally {
    decoder?.close();
    await packets.return();
  }
}
