/** The logits' product without a second copy of the embedding: the graphs of the page's models, and small forged ones. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { skeletonOf } from '../../workers/whisper/skeleton.ts';
import { withTiedHead } from '../../workers/whisper/tied-head.ts';
import { repository } from '../browser.ts';
import { field, fieldsOf, type Field } from './onnx-reader.ts';

// onnx.proto3: the numbers of the fields this reads.
const [GRAPH, NODE, INITIALIZER, INPUT, OUTPUT] = [7, 1, 5, 11, 12];

type Node = { type: string; inputs: string[]; outputs: string[]; whole: string; branches: Graph[] };
type Graph = { nodes: Node[]; initializers: string[]; inputs: string[]; outputs: string[] };

const texts = (fields: Field[], number: number): string[] =>
  fields.filter((one) => one.number === number).map((one) => one.body.toString());

function nodeOf(body: Buffer): Node {
  const fields = fieldsOf(body);
  const branches = fields
    .filter((one) => one.number === 5)
    .flatMap((attribute) => fieldsOf(attribute.body).filter((part) => part.number === 6 && part.wire === 2))
    .map((part) => graphOf(part.body));
  return {
    type: texts(fields, 4)[0],
    inputs: texts(fields, 1),
    outputs: texts(fields, 2),
    whole: body.toString('base64'),
    branches,
  };
}

function graphOf(body: Buffer): Graph {
  const fields = fieldsOf(body);
  const named = (number: number, name: number): string[] =>
    fields.filter((one) => one.number === number).map((one) => texts(fieldsOf(one.body), name)[0]);
  return {
    nodes: fields.filter((one) => one.number === NODE).map((one) => nodeOf(one.body)),
    initializers: named(INITIALIZER, 8),
    inputs: named(INPUT, 1),
    outputs: named(OUTPUT, 1),
  };
}

const read = (model: Uint8Array): Graph =>
  graphOf(fieldsOf(Buffer.from(model)).find((one) => one.number === GRAPH)!.body);

/** Every input is there before it is read, and every output of the graph is made. @returns what is not */
function undefinedIn(graph: Graph, outer: string[] = []): string[] {
  const known = new Set(['', ...outer, ...graph.initializers, ...graph.inputs]);
  const missing: string[] = [];
  for (const node of graph.nodes) {
    missing.push(...node.inputs.filter((input) => !known.has(input)));
    for (const branch of node.branches) missing.push(...undefinedIn(branch, [...known]));
    for (const output of node.outputs) {
      if (known.has(output)) missing.push(`${output} made twice`);
      known.add(output);
    }
  }
  return [...missing, ...graph.outputs.filter((output) => !known.has(output))];
}

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
const node = (type: string, inputs: string[], output: string, attributes: number[] = []): number[] =>
  field(NODE, [
    ...inputs.flatMap((input) => field(1, bytes(input))),
    ...field(2, bytes(output)),
    ...field(4, bytes(type)),
    ...attributes,
  ]);
const perm = (...order: number[]): number[] =>
  field(5, [...field(1, bytes('perm')), ...order.flatMap((axis) => [8 << 3, axis]), ((20 << 3) & 127) | 128, 1, 7]);
/** Float, 512 by 300 unless told. */
const matrix = (rows = [128, 4], columns = [172, 2]): number[] =>
  field(INITIALIZER, [8, ...rows, 8, ...columns, 16, 1, ...field(8, bytes('E'))]);
const model = (...parts: number[][]): Uint8Array =>
  Uint8Array.from([
    8,
    8,
    ...field(GRAPH, [...parts.flat(), ...field(INPUT, field(1, bytes('x'))), ...field(OUTPUT, field(1, bytes('y')))]),
  ]);
const product = node('MatMul', ['x', 'T'], 'y');

test('a product with a transposed matrix is rewritten, perm said or not', () => {
  for (const attributes of [perm(1, 0), []]) {
    const graph = read(withTiedHead(model(node('Transpose', ['E'], 'T', attributes), product, matrix())));
    expect(graph.nodes.map((one) => one.type)).toEqual(['Reshape', 'Gemm', 'Shape', 'Slice', 'Concat', 'Reshape']);
    expect(undefinedIn(graph)).toEqual([]);
  }
});

test('what is anything else stays byte for byte', () => {
  const transpose = node('Transpose', ['E'], 'T', perm(1, 0));
  const others = {
    'perm that swaps nothing': model(node('Transpose', ['E'], 'T', perm(0, 1)), product, matrix()),
    'read twice': model(transpose, product, node('Relu', ['T'], 'z'), matrix()),
    'an output of the graph': model(transpose, product, field(OUTPUT, field(1, bytes('T'))), matrix()),
    'on the other side': model(transpose, node('MatMul', ['T', 'x'], 'y'), matrix()),
    'a small matrix': model(transpose, product, matrix([16], [16])),
    'made at run time': model(node('Transpose', ['x'], 'T', perm(1, 0)), product),
  };
  for (const [what, one] of Object.entries(others)) {
    expect(Buffer.from(withTiedHead(one)).equals(Buffer.from(one)), what).toBe(true);
  }
});
