/**
 * Whisper's logits are the last hidden states times the transposed token embedding, and the hub's files hold the
 * embedding once, with a Transpose of it in either branch of the merged decoder. ONNX Runtime folds each Transpose into
 * a constant of its own: for Whisper base two copies of 106 MB on the GPU, and four in the wasm heap while the session is
 * made. A Gemm reads the embedding as it lies.
 *
 * `MatMul(x, Transpose(E))` becomes `Reshape(Gemm(Reshape(x, [-1, K]), E, transB = 1), [x.shape[0], x.shape[1], V])`.
 *
 * Field numbers: onnx.proto3, ModelProto.graph = 7; GraphProto.node = 1, initializer = 5; NodeProto.input = 1,
 * output = 2, name = 3, op_type = 4, attribute = 5; AttributeProto.name = 1, i = 3, g = 6, ints = 8, type = 20;
 * TensorProto.dims = 1, data_type = 2, int64_data = 7, name = 8.
 */
import { concat, delimited, fieldsOf, LENGTH_DELIMITED, text, varintAt, whole, type Field } from './protobuf';

/** Below this a copy does not matter. Elements. */
const LARGE = 1 << 16;
const FLOAT = 1;
const INT64 = 7;
const INT = 2;
const INTS = 7;

type Matrix = { name: string; rows: number; columns: number };
type Node = { inputs: string[]; outputs: string[]; type: string; attributes: Field[] };

/**
 * @param model an ONNX model whose large tensors are external: it is small
 * @returns the model with every such product rewritten, or the same where there is none
 * @throws Error on bytes that are not an ONNX model
 */
export function withTiedHead(model: Uint8Array): Uint8Array {
  return concat(
    fieldsOf(model).map((field) => (isMessage(field, 7) ? delimited(7, rewrittenMain(field.body)) : field.bytes)),
  );
}

function rewrittenMain(graph: Uint8Array): Uint8Array {
  const matrices = new Map(
    fieldsOf(graph)
      .filter((field) => isMessage(field, 5))
      .flatMap(({ body }) => largeMatrix(body) ?? [])
      .map((matrix) => [matrix.name, matrix]),
  );
  const used = new Map<string, Matrix>();
  const rewritten = rewrittenGraph(graph, matrices, used);
  if (used.size === 0) return graph;
  const constants = [...used.values()].flatMap(({ name, rows, columns }) => [
    // -1 as a varint is ten bytes of two's complement.
    integers(`${name}/flat`, [minusOne, whole(7, columns)]),
    integers(`${name}/vocabulary`, [whole(7, rows)]),
  ]);
  return concat([
    rewritten,
    ...constants,
    integers('tied_head/0', [whole(7, 0)]),
    integers('tied_head/2', [whole(7, 2)]),
  ]);
}

