/**
 * The form on disk is not the form in memory. A compact model keeps its weights in quantized blocks and in fp16. ONNX
 * Runtime's wasm kernels for quantized blocks take several times as long as fp32 ones (Whisper base, a decoder step of
 * one row: 69 ms against 11.5 ms, 2026-11), so for the CPU the blocks are expanded to fp32 while loading. WebGPU has
 * fast kernels for the blocks, and there they stay as they are.
 *
 * Works on a skeleton (skeleton.ts), whose large tensors still lie in the stored file. `MatMulNBits` and
 * `GatherBlockQuantized`: ONNX Runtime, docs/ContribOperators.md. Field numbers: onnx.proto3, ModelProto.graph = 7;
 * GraphProto.node = 1, initializer = 5; AttributeProto.g = 6; TensorProto.external_data = 13, data_location = 14.
 */
import { expandBlocks, halfToFloat, type Blocks } from './blocks';
import {
  attributesOf,
  externalInitializer,
  FLOAT,
  isMessage,
  node,
  nodeOf,
  stringsOf,
  tensorOf,
  type Node,
} from './graph';
import { concat } from '../concat';
import { delimited, fieldsOf, type Field } from './protobuf';
import { WEIGHTS_PATH } from './skeleton';
import { productConstants, transposedProduct } from './tied-head';

const UINT8 = 2;
const FLOAT16 = 10;

/** Bytes mounted for ONNX Runtime under a path that the model's tensors name. */
export type ExternalData = { path: string; data: Uint8Array | Blob };
export type Unpacked = { model: Uint8Array; externalData: ExternalData[] };

type Stored = ReturnType<typeof tensorOf> & { field: Field };

/**
 * @param skeleton of `file`
 * @param expand whether quantized blocks become fp32; fp16 always does
 * @throws RangeError when there is no memory for the expanded form; Error on bytes that are not an ONNX model
 */
export async function unpack(skeleton: Uint8Array, file: Blob, expand: boolean): Promise<Unpacked> {
  const externalData: ExternalData[] = [{ path: WEIGHTS_PATH, data: file }];
  const parts: Uint8Array[] = [];
  for (const field of fieldsOf(skeleton)) {
    if (!isMessage(field, 7)) {
      parts.push(field.bytes);
      continue;
    }
    const graph = new Unpacking(field.body, file, expand);
    parts.push(delimited(7, await graph.rewritten()));
    externalData.push(...graph.externalData);
  }
  return { model: concat(parts), externalData };
}

class Unpacking {
  readonly externalData: ExternalData[] = [];
  readonly #graph: Uint8Array;
  readonly #file: Blob;
  readonly #expand: boolean;
  readonly #stored = new Map<string, Stored>();
  /** The fp16 initializer behind each name that a Cast to fp32 makes. */
  readonly #halves = new Map<string, string>();
  /** Expanded products: the name of the blocks to what they are. */
  readonly #products = new Map<string, { blocks: Blocks; scales: string; zeroPoints: string | null }>();
  /** Blocks that are looked up by row: they are expanded once, as they lie, for the lookup and for the product. */
  readonly #lookedUp = new Set<string>();
  /** Initializers whose reader is rewritten; they stay where another one reads them too. */
  readonly #dropped = new Set<string>();

  constructor(graph: Uint8Array, file: Blob, expand: boolean) {
    this.#graph = graph;
    this.#file = file;
    this.#expand = expand;
  }

