/**
 * Silero's file answers one frame at a time: every call slices and joins the LSTM's weights anew, convolves four columns
 * at a time and keeps a second net for 8 kHz. The same weights laid out for a run of N frames are one product per
 * layer: nothing in a frame but the LSTM's state depends on the frame before.
 *
 * - the Fourier basis times all hops of all frames, [258, 256] x [256, 4 N], and the magnitude of its two halves;
 * - the convolutions over a frame's four hops as 2-D ones with a kernel one frame high, so that frames stay apart;
 * - the LSTM as one sequence, its gates in the order of ONNX (i, o, f, c; PyTorch's is i, f, c, o).
 *
 * Layers: snakers4/silero-vad, src/silero_vad/tinygrad_model.py.
 */
import { FLOAT, initializer, integers, isMessage, node, nodeOf, stringsOf, tensorOf } from '../onnx/graph';
import { concat } from '../concat';
import { delimited, fieldsOf, text, whole } from '../onnx/protobuf';

/** Hops a frame's spectrogram has, and samples in each. */
export const HOPS = 4;
export const HOP_LENGTH = 256;
/** Numbers of the LSTM's hidden state, and of its cell. */
export const STATE = 128;
const BINS = 129;

/**
 * @param model silero_vad v5 or v6 as published, ONNX
 * @returns a model with inputs `hops` [4 N, 256], `h` and `c` [1, 1, 128], and outputs `speech` [N, 1], `hn`, `cn`
 * @throws Error when the file is not that net
 */
export function sequenceGraph(model: Uint8Array): Uint8Array {
  const weights = weightsAt16k(model);
  const take = (name: string, dims: number[]): Uint8Array => {
    const found = weights.get(name);
    if (found?.dims.join() !== dims.join()) throw new Error(`not the Silero net: ${name} is ${String(found?.dims)}`);
    return found.raw;
  };
  const floats = (name: string, dims: number[], ...raw: Uint8Array[]): Uint8Array =>
    initializer(name, FLOAT, dims, concat(raw));
  const gates = (name: string, width: number[]): Uint8Array => {
    const raw = take(name, [4 * STATE, ...width]);
    const size = raw.length / 4;
    return concat([0, 3, 1, 2].map((gate) => raw.subarray(gate * size, (gate + 1) * size)));
  };

  const layers = [
    { from: BINS, to: 128, stride: 1 },
    { from: 128, to: 64, stride: 2 },
    { from: 64, to: 64, stride: 2 },
    { from: 64, to: STATE, stride: 1 },
  ];
  const convolutions = layers.map(({ from, to, stride }, i) =>
    concat([
      floats(`w${i}`, [to, from, 1, 3], take(`encoder.${i}.reparam_conv.weight`, [to, from, 3])),
      floats(`b${i}`, [to], take(`encoder.${i}.reparam_conv.bias`, [to])),
      node('Conv', [i === 0 ? 'image' : `relu${i - 1}`, `w${i}`, `b${i}`], [`conv${i}`], {
        kernel_shape: [1, 3],
        pads: [0, 1, 0, 1],
        strides: [1, stride],
      }),
      node('Relu', [`conv${i}`], [`relu${i}`]),
    ]),
  );
  const graph = concat([
    floats('basis', [2 * BINS, HOP_LENGTH], take('stft.forward_basis_buffer', [2 * BINS, 1, HOP_LENGTH])),
    node('Gemm', ['basis', 'hops'], ['spectrum'], { transB: 1 }),
    node('Split', ['spectrum'], ['re', 'im'], { axis: 0 }),
    node('Mul', ['re', 're'], ['re2']),
    node('Mul', ['im', 'im'], ['im2']),
    node('Add', ['re2', 'im2'], ['power']),
    node('Sqrt', ['power'], ['magnitude']),
    integers('imageShape', [1, BINS, -1, HOPS]),
    node('Reshape', ['magnitude', 'imageShape'], ['image']),
    ...convolutions,
    integers('featureShape', [STATE, -1]),
    node('Reshape', ['relu3', 'featureShape'], ['features']),
    node('Transpose', ['features'], ['byFrame'], { perm: [1, 0] }),
    integers('sequenceShape', [-1, 1, STATE]),
    node('Reshape', ['byFrame', 'sequenceShape'], ['sequence']),
    floats('W', [1, 4 * STATE, STATE], gates('decoder.rnn.weight_ih', [STATE])),
    floats('R', [1, 4 * STATE, STATE], gates('decoder.rnn.weight_hh', [STATE])),
    floats('B', [1, 8 * STATE], gates('decoder.rnn.bias_ih', []), gates('decoder.rnn.bias_hh', [])),
    node('LSTM', ['sequence', 'W', 'R', 'B', '', 'h', 'c'], ['Y', 'hn', 'cn'], { hidden_size: STATE }),
    node('Relu', ['Y'], ['reluY']),
    integers('rowShape', [-1, STATE]),
    node('Reshape', ['reluY', 'rowShape'], ['rows']),
    floats('w', [1, STATE], take('decoder.decoder.2.weight', [1, STATE, 1])),
    floats('b', [1], take('decoder.decoder.2.bias', [1])),
    node('Gemm', ['rows', 'w', 'b'], ['logit'], { transB: 1 }),
    node('Sigmoid', ['logit'], ['speech']),
    text(2, 'silero'),
    input('hops', ['hops', HOP_LENGTH]),
    input('h', [1, 1, STATE]),
    input('c', [1, 1, STATE]),
    ...['speech', 'hn', 'cn'].map((name) => delimited(12, text(1, name))),
  ]);
  // ModelProto: ir_version = 1, graph = 7, opset_import = 8 (version = 2); 16 is the file's own.
  return concat([whole(1, 8), delimited(7, graph), delimited(8, whole(2, 16))]);
}

/** GraphProto.input: ValueInfoProto.name = 1, type = 2; of a tensor, its shape; a dimension given by name is free. */
function input(name: string, dims: (number | string)[]): Uint8Array {
  const shape = dims.map((dim) => delimited(1, typeof dim === 'number' ? whole(1, dim) : text(2, dim)));
  return delimited(11, text(1, name), delimited(2, delimited(1, whole(1, FLOAT), delimited(2, ...shape))));
}

/** The constants of the branch for 16 kHz, by name. */
function weightsAt16k(model: Uint8Array): Map<string, { dims: number[]; raw: Uint8Array }> {
  const graph = fieldsOf(model).find((field) => isMessage(field, 7));
  const choice = (graph ? fieldsOf(graph.body) : [])
    .filter((field) => isMessage(field, 1))
    .map(({ body }) => nodeOf(body))
    .find(({ type }) => type === 'If');
  const branch = choice?.attributes
    .map(({ body }) => fieldsOf(body))
    .find((parts) => stringsOf(parts, 1)[0] === 'then_branch')
    ?.find((part) => isMessage(part, 6));
  if (!branch) throw new Error('not the Silero net: no branch for 16 kHz');
  const weights = new Map<string, { dims: number[]; raw: Uint8Array }>();
  for (const field of fieldsOf(branch.body)) {
    if (!isMessage(field, 1)) continue;
    const { type, attributes } = nodeOf(field.body);
    if (type !== 'Constant') continue;
    // AttributeProto.t = 5.
    const value = attributes.flatMap(({ body }) => fieldsOf(body)).find((part) => isMessage(part, 5));
    const tensor = value && tensorOf(value.body);
    if (tensor?.raw) weights.set(tensor.name, { dims: tensor.dims, raw: tensor.raw });
  }
  return weights;
}
