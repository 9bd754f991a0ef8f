/**
 * Reading and writing the parts of an ONNX graph that the engine rewrites.
 *
 * Field numbers: onnx.proto3, NodeProto.input = 1, output = 2, name = 3, op_type = 4, attribute = 5;
 * AttributeProto.name = 1, i = 3, ints = 8, type = 20; TensorProto.dims = 1, data_type = 2, name = 8,
 * raw_data = 9, external_data = 13, data_location = 14; StringStringEntryProto.key = 1, value = 2.
 */
import { delimited, fieldsOf, LENGTH_DELIMITED, text, varintAt, whole, type Field } from './protobuf';

/** TensorProto.DataType. */
export const FLOAT = 1;
const INT64 = 7;
/** AttributeProto.AttributeType. */
const INT = 2;
export const INTS = 7;

export type Node = { inputs: string[]; outputs: string[]; type: string; attributes: Field[] };

export function isMessage(field: Field, number: number): boolean {
  return field.number === number && field.wire === LENGTH_DELIMITED;
}

export function stringsOf(fields: readonly Field[], number: number): string[] {
  return fields.filter((field) => isMessage(field, number)).map(({ body }) => new TextDecoder().decode(body));
}

/** Packed or one by one. */
export function integersOf({ wire, body }: Field): number[] {
  if (wire === 0) return [varintAt(body, 0).value];
  const values: number[] = [];
  for (let at = 0; at < body.length;) {
    const { value, end } = varintAt(body, at);
    values.push(value);
    at = end;
  }
  return values;
}

/** @param message a NodeProto */
export function nodeOf(message: Uint8Array): Node {
  const fields = fieldsOf(message);
  return {
    inputs: stringsOf(fields, 1),
    outputs: stringsOf(fields, 2),
    type: stringsOf(fields, 4)[0] ?? '',
    attributes: fields.filter((field) => isMessage(field, 5)),
  };
}

/** A node's attributes that are single integers, by name. */
export function attributesOf({ attributes }: Node): Map<string, number> {
  return new Map(
    attributes.flatMap(({ body }) => {
      const parts = fieldsOf(body);
      const value = parts.filter(({ number }) => number === 3).flatMap(integersOf)[0];
      return value === undefined ? [] : [[stringsOf(parts, 1)[0], value] as const];
    }),
  );
}

/** @param message a TensorProto. `external`: where its values lie in the file it names; null: they are in `raw` */
export function tensorOf(message: Uint8Array): {
  name: string;
  type: number;
  dims: number[];
  raw: Uint8Array | null;
  external: { offset: number; length: number } | null;
} {
  const fields = fieldsOf(message);
  const integers = (number: number): number[] => fields.filter((one) => one.number === number).flatMap(integersOf);
  const place = new Map(
    fields
      .filter((field) => isMessage(field, 13))
      .map(({ body }) => fieldsOf(body))
      .map((entry) => [stringsOf(entry, 1)[0], Number(stringsOf(entry, 2)[0])]),
  );
  const length = place.get('length');
  return {
    name: stringsOf(fields, 8)[0] ?? '',
    type: integers(2)[0] ?? 0,
    dims: integers(1),
    raw: fields.find((field) => isMessage(field, 9))?.body ?? null,
    external: length === undefined ? null : { offset: place.get('offset') ?? 0, length },
  };
}

/** A GraphProto.node. An input '' is one left out. */
export function node(
  type: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, number | number[]> = {},
): Uint8Array {
  return delimited(
    1,
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, `${outputs.find((output) => output !== '')}/${type}`),
    text(4, type),
    ...Object.entries(attributes).map(([name, value]) =>
      delimited(
        5,
        text(1, name),
        ...(typeof value === 'number' ? [whole(3, value)] : value.map((one) => whole(8, one))),
        whole(20, typeof value === 'number' ? INT : INTS),
      ),
    ),
  );
}

/** A GraphProto.initializer of little-endian values as they lie in memory. */
export function initializer(name: string, type: number, dims: number[], raw: Uint8Array): Uint8Array {
  return delimited(5, ...dims.map((dim) => whole(1, dim)), whole(2, type), text(8, name), delimited(9, raw));
}

/** A GraphProto.initializer: a list of 64-bit integers. */
export function integers(name: string, values: number[]): Uint8Array {
  const raw = new Uint8Array(8 * values.length);
  const view = new DataView(raw.buffer);
  values.forEach((value, i) => view.setBigInt64(8 * i, BigInt(value), true));
  return initializer(name, INT64, [values.length], raw);
}

/** A GraphProto.initializer whose values are all of what is mounted under `path`. */
export function externalInitializer(
  name: string,
  type: number,
  dims: number[],
  path: string,
  length: number,
): Uint8Array {
  const entry = (key: string, value: string): Uint8Array => delimited(13, text(1, key), text(2, value));
  return delimited(
    5,
    ...dims.map((dim) => whole(1, dim)),
    whole(2, type),
    text(8, name),
    entry('location', path),
    entry('offset', '0'),
    entry('length', String(length)),
    whole(14, 1),
  );
}
