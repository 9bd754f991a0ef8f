/**
 * Whisper's logits are the last hidden states times the transposed token embedding, and the hub's files hold the
 * embedding once, with a Transpose of it in either branch of the merged decoder. ONNX Runtime folds each Transpose into
 * a constant of its own: for Whisper base two copies of 106 MB on the GPU, and four in the wasm heap while the session is
 * made. A Gemm reads the embedding as it lies.
 *
 * `MatMul(x, Transpose(E))` becomes `Reshape(Gemm(Reshape(x, [-1, K]), E, transB = 1), [x.shape[0], x.shape[1], V])`.
 *
 * Field numbers: onnx.proto3, ModelProto.graph = 7; GraphProto.node = 1, initializer = 5, output = 12;
 * NodeProto.attribute = 5; AttributeProto.name = 1, g = 6, ints = 8, type = 20.
 */
import { FLOAT, integers, integersOf, INTS, isMessage, node, nodeOf, stringsOf, tensorOf, type Node } from './graph';
import { concat } from '../concat';
import { delimited, fieldsOf, type Field } from './protobuf';

/** Below this a copy does not matter. Elements. */
const LARGE = 1 << 16;

type Matrix = { name: string; rows: number; columns: number };

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
  return concat([rewritten, ...[...used.values()].map(productConstants)]);
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
    replaced.set(field, transposedProduct(inputs[0], factor.matrix, outputs[0]));
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

/**
 * The GraphProto.node fields for `x` [B, T, K] times the transpose of `matrix` [V, K]. Names are made from the output's,
 * which is unique. They read `productConstants` of the matrix.
 */
export function transposedProduct(x: string, matrix: Matrix, output: string): Uint8Array {
  const name = (part: string): string => `${output}/tied_head/${part}`;
  const constant = (part: string): string => `${matrix.name}/${part}`;
  return concat([
    node('Reshape', [x, constant('flat')], [name('rows')]),
    node('Gemm', [name('rows'), matrix.name], [name('product')], { transB: 1 }),
    node('Shape', [x], [name('shape')]),
    node('Slice', [name('shape'), constant('0'), constant('2')], [name('lead')]),
    node('Concat', [name('lead'), constant('vocabulary')], [name('full')], { axis: 0 }),
    node('Reshape', [name('product'), name('full')], [output]),
  ]);
}

/** The initializers that `transposedProduct` reads, once a matrix. */
export function productConstants({ name, rows, columns }: Matrix): Uint8Array {
  return concat([
    integers(`${name}/flat`, [-1, columns]),
    integers(`${name}/vocabulary`, [rows]),
    integers(`${name}/0`, [0]),
    integers(`${name}/2`, [2]),
  ]);
}

function largeMatrix(tensor: Uint8Array): Matrix | null {
  const { name, type, dims } = tensorOf(tensor);
  if (!name || type !== FLOAT || dims.length !== 2 || dims[0] * dims[1] < LARGE) return null;
  return { name, rows: dims[0], columns: dims[1] };
}

/** Of two dimensions: perm is [1, 0], or left out, which means the same. */
function swapsTwo({ attributes }: Node): boolean {
  const perm = attributes.map(({ body }) => fieldsOf(body)).find((parts) => stringsOf(parts, 1)[0] === 'perm');
  if (!perm) return true;
  const kind = perm.filter(({ number }) => number === 20).flatMap(integersOf)[0] ?? INTS;
  const order = perm.filter(({ number }) => number === 8).flatMap(integersOf);
  return kind === INTS && order.join() === '1,0';
}
