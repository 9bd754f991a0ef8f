/** A protobuf reader, and a writer of one field, that share no code with the engine's. */

export type Field = { number: number; wire: number; whole: Buffer; body: Buffer; bodyStart: number };

/** Fields of a protobuf message. `at`: where it starts in the file. */
export function fieldsOf(message: Buffer, at = 0): Field[] {
  const fields: Field[] = [];
  let next = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(next++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (next < message.length) {
    const start = next;
    const key = Number(varint());
    const wire = key & 7;
    let bodyStart = next;
    if (wire === 0) varint();
    else if (wire === 1) next += 8;
    else if (wire === 5) next += 4;
    else if (wire === 2) {
      const length = Number(varint());
      bodyStart = next;
      next += length;
    } else throw new Error(`wire type ${wire}`);
    if (next > message.length) throw new Error('a field past the end');
    fields.push({
      number: key >> 3,
      wire,
      whole: message.subarray(start, next),
      body: message.subarray(bodyStart, next),
      bodyStart: at + bodyStart,
    });
  }
  return fields;
}

/** A length-delimited field. */
export function field(number: number, body: Uint8Array | number[]): number[] {
  const out = [(number << 3) | 2];
  let { length } = body;
  for (; length >= 128; length >>= 7) out.push((length & 127) | 128);
  out.push(length);
  for (const byte of body) out.push(byte);
  return out;
}
