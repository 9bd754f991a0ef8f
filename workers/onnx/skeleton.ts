/**
 * Turns a stored ONNX file into a small graph whose weights are external data in the very same file, so that
 * ONNX Runtime takes them from the Blob to the GPU without passing the wasm heap: for Whisper base's 4-bit decoder 507 MB
 * of heap became 17 MB, with the same logits (2026-11). The protobuf is walked once; nothing but the graph is read into
 * memory.
 *
 * Field numbers: onnx.proto3, ModelProto.graph = 7; GraphProto.initializer = 5; TensorProto.raw_data = 9,
 * external_data = 13, data_location = 14; StringStringEntryProto.key = 1, value = 2.
 */

import { concat } from '../concat';
import { delimited, LENGTH_DELIMITED, text, varintAt, whole } from './protobuf';

/** The name under which the weights are mounted; any name will do, it never meets a file system. */
export const WEIGHTS_PATH = 'weights';
/** Smaller tensors stay in the graph: shape arithmetic needs their values while the session is made. */
const KEEP_BYTES = 1024;
/** Read-ahead when walking headers: a tensor's header is some 60 bytes, a node some 200. */
const PAGE_BYTES = 64 * 1024;

const GRAPH = 7;
const INITIALIZER = 5;
const RAW_DATA = 9;
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;

/**
 * @param model the whole ONNX file
 * @returns the skeleton: a valid ONNX model whose large initializers point into `model` under `WEIGHTS_PATH`
 * @throws Error on bytes that are not a protobuf of this shape
 */
export async function skeletonOf(model: Blob): Promise<Uint8Array> {
  const reader = new BlobReader(model);
  const out: Uint8Array[] = [];
  let graphs = 0;
  for (let at = 0; at < model.size;) {
    const field = await reader.field(at, model.size);
    if (field.number === GRAPH && field.wire === LENGTH_DELIMITED) {
      graphs += 1;
      const graph = await graphSkeleton(reader, field.bodyStart, field.end);
      out.push(delimited(GRAPH, graph));
    } else {
      out.push(await reader.bytes(field.start, field.end));
    }
    at = field.end;
  }
  if (graphs !== 1) throw new Error(`not an ONNX model: ${graphs} graphs`);
  return concat(out);
}

async function graphSkeleton(reader: BlobReader, start: number, end: number): Promise<Uint8Array> {
  const out: Uint8Array[] = [];
  for (let at = start; at < end;) {
    const field = await reader.field(at, end);
    if (field.number === INITIALIZER && field.end - field.bodyStart >= KEEP_BYTES) {
      const tensor = await tensorSkeleton(reader, field.bodyStart, field.end);
      out.push(delimited(INITIALIZER, tensor));
    } else {
      out.push(await reader.bytes(field.start, field.end));
    }
    at = field.end;
  }
  return concat(out);
}

async function tensorSkeleton(reader: BlobReader, start: number, end: number): Promise<Uint8Array> {
  const out: Uint8Array[] = [];
  let external = false;
  let place: Uint8Array | null = null;
  for (let at = start; at < end;) {
    const field = await reader.field(at, end);
    const length = field.end - field.bodyStart;
    if (field.number === RAW_DATA && length >= KEEP_BYTES) {
      external = true;
      out.push(
        entry('location', WEIGHTS_PATH),
        entry('offset', String(field.bodyStart)),
        entry('length', String(length)),
      );
    } else if (field.number === DATA_LOCATION) {
      place = await reader.bytes(field.start, field.end);
    } else {
      out.push(await reader.bytes(field.start, field.end));
    }
    at = field.end;
  }
  // Files once saved with external data say "in the graph" outright (onnx external_data_helper.py): that must go.
  if (external) out.push(whole(DATA_LOCATION, 1));
  else if (place) out.push(place);
  return concat(out);
}

type Field = { number: number; wire: number; start: number; bodyStart: number; end: number };

class BlobReader {
  readonly #blob: Blob;
  #page = new Uint8Array(0);
  #pageStart = 0;

  constructor(blob: Blob) {
    this.#blob = blob;
  }

  /** The field that starts at `at`; `limit` is the end of the message it is in. */
  async field(at: number, limit: number): Promise<Field> {
    const key = await this.#varint(at);
    const number = Math.floor(key.value / 8);
    const wire = key.value % 8;
    const bodyStart = key.end;
    switch (wire) {
      case 0:
        return bounded({ number, wire, start: at, bodyStart, end: (await this.#varint(bodyStart)).end }, limit);
      case 1:
        return bounded({ number, wire, start: at, bodyStart, end: bodyStart + 8 }, limit);
      case LENGTH_DELIMITED: {
        const length = await this.#varint(bodyStart);
        return bounded({ number, wire, start: at, bodyStart: length.end, end: length.end + length.value }, limit);
      }
      case 5:
        return bounded({ number, wire, start: at, bodyStart, end: bodyStart + 4 }, limit);
      default:
        throw new Error(`not an ONNX model: wire type ${wire} at byte ${at}`);
    }
  }

  async bytes(start: number, end: number): Promise<Uint8Array> {
    if (start >= this.#pageStart && end <= this.#pageStart + this.#page.length) {
      return this.#page.slice(start - this.#pageStart, end - this.#pageStart);
    }
    return new Uint8Array(await this.#blob.slice(start, end).arrayBuffer());
  }

  async #varint(at: number): Promise<{ value: number; end: number }> {
    // Ten bytes hold any varint.
    if (at < this.#pageStart || at + 10 > this.#pageStart + this.#page.length) {
      this.#page = new Uint8Array(await this.#blob.slice(at, at + PAGE_BYTES).arrayBuffer());
      this.#pageStart = at;
    }
    const { value, end } = varintAt(this.#page, at - this.#pageStart);
    return { value, end: this.#pageStart + end };
  }
}

function bounded(field: Field, limit: number): Field {
  if (field.number < 1 || field.end > limit) throw new Error(`not an ONNX model: field past its end at ${field.start}`);
  return field;
}

function entry(key: string, value: string): Uint8Array {
  return delimited(EXTERNAL_DATA, text(1, key), text(2, value));
}
