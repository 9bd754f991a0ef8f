/** What a decoder of packets is to the rest, whether it is written here or borrowed. */

/** Decoded sound. `rate`: samples per second; `channels`: one array per channel, all of one length, [-1, 1]. */
export type Sound = { rate: number; channels: Float32Array[] };

/** A decoder with a memory: packets go in one after another, in the order of the file. */
export type PacketDecoder = {
  /**
   * The sound that this packet completes; null where it gives none.
   * @throws where the packet cannot be decoded; the next one can be tried
   */
  decode(packet: Uint8Array): Sound | null;
  /** What the decoder still holds after the last packet. */
  flush?(): Sound | null;
  /** How far the frames counted may be from the packets' times before these set the clock again. Seconds; 0.05 if missing. */
  slackSeconds?: number;
  /** Gives memory outside the JavaScript heap back. The decoder is not used afterwards. */
  free?(): void;
};

/** Makes a fresh decoder. Borrowed ones load their library here, the first time such a file comes. */
export type DecoderMaker = () => Promise<PacketDecoder>;

/**
 * The sample rate that a header gives is believed inside these bounds only; Hz. No recorder is outside them, and none
 * takes an odd rate far above the usual ones.
 */
export function isRate(rate: number): boolean {
  return Number.isInteger(rate) && rate >= 1000 && rate <= 768_000 && (rate <= 96_000 || rate % 50 === 0);
}

/** More channels than any recorder has are a damaged header. */
export function isChannelCount(channels: number): boolean {
  return channels >= 1 && channels <= 256;
}

/** One empty array per channel. */
export function planes(channels: number, frames: number): Float32Array[] {
  return Array.from({ length: channels }, () => new Float32Array(frames));
}
