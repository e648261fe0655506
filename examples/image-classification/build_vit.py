"""Writes a small vision transformer as ONNX: pixels [batch, 3, 32, 32] to logits [batch, 10].

    python build_vit.py vit.onnx

Patches of 8 x 8 by a convolution, a class token, layers with the norms first, as ViT has them (Dosovitskiy et al., 2020). The
weights are random: what it says of an image means nothing. A checkpoint exported by optimum has the same form.
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benchmarks"))
from graphs import Graph, Shape

IMAGE, PATCH, LABELS, EPSILON = 32, 8, 10, 1e-6


def layer(g, x, name):
    """Attention and two linear layers, each on the norm of what it is added to."""
    shape = g.shape
    normed = g.layer_norm(x, f"{name}.norm1", EPSILON)
    query, key, value = (g.linear(normed, shape.hidden, shape.hidden, f"{name}.{part}") for part in ("query", "key", "value"))
    query = g.heads(query, [0, 2, 1, 3], f"{name}/query")
    key = g.heads(key, [0, 2, 3, 1], f"{name}/key")
    value = g.heads(value, [0, 2, 1, 3], f"{name}/value")
    # Every patch sees every other one.
    attended = g.attend(query, key, value, g.scalar(0.0), f"{name}/attention")
    x = g.node("Add", [g.linear(attended, shape.hidden, shape.hidden, f"{name}.output"), x], f"{name}/attended")
    normed = g.layer_norm(x, f"{name}.norm2", EPSILON)
    wide = g.gelu_erf(g.linear(normed, shape.hidden, shape.inner, f"{name}.wide"), f"{name}/gelu")
    return g.node("Add", [g.linear(wide, shape.inner, shape.hidden, f"{name}.narrow"), x], f"{name}/residual")


def vit():
    count = (IMAGE // PATCH) ** 2
    g = Graph(Shape("vit", layers=2, hidden=64, heads=4, vocabulary=0, positions=count + 1, inner=128, kv_heads=4))
    hidden = g.shape.hidden
    kernel, bias = g.weight("patch.weight", hidden, 3, PATCH, PATCH), g.weight("patch.bias", hidden)
    grid = g.node("Conv", ["pixels", kernel, bias], "patch/conv", strides=[PATCH, PATCH], kernel_shape=[PATCH, PATCH])
    rows = g.node("Reshape", [grid, g.ints(0, hidden, count)], "patch/flat")
    patches = g.node("Transpose", [rows], "patch/rows", perm=[0, 2, 1])
    batch = g.node("Slice", [g.node("Shape", ["pixels"], "shape"), g.ints(0), g.ints(1)], "batch")
    sizes = g.node("Concat", [batch, g.ints(1, hidden)], "class/sizes", axis=0)
    token = g.node("Expand", [g.weight("class", 1, 1, hidden), sizes], "class/token")
    x = g.node("Concat", [token, patches], "tokens", axis=1)
    x = g.node("Add", [x, g.weight("positions", 1, count + 1, hidden)], "placed")
    for index in range(g.shape.layers):
        x = layer(g, x, f"layer.{index}")
    first = g.node("Gather", [g.layer_norm(x, "norm", EPSILON), g.constant("zero", np.int64(0))], "class/last", axis=1)
    g.linear(first, hidden, LABELS, "logits")
    return g.model([("pixels", TensorProto.FLOAT, ["batch", 3, IMAGE, IMAGE])], [("logits", TensorProto.FLOAT, ["batch", LABELS])])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: build_vit.py FILE")
    onnx.save(vit(), sys.argv[1])
