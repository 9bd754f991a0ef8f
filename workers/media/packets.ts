/**
 * Compressed packets in, sound on the container's clock out.
 *
 * Why not mediabunny's own sample sink: Chromium's AudioDecoder takes the timestamp of the first packet and from then on
 * only counts frames (measured with Chromium 156: packets moved by 2 s came out without a gap, for Opus, AAC, MP3, FLAC
 * and Vorbis), and it labels what comes out first with the first packet's time even where that packet gave nothing
 * (Vorbis) or was shortened (Opus). So times are taken from the packets here and frames are counted between them.
 */
import { EncodedPacketSink, type EncodedPacket, type InputAudioTrack } from 'mediabunny';

/** One decoded chunk. `timestamp`: seconds on the track's clock; `channels`: one array per channel, [-1, 1]. */
export type Chunk = { timestamp: number; rate: number; channels: Float32Array[] };

/** Packets given to the decoder and chunks waiting to be taken, together. */
const QUEUE = 16;
/** A step between packets this much longer than the longest chunk is a gap. Seconds. Silence in Opus (DTX) steps by 0.4 s. */
const GAP_SECONDS = 0.06;
/** No chunk is taken for shorter: codecs with two block lengths (Vorbis) may show the short one first. Seconds. */
const LONGEST_AT_LEAST = 0.1;
/** Packets and frames may drift apart by this much before the clock is set by the packets again. Seconds. */
const DRIFT_SECONDS = 0.2;

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
  readonly #ready: AudioData[] = [];
  #error: Error | null = null;
  #wake: () => void = () => {};

  constructor(config: AudioDecoderConfig) {
    this.#decoder = new AudioDecoder({
      output: (sound) => {
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

  decode(packet: EncodedPacket): void {
    if (!this.#error) this.#decoder.decode(packet.toEncodedAudioChunk());
  }

  /** Resolves when the decoder took a packet, gave a chunk or failed. */
  changed(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  /** Makes it give everything it still holds; a failure is thrown by `take`. */
  async flush(): Promise<void> {
    if (!this.#error) await this.#decoder.flush().catch((error: Error) => (this.#error ??= error));
  }

  close(): void {
    for (const sound of this.#ready.splice(0)) sound.close();
    if (this.#decoder.state !== 'closed') this.#decoder.close();
  }
}

/** Seconds of sound that a decoder gives for this packet when it comes first. @throws when it cannot be decoded */
async function soundOfFirst(config: AudioDecoderConfig, packet: EncodedPacket): Promise<number> {
  const decoder = new Decoder(config);
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
async function anchor(config: AudioDecoderConfig, first: EncodedPacket, second: EncodedPacket | null): Promise<number> {
  if (!second) return first.timestamp;
  const given = await soundOfFirst(config, first);
  const begin = second.timestamp - given;
  const gap = begin - first.timestamp > LONGEST_AT_LEAST + GAP_SECONDS;
  return gap ? first.timestamp : begin;
}

/**
 * Decodes the track from the packet at `start` on. Chunks follow on each other except where the packets leave a gap.
 * @param start seconds on the track's clock; -Infinity for the beginning
 * @throws what reading or decoding throws, after the last chunk that could be decoded
 */
export async function* decodePackets(track: InputAudioTrack, start: number): AsyncGenerator<Chunk, void> {
  const config = await track.getDecoderConfig();
  if (!config) throw new Error('no decoder configuration');
  const sink = new EncodedPacketSink(track);
  let packet = (Number.isFinite(start) ? await sink.getKeyPacket(start) : null) ?? (await sink.getFirstPacket());
  if (!packet) return;
  const packets = sink.packets(packet);
  await packets.next(); // the one we have
  const following = async (): Promise<EncodedPacket | null> => (await packets.next()).value ?? null;
  const decoder = new Decoder(config);
  let clock = 0;
  let longest = 0;
  function* taken(): Generator<Chunk> {
    for (let sound = decoder.take(); sound; sound = decoder.take()) {
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
    let next = await following();
    // Each turn is one run of packets without a gap; its first packet is always taken, so it ends.
    while (packet) {
      clock = await anchor(config, packet, next);
      for (let last = packet.timestamp; packet;) {
        const step: number = packet.timestamp - last;
        const span = Math.max(longest, LONGEST_AT_LEAST);
        // What is still in the decoder explains a distance of QUEUE chunks between the packets and the frames counted.
        const drift = Math.abs(packet.timestamp - clock) - QUEUE * (longest || span);
        if (step > span + GAP_SECONDS || step < -span || drift > DRIFT_SECONDS) break;
        last = packet.timestamp;
        decoder.decode(packet);
        yield* taken();
        while (decoder.full) {
          await decoder.changed();
          yield* taken();
        }
        packet = next;
        next = packet && (await following());
      }
      await decoder.flush();
      yield* taken();
    }
  } finally {
    decoder.close();
    await packets.return();
  }
}
