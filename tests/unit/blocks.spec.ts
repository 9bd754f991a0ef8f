/** Blocks and half-precision numbers against plain references. */
import { expect, test } from 'playwright/test';
import { expandBlocks, halfToFloat } from '../../workers/onnx/blocks.ts';
import { randomFrom } from './random.ts';

/** IEEE 754 binary16 as its definition reads (3.4). */
function half(bits: number): number {
  const [sign, exponent, fraction] = [(bits >> 15) & 1, (bits >> 10) & 31, bits & 1023];
  const magnitude =
    exponent === 31
      ? fraction === 0
        ? Infinity
        : NaN
      : exponent === 0
        ? 2 ** -14 * (fraction / 1024)
        : 2 ** (exponent - 15) * (1 + fraction / 1024);
  return sign === 1 ? -magnitude : magnitude;
}

test('each of the 65,536 half-precision numbers is widened exactly', () => {
  const bytes = new Uint8Array(2 * 65536);
  const view = new DataView(bytes.buffer);
  for (let bits = 0; bits < 65536; bits++) view.setUint16(2 * bits, bits, true);
  const wide = halfToFloat(bytes);
  expect(wide).toHaveLength(65536);
  const wrong: number[] = [];
  for (let bits = 0; bits < 65536; bits++) if (!Object.is(wide[bits], half(bits))) wrong.push(bits);
  expect(wrong).toEqual([]);
  // Spot values of the standard: 1, the largest, the smallest normal and subnormal, minus zero.
  expect([0x3c00, 0x7bff, 0x0400, 0x0001].map((bits) => wide[bits])).toEqual([1, 65504, 2 ** -14, 2 ** -24]);
  expect(Object.is(wide[0x8000], -0)).toBe(true);
  // Bytes that begin anywhere in a buffer.
  expect([...halfToFloat(Uint8Array.of(9, 0x00, 0x3c, 0x00, 0xc0).subarray(1))]).toEqual([1, -2]);
});

test('blocks are levels less their zero point, times their scale, in either order', () => {
  const random = randomFrom(1);
  for (let round = 0; round < 300; round++) {
    const bits = round % 2 === 0 ? 4 : 8;
    const size = [16, 32, 64][random.whole(0, 2)];
    const rows = random.whole(1, 40);
    const columns = random.whole(1, 150);
    const blocks = Math.ceil(columns / size);
    // Plain values first, packed after.
    const level = (): number => random.whole(0, 2 ** bits - 1);
    const levels = Array.from({ length: rows }, () => Array.from({ length: blocks * size }, level));
    const scales = Array.from({ length: rows }, () =>
      Array.from({ length: blocks }, () => Math.fround(random.normal())),
    );
    const zeros = round % 3 === 0 ? null : levels.map(() => Array.from({ length: blocks }, level));
    const packed = (values: number[][]): Uint8Array =>
      Uint8Array.from(
        values.flatMap((row) =>
          bits === 8
            ? row
            : Array.from({ length: Math.ceil(row.length / 2) }, (_, i) => row[2 * i] | ((row[2 * i + 1] ?? 0) << 4)),
        ),
      );
    const given = [packed(levels), Float32Array.from(scales.flat()), zeros && packed(zeros)] as const;
    const shape = { rows, columns, size, bits };
    const byRow = expandBlocks(shape, ...given, 'rows');
    const byColumn = expandBlocks(shape, ...given, 'columns');
    expect([byRow.length, byColumn.length]).toEqual([rows * columns, rows * columns]);
    let wrong = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const block = Math.floor(column / size);
        const zero = zeros ? zeros[row][block] : 2 ** (bits - 1);
        const expected = Math.fround((levels[row][column] - zero) * scales[row][block]);
        if (byRow[row * columns + column] !== expected || byColumn[column * rows + row] !== expected) wrong += 1;
      }
    }
    expect(wrong, `round ${round}`).toBe(0);
  }
});

test('what does not fit is refused', () => {
  const shape = { rows: 2, columns: 40, size: 32, bits: 8 };
  const [levels, scales] = [new Uint8Array(128), new Float32Array(4)];
  expect(expandBlocks(shape, levels, scales, null, 'rows')).toHaveLength(80);
  expect(() => expandBlocks(shape, levels.subarray(1), scales, null, 'rows')).toThrow(RangeError);
  expect(() => expandBlocks(shape, levels, scales.subarray(1), null, 'rows')).toThrow(RangeError);
  expect(() => expandBlocks(shape, levels, scales, new Uint8Array(3), 'rows')).toThrow(RangeError);
});
