#!/usr/bin/env python3
"""Makes the two networks that tell speakers apart as they come with the page: 8-bit weights, short names.

    pip install onnx==1.23.2 numpy
    python3 tests/models/speakers.py IN

IN holds `segmentation-3.0.onnx` (pyannote/segmentation-3.0, MIT) and `campplus_w16.onnx` (3D-Speaker's CAM++, Apache-2.0,
weights in fp16 behind Casts). Writes `public/models/speakers/segmentation.onnx` and `embedding.onnx`, and their pinned
lengths and SHA-256 into `workers/store/bundled-speakers.json`. The same input gives the same bytes.

Every large weight becomes int8 with one fp32 scale an output channel, and is put together again by a Cast and a Mul, which
ONNX Runtime does once, when the session is made. The files are plain ONNX of the opset they came in.
"""
import argparse
import hashlib
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALL = 4096
REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
SUMMED = {'MatMul': (0,), 'LSTM': (2,)}


def average_once(graph):
    """
    CAM++ adds the mean of all frames to the mean of each hundred of them. Pieces are at most 1.5 s long (pieces.ts), which is
    75 frames behind the first layer: both means are the same one, and all that is made of it is the same for each frame.
    Holds for up to two seconds of sound, and saves a tenth of the time that the network takes.
    """
    made = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        if node.op_type != 'Add':
            continue
        mean, means = (made.get(name) for name in node.input)
        if mean is not None and means is not None and mean.op_type == 'ReduceMean' and means.op_type == 'Slice':
            node.input[1] = node.input[0]
    needed = {one.name for one in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed.isdisjoint(node.output):
            continue
        needed.update(node.input)
        kept.append(node)
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in reversed(kept)]
    del graph.node[:]
    graph.node.extend(copies)


def widen(graph):
    """fp16 weights behind a Cast to fp32 become fp32 weights."""
    halves = {one.name: one for one in graph.initializer if one.data_type == TensorProto.FLOAT16}
    for node in list(graph.node):
        if node.op_type == 'Cast' and node.input[0] in halves:
            wide = numpy_helper.to_array(halves[node.input[0]]).astype(np.float32)
            graph.node.remove(node)
            graph.initializer.append(numpy_helper.from_array(wide, node.output[0]))
    for half in halves.values():
        graph.initializer.remove(half)


def quantize(graph):
    kept, made = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < SMALL or values.ndim < 2:
            kept.append(tensor)
            continue
        reader = next(node for node in graph.node if tensor.name in node.input)
        axes = SUMMED.get(reader.op_type, tuple(range(1, values.ndim)))
        scale = (np.abs(values).max(axis=axes, keepdims=True) / 127).astype(np.float32)
        scale[scale == 0] = 1
        levels = np.clip(np.rint(values / scale), -127, 127).astype(np.int8)
        level, step, wide = (f'{tensor.name}/{part}' for part in ('levels', 'scale', 'wide'))
        kept += [numpy_helper.from_array(levels, level), numpy_helper.from_array(scale, step)]
        made += [
            helper.make_node('Cast', [level], [wide], to=TensorProto.FLOAT),
            helper.make_node('Mul', [wide, step], [tensor.name]),
        ]
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in graph.node]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    del graph.node[:]
    graph.node.extend(made + copies)


def shorten(graph, names):
    """Names that only the exporter needed become a number each. @param names old to new, shared with the branches"""

    def short(name):
        return names.setdefault(name, f'{len(names):x}') if name else name

    for tensor in graph.initializer:
        tensor.name = short(tensor.name)
    for node in graph.node:
        node.name, node.doc_string = '', ''
        node.input[:] = [short(name) for name in node.input]
        node.output[:] = [short(name) for name in node.output]
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                attribute.t.name = ''
            if attribute.type == onnx.AttributeProto.GRAPH:
                shorten(attribute.g, names)
                for one in attribute.g.output:
                    one.name = short(one.name)
    del graph.value_info[:]


def compact(source, target, change=None):
    model = onnx.load(source)
    if change:
        change(model.graph)
    widen(model.graph)
    quantize(model.graph)
    shorten(model.graph, {one.name: one.name for one in [*model.graph.input, *model.graph.output]})
    model.producer_name, model.producer_version, model.doc_string = '', '', ''
    onnx.checker.check_model(model)
    data = model.SerializeToString(deterministic=True)
    with open(target, 'wb') as file:
        file.write(data)
    return {'path': os.path.basename(target), 'bytes': len(data), 'sha256': hashlib.sha256(data).hexdigest()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('source')
    source = parser.parse_args().source
    folder = os.path.join(REPOSITORY, 'public/models/speakers')
    os.makedirs(folder, exist_ok=True)
    files = [
        compact(os.path.join(source, 'segmentation-3.0.onnx'), os.path.join(folder, 'segmentation.onnx')),
        compact(os.path.join(source, 'campplus_w16.onnx'), os.path.join(folder, 'embedding.onnx'), average_once),
    ]
    with open(os.path.join(REPOSITORY, 'workers/store/bundled-speakers.json'), 'w') as file:
        json.dump(files, file, indent=2)
        file.write('\n')


if __name__ == '__main__':
    main()
