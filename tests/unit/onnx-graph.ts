/** ONNX graphs for tests: read with a reader of the tests' own, and small ones made of it. */
import { expect } from 'playwright/test';
import { field, fieldsOf, type Field } from './onnx-reader.ts';

// onnx.proto3: the numbers of the fields this reads.
const [GRAPH, NODE, INITIALIZER, INPUT, OUTPUT] = [7, 1, 5, 11, 12];

/** TensorProto.DataType. */
export const [FLOAT, UINT8, HALF] = [1, 2, 10];

export type Node = { type: string; inputs: string[]; outputs: string[]; whole: string; branches: Graph[] };
export type Graph = { nodes: Node[]; initializers: string[]; inputs: string[]; outputs: string[] };

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

const graphField = (model: Uint8Array): Buffer =>
  fieldsOf(Buffer.from(model)).find((one) => one.number === GRAPH)!.body;

export const read = (model: Uint8Array): Graph => graphOf(graphField(model));

/** Every input is there before it is read, and every output of the graph is made. @returns what is not */
export function undefinedIn(graph: Graph, outer: string[] = []): string[] {
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

export type Tensor = { type: number; dims: number[]; raw: Buffer | null; place: Record<string, string> };

/** The initializers of the main graph by name. `place`: of external data its location, offset and length. */
export function tensorsOf(model: Uint8Array): Map<string, Tensor> {
  return new Map(
    fieldsOf(graphField(model))
      .filter((one) => one.number === INITIALIZER)
      .map(({ body }) => {
        const fields = fieldsOf(body);
        const whole = (number: number): number[] =>
          fields.filter((one) => one.number === number).map((one) => varint(one.body));
        const entries = fields
          .filter((one) => one.number === 13)
          .map((one) => fieldsOf(one.body).map((part) => part.body.toString()) as [string, string]);
        return [
          texts(fields, 8)[0],
          {
            type: whole(2)[0],
            dims: whole(1),
            raw: fields.find((one) => one.number === 9)?.body ?? null,
            place: Object.fromEntries(entries),
          },
        ];
      }),
  );
}

function varint(body: Buffer): number {
  return body.reduceRight((value, byte) => value * 128 + (byte & 127), 0);
}

const bytes = (value: string): number[] => [...new TextEncoder().encode(value)];
const whole = (number: number, value: number): number[] => {
  const out = number < 16 ? [number << 3] : [((number << 3) & 127) | 128, number >> 4];
  for (; value >= 128; value = Math.floor(value / 128)) out.push((value % 128) + 128);
  return [...out, value];
};

/** A GraphProto.node; attributes are whole numbers, or the graph of a branch. */
export function node(
  type: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, number | number[][]> = {},
): number[] {
  return field(NODE, [
    ...inputs.flatMap((input) => field(1, bytes(input))),
    ...outputs.flatMap((output) => field(2, bytes(output))),
    ...field(4, bytes(type)),
    ...Object.entries(attributes).flatMap(([name, value]) =>
      field(5, [
        ...field(1, bytes(name)),
        ...(typeof value === 'number'
          ? [...whole(3, value), ...whole(20, 2)]
          : [...field(6, value.flat()), ...whole(20, 5)]),
      ]),
    ),
  ]);
}

export const tensor = (name: string, type: number, dims: number[], raw: Uint8Array): number[] =>
  field(INITIALIZER, [
    ...dims.flatMap((dim) => whole(1, dim)),
    ...whole(2, type),
    ...field(8, bytes(name)),
    ...field(9, raw),
  ]);
export const input = (name: string): number[] => field(INPUT, field(1, bytes(name)));
export const output = (name: string): number[] => field(OUTPUT, field(1, bytes(name)));
export const model = (...parts: number[][]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([8, 8, ...field(GRAPH, parts.flat())]);

/** Fails where a name is read that nothing makes. */
export function expectWhole(graph: Graph): void {
  expect(undefinedIn(graph)).toEqual([]);
}
