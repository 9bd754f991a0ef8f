/** Quantized blocks and half-precision numbers to fp32. */

/** A matrix in blocks along its columns: `rows` × `columns` of `bits` each, `size` to a block. */
export type Blocks = { rows: number; columns: number; size: number; bits: number };

/** Rows that are written side by side when a matrix is laid out by columns: 16 floats are one cache line. */
const TILE = 16;

/**
 * `(level - zero point) * scale`, as `MatMulNBits` defines it (ONNX Runtime, docs/ContribOperators.md).
 * @param levels [rows, blocks a row, size * bits / 8]; of two 4-bit levels in a byte the lower half is the first
 * @param scales [rows, blocks a row]
 * @param zeroPoints [rows, bytes for the blocks of a row], packed as the levels; null: the middle of the range
 * @param order `rows`: [rows, columns]; `columns`: [columns, rows]
 * @throws RangeError when there is no memory for the result, or a length does not fit
 */
export function expandBlocks(
  { rows, columns, size, bits }: Blocks,
  levels: Uint8Array,
  scales: Float32Array,
  zeroPoints: Uint8Array | null,
  order: 'rows' | 'columns',
): Float32Array<ArrayBuffer> {
  const blocks = Math.ceil(columns / size);
  const perByte = 8 / bits;
  const rowBytes = (blocks * size) / perByte;
  const zeroBytes = Math.ceil(blocks / perByte);
  if (levels.length !== rows * rowBytes || scales.length !== rows * blocks)
    throw new RangeError(`blocks of ${rows} x ${columns} do not fit ${levels.length} bytes`);
  if (zeroPoints && zeroPoints.length !== rows * zeroBytes) throw new RangeError('zero points do not fit');
  const out = new Float32Array(rows * columns);
  const middle = 1 << (bits - 1);
  const mask = (1 << bits) - 1;
  const [rowStep, columnStep] = order === 'rows' ? [columns, 1] : [1, rows];
  for (let tile = 0; tile < rows; tile += TILE) {
    const end = Math.min(rows, tile + TILE);
    for (let block = 0; block < blocks; block++) {
      const from = block * size;
      const to = Math.min(columns, from + size);
      for (let row = tile; row < end; row++) {
        const scale = scales[row * blocks + block];
        let zero = middle;
        if (zeroPoints) {
          const packed = zeroPoints[row * zeroBytes + Math.floor(block / perByte)];
          zero = (packed >> ((block % perByte) * bits)) & mask;
        }
        let at = row * rowStep + from * columnStep;
        const base = row * rowBytes;
        if (bits === 8) {
          for (let column = from; column < to; column++, at += columnStep)
            out[at] = (levels[base + column] - zero) * scale;
        } else {
          for (let column = from; column < to; column++, at += columnStep)
            out[at] = (((levels[base + (column >> 1)] >> ((column & 1) * 4)) & 15) - zero) * scale;
        }
      }
    }
  }
  return out;
}

let table: Float32Array | null = null;

/** Every value of IEEE 754 binary16 by its bits; not every browser has Float16Array. */
function halves(): Float32Array {
  if (table) return table;
  table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    table[bits] =
      sign *
      (exponent === 31
        ? fraction > 0
          ? NaN
          : Infinity
        : exponent === 0
          ? fraction * 2 ** -24
          : (1 + fraction / 1024) * 2 ** (exponent - 15));
  }
  return table;
}

/** @param bytes little-endian binary16 */
export function halfToFloat(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const values = halves();
  const out = new Float32Array(bytes.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = values[bytes[2 * i] | (bytes[2 * i + 1] << 8)]!;
  return out;
}