  async rewritten(): Promise<Uint8Array> {
    const fields = fieldsOf(this.#graph);
    for (const field of fields) {
      if (!isMessage(field, 5)) continue;
      const tensor = tensorOf(field.body);
      this.#stored.set(tensor.name, { ...tensor, field });
    }
    this.#survey(this.#graph);
    const nodes = this.#nodes(this.#graph);
    const outputs = fields.filter((field) => isMessage(field, 12)).flatMap(({ body }) => stringsOf(fieldsOf(body), 1));
    const read = new Set([...namesReadBy(concat(nodes)), ...outputs]);
    const gone = (name: string): boolean => this.#dropped.has(name) && !read.has(name);
    const added: Uint8Array[] = [];
    for (const [name, half] of this.#halves) {
      if (gone(name)) continue;
      const stored = this.#stored.get(half)!;
      added.push(this.#external(name, stored.dims, halfToFloat(await this.#bytes(stored))));
    }
    for (const [name, { blocks, scales, zeroPoints }] of this.#products) {
      const { rows, columns } = blocks;
      const byRow = this.#lookedUp.has(name);
      const zeros = zeroPoints === null ? null : await this.#bytes(this.#stored.get(zeroPoints)!);
      const values = expandBlocks(
        blocks,
        await this.#bytes(this.#stored.get(name)!),
        await this.#floats(scales),
        zeros,
        byRow ? 'rows' : 'columns',
      );
      added.push(this.#external(wide(name), byRow ? [rows, columns] : [columns, rows], values));
      if (byRow) added.push(productConstants({ name: wide(name), rows, columns }));
    }
    const kept = [...this.#stored.values()].filter(({ name }) => !gone(name));
    const rest = fields.filter((field) => !isMessage(field, 5) && !isMessage(field, 1));
    return concat([...nodes, ...kept.map(({ field }) => field.bytes), ...added, ...rest.map(({ bytes }) => bytes)]);
  }

  /** Notes what is stored in fp16 and in blocks, in a graph and in the branches of its nodes. */
  #survey(graph: Uint8Array): void {
    for (const field of fieldsOf(graph)) {
      if (!isMessage(field, 1)) continue;
      const one = nodeOf(field.body);
      const [first] = one.inputs;
      if (one.type === 'Cast' && this.#stored.get(first)?.type === FLOAT16 && attributesOf(one).get('to') === FLOAT) {
        this.#halves.set(one.outputs[0], first);
        this.#dropped.add(first);
      }
      if (this.#expand && one.type === 'MatMulNBits') this.#surveyProduct(one);
      if (this.#expand && one.type === 'GatherBlockQuantized') this.#lookedUp.add(first);
      for (const branch of branchesOf(field.body)) this.#survey(branch);
    }
  }

  #surveyProduct(one: Node): void {
    const [, name, scales, zeroPoints, ...others] = one.inputs;
    const { bits = 4, block_size: size = 32, K: columns = 0, N: rows = 0 } = Object.fromEntries(attributesOf(one));
    // Blocks that a session makes itself, of other widths, with scales that are no fp32, with zero points that are no
    // packed levels, in another order or with a bias stay for ONNX Runtime.
    if (!this.#stored.has(name) || (bits !== 4 && bits !== 8)) return;
    if (!this.#halves.has(scales) && this.#stored.get(scales)?.type !== FLOAT) return;
    if (zeroPoints && this.#stored.get(zeroPoints)?.type !== UINT8) return;
    if (others.some((input) => input !== '')) return;
    this.#products.set(name, { blocks: { rows, columns, size, bits }, scales, zeroPoints: zeroPoints || null });
    for (const input of [name, scales, zeroPoints]) if (input) this.#dropped.add(input);
  }

  /** The graph's GraphProto.node fields, rewritten. */
  #nodes(graph: Uint8Array): Uint8Array[] {
    const fields = fieldsOf(graph).filter((field) => isMessage(field, 1));
    const nodes = fields.map((field) => ({ field, ...nodeOf(field.body) }));
    const lookups = nodes.filter(
      ({ type, inputs }) => type === 'GatherBlockQuantized' && this.#products.has(inputs[0]),
    );
    const scalesOfLookups = new Set(lookups.map(({ inputs }) => inputs[2]));
    return nodes.flatMap(({ field, type, inputs, outputs }) => {
      if (type === 'Cast' && this.#halves.has(outputs[0])) return [];
      if (scalesOfLookups.has(outputs[0])) return [];
      const product = type === 'MatMulNBits' ? this.#products.get(inputs[1]) : undefined;
      if (product) {
        const { rows, columns } = product.blocks;
        const name = wide(inputs[1]);
        if (this.#lookedUp.has(inputs[1])) return [transposedProduct(inputs[0], { name, rows, columns }, outputs[0])];
        return [node('MatMul', [inputs[0], name], outputs)];
      }
      if (type === 'GatherBlockQuantized' && this.#products.has(inputs[0]))
        return [node('Gather', [wide(inputs[0]), inputs[1]], outputs, { axis: 0 })];
      return [delimited(1, this.#withBranches(field.body))];
    });
  }

  #withBranches(message: Uint8Array): Uint8Array {
    return concat(
      fieldsOf(message).map((attribute) => {
        if (!isMessage(attribute, 5)) return attribute.bytes;
        const parts = fieldsOf(attribute.body);
        if (!parts.some((part) => isMessage(part, 6))) return attribute.bytes;
        return delimited(5, ...parts.map((part) => (isMessage(part, 6) ? this.#branch(part.body) : part.bytes)));
      }),
    );
  }

  #branch(graph: Uint8Array): Uint8Array {
    const rest = fieldsOf(graph).filter((field) => !isMessage(field, 1));
    return delimited(6, ...this.#nodes(graph), ...rest.map(({ bytes }) => bytes));
  }

  /** Mounts values and gives the initializer that names them. */
  #external(name: string, dims: number[], values: Float32Array<ArrayBuffer>): Uint8Array {
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const path = `unpacked/${name}`;
    this.externalData.push({ path, data });
    return externalInitializer(name, FLOAT, dims, path, data.length);
  }

  async #bytes({ raw, external }: Stored): Promise<Uint8Array> {
    if (raw) return raw;
    if (!external) throw new Error('not an ONNX model: a tensor without data');
    return new Uint8Array(await this.#file.slice(external.offset, external.offset + external.length).arrayBuffer());
  }

  async #floats(name: string): Promise<Float32Array> {
    const half = this.#halves.get(name);
    if (half !== undefined) return halfToFloat(await this.#bytes(this.#stored.get(half)!));
    const bytes = await this.#bytes(this.#stored.get(name)!);
    return new Float32Array(bytes.slice().buffer);
  }
}

function wide(name: string): string {
  return `${name}/wide`;
}

/** What the nodes of a graph read, and those of its branches. */
function namesReadBy(graph: Uint8Array): string[] {
  return fieldsOf(graph)
    .filter((field) => isMessage(field, 1))
    .flatMap(({ body }) => [...nodeOf(body).inputs, ...branchesOf(body).flatMap(namesReadBy)]);
}

/** The graphs in a node's attributes. */
function branchesOf(message: Uint8Array): Uint8Array[] {
  return fieldsOf(message)
    .filter((attribute) => isMessage(attribute, 5))
    .flatMap((attribute) => fieldsOf(attribute.body).filter((part) => isMessage(part, 6)))
    .map((part) => part.body);
}
