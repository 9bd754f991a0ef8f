/** Packets through a decoder of ours: sound on the container's clock, as `decodePackets` gives it for the browser's. */
import { EncodedPacketSink, type InputAudioTrack } from 'mediabunny';
import type { Chunk } from './media';
import type { DecoderMaker, Sound } from './codecs/codec';

/** Packets and counted frames may differ by this much before the packets set the clock: rounding, not a gap. Seconds. */
const SLACK_SECONDS = 0.05;

/**
 * Decodes the track from the packet at `start` on.
 * @param start seconds on the track's clock; -Infinity for the beginning
 * @throws what reading, loading the decoder or decoding throws
 */
export async function* decodeHere(
  track: InputAudioTrack,
  make: DecoderMaker,
  start: number,
): AsyncGenerator<Chunk, void> {
  const sink = new EncodedPacketSink(track);
  const first = (Number.isFinite(start) ? await sink.getKeyPacket(start) : null) ?? (await sink.getFirstPacket());
  if (!first) return;
  const decoder = await make();
  let clock = first.timestamp;
  function* placed(sound: Sound | null | undefined): Generator<Chunk> {
    if (!sound) return;
    const { rate, channels } = sound;
    yield { timestamp: clock, rate, channels };
    clock += channels[0].length / rate;
  }
  try {
    for await (const packet of sink.packets(first)) {
      if (Math.abs(packet.timestamp - clock) > (decoder.slackSeconds ?? SLACK_SECONDS)) clock = packet.timestamp;
      yield* placed(decoder.decode(packet.data));
    }
    yield* placed(decoder.flush?.());
  } finally {
    decoder.free?.();
  }
}
