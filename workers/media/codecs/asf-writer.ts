/** The smallest ASF around blocks of WMA: one audio stream, every packet one payload with one block. */
import { concat } from '../../concat';

/** What a decoder of WMA must know. */
export type WmaFormat = {
  tag: number;
  channels: number;
  rate: number;
  /** Bytes of a block, which all have the same length. */
  blockBytes: number;
  /** The description as in the file: WAVEFORMATEX and what follows it. */
  wave: Uint8Array;
};

/** Error correction data of no meaning: every encoder writes it, and some readers take it for granted. */
const ERROR_CORRECTION = [0x82, 0, 0];
/** Where the stream's number stands: behind two bytes of flags, four of time and two of duration. */
const STREAM_AT = ERROR_CORRECTION.length + 8;
/** Behind it: the object's number, an offset of four bytes, the length of the replicated data. */
const REPLICATED_AT = STREAM_AT + 1 + 1 + 4;
/** Bytes of a packet before its payload; replicated are the object's length and its time. */
const PACKET_HEAD = REPLICATED_AT + 1 + 8;

const bytesOf = (hex: string): number[] => (hex.match(/../g) ?? []).map((digits) => parseInt(digits, 16));

/** An object: its GUID, its length with these 24 bytes, what is in it. */
function object(guid: string, body: Uint8Array): Uint8Array {
  const all = new Uint8Array(24 + body.length);
  all.set(bytesOf(guid));
  new DataView(all.buffer).setUint32(16, all.length, true);
  all.set(body, 24);
  return all;
}

/** @returns the header of such a file, up to its first packet, and a function that makes the packet of a block */
export function asfAround(format: WmaFormat): { header: Uint8Array; around: (block: Uint8Array) => Uint8Array } {
  const packetBytes = PACKET_HEAD + format.blockBytes;
  const properties = new DataView(new ArrayBuffer(80));
  properties.setUint32(68, packetBytes, true);
  properties.setUint32(72, packetBytes, true);
  const stream = new Uint8Array(54 + format.wave.length);
  stream.set(bytesOf('409e69f84d5bcf11a8fd00805f5c442b'));
  new DataView(stream.buffer).setUint32(40, format.wave.length, true);
  stream[48] = 1;
  stream.set(format.wave, 54);
  const inside = concat([
    object('a1dcab8c47a9cf118ee400c00c205365', new Uint8Array(properties.buffer)),
    object('9107dcb7b7a9cf118ee600c00c205365', stream),
  ]);
  const header = object('3026b2758e66cf11a6d900aa0062ce6c', concat([Uint8Array.of(2, 0, 0, 0, 1, 2), inside]));
  const data = object('3626b2758e66cf11a6d900aa0062ce6c', new Uint8Array(26));
  const around = (block: Uint8Array): Uint8Array => {
    const packet = new Uint8Array(packetBytes);
    // No lengths; the stream and the object have one byte, the offset four, the replicated data one.
    packet.set(ERROR_CORRECTION);
    packet[ERROR_CORRECTION.length + 1] = 0x5d;
    packet[STREAM_AT] = 1;
    packet[REPLICATED_AT] = 8;
    new DataView(packet.buffer).setUint32(REPLICATED_AT + 1, block.length, true);
    packet.set(block, PACKET_HEAD);
    return packet;
  };
  return { header: concat([header, data]), around };
}
