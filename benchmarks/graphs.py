"""ONNX graphs of real shapes with seeded random weights: BERT encoders, GPT-2 and Llama with their key/value caches.

Written as exporters write them (opset 17): separate projections, activations, rotary positions and RMS norms written out,
masks added to the scores, the cache concatenated; batch, sequence and past lengths are dynamic. Llama's weights are f32
whose values bf16 holds exactly, so that engines with either compute the same.
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
    inner: int
    kv_heads: int
    external: bool = False  # weights in a file beside the model, for those beyond protobuf's 2 GB

    @property
    def head_size(self):
        return self.hidden // self.heads

    @property
    def large(self):
        """Too large for all engines to be in memory at once."""
        return weight_bytes(self) > 1e9


SHAPES = {
    "bert-base": Shape("bert", 12, 768, 12, 30522, 512, 3072, 12),
    "bert-base-24": Shape("bert", 24, 768, 12, 30522, 512, 3072, 12),
    "minilm-l6": Shape("bert", 6, 384, 12, 30522, 512, 1536, 12),
    "gpt2": Shape("gpt2", 12, 768, 12, 50257, 1024, 3072, 12),
    "llama-1b": Shape("llama", 22, 2048, 32, 32000, 2048, 5632, 4, external=True),
    "bert-tiny": Shape("bert", 2, 64, 4, 1000, 128, 256, 4),
    "bert-tiny-4": Shape("bert", 4, 64, 4, 1000, 128, 256, 4),
    "gpt2-tiny": Shape("gpt2", 2, 64, 4, 1000, 128, 256, 4),
    "llama-tiny": Shape("llama", 2, 64, 4, 1000, 128, 176, 2, external=True),
}


def bf16_values(array):
    """The nearest values that bf16 holds, as f32."""
    bits = array.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)


class Graph:
    """Collects nodes and weights; every method returns the name of the value that it adds."""

    def __init__(self, shape, external=None):
        self.shape = shape
        self.nodes, self.initializers = [], {}
        self.random = np.random.default_rng(0)
        self.external = external  # an open file that takes the weights, or None

    def constant(self, name, array):
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.asarray(array, order="C"), name)
        return name

    def weight(self, name, *dims):
        return self.store(name, self.random.standard_normal(dims, dtype=np.float32) * np.float32(0.02))

    def scale(self, name):
        """The factors of a norm, near one."""
        return self.store(f"{name}.scale", 1 + self.random.standard_normal(self.shape.hidden, dtype=np.float32) / 10)

    def store(self, name, array):
        if self.shape.family == "llama":
            array = bf16_values(array)
        if self.external is None or array.ndim == 1 or name in self.initializers:
            return self.constant(name, array)
        # Written at once: a large model is never in memory as a whole.
        self.external.seek(-(-self.external.tell() // 4096) * 4096)
        tensor = TensorProto(name=name, dims=array.shape, data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
        where = {"location": pathlib.Path(self.external.name).name, "offset": self.external.tell(), "length": array.nbytes}
        for key, value in where.items():
            tensor.external_data.add(key=key, value=str(value))
        self.external.write(array.data)
        self.initializers[name] = tensor
        return name

    def scalar(self, value):
        return self.constant(f"scalar_{value}", np.float32(value))

    def ints(self, *values):
        return self.constant("ints_" + "_".join(map(str, values)), np.array(values, np.int64))

    def node(self, op_type, inputs, name, **attributes):
        self.nodes.append(helper.make_node(op_type, inputs, [name], name=name, **attributes))
        return name

    def product(self, x, width, height, name):
        return self.node("MatMul", [x, self.weight(f"{name}.weight", width, height)], f"{name}/matmul")

    def linear(self, x, width, height, name):
        return self.node("Add", [self.product(x, width, height, name), self.weight(f"{name}.bias", height)], name)

    def layer_norm(self, x, name, epsilon):
        scale = self.scale(name)
        shift = self.weight(f"{name}.shift", self.shape.hidden)
        return self.node("LayerNormalization", [x, scale, shift], name, axis=-1, epsilon=epsilon)

    def rms_norm(self, x, name, epsilon):
        square = self.node("Pow", [x, self.scalar(2.0)], f"{name}/square")
        mean = self.node("ReduceMean", [square], f"{name}/mean", axes=[-1], keepdims=1)
        spread = self.node("Sqrt", [self.node("Add", [mean, self.scalar(epsilon)], f"{name}/variance")], f"{name}/spread")
        scaled = self.node("Mul", [x, self.node("Reciprocal", [spread], f"{name}/factor")], f"{name}/scaled")
        return self.node("Mul", [self.scale(name), scaled], name)

    def heads(self, x, perm, name, count=None):
        dims = self.ints(0, 0, count or self.shape.heads, self.shape.head_size)
        apart = self.node("Reshape", [x, dims], f"{name}/apart")
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


def bert(g):
    """input_ids, attention_mask, token_type_ids -> last_hidden_state, pooler_output."""
    shape, epsilon = g.shape, 1e-12
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


def gpt2(g):
    """input_ids, attention_mask, position_ids and the past -> logits of every position and the present."""
    shape, epsilon = g.shape, 1e-5
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

    return cached_model(g, "sequence")


def rotary_tables(g):
    """Cosines and sines of the positions: [batch, 1, sequence, head size]."""
    size = g.shape.head_size
    inverse = 1.0 / 10000.0 ** (np.arange(0, size, 2, dtype=np.float32) / size)
    rates = g.constant("rotary.rates", inverse.astype(np.float32)[None, :, None])
    positions = g.node("Unsqueeze", ["position_ids", g.ints(1)], "rotary/unsqueezed")
    row = g.node("Cast", [positions], "rotary/positions", to=TensorProto.FLOAT)
    angles = g.node("Transpose", [g.node("MatMul", [rates, row], "rotary/product")], "rotary/angles", perm=[0, 2, 1])
    whole = g.node("Concat", [angles, angles], "rotary/whole", axis=-1)
    return [
        g.node("Unsqueeze", [g.node(op, [whole], f"rotary/{op}"), g.ints(1)], f"rotary/table/{op}") for op in ("Cos", "Sin")
    ]


def rotate(g, x, cosines, sines, name):
    half = g.shape.head_size // 2
    first = g.node("Slice", [x, g.ints(0), g.ints(half), g.ints(3)], f"{name}/first")
    second = g.node("Slice", [x, g.ints(half), g.ints(2 * half), g.ints(3)], f"{name}/second")
    turned = g.node("Concat", [g.node("Neg", [second], f"{name}/negated"), first], f"{name}/turned", axis=-1)
    along = g.node("Mul", [x, cosines], f"{name}/along")
    return g.node("Add", [along, g.node("Mul", [turned, sines], f"{name}/across")], f"{name}/rotated")


def repeat_heads(g, x, name):
    """Every key/value head once for each query head of its group."""
    if g.shape.kv_heads == g.shape.heads:
        return x
    spread = g.node("Unsqueeze", [x, g.ints(2)], f"{name}/unsqueezed")
    wide = g.node("Expand", [spread, g.ints(1, 1, g.shape.heads // g.shape.kv_heads, 1, 1)], f"{name}/expanded")
    return g.node("Reshape", [wide, g.ints(0, g.shape.heads, -1, g.shape.head_size)], f"{name}/repeated")


def llama(g):
    """input_ids, attention_mask, position_ids and the past -> logits of the last position and the present."""
    shape, epsilon = g.shape, 1e-5
    hidden, kv_size = shape.hidden, shape.kv_heads * shape.head_size
    x = g.node("Gather", [g.weight("embed_tokens", shape.vocabulary, hidden), "input_ids"], "embeddings")
    bias, (cosines, sines) = causal_bias(g), rotary_tables(g)
    for index in range(shape.layers):
        name = f"layer.{index}"
        normed = g.rms_norm(x, f"{name}.norm1", epsilon)
        query = g.heads(g.product(normed, hidden, hidden, f"{name}.q_proj"), [0, 2, 1, 3], f"{name}/query")
        key, value = (
            g.heads(g.product(normed, hidden, kv_size, f"{name}.{part}_proj"), [0, 2, 1, 3], f"{name}/{part}", shape.kv_heads)
            for part in ("k", "v")
        )
        query = rotate(g, query, cosines, sines, f"{name}/query")
        key = rotate(g, key, cosines, sines, f"{name}/k")
        key = g.node("Concat", [f"past_key_values.{index}.key", key], f"present.{index}.key", axis=-2)
        value = g.node("Concat", [f"past_key_values.{index}.value", value], f"present.{index}.value", axis=-2)
        key, value = repeat_heads(g, key, f"{name}/key"), repeat_heads(g, value, f"{name}/value")
        turned = g.node("Transpose", [key], f"{name}/key/transposed", perm=[0, 1, 3, 2])
        attended = g.attend(query, turned, value, bias, f"{name}/attention")
        x = g.node("Add", [x, g.product(attended, hidden, hidden, f"{name}.o_proj")], f"{name}/attended")
        normed = g.rms_norm(x, f"{name}.norm2", epsilon)
        gate = g.product(normed, hidden, shape.inner, f"{name}.gate_proj")
        silu = g.node("Mul", [gate, g.node("Sigmoid", [gate], f"{name}/sigmoid")], f"{name}/silu")
        gated = g.node("Mul", [silu, g.product(normed, hidden, shape.inner, f"{name}.up_proj")], f"{name}/gated")
        x = g.node("Add", [x, g.product(gated, shape.inner, hidden, f"{name}.down_proj")], f"{name}/residual")
    last = g.node("Slice", [x, g.ints(-1), g.ints(np.iinfo(np.int64).max), g.ints(1)], "last")
    head = g.weight("lm_head", hidden, shape.vocabulary)
    g.node("MatMul", [g.rms_norm(last, "norm", epsilon), head], "logits")
    return cached_model(g, 1)


def cached_model(g, positions):
    """The signature of a decoder with logits of so many positions."""
    shape, tokens, total = g.shape, ["batch", "sequence"], "past_sequence + sequence"

    def cache(prefix, length):
        dims = ["batch", shape.kv_heads, length, shape.head_size]
        return [
            (f"{prefix}.{index}.{part}", TensorProto.FLOAT, dims) for index in range(shape.layers) for part in ("key", "value")
        ]

    inputs = [("input_ids", TensorProto.INT64, tokens), ("attention_mask", TensorProto.INT64, ["batch", total])]
    inputs += [("position_ids", TensorProto.INT64, tokens), *cache("past_key_values", "past_sequence")]
    logits = ("logits", TensorProto.FLOAT, ["batch", positions, shape.vocabulary])
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
            dims = (batch, shape.kv_heads, past, shape.head_size)
            result[f"past_key_values.{index}.{part}"] = random.standard_normal(dims, dtype=np.float32) / 10
    return result


def layer_weights(shape):
    """Elements of the matrices of one layer."""
    matrices = 3 if shape.family == "llama" else 2
    projections = 2 * shape.hidden * (shape.hidden + shape.kv_heads * shape.head_size)
    return projections + matrices * shape.hidden * shape.inner


def weight_bytes(shape, size=4):
    """What a run reads of the weights at least, in elements of so many bytes: all matrices, tables of embeddings apart."""
    head = 0 if shape.family == "bert" else shape.vocabulary * shape.hidden
    return size * (shape.layers * layer_weights(shape) + head)


def moved_bytes(shape, size, batch, sequence, past=0):
    """What a run reads at least: weights in elements of so many bytes, and the cache in f32."""
    return weight_bytes(shape, size) + 4 * 2 * shape.layers * batch * past * shape.kv_heads * shape.head_size


def flops(shape, batch, sequence, past=0):
    """Multiplications and additions of the matrix products, with whole score matrices."""
    tokens = batch * sequence
    headed = {"bert": 0, "gpt2": tokens, "llama": batch}[shape.family]
    products = 2 * (tokens * shape.layers * layer_weights(shape) + headed * shape.vocabulary * shape.hidden)
    return products + 4 * shape.layers * tokens * (past + sequence) * shape.hidden


def stale(path, *sources):
    """Whether a file has to be made: it is not there, or older than one of these."""
    return not path.exists() or any(path.stat().st_mtime < pathlib.Path(source).stat().st_mtime for source in sources)


def build(name, folder):
    """The path of the model's file in `folder`, written when it is not there or older than this file."""
    path, shape = pathlib.Path(folder) / f"{name}.onnx", SHAPES[name]
    if stale(path, __file__):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        make = {"bert": bert, "gpt2": gpt2, "llama": llama}[shape.family]
        if shape.external:
            with open(path.with_suffix(".data"), "wb") as data:
                onnx.save(make(Graph(shape, data)), partial)
        else:
            onnx.save(make(Graph(shape)), partial)
        partial.rename(path)
    return path


def weights(path):
    """name -> array of a built model; those in a file beside it stay there."""
    arrays = {}
    for tensor in onnx.load(path, load_external_data=False).graph.initializer:
        if tensor.data_location == TensorProto.EXTERNAL:
            where = {entry.key: entry.value for entry in tensor.external_data}
            file, offset = pathlib.Path(path).with_name(where["location"]), int(where["offset"])
            arrays[tensor.name] = np.memmap(file, np.float32, "r", offset, tuple(tensor.dims))
        else:
            arrays[tensor.name] = numpy_helper.to_array(tensor)
    return arrays


if __name__ == "__main__":
    import sys

    if len(sys.argv) != 3 or sys.argv[1] not in SHAPES:
        sys.exit(f"usage: graphs.py NAME FOLDER, NAME one of {', '.join(SHAPES)}")
    print(build(sys.argv[1], sys.argv[2]))
