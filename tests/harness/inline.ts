/** A model in one file, all its weights in fp32 inside: what the plain `pipeline()` can load of the compact form. */
import { isMessage, stringsOf, tensorOf } from '../../workers/onnx/graph.ts';
import { concat } from '../../workers/concat.ts';
import { delimited, fieldsOf, type Field } from '../../workers/onnx/protobuf.ts';
import { skeletonOf } from '../../workers/onnx/skeleton.ts';
import { unpack, type ExternalData } from '../../workers/onnx/unpack.ts';

/** @param file an ONNX model, in blocks or not */
export async function inlined(file: Blob): Promise<Blob> {
  const { model, externalData } = await unpack(await skeletonOf(file), file, true);
  const parts = await Promise.all(
    fieldsOf(model).map(async (field) =>
      isMessage(field, 7) ? delimited(7, ...(await graphParts(field.body, externalData))) : field.bytes,
    ),
  );
  return new Blob(parts as BlobPart[]);
}

async function graphParts(graph: Uint8Array, externalData: readonly ExternalData[]): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for (const field of fieldsOf(graph)) parts.push(await withData(field, externalData));
  return parts;
}

async function withData(field: Field, externalData: readonly ExternalData[]): Promise<Uint8Array> {
  if (!isMessage(field, 5)) return field.bytes;
  const { external } = tensorOf(field.body);
  if (!external) return field.bytes;
  const fields = fieldsOf(field.body);
  const location = fields
    .filter((one) => isMessage(one, 13))
    .map(({ body }) => fieldsOf(body))
    .find((entry) => stringsOf(entry, 1)[0] === 'location')!;
  const { data } = externalData.find(({ path }) => path === stringsOf(location, 2)[0])!;
  const { offset, length } = external;
  const bytes =
    data instanceof Blob
      ? new Uint8Array(await data.slice(offset, offset + length).arrayBuffer())
      : data.subarray(offset, offset + length);
  // External data (13) and where the data lies (14) make room for the data itself.
  const kept = fields.filter(({ number }) => number !== 13 && number !== 14).map((one) => one.bytes);
  return delimited(5, concat(kept), delimited(9, bytes));
}
