/** The form in memory of a model that is stored in blocks and in fp16: forged graphs, and the page's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { isOutOfMemory } from '../../workers/onnx/out-of-memory.ts';
import { skeletonOf } from '../../workers/onnx/skeleton.ts';
import { unpack, type Unpacked } from '../../workers/onnx/unpack.ts';
import { repository } from '../browser.ts';
import { expectWhole, FLOAT, HALF, input, model, node, output, read, tensor, tensorsOf, UINT8 } from './onnx-graph.ts';
import { randomFrom, type Random } from './random.ts';

const unpacked = async (file: Uint8Array<ArrayBuffer>, expand: boolean): Promise<Unpacked> => {
  const blob = new Blob([file]);
  return unpack(await skeletonOf(blob), blob, expand);
};

/** The fp32 values that a model's tensor has in the files mounted beside it. */
async function valuesOf(
  { model: graph, externalData }: Unpacked,
  name: string,
): Promise<{ dims: number[]; values: Float32Array }> {
  const { type, dims, raw, place } = tensorsOf(graph).get(name)!;
  expect(type).toBe(FLOAT);
  if (raw) return { dims, values: new Float32Array(Uint8Array.from(raw).buffer) };
  const { data } = externalData.find(({ path }) => path === place.location)!;
  const all = data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data;
  const offset = Number(place.offset);
  const bytes = all.slice(offset, offset + Number(place.length));
  return { dims, values: new Float32Array(bytes.buffer) };
}

const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** Half-precision numbers that are exact: small whole numbers over 256. */
function halves(random: Random, count: number): { values: number[]; bytes: Uint8Array } {
  const values = Array.from({ length: count }, () => random.whole(1, 255) / 256);
  const bytes = new Uint8Array(2 * count);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    const exponent = Math.floor(Math.log2(value));
    view.setUint16(2 * i, ((exponent + 15) << 10) | Math.round((value / 2 ** exponent - 1) * 1024), true);
  });
  return { values, bytes };
}

type Matrix = { rows: number; columns: number; size: number; bits: number };
type Stored = {
  parts: number[][];
  expected: Float32Array;
  scales: Float32Array;
  inputs: string[];
  attributes: Record<string, number>;
};

/** A matrix in blocks with its initializers, and the numbers that it is. Scales are in fp16 where a Cast makes them. */
function stored(random: Random, name: string, shape: Matrix, zeroPoints: boolean, narrow: boolean): Stored {
  const { rows, columns, size, bits } = shape;
  const blocks = columns / size;
  const perByte = 8 / bits;
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => random.whole(0, 255));
  const levels = bytes((rows * columns) / perByte);
  const zeroBytes = Math.ceil(blocks / perByte);
  const zeros = bytes(rows * zeroBytes);
  const scales = halves(random, rows * blocks);
  const at = (packed: Uint8Array, byte: number, part: number): number =>
    bits === 8 ? packed[byte] : (packed[byte] >> (4 * part)) & 15;
  const expected = Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const block = Math.floor(column / size);
    const level = at(levels, Math.floor(i / perByte), i % perByte);
    const zero = zeroPoints
      ? at(zeros, row * zeroBytes + Math.floor(block / perByte), block % perByte)
      : 2 ** (bits - 1);
    return (level - zero) * scales.values[row * blocks + block];
  });
  const parts = [
    tensor(`${name}_q`, UINT8, [rows, blocks, (size * bits) / 8], levels),
    narrow
      ? tensor(`${name}_s16`, HALF, [rows * blocks], scales.bytes)
      : tensor(`${name}_s`, FLOAT, [rows * blocks], floats(scales.values)),
    ...(narrow ? [node('Cast', [`${name}_s16`], [`${name}_s`], { to: FLOAT })] : []),
    ...(zeroPoints ? [tensor(`${name}_z`, UINT8, [rows * zeroBytes], zeros)] : []),
  ];
  return {
    parts,
    expected,
    scales: Float32Array.from(scales.values),
    inputs: [`${name}_q`, `${name}_s`, ...(zeroPoints ? [`${name}_z`] : [])],
    attributes: { K: columns, N: rows, bits, block_size: size },
  };
}

