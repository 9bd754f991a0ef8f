#!/usr/bin/env python3
"""Makes the Whisper base that comes with the page out of OpenAI's weights: 8-bit blocks, the token embedding stored once.

    pip install onnx==1.22.0 numpy
    python3 tests/models/compact.py IN OUT

IN holds `encoder_model_w16.onnx` and `decoder_model_merged_w16.onnx` (the hub's interface, OpenAI's weights in the fp16
they were published in, each behind a Cast to fp32). OUT gets `encoder_model_b8.onnx`, `decoder_model_merged_b8.onnx`, and
the pinned lengths and SHA-256 go into `workers/store/bundled-base.json`. The same input gives the same bytes.

What it does to a graph:
- A product with a weight becomes `MatMulNBits` (ONNX Runtime, ContribOperators.md): blocks of 128 along the summed axis,
  symmetric around 128, one scale a block.
- The token embedding is looked up by `GatherBlockQuantized` and multiplied by `MatMulNBits`, both from the same bytes.
- The encoder's attention becomes `MultiHeadAttention`, which on a GPU needs no [1500, 1500] scores a head in memory.
- What stays (scales, convolutions, positions) is kept in fp16 behind a Cast. Weights and positions are fp16 by birth, so
  that loses nothing; a scale is rounded before the weights are divided by it.
The files are plain ONNX. The page widens the Casts while loading, and for the CPU the blocks too (workers/whisper/unpack.ts).
"""
import argparse
import hashlib
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

BITS = 8
BLOCK = 128
HEAD_BLOCK = 128
HEADS = 8
SMALL = 256
SUFFIX = '_w16'
REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')