function rewrittenGraph(graph: Uint8Array, matrices: Map<string, Matrix>, used: Map<string, Matrix>): Uint8Array {
  const fields = fieldsOf(graph);
  const nodes = new Map(fields.filter((field) => isMessage(field, 1)).map((field) => [field, nodeOf(field.body)]));
  const readers = new Map<string, number>();
  for (const { inputs } of nodes.values())
    for (const input of inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  for (const field of fields) {
    // A graph's own outputs are read by whoever runs it.
    if (isMessage(field, 12)) readers.set(stringsOf(fieldsOf(field.body), 1)[0], Infinity);
  }

  /** Transposed matrices by the name of the transposition. */
  const transposed = new Map<string, { matrix: Matrix; node: Field }>();
  for (const [field, node] of nodes) {
    const matrix = matrices.get(node.inputs[0]);
    if (node.type === 'Transpose' && matrix && swapsTwo(node)) transposed.set(node.outputs[0], { matrix, node: field });
  }
  const dropped = new Set<Field>();
  const replaced = new Map<Field, Uint8Array>();
  for (const [field, { inputs, outputs, type }] of nodes) {
    const factor = type === 'MatMul' ? transposed.get(inputs[1]) : undefined;
    if (!factor || readers.get(inputs[1]) !== 1) continue;
    used.set(factor.matrix.name, factor.matrix);
    dropped.add(factor.node);
    replaced.set(field, product(inputs[0], factor.matrix, outputs[0]));
  }
  return concat(
    fields.flatMap((field) => {
      if (dropped.has(field)) return [];
      const other = replaced.get(field);
      if (other) return [other];
      const node = nodes.get(field);
      if (!node) return [field.bytes];
      return [delimited(1, branchesOf(field.body, matrices, used))];
    }),
  );
}

/** A node with the graphs in its attributes rewritten: the branches of an If. */
function branchesOf(node: Uint8Array, matrices: Map<string, Matrix>, used: Map<string, Matrix>): Uint8Array {
  return concat(
    fieldsOf(node).map((attribute) => {
      if (!isMessage(attribute, 5)) return attribute.bytes;
      const parts = fieldsOf(attribute.body);
      if (!parts.some((part) => isMessage(part, 6))) return attribute.bytes;
      return delimited(
        5,
        ...parts.map((part) =>
          isMessage(part, 6) ? delimited(6, rewrittenGraph(part.body, matrices, used)) : part.bytes,
        ),
      );
    }),
  );
}

/** The nodes for `x` [B, T, K] times the transpose of `matrix` [V, K]. Names are made from the output's, which is unique. */
function product(x: string, matrix: Matrix, output: string): Uint8Array {
  const name = (part: string): string => `${output}/tied_head/${part}`;
  return concat([
    node('Reshape', [x, `${matrix.name}/flat`], name('rows')),
    node('Gemm', [name('rows'), matrix.name], name('product'), { transB: 1 }),
    node('Shape', [x], name('shape')),
    node('Slice', [name('shape'), 'tied_head/0', 'tied_head/2'], name('lead')),
    node('Concat', [name('lead'), `${matrix.name}/vocabulary`], name('full'), { axis: 0 }),
    node('Reshape', [name('product'), name('full')], output),
  ]);
}

function node(type: string, inputs: string[], output: string, attributes: Record<string, number> = {}): Uint8Array {
  return delimited(
    1,
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(3, `${output}/${type}`),
    text(4, type),
    ...Object.entries(attributes).map(([name, value]) => delimited(5, text(1, name), whole(3, value), whole(20, INT))),
  );
}

const minusOne = Uint8Array.of(7 * 8, ...Array<number>(9).fill(255), 1);

/** An initializer of 64-bit integers. @param values each as a field 7 */
function integers(name: string, values: Uint8Array[]): Uint8Array {
  return delimited(5, whole(1, values.length), whole(2, INT64), ...values, text(8, name));
}

function largeMatrix(tensor: Uint8Array): Matrix | null {
  const fields = fieldsOf(tensor);
  const dims = fields.filter(({ number }) => number === 1).flatMap(integersOf);
  const [name] = stringsOf(fields, 8);
  const type = fields.filter(({ number }) => number === 2).flatMap(integersOf)[0];
  if (!name || type !== FLOAT || dims.length !== 2 || dims[0] * dims[1] < LARGE) return null;
  return { name, rows: dims[0], columns: dims[1] };
}

function nodeOf(message: Uint8Array): Node {
  const fields = fieldsOf(message);
  return {
    inputs: stringsOf(fields, 1),
    outputs: stringsOf(fields, 2),
    type: stringsOf(fields, 4)[0] ?? '',
    attributes: fields.filter((field) => isMessage(field, 5)),
  };
}

/** Of two dimensions: perm is [1, 0], or left out, which means the same. */
function swapsTwo({ attributes }: Node): boolean {
  const perm = attributes.map(({ body }) => fieldsOf(body)).find((parts) => stringsOf(parts, 1)[0] === 'perm');
  if (!perm) return true;
  const kind = perm.filter(({ number }) => number === 20).flatMap(integersOf)[0] ?? INTS;
  const order = perm.filter(({ number }) => number === 8).flatMap(integersOf);
  return kind === INTS && order.join() === '1,0';
}

function stringsOf(fields: readonly Field[], number: number): string[] {
  return fields.filter((field) => isMessage(field, number)).map(({ body }) => new TextDecoder().decode(body));
}

/** Packed or one by one. */
function integersOf({ wire, body }: Field): number[] {
  if (wire === 0) return [varintAt(body, 0).value];
  const values: number[] = [];
  for (let at = 0; at < body.length;) {
    const { value, end } = varintAt(body, at);
    values.push(value);
    at = end;
  }
  return values;
}

function isMessage(field: Field, number: number): boolean {
  return field.number === number && field.wire === LENGTH_DELIMITED;
}
