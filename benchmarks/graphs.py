"""ONNX graphs of real shapes with seeded random weights: BERT encoders and GPT-2 with its key/value cache.

Written as exporters write them (opset 17): separate projections, erf GELU and tanh GELU written out, masks added to the
scores, the cache concatenated; batch, sequence and past lengths are dynamic.
"""

import dataclasses
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
LOWEST = float(np.finfo(np.float32).min)


@dataclasses.dataclass(frozen=True)
class Shape:
    family: str
    layers: int
    hidden: int
    heads: int
    vocabulary: int
    positions: int

    @property
    def inner(self):
        return 4 * self.hidden

    @property
    def head_size(self):
        return self.hidden // self.heads


SHAPES = {
    "bert-base": Shape("bert", 12, 768, 12, 30522, 512),
    "bert-base-24": Shape("bert", 24, 768, 12, 30522, 512),
    "minilm-l6": Shape("bert", 6, 384, 12, 30522, 512),
    "gpt2": Shape("gpt2", 12, 768, 12, 50257, 1024),
    "bert-tiny": Shape("bert", 2, 64, 4, 1000, 128),
    "bert-tiny-4": Shape("bert", 4, 64, 4, 1000, 128),
    "gpt2-tiny": Shape("gpt2", 2, 64, 4, 1000, 128),
}