def graphs(graph):
    """A graph and those in its nodes' attributes: the two branches of the merged decoder."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from graphs(attribute.g)


def replace_nodes(graph, nodes):
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)


def widen(model):
    """Takes the Casts away: every initializer in fp32."""
    for tensor in model.graph.initializer:
        if tensor.name.endswith(SUFFIX):
            wide = numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(wide, tensor.name[: -len(SUFFIX)]))
    replace_nodes(model.graph, [node for node in model.graph.node if not node.name.endswith('/widen')])


def blocks(weights, size):
    """
    Blocks of `size` along the last axis, as ONNX Runtime's quantizer makes them: the value of largest magnitude is -128.
    weights: [rows, columns] -> uint8 [rows, columns / size, size], fp16 scales [rows, columns / size]
    """
    rows, columns = weights.shape
    parts = weights.reshape(rows, columns // size, size)
    largest = np.take_along_axis(parts, np.abs(parts).argmax(-1)[..., None], -1)[..., 0]
    half = 1 << (BITS - 1)
    scales = (largest / -half).astype(np.float16)
    inverse = np.divide(1, scales.astype(np.float32), out=np.zeros(scales.shape, np.float32), where=scales != 0)
    levels = np.round(parts * inverse[..., None]) + half
    return np.clip(levels, 0, 2 * half - 1).astype(np.uint8), scales


class Compact:
    """The initializers of one model while its products are rewritten."""

    def __init__(self, model):
        self.model = model
        self.weights = {tensor.name: tensor for tensor in model.graph.initializer}
        self.added = {}
        self.casts = []

    def narrow(self, name, values):
        """An fp32 tensor `name` for the graph, stored in fp16."""
        self.added[name + SUFFIX] = numpy_helper.from_array(values, name + SUFFIX)
        self.casts.append(helper.make_node('Cast', [name + SUFFIX], [name], name=name + '/widen', to=TensorProto.FLOAT))

    def quantized(self, name, weights, size):
        """Adds `name`_q and `name`_s once. The matrix is [outputs, inputs]."""
        if name + '_q' not in self.added:
            levels, scales = blocks(weights, size)
            self.added[name + '_q'] = numpy_helper.from_array(levels, name + '_q')
            self.narrow(name + '_s', scales)
        return [name + '_q', name + '_s']

    def matrix(self, name):
        tensor = self.weights.get(name)
        return tensor if tensor is not None and len(tensor.dims) == 2 else None

    def rewrite(self, graph, embedding):
        transposed = set()
        nodes = []
        for node in graph.node:
            if embedding is not None and node.op_type == 'Transpose' and node.input[0] == embedding:
                transposed.add(node.output[0])
                continue
            if embedding is not None and node.op_type == 'Gather' and node.input[0] == embedding:
                nodes.extend(self.lookup(node, embedding))
                continue
            if node.op_type == 'MatMul':
                if node.input[1] in transposed:
                    weights = numpy_helper.to_array(self.matrix(embedding))
                    nodes.append(self.product(node, embedding, weights, HEAD_BLOCK))
                    continue
                if self.matrix(node.input[1]) is not None:
                    weights = np.ascontiguousarray(numpy_helper.to_array(self.matrix(node.input[1])).T)
                    nodes.append(self.product(node, node.input[1], weights, BLOCK))
                    continue
            nodes.append(node)
        replace_nodes(graph, nodes)

    def product(self, node, name, weights, size):
        rows, columns = weights.shape
        return helper.make_node(
            'MatMulNBits',
            [node.input[0], *self.quantized(name, weights, size)],
            list(node.output),
            name=node.name,
            domain='com.microsoft',
            K=columns,
            N=rows,
            bits=BITS,
            block_size=size,
        )

    def lookup(self, node, embedding):
        """The embedding lies in blocks, [vocabulary, blocks, size]: so does what is looked up, and is laid flat again."""
        weights = numpy_helper.to_array(self.matrix(embedding))
        width = weights.shape[1]
        levels, scales = self.quantized(embedding, weights, HEAD_BLOCK)
        # Scales need the blocks' rank for the lookup and none for the product.
        self.added.setdefault('flat', numpy_helper.from_array(np.array([0, 0, width], np.int64), 'flat'))
        self.added.setdefault('last', numpy_helper.from_array(np.array([2], np.int64), 'last'))
        output = node.output[0]
        return [
            helper.make_node('Unsqueeze', [scales, 'last'], [output + '/scales'], name=node.name + '/scales'),
            helper.make_node(
                'GatherBlockQuantized',
                [levels, node.input[1], output + '/scales'],
                [output + '/blocks'],
                name=node.name,
                domain='com.microsoft',
                gather_axis=0,
                quantize_axis=2,
                block_size=HEAD_BLOCK,
                bits=BITS,
            ),
            helper.make_node('Reshape', [output + '/blocks', 'flat'], [output], name=node.name + '/flat'),
        ]

    def finish(self):
        """Drops what nothing reads any more and narrows what is left."""
        model = self.model
        model.graph.initializer.extend(self.added.values())
        cast = {node.input[0] for node in self.casts}
        used = cast | {name for graph in graphs(model.graph) for node in graph.node for name in node.input}
        kept = []
        for tensor in [tensor for tensor in model.graph.initializer if tensor.name in used]:
            values = numpy_helper.to_array(tensor)
            half = values.astype(np.float16)
            if tensor.data_type == TensorProto.FLOAT and values.size >= SMALL and (half.astype(np.float32) == values).all():
                self.casts.append(
                    helper.make_node(
                        'Cast', [tensor.name + SUFFIX], [tensor.name], name=tensor.name + '/widen', to=TensorProto.FLOAT
                    )
                )
                tensor = numpy_helper.from_array(half, tensor.name + SUFFIX)
            kept.append(tensor)
        copies = [onnx.TensorProto.FromString(tensor.SerializeToString()) for tensor in kept]
        del model.graph.initializer[:]
        model.graph.initializer.extend(copies)
        replace_nodes(model.graph, self.casts + list(model.graph.node))
        if not any(one.domain == 'com.microsoft' for one in model.opset_import):
            model.opset_import.append(helper.make_opsetid('com.microsoft', 1))


def fuse_attention(graph):
    """softmax(scale q kT) v over split heads, as the export writes it out, becomes one MultiHeadAttention."""
    maker = {output: node for node in graph.node for output in node.output}
    readers = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)

    def only(name, kind):
        (node,) = readers[name]
        assert node.op_type == kind, (name, node.op_type)
        return node

    def whole(node, kinds):
        """From a split and transposed factor back to the tensor of all heads."""
        for kind in kinds:
            assert node.op_type == kind, node.op_type
            name, node = node.input[0], maker[node.input[0]]
        return name

    fused = {}
    for softmax in [node for node in graph.node if node.op_type == 'Softmax']:
        scores = maker[softmax.input[0]]
        mixed = only(softmax.output[0], 'MatMul')
        output = only(only(mixed.output[0], 'Transpose').output[0], 'Reshape').output[0]
        query = whole(maker[scores.input[0]], ['Transpose', 'Reshape', 'Mul'])
        key = whole(maker[scores.input[1]], ['Transpose', 'Reshape'])
        value = whole(maker[mixed.input[1]], ['Transpose', 'Reshape'])
        fused[output] = helper.make_node(
            'MultiHeadAttention',
            [query, key, value],
            [output],
            name=softmax.name + '/attention',
            domain='com.microsoft',
            num_heads=HEADS,
        )
    needed = {output.name for output in graph.output}
    kept = []
    for node in reversed(graph.node):
        node = fused.get(node.output[0], node)
        if any(output in needed for output in node.output):
            kept.append(node)
            needed.update(node.input)
    replace_nodes(graph, kept[::-1])


def compact(source, target, encoder):
    model = onnx.load(source)
    widen(model)
    if encoder:
        fuse_attention(model.graph)
    work = Compact(model)
    # The one matrix that is looked up is the token embedding, and the logits are products with it.
    matrices = [tensor for tensor in model.graph.initializer if len(tensor.dims) == 2]
    embedding = None if encoder else max(matrices, key=lambda tensor: tensor.dims[0]).name
    for graph in reversed(list(graphs(model.graph))):  # a branch before the node that holds it
        work.rewrite(graph, embedding)
    work.finish()
    data = model.SerializeToString(deterministic=True)
    with open(target, 'wb') as file:
        file.write(data)
    print(f'{target}: {len(data):,} bytes')
    return {'bytes': len(data), 'sha256': hashlib.sha256(data).hexdigest()}


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('source')
    parser.add_argument('target')
    args = parser.parse_args()
    os.makedirs(args.target, exist_ok=True)
    pins = []
    for name in ('encoder_model', 'decoder_model_merged'):
        pin = compact(
            os.path.join(args.source, name + '_w16.onnx'),
            os.path.join(args.target, name + '_b8.onnx'),
            name == 'encoder_model',
        )
        pins.append({'path': f'onnx/{name}_b8.onnx', **pin})
    with open(os.path.join(REPOSITORY, 'workers/store/bundled-base.json'), 'w') as file:
        json.dump(pins, file, indent=2)
        file.write('\n')
