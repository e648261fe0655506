"""Writes a small Whisper encoder as ONNX: a log-mel spectrogram [batch, 80, 300] to states [batch, 150, 64].

    python build_whisper_encoder.py whisper_encoder.onnx

Two convolutions over time, the second of stride 2, fixed sinusoidal positions, layers with the norms first, a norm at the end
(Radford et al., 2022); three seconds instead of thirty. The weights are random. openai/whisper-*, exported by optimum, has the same
form with 3000 frames.
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benchmarks"))
from graphs import Graph, Shape

MELS, FRAMES, EPSILON = 80, 300, 1e-5


def sinusoids(length, width):
    """Sines, then cosines, of positions over wavelengths from 2 pi to 20000 pi."""
    rates = np.exp(-np.log(10000) / (width // 2 - 1) * np.arange(width // 2))
    angles = np.arange(length)[:, None] * rates
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def conv(g, x, channels, name, stride):
    kernel, bias = g.weight(f"{name}.weight", g.shape.hidden, channels, 3), g.weight(f"{name}.bias", g.shape.hidden)
    made = g.node("Conv", [x, kernel, bias], f"{name}/conv", kernel_shape=[3], strides=[stride], pads=[1, 1])
    return g.gelu_erf(made, f"{name}/gelu")


def layer(g, x, name):
    shape = g.shape
    normed = g.layer_norm(x, f"{name}.norm1", EPSILON)
    query = g.heads(g.linear(normed, shape.hidden, shape.hidden, f"{name}.query"), [0, 2, 1, 3], f"{name}/query")
    # Whisper's keys have no bias.
    key = g.heads(g.product(normed, shape.hidden, shape.hidden, f"{name}.key"), [0, 2, 3, 1], f"{name}/key")
    value = g.heads(g.linear(normed, shape.hidden, shape.hidden, f"{name}.value"), [0, 2, 1, 3], f"{name}/value")
    attended = g.attend(query, key, value, g.scalar(0.0), f"{name}/attention")
    x = g.node("Add", [x, g.linear(attended, shape.hidden, shape.hidden, f"{name}.output")], f"{name}/attended")
    normed = g.layer_norm(x, f"{name}.norm2", EPSILON)
    wide = g.gelu_erf(g.linear(normed, shape.hidden, shape.inner, f"{name}.wide"), f"{name}/gelu")
    return g.node("Add", [x, g.linear(wide, shape.inner, shape.hidden, f"{name}.narrow")], f"{name}/residual")


def encoder():
    g = Graph(Shape("whisper_encoder", layers=2, hidden=64, heads=4, vocabulary=0, positions=FRAMES // 2, inner=128, kv_heads=4))
    x = conv(g, conv(g, "input_features", MELS, "conv1", 1), g.shape.hidden, "conv2", 2)
    x = g.node("Transpose", [x], "frames", perm=[0, 2, 1])
    x = g.node("Add", [x, g.constant("positions", sinusoids(FRAMES // 2, g.shape.hidden))], "placed")
    for index in range(g.shape.layers):
        x = layer(g, x, f"layer.{index}")
    g.layer_norm(x, "last_hidden_state", EPSILON)
    return g.model(
        [("input_features", TensorProto.FLOAT, ["batch", MELS, FRAMES])],
        [("last_hidden_state", TensorProto.FLOAT, ["batch", FRAMES // 2, g.shape.hidden])],
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: build_whisper_encoder.py FILE")
    onnx.save(encoder(), sys.argv[1])