class Graph:
    """Collects nodes and weights; every method returns the name of the value that it adds."""

    def __init__(self, shape):
        self.shape = shape
        self.nodes, self.initializers = [], {}
        self.random = np.random.default_rng(0)

    def constant(self, name, array):
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.asarray(array, order="C"), name)
        return name

    def weight(self, name, *dims):
        return self.constant(name, self.random.standard_normal(dims, dtype=np.float32) * np.float32(0.02))

    def scalar(self, value):
        return self.constant(f"scalar_{value}", np.float32(value))

    def ints(self, *values):
        return self.constant("ints_" + "_".join(map(str, values)), np.array(values, np.int64))

    def node(self, op_type, inputs, name, **attributes):
        self.nodes.append(helper.make_node(op_type, inputs, [name], name=name, **attributes))
        return name

    def linear(self, x, width, height, name):
        product = self.node("MatMul", [x, self.weight(f"{name}.weight", width, height)], f"{name}/matmul")
        return self.node("Add", [product, self.weight(f"{name}.bias", height)], name)

    def layer_norm(self, x, name, epsilon):
        scale = self.constant(f"{name}.scale", 1 + self.random.standard_normal(self.shape.hidden, dtype=np.float32) / 10)
        shift = self.weight(f"{name}.shift", self.shape.hidden)
        return self.node("LayerNormalization", [x, scale, shift], name, axis=-1, epsilon=epsilon)

    def heads(self, x, perm, name):
        apart = self.node("Reshape", [x, self.ints(0, 0, self.shape.heads, self.shape.head_size)], f"{name}/apart")
        return self.node("Transpose", [apart], f"{name}/heads", perm=perm)

    def attend(self, query, key, value, bias, name):
        """Softmax(query x key / sqrt(size) + bias) x value, with the heads joined; key is [batch, heads, size, keys]."""
        size = float(np.sqrt(self.shape.head_size))
        scores = self.node("Div", [self.node("MatMul", [query, key], f"{name}/qk"), self.scalar(size)], f"{name}/scaled")
        share = self.node("Softmax", [self.node("Add", [scores, bias], f"{name}/masked")], f"{name}/softmax", axis=-1)
        mixed = self.node("MatMul", [share, value], f"{name}/mixed")
        joined = self.node("Transpose", [mixed], f"{name}/joined", perm=[0, 2, 1, 3])
        return self.node("Reshape", [joined, self.ints(0, 0, self.shape.hidden)], f"{name}/flat")

    def gelu_erf(self, x, name):
        erf = self.node("Erf", [self.node("Div", [x, self.scalar(float(np.sqrt(2)))], f"{name}/scaled")], f"{name}/erf")
        gate = self.node("Add", [erf, self.scalar(1.0)], f"{name}/gate")
        return self.node("Mul", [self.node("Mul", [x, gate], f"{name}/gated"), self.scalar(0.5)], name)

    def gelu_tanh(self, x, name):
        cube = self.node("Mul", [self.node("Pow", [x, self.scalar(3.0)], f"{name}/pow"), self.scalar(0.044715)], f"{name}/cube")
        inner = self.node("Add", [x, cube], f"{name}/inner")
        scaled = self.node("Mul", [inner, self.scalar(float(np.sqrt(2 / np.pi)))], f"{name}/scaled")
        gate = self.node("Add", [self.node("Tanh", [scaled], f"{name}/tanh"), self.scalar(1.0)], f"{name}/gate")
        return self.node("Mul", [self.node("Mul", [x, self.scalar(0.5)], f"{name}/half"), gate], name)

    def model(self, inputs, outputs):
        def infos(values):
            return [helper.make_tensor_value_info(name, dtype, dims) for name, dtype, dims in values]

        weights = list(self.initializers.values())
        graph = helper.make_graph(self.nodes, self.shape.family, infos(inputs), infos(outputs), weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


def bert(shape):
    """input_ids, attention_mask, token_type_ids -> last_hidden_state, pooler_output."""
    g, epsilon = Graph(shape), 1e-12
    ids = g.node("Shape", ["input_ids"], "embeddings/shape")
    sequence = g.node("Slice", [ids, g.ints(1), g.ints(2), g.ints(0)], "embeddings/sequence")
    table = g.weight("embeddings.position", shape.positions, shape.hidden)
    position = g.node("Slice", [table, g.ints(0), sequence, g.ints(0)], "embeddings/position")
    words = g.weight("embeddings.word", shape.vocabulary, shape.hidden)
    word = g.node("Gather", [words, "input_ids"], "embeddings/word")
    types = g.weight("embeddings.type", 2, shape.hidden)
    kind = g.node("Gather", [types, "token_type_ids"], "embeddings/type")
    total = g.node("Add", [g.node("Add", [word, kind], "embeddings/typed"), position], "embeddings/sum")
    x = g.layer_norm(total, "embeddings.norm", epsilon)

    mask = g.node("Unsqueeze", ["attention_mask", g.ints(1, 2)], "mask/unsqueezed")
    kept = g.node("Cast", [mask], "mask/kept", to=TensorProto.FLOAT)
    bias = g.node("Mul", [g.node("Sub", [g.scalar(1.0), kept], "mask/hidden"), g.scalar(LOWEST)], "mask/bias")

    for index in range(shape.layers):
        name = f"layer.{index}"
        query, key, value = (g.linear(x, shape.hidden, shape.hidden, f"{name}.{part}") for part in ("query", "key", "value"))
        query = g.heads(query, [0, 2, 1, 3], f"{name}/query")
        key = g.heads(key, [0, 2, 3, 1], f"{name}/key")
        value = g.heads(value, [0, 2, 1, 3], f"{name}/value")
        attended = g.attend(query, key, value, bias, f"{name}/attention")
        projected = g.linear(attended, shape.hidden, shape.hidden, f"{name}.output")
        x = g.layer_norm(g.node("Add", [projected, x], f"{name}/attended"), f"{name}.norm1", epsilon)
        wide = g.gelu_erf(g.linear(x, shape.hidden, shape.inner, f"{name}.wide"), f"{name}/gelu")
        narrow = g.linear(wide, shape.inner, shape.hidden, f"{name}.narrow")
        last = index == shape.layers - 1
        x = g.layer_norm(
            g.node("Add", [narrow, x], f"{name}/residual"), "last_hidden_state" if last else f"{name}.norm2", epsilon
        )
    first = g.node("Gather", [x, g.constant("int_0", np.int64(0))], "pooler/first", axis=1)
    g.node("Tanh", [g.linear(first, shape.hidden, shape.hidden, "pooler")], "pooler_output")
    tokens = ["batch", "sequence"]
    return g.model(
        [(name, TensorProto.INT64, tokens) for name in ("input_ids", "attention_mask", "token_type_ids")],
        [
            ("last_hidden_state", TensorProto.FLOAT, [*tokens, shape.hidden]),
            ("pooler_output", TensorProto.FLOAT, ["batch", shape.hidden]),
        ],
    )


def causal_bias(g):
    """0 where the query at past + i may see a kept key, the lowest f32 elsewhere: [batch, 1, sequence, total]."""

    def size(value, axis, name):
        return g.node("Gather", [g.node("Shape", [value], f"{name}/shape"), g.constant(f"int_{axis}", np.int64(axis))], name)

    past, sequence = size("past_key_values.0.key", 2, "sizes/past"), size("input_ids", 1, "sizes/sequence")
    total = g.node("Add", [past, sequence], "sizes/total")
    zero, one = g.constant("int_0", np.int64(0)), g.constant("int_1", np.int64(1))
    keys = g.node("Range", [zero, total, one], "mask/keys")
    queries = g.node("Unsqueeze", [g.node("Range", [past, total, one], "mask/queries"), g.ints(1)], "mask/column")
    causal = g.node("LessOrEqual", [keys, queries], "mask/causal")
    kept = g.node("Cast", ["attention_mask"], "mask/kept", to=TensorProto.BOOL)
    seen = g.node("And", [causal, g.node("Unsqueeze", [kept, g.ints(1, 2)], "mask/kept_keys")], "mask/seen")
    return g.node("Where", [seen, g.scalar(0.0), g.scalar(LOWEST)], "mask/bias")


def gpt2(shape):
    """input_ids, attention_mask, position_ids and the past -> logits of every position and the present."""
    g, epsilon = Graph(shape), 1e-5
    words = g.weight("wte", shape.vocabulary, shape.hidden)
    positions = g.weight("wpe", shape.positions, shape.hidden)
    word = g.node("Gather", [words, "input_ids"], "embeddings/word")
    x = g.node("Add", [word, g.node("Gather", [positions, "position_ids"], "embeddings/position")], "embeddings/sum")
    bias = causal_bias(g)
    for index in range(shape.layers):
        name = f"h.{index}"
        packed = g.linear(g.layer_norm(x, f"{name}.ln_1", epsilon), shape.hidden, 3 * shape.hidden, f"{name}.c_attn")
        parts = [f"{name}/{part}" for part in ("query", "key", "value")]
        sizes = g.ints(*[shape.hidden] * 3)
        g.nodes.append(helper.make_node("Split", [packed, sizes], parts, name=f"{name}/split", axis=2))
        query, key, value = (g.heads(part, [0, 2, 1, 3], part) for part in parts)
        key = g.node("Concat", [f"past_key_values.{index}.key", key], f"present.{index}.key", axis=-2)
        value = g.node("Concat", [f"past_key_values.{index}.value", value], f"present.{index}.value", axis=-2)
        turned = g.node("Transpose", [key], f"{name}/key/turned", perm=[0, 1, 3, 2])
        attended = g.attend(query, turned, value, bias, f"{name}/attention")
        projected = g.linear(attended, shape.hidden, shape.hidden, f"{name}.c_proj")
        x = g.node("Add", [projected, x], f"{name}/attended")
        wide = g.gelu_tanh(
            g.linear(g.layer_norm(x, f"{name}.ln_2", epsilon), shape.hidden, shape.inner, f"{name}.c_fc"), f"{name}/gelu"
        )
        x = g.node("Add", [g.linear(wide, shape.inner, shape.hidden, f"{name}.mlp"), x], f"{name}/residual")
    x = g.layer_norm(x, "ln_f", epsilon)
    # The head is the word table again, as the checkpoint ties them.
    g.node("MatMul", [x, g.node("Transpose", [words], "lm_head", perm=[1, 0])], "logits")

    tokens, total = ["batch", "sequence"], "past_sequence + sequence"

    def cache(prefix, length):
        dims = ["batch", shape.heads, length, shape.head_size]
        return [
            (f"{prefix}.{index}.{part}", TensorProto.FLOAT, dims) for index in range(shape.layers) for part in ("key", "value")
        ]

    inputs = [("input_ids", TensorProto.INT64, tokens), ("attention_mask", TensorProto.INT64, ["batch", total])]
    inputs += [("position_ids", TensorProto.INT64, tokens), *cache("past_key_values", "past_sequence")]
    logits = ("logits", TensorProto.FLOAT, [*tokens, shape.vocabulary])
    return g.model(inputs, [logits, *cache("present", total)])


def feeds(shape, batch, sequence, past=0):
    """Inputs of one point, the same for every engine."""
    random = np.random.default_rng(1)
    result = {
        "input_ids": random.integers(0, shape.vocabulary, (batch, sequence)),
        "attention_mask": np.ones((batch, past + sequence), np.int64),
    }
    if shape.family == "bert":
        result["token_type_ids"] = np.zeros((batch, sequence), np.int64)
        return result
    result["position_ids"] = np.tile(np.arange(past, past + sequence), (batch, 1))
    for index in range(shape.layers):
        for part in ("key", "value"):
            dims = (batch, shape.heads, past, shape.head_size)
            result[f"past_key_values.{index}.{part}"] = random.standard_normal(dims, dtype=np.float32) / 10
    return result


def flops(shape, batch, sequence, past=0):
    """Multiplications and additions of the matrix products, with whole score matrices."""
    weights = shape.layers * (4 * shape.hidden**2 + 2 * shape.hidden * shape.inner)
    weights += shape.vocabulary * shape.hidden if shape.family == "gpt2" else 0
    tokens = batch * sequence
    return 2 * tokens * weights + 4 * shape.layers * tokens * (past + sequence) * shape.hidden


def build(name, folder):
    """The path of the model's file in `folder`, written when it is not there yet."""
    path = pathlib.Path(folder) / f"{name}.onnx"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = SHAPES[name]
        partial = path.with_suffix(".partial")
        onnx.save({"bert": bert, "gpt2": gpt2}[shape.family](shape), partial)
        partial.rename(path)
    return path
