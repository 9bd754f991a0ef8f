/** The small graph over the stored weights: every model of the page, read with a protobuf reader of the test's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { skeletonOf, WEIGHTS_PATH } from '../../workers/onnx/skeleton.ts';
import { repository } from '../browser.ts';
import { field, fieldsOf, type Field } from './onnx-reader.ts';
import { randomFrom } from './random.ts';

// onnx.proto3: ModelProto.graph, GraphProto.initializer, TensorProto.raw_data, external_data, data_location.
const [GRAPH, INITIALIZER, RAW, EXTERNAL, LOCATION] = [7, 5, 9, 13, 14];

/** The two messages field by field: where one is not byte for byte the other, `differ` says whether that is right. */
function compare(one: Field[], other: Field[], differ: (a: Field, b: Field) => void): void {
  expect(other.map((field) => field.number)).toEqual(one.map((field) => field.number));
  one.forEach((field, i) => {
    if (!field.whole.equals(other[i].whole)) differ(field, other[i]);
  });
}

const folder = join(repository, 'public/models/whisper-digits-10s/onnx');
for (const name of readdirSync(folder).filter((one) => one.endsWith('.onnx'))) {
  test(`${name}: small, and its weights lie where it says`, async () => {
    const file = readFileSync(join(folder, name));
    const skeleton = Buffer.from(await skeletonOf(new Blob([file])));
    expect(skeleton.length).toBeLessThan(file.length / 4);
    let outside = 0;
    compare(fieldsOf(file), fieldsOf(skeleton), (model, small) => {
      expect(model.number).toBe(GRAPH);
      compare(fieldsOf(model.body, model.bodyStart), fieldsOf(small.body), (tensor, light) => {
        expect(tensor.number).toBe(INITIALIZER);
        const before = fieldsOf(tensor.body, tensor.bodyStart);
        const after = fieldsOf(light.body);
        const raw = before.find((field) => field.number === RAW)!;
        // All else of the tensor stays as it is.
        expect(
          after.filter((field) => ![EXTERNAL, LOCATION].includes(field.number)).map((field) => field.whole),
        ).toEqual(before.filter((field) => field.number !== RAW).map((field) => field.whole));
        const entries = after
          .filter((field) => field.number === EXTERNAL)
          .map((field) => fieldsOf(field.body).map((text) => text.body.toString()));
        const { location, offset, length } = Object.fromEntries(entries) as Record<string, string>;
        expect(location).toBe(WEIGHTS_PATH);
        expect(Number(offset)).toBe(raw.bodyStart);
        expect(Number(length)).toBe(raw.body.length);
        expect(file.subarray(Number(offset), Number(offset) + Number(length)).equals(raw.body)).toBe(true);
        const place = after.filter((field) => field.number === LOCATION);
        expect(place.map((field) => [...field.body])).toEqual([[1]]); // EXTERNAL
        outside += raw.body.length;
      });
    });
    // What is left inside is less than what went out by far, and nothing large stayed.
    expect(outside).toBeGreaterThan(0.75 * file.length);
    const graph = fieldsOf(skeleton).find((field) => field.number === GRAPH)!;
    const largest = fieldsOf(graph.body)
      .filter((field) => field.number === INITIALIZER)
      .reduce((most, field) => Math.max(most, field.body.length), 0);
    expect(largest).toBeLessThan(2048);
  });
}

const anyModel = (): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(join(folder, 'encoder_model_q4.onnx')));

test('a tensor that says it is in the graph says so no more; one that stays says what it said', async () => {
  const inGraph = [(LOCATION << 3) | 0, 0];
  const large = [...field(8, [65]), ...field(RAW, new Uint8Array(3000).fill(7)), ...inGraph];
  // Its weights are typed values, not raw bytes: it stays.
  const typed = [...field(8, [66]), ...field(4, new Uint8Array(2000).fill(1)), ...inGraph];
  const model = [8, 8, ...field(GRAPH, [...field(INITIALIZER, large), ...field(INITIALIZER, typed)])];
  const [, graph] = fieldsOf(Buffer.from(await skeletonOf(new Blob([Uint8Array.from(model)]))));
  const [first, second] = fieldsOf(graph.body).map((one) => fieldsOf(one.body));
  expect(first.filter((one) => one.number === LOCATION).map((one) => [...one.body])).toEqual([[1]]);
  expect(first.map((one) => one.number)).toEqual([8, EXTERNAL, EXTERNAL, EXTERNAL, LOCATION]);
  expect(second.map((one) => [...one.whole])).toEqual(fieldsOf(Buffer.from(typed)).map((one) => [...one.whole]));
});

test('a cut file is refused, wherever it is cut', async () => {
  const file = anyModel();
  for (const share of [0.0001, 0.1, 0.5, 0.999]) {
    const cut = file.subarray(0, Math.floor(file.length * share));
    await expect(skeletonOf(new Blob([cut])), `${share}`).rejects.toThrow('not an ONNX model');
  }
});

test('what is no model is refused', async () => {
  const random = randomFrom(1);
  const noise = Uint8Array.from({ length: 5000 }, () => random.whole(0, 255));
  const garbage = [
    new Blob([]),
    new Blob(['<!doctype html><title>Sign in</title>']),
    new Blob(['{"error":"not found"}']),
    new Blob([new Uint8Array(4096)]),
    new Blob([new Uint8Array(64).fill(255)]),
    new Blob([noise]),
    // A protobuf, but without a graph: ir_version 8.
    new Blob([Uint8Array.of(8, 8)]),
  ];
  for (const blob of garbage) await expect(skeletonOf(blob)).rejects.toThrow('not an ONNX model');
});
