"""Graphs in half precision, with the parts of them that must not be.

Inputs and outputs stay in float32. So does what leads to a sine or a cosine, since the angles of timesteps and of positions go
into the thousands, where float16 has steps of a half and more; and the mean of squares that a norm divides by, since a square
is beyond float16 from 256 on. A T5 encoder keeps all but its products of matrices, and of these the one that the library
itself keeps: its states grow beyond float16.
"""

from __future__ import annotations

import pathlib

import onnx
from onnxruntime.transformers.float16 import convert_float_to_float16

ANGLES = ("Sin", "Cos")
AFTER_MEAN = ("Add", "Sqrt", "Reciprocal")
T5_KEEPS = "/wo/"


def halve(path: pathlib.Path, t5: bool = False) -> onnx.ModelProto:
    """The graph of a file in half precision. It is read from the file since types are inferred there, of any size."""
    graph = onnx.load(str(path), load_external_data=False).graph
    if any(not node.name for node in graph.node):
        raise ValueError(f"{path.parent.name} has nodes without a name")
    kept = [node.name for node in graph.node if node.op_type != "MatMul" or T5_KEEPS in node.name] if t5 else sorted(_angles(graph) | _norms(graph))
    model = convert_float_to_float16(str(path), keep_io_types=True, node_block_list=kept)
    del model.graph.value_info[:]  # what was inferred of the graph before
    return model


def _angles(graph) -> set[str]:
    """Sines, cosines, and the nodes before them."""
    makers = {name: node for node in graph.node for name in node.output}
    found: set[str] = set()
    open_ = [node for node in graph.node if node.op_type in ANGLES]
    while open_:
        node = open_.pop()
        if node.name not in found:
            found.add(node.name)
            open_ += [makers[name] for name in node.input if name in makers]
    return found


def _norms(graph) -> set[str]:
    """Means of squares: the squares, the means, and what follows up to the root's inverse."""
    makers = {name: node for node in graph.node for name in node.output}
    users: dict[str, list] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    found: set[str] = set()
    for node in graph.node:
        if node.op_type == "ReduceMean":
            found |= {node.name} | {makers[name].name for name in node.input[:1] if name in makers}
            after = list(users.get(node.output[0], []))
            while after:
                next_ = after.pop()
                if next_.op_type in AFTER_MEAN and next_.name not in found:
                    found.add(next_.name)
                    after += users.get(next_.output[0], [])
    return found
