/** Sound files to the mono 16 kHz samples that the engine gets. */

/**
 * @param {Uint8Array} bytes RIFF/WAVE with 16-bit integers or 32-bit floats
 * @returns {{ rate: number, channels: Float32Array[] }}
 */
export function decodeWav(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const tag = (/** @type {number} */ at) => String.fromCharCode(...bytes.subarray(at, at + 4));
  let [format, count, rate, bits] = [0, 0, 0, 0];
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    if (tag(at) === 'fmt ') {
      format = view.getUint16(at + 8, true);
      count = view.getUint16(at + 10, true);
      rate = view.getUint32(at + 12, true);
      bits = view.getUint16(at + 22, true);
    } else if (tag(at) === 'data') {
      const width = bits / 8;
      if (!((bits === 16 && format !== 3) || (bits === 32 && format === 3)))
        throw new Error('WAV: 16-bit or float only');
      const frames = Math.floor(Math.min(size, bytes.length - at - 8) / width / count);
      const channels = Array.from({ length: count }, () => new Float32Array(frames));
      for (let n = 0; n < frames; n++)
        for (let c = 0; c < count; c++) {
          const place = at + 8 + (n * count + c) * width;
          channels[c][n] = bits === 16 ? view.getInt16(place, true) / 32768 : view.getFloat32(place, true);
        }
      return { rate, channels };
    }
    at += 8 + size + (size & 1);
  }
  throw new Error('WAV: no sound');
}

/** @param {{ rate: number, channels: Float32Array[] }} sound @param {string} path */
export function monoAt16k({ rate, channels }, path) {
  if (rate !== 16000) throw new Error(`${path} has ${rate} Hz; this runner does not resample, 16000 are needed`);
  return channels[0].map((_, n) => channels.reduce((sum, channel) => sum + channel[n], 0) / channels.length);
}
