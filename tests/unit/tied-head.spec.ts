/** The logits' product without a second copy of the embedding: the graphs of the page's models, and small forged ones. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { skeletonOf } from '../../workers/onnx/skeleton.ts';
import { withTiedHead } from '../../workers/onnx/tied-head.ts';
import { repository } from '../browser.ts';
import { input, model, node, output, read, undefinedIn } from './onnx-graph.ts';
import { field } from './onnx-reader.ts';

const folder = join(repository, 'public/models/whisper-digits-10s/onnx');
const decoders = readdirSync(folder).filter((name) => name.startsWith('decoder') && name.endsWith('.onnx'));

for (const name of decoders) {
  test(`${name}: both branches read the embedding as it lies`, async () => {
    const skeleton = await skeletonOf(new Blob([readFileSync(join(folder, name))]));
    const before = read(skeleton);
    const after = read(withTiedHead(skeleton));
    expect(undefinedIn(after)).toEqual([]);
    const branches = before.nodes[0].branches;
    expect(branches).toHaveLength(2);
    for (const [i, branch] of branches.entries()) {
      const transpose = branch.nodes.find(
        (node) => node.type === 'Transpose' && before.initializers.includes(node.inputs[0]),
      )!;
      const product = branch.nodes.find((node) => node.inputs.includes(transpose.outputs[0]))!;
      expect(product.type).toBe('MatMul');
      const changed = after.nodes[0].branches[i];
      const wholes = new Set(changed.nodes.map((node) => node.whole));
      const gone = branch.nodes.filter((node) => !wholes.has(node.whole));
      expect(gone.map((node) => node.type).sort()).toEqual(['MatMul', 'Transpose']);
      const kept = new Set(branch.nodes.map((node) => node.whole));
      const fresh = changed.nodes.filter((node) => !kept.has(node.whole));
      expect(fresh.map((node) => node.type)).toEqual(['Reshape', 'Gemm', 'Shape', 'Slice', 'Concat', 'Reshape']);
      expect(fresh[1].inputs[1]).toBe(transpose.inputs[0]);
      expect(fresh.at(-1)!.outputs).toEqual(product.outputs);
      expect(changed.outputs).toEqual(branch.outputs);
    }
    expect(after.initializers.slice(0, before.initializers.length)).toEqual(before.initializers);
    expect(after.initializers).toHaveLength(before.initializers.length + 4);
  });
}

test('an encoder is left alone', async () => {
  const skeleton = await skeletonOf(new Blob([readFileSync(join(folder, 'encoder_model.onnx'))]));
  expect(Buffer.from(withTiedHead(skeleton)).equals(Buffer.from(skeleton))).toBe(true);
});

const bytes = (value: string): number[] => [...new TextEncoder().encode(value)];
/** A Transpose that says its order of axes, or leaves it out. */
function transposed(from: string, ...order: number[]): number[] {
  const perm = field(5, [...field(1, bytes('perm')), ...order.flatMap((axis) => [8 << 3, axis]), 160, 1, 7]);
  const parts = [...field(1, bytes(from)), ...field(2, bytes('T')), ...field(4, bytes('Transpose'))];
  return field(1, order.length === 0 ? parts : [...parts, ...perm]);
}
/** Float, 512 by 300 unless told. */
const matrix = (rows = [128, 4], columns = [172, 2]): number[] =>
  field(5, [8, ...rows, 8, ...columns, 16, 1, ...field(8, bytes('E'))]);
const ends = [input('x'), output('y')];
const product = node('MatMul', ['x', 'T'], ['y']);

test('a product with a transposed matrix is rewritten, perm said or not', () => {
  for (const order of [[1, 0], []]) {
    const graph = read(withTiedHead(model(transposed('E', ...order), product, matrix(), ...ends)));
    expect(graph.nodes.map((one) => one.type)).toEqual(['Reshape', 'Gemm', 'Shape', 'Slice', 'Concat', 'Reshape']);
    expect(undefinedIn(graph)).toEqual([]);
  }
});

test('what is anything else stays byte for byte', () => {
  const transpose = transposed('E', 1, 0);
  const others = {
    'perm that swaps nothing': model(transposed('E', 0, 1), product, matrix(), ...ends),
    'read twice': model(transpose, product, node('Relu', ['T'], ['z']), matrix(), ...ends),
    'an output of the graph': model(transpose, product, output('T'), matrix(), ...ends),
    'on the other side': model(transpose, node('MatMul', ['T', 'x'], ['y']), matrix(), ...ends),
    'a small matrix': model(transpose, product, matrix([16], [16]), ...ends),
    'made at run time': model(transposed('x', 1, 0), product, ...ends),
  };
  for (const [what, one] of Object.entries(others)) {
    expect(Buffer.from(withTiedHead(one)).equals(Buffer.from(one)), what).toBe(true);
  }
});
