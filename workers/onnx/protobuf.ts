/** The little of the protobuf wire format an ONNX graph needs: fields in order, nothing known of their meaning. */
import { concat } from '../concat';

export const LENGTH_DELIMITED = 2;

export type Field = {
  number: number;
  wire: number;
  /** The whole field, tag and length too. */
  bytes: Uint8Array;
  /** What it holds: of a length-delimited field the content, of a varint its bytes. */
  body: Uint8Array;
};

/** @throws Error on bytes that are no protobuf message */
export function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < message.length;) {
    const key = varintAt(message, at);
    const wire = key.value % 8;
    let body = key.end;
    let end = body;
    if (wire === 0) end = varintAt(message, body).end;
    else if (wire === 1) end = body + 8;
    else if (wire === 5) end = body + 4;
    else if (wire === LENGTH_DELIMITED) {
      const length = varintAt(message, body);
      body = length.end;
      end = body + length.value;
    } else throw new Error(`not an ONNX model: wire type ${wire} at byte ${at}`);
    if (end > message.length) throw new Error(`not an ONNX model: field past its end at byte ${at}`);
    fields.push({
      number: Math.floor(key.value / 8),
      wire,
      bytes: message.subarray(at, end),
      body: message.subarray(body, end),
    });
    at = end;
  }
  return fields;
}

/** @throws Error where there is no varint */
export function varintAt(bytes: Uint8Array, at: number): { value: number; end: number } {
  // Values over 2^53 (negative int64) lose bits here; only their end matters, lengths are far smaller.
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { value, end: at + i + 1 };
  }
  throw new Error(`not an ONNX model: bad varint at byte ${at}`);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

function tag(number: number, wire: number): Uint8Array {
  return varint(number * 8 + wire);
}

/** A length-delimited field. */
export function delimited(number: number, ...content: Uint8Array[]): Uint8Array {
  const body = concat(content);
  return concat([tag(number, LENGTH_DELIMITED), varint(body.length), body]);
}

/** A varint field. @param value not negative */
export function whole(number: number, value: number): Uint8Array {
  return concat([tag(number, 0), varint(value)]);
}

export function text(number: number, value: string): Uint8Array {
  return delimited(number, new TextEncoder().encode(value));
}
