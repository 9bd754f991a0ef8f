/** The bytes that stand before 16 bit samples of one channel to make a WAV of them. */

export const WAV_BYTES_PER_SAMPLE = 2;
const HEADER_BYTES = 44;
/** The lengths are fields of 32 bits: a longer recording has the placeholder that pipes write ("as much as follows"). */
const MOST = 0xffffffff;

/**
 * "Multimedia Programming Interface and Data Specifications 1.0", IBM and Microsoft, 1991.
 * @param dataBytes length of the samples
 */
export function wavHeader(sampleRate: number, dataBytes: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  const write = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
  write(0, 'RIFF');
  view.setUint32(4, Math.min(MOST, HEADER_BYTES - 8 + dataBytes), true);
  write(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * WAV_BYTES_PER_SAMPLE, true);
  view.setUint16(32, WAV_BYTES_PER_SAMPLE, true);
  view.setUint16(34, 8 * WAV_BYTES_PER_SAMPLE, true);
  write(36, 'data');
  view.setUint32(40, Math.min(MOST, dataBytes), true);
  return header;
}