const turned = (values: Float32Array, { rows, columns }: Matrix): Float32Array =>
  Float32Array.from({ length: values.length }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
const shapes: Matrix[] = [4, 8].flatMap((bits) =>
  [
    [48, 64],
    [7, 96],
  ].map(([rows, columns]) => ({ rows, columns, size: 32, bits })),
);

for (const shape of shapes) {
  test(`products of ${shape.bits} bits, ${shape.rows} x ${shape.columns}, in the graph and in branches, become fp32`, async () => {
    const random = randomFrom(shape.bits * shape.rows);
    for (const [zeroPoints, narrow] of [
      [false, true],
      [true, true],
      [true, false],
    ]) {
      const [one, two, three] = ['a', 'b', 'c'].map((name) => stored(random, name, shape, zeroPoints, narrow));
      const product = (of: Stored, result: string): number[] =>
        node('MatMulNBits', ['x', ...of.inputs], [result], of.attributes);
      const file = model(
        ...[one, two, three].flatMap(({ parts }) => parts),
        product(one, 'p'),
        node('If', ['condition'], ['y'], {
          then_branch: [product(two, 'then'), output('then')],
          else_branch: [product(three, 'else'), output('else')],
        }),
        ...['x', 'condition'].map(input),
        ...['p', 'y'].map(output),
      );
      const wide = await unpacked(file, true);
      const graph = read(wide.model);
      expectWhole(graph);
      expect(graph.nodes.map(({ type }) => type)).toEqual(['MatMul', 'If']);
      const branches = graph.nodes[1].branches.map(({ nodes }) => nodes[0]);
      expect(branches.map(({ type, outputs }) => [type, ...outputs])).toEqual([
        ['MatMul', 'then'],
        ['MatMul', 'else'],
      ]);
      for (const [made, of] of [
        [graph.nodes[0], one],
        [branches[0], two],
        [branches[1], three],
      ] as const) {
        const { dims, values } = await valuesOf(wide, made.inputs[1]);
        expect(dims).toEqual([shape.columns, shape.rows]);
        expect(values).toEqual(turned(of.expected, shape));
        expect(made.inputs[0]).toBe('x');
      }
      // Nothing of the blocks is left in the graph.
      expect(graph.initializers.filter((name) => /_[qsz]|_s16/.test(name) && !name.includes('/'))).toEqual([]);

      const kept = await unpacked(file, false);
      const same = read(kept.model);
      expectWhole(same);
      expect(same.nodes.map(({ type }) => type)).toEqual(['MatMulNBits', 'If']);
      expect(same.nodes[0].inputs).toEqual(['x', ...one.inputs]);
      expect(await valuesOf(kept, 'a_s')).toEqual({ dims: [one.scales.length], values: one.scales });
    }
  });
}

test('a matrix that is looked up and multiplied with is there once, as it lies', async () => {
  for (const bits of [4, 8]) {
    const shape = { rows: 60, columns: 64, size: 32, bits };
    const embedding = stored(randomFrom(bits), 'E', shape, false, true);
    const lookup = (result: string): number[][] => [
      node('Unsqueeze', ['E_s', 'last'], [`${result}/scales`]),
      node('GatherBlockQuantized', ['E_q', 'ids', `${result}/scales`], [result], {
        gather_axis: 0,
        quantize_axis: 2,
        block_size: 32,
        bits,
      }),
    ];
    const branch = (name: string): number[][] => [
      ...lookup(`${name}/row`),
      node('MatMulNBits', [`${name}/row`, ...embedding.inputs], [name], embedding.attributes),
      output(name),
    ];
    const file = model(
      tensor('last', 7, [1], new Uint8Array(8)),
      ...embedding.parts,
      node('If', ['condition'], ['y'], { then_branch: branch('then'), else_branch: branch('else') }),
      ...['ids', 'condition'].map(input),
      output('y'),
    );
    const wide = await unpacked(file, true);
    const graph = read(wide.model);
    expectWhole(graph);
    for (const { nodes } of graph.nodes[0].branches) {
      expect(nodes.map(({ type }) => type)).toEqual([
        ...['Gather', 'Reshape', 'Gemm', 'Shape', 'Slice', 'Concat', 'Reshape'],
      ]);
      expect(nodes[2].inputs[1]).toBe(nodes[0].inputs[0]);
      const { dims, values } = await valuesOf(wide, nodes[0].inputs[0]);
      expect(dims).toEqual([60, 64]);
      expect(values).toEqual(embedding.expected);
    }
    expect(wide.externalData, 'the stored file and one matrix').toHaveLength(2);
    const same = read((await unpacked(file, false)).model);
    expectWhole(same);
    expect(same.nodes[0].branches[0].nodes.map(({ type }) => type)).toEqual([
      ...['Unsqueeze', 'GatherBlockQuantized', 'MatMulNBits'],
    ]);
  }
});

test('fp16 behind a Cast is widened in any form, and stays where something else reads it', async () => {
  const random = randomFrom(5);
  const [alone, shared] = [halves(random, 40), halves(random, 600)];
  const file = model(
    tensor('one16', HALF, [8, 5], alone.bytes),
    tensor('two16', HALF, [600], shared.bytes),
    node('Cast', ['one16'], ['one'], { to: FLOAT }),
    node('Cast', ['two16'], ['two'], { to: FLOAT }),
    node('Add', ['one', 'x'], ['y']),
    node('Add', ['two', 'x'], ['w']),
    node('If', ['condition'], ['z'], { then_branch: [node('Identity', ['two16'], ['z1']), output('z1')] }),
    ...['x', 'condition'].map(input),
    ...['y', 'z', 'w'].map(output),
  );
  for (const expand of [true, false]) {
    const made = await unpacked(file, expand);
    const graph = read(made.model);
    expectWhole(graph);
    expect(graph.nodes.map(({ type }) => type)).toEqual(['Add', 'Add', 'If']);
    expect(graph.initializers).not.toContain('one16');
    expect(graph.initializers).toContain('two16');
    expect(await valuesOf(made, 'one')).toEqual({ dims: [8, 5], values: Float32Array.from(alone.values) });
    expect(await valuesOf(made, 'two')).toEqual({ dims: [600], values: Float32Array.from(shared.values) });
  }
});

test('blocks that no plain product can stand for stay as they are, and their scales with them', async () => {
  const shape = { rows: 16, columns: 32, size: 32, bits: 4 };
  const make = (
    change: (one: Stored) => { inputs: string[]; attributes: Record<string, number>; more?: number[][] },
  ) => {
    const one = stored(randomFrom(6), 'a', shape, true, false);
    const { inputs, attributes, more = [] } = change(one);
    return model(
      ...one.parts,
      ...more,
      node('MatMulNBits', ['x', ...inputs], ['y'], attributes),
      ...['x', 'made'].map(input),
      output('y'),
    );
  };
  const extra = tensor('bias', FLOAT, [16], new Uint8Array(64));
  const others: Record<string, Uint8Array<ArrayBuffer>> = {
    'a bias': make(({ inputs, attributes }) => ({ inputs: [...inputs, '', 'bias'], attributes, more: [extra] })),
    'another order': make(({ inputs, attributes }) => ({ inputs: [...inputs, 'bias'], attributes, more: [extra] })),
    'other bits': make(({ inputs, attributes }) => ({ inputs, attributes: { ...attributes, bits: 2 } })),
    'zero points of another type': make(({ inputs, attributes }) => ({
      inputs: [...inputs.slice(0, 2), 'bias'],
      attributes,
      more: [extra],
    })),
    'scales in fp16': make(({ inputs, attributes }) => ({
      inputs: [inputs[0], 'narrow', inputs[2]],
      attributes,
      more: [tensor('narrow', HALF, [16], new Uint8Array(32))],
    })),
    'made at run time': make(({ inputs, attributes }) => ({ inputs: ['made', ...inputs.slice(1)], attributes })),
  };
  for (const [what, file] of Object.entries(others)) {
    const graph = read((await unpacked(file, true)).model);
    expectWhole(graph);
    expect(
      graph.nodes.map(({ type }) => type),
      what,
    ).toEqual(['MatMulNBits']);
  }
});

test('a plain model is left byte for byte', async () => {
  const file = model(node('Relu', ['x'], ['y']), tensor('E', FLOAT, [2], floats([1, 2])), input('x'), output('y'));
  for (const expand of [true, false])
    expect([...(await unpacked(file, expand)).model].sort()).toEqual([...file].sort());
});

const folder = join(repository, 'public/models/whisper-digits-10s/onnx');
for (const name of readdirSync(folder).filter((one) => one.endsWith('_q4.onnx'))) {
  test(`${name}: no blocks are left for the CPU, all for the GPU, and every name is there`, async () => {
    const file = new Uint8Array(readFileSync(join(folder, name)));
    const types = (graph: ReturnType<typeof read>): string[] =>
      graph.nodes.flatMap(({ type, branches }) => [type, ...branches.flatMap(types)]);
    const blocks = (graph: ReturnType<typeof read>): number =>
      types(graph).filter((type) => type === 'MatMulNBits').length;
    const before = blocks(read(await skeletonOf(new Blob([file]))));
    expect(before).toBeGreaterThan(0);
    for (const [expand, left] of [
      [true, 0],
      [false, before],
    ] as const) {
      const graph = read((await unpacked(file, expand)).model);
      expectWhole(graph);
      expect(blocks(graph)).toBe(left);
    }
  });
}

test('memory that is missing is told from other errors', async () => {
  const missing = [
    new RangeError('Array buffer allocation failed'),
    new RangeError('Invalid typed array length: 9007199254740991'),
    new Error('std::bad_alloc'),
    new Error('Aborted(OOM). Build with -sASSERTIONS for more info.'),
    new Error('failed to allocate: out of memory'),
  ];
  for (const error of missing) expect(isOutOfMemory(error), error.message).toBe(true);
  for (const error of [new Error('no room'), new Error('ZOOM'), new TypeError('x is undefined'), 'RangeError', null])
    expect(isOutOfMemory(error)).toBe(false);
  // A matrix that no memory holds is such an error, so that the blocks are taken as they are.
  const shape = { rows: 1, columns: 32, size: 32, bits: 8 };
  const one = stored(randomFrom(7), 'a', shape, false, false);
  const product = (attributes: Record<string, number>): number[] =>
    node('MatMulNBits', ['x', ...one.inputs], ['y'], { ...one.attributes, ...attributes });
  const huge = model(...one.parts, product({ N: 2 ** 40 }), input('x'), output('y'));
  const error: unknown = await unpacked(huge, true).catch((reason: unknown) => reason);
  expect(isOutOfMemory(error)).toBe(true);
  expectWhole(read((await unpacked(huge, false)).model));
});
