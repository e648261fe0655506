"""The decoders of graphs.py as ONNX Runtime runs them best: GroupQueryAttention over a cache of fixed room that is past and
present at once, skips fused with norms, one product for query, key and value. This is the form of the models that
onnxruntime-genai makes and runs; weights are those of the plain model, Llama's in its file.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import graphs

MICROSOFT = "com.microsoft"


class GroupedGraph(graphs.Graph):
    """A graph over the weights of a model that is built already."""

    def __init__(self, shape, plain, external=None):
        super().__init__(shape, external)
        self.folder = plain.parent
        model = onnx.load(plain, load_external_data=False)
        self.given = {tensor.name: tensor for tensor in model.graph.initializer}

    def weight(self, name, *dims):
        return self.take(name)

    def scale(self, name):
        return self.take(f"{name}.scale")

    def take(self, name):
        self.initializers.setdefault(name, self.given[name])
        return name

    def packed(self, names, name):
        """Several matrices of the plain model side by side."""
        if name in self.initializers:
            return name
        matrices = [numpy_helper.to_array(self.given[part], str(self.folder)) for part in names]
        return self.store(name, np.concatenate(matrices, axis=1))

    def fused(self, op_type, inputs, outputs, **attributes):
        """A node of several outputs; returns the first."""
        self.nodes.append(helper.make_node(op_type, inputs, outputs, name=outputs[0], **attributes))
        return outputs[0]

    def lengths(self):
        """The last key's index of each row, and the keys in all, as the operator takes them."""
        counted = self.node("ReduceSum", ["attention_mask", self.ints(1)], "lengths/kept", keepdims=0)
        last = self.node(
            "Cast", [self.node("Sub", [counted, self.ints(1)], "lengths/less")], "lengths/last", to=TensorProto.INT32
        )
        size = self.node("Shape", ["attention_mask"], "lengths/shape", start=1, end=2)
        total = self.node("Cast", [size], "lengths/wide", to=TensorProto.INT32)
        return [last, self.node("Squeeze", [total], "lengths/total")]

    def attention(self, packed, index, lengths, rotary=()):
        shape = self.shape
        past = [f"past_key_values.{index}.{part}" for part in ("key", "value")]
        presents = [f"present.{index}.{part}" for part in ("key", "value")]
        return self.fused(
            "GroupQueryAttention", [packed, "", "", *past, *lengths, *rotary], [f"{index}/attention", *presents],
            domain=MICROSOFT, num_heads=shape.heads, kv_num_heads=shape.kv_heads, do_rotary=int(bool(rotary)),
        )  # fmt: skip

    def skip_norm(self, op_type, x, added, weights, name, epsilon):
        """The norm of a sum, and the sum."""
        outputs = [name, "", "", f"{name}/sum"]
        return self.fused(op_type, [x, added, *weights], outputs, domain=MICROSOFT, epsilon=epsilon), f"{name}/sum"


def rotary_caches(g):
    """Cosines and sines of half a head for every position."""
    shape = g.shape
    rates = 1.0 / 10000.0 ** (np.arange(0, shape.head_size, 2, dtype=np.float32) / shape.head_size)
    angles = np.arange(shape.positions, dtype=np.float32)[:, None] * rates.astype(np.float32)
    return [g.constant("rotary.cosines", np.cos(angles)), g.constant("rotary.sines", np.sin(angles))]


def llama(g):
    shape, epsilon = g.shape, 1e-5
    lengths, rotary = g.lengths(), rotary_caches(g)
    x = g.node("Gather", [g.take("embed_tokens"), "input_ids"], "embeddings")
    normed = g.node("SimplifiedLayerNormalization", [x, g.scale("layer.0.norm1")], "layer.0.norm1", axis=-1, epsilon=epsilon)
    for index in range(shape.layers):
        name = f"layer.{index}"
        parts = [f"{name}.{part}_proj.weight" for part in ("q", "k", "v")]
        packed = g.node("MatMul", [normed, g.packed(parts, f"{name}.qkv_proj.weight")], f"{name}/qkv")
        attended = g.product(g.attention(packed, index, lengths, rotary), 0, 0, f"{name}.o_proj")
        normed, x = g.skip_norm(
            "SkipSimplifiedLayerNormalization", x, attended, [g.scale(f"{name}.norm2")], f"{name}.norm2", epsilon
        )
        gate = g.product(normed, 0, 0, f"{name}.gate_proj")
        silu = g.node("Mul", [gate, g.node("Sigmoid", [gate], f"{name}/sigmoid")], f"{name}/silu")
        gated = g.node("Mul", [silu, g.product(normed, 0, 0, f"{name}.up_proj")], f"{name}/gated")
        down = g.product(gated, 0, 0, f"{name}.down_proj")
        following = f"layer.{index + 1}.norm1" if index + 1 < shape.layers else "norm"
        normed, x = g.skip_norm("SkipSimplifiedLayerNormalization", x, down, [g.scale(following)], following, epsilon)
    last = g.node("Slice", [normed, g.ints(-1), g.ints(np.iinfo(np.int64).max), g.ints(1)], "last")
    g.node("MatMul", [last, g.take("lm_head")], "logits")
    return g.model(*signature(g, 1, positions=False))


def gpt2(g):
    shape, epsilon = g.shape, 1e-5
    lengths = g.lengths()
    word = g.node("Gather", [g.take("wte"), "input_ids"], "embeddings/word")
    x = g.node("Add", [word, g.node("Gather", [g.take("wpe"), "position_ids"], "embeddings/position")], "embeddings/sum")
    normed = g.layer_norm(x, "h.0.ln_1", epsilon)
    for index in range(shape.layers):
        name = f"h.{index}"
        packed = g.linear(normed, 0, 0, f"{name}.c_attn")
        projected = g.linear(g.attention(packed, index, lengths), 0, 0, f"{name}.c_proj")
        normed, x = norm_sum(g, x, projected, f"{name}.ln_2", epsilon)
        wide = g.gelu_tanh(g.linear(normed, 0, 0, f"{name}.c_fc"), f"{name}/gelu")
        narrow = g.linear(wide, 0, 0, f"{name}.mlp")
        normed, x = norm_sum(g, x, narrow, f"h.{index + 1}.ln_1" if index + 1 < shape.layers else "ln_f", epsilon)
    g.node("MatMul", [normed, g.node("Transpose", [g.take("wte")], "lm_head", perm=[1, 0])], "logits")
    return g.model(*signature(g, "sequence", positions=True))


def norm_sum(g, x, added, name, epsilon):
    return g.skip_norm("SkipLayerNormalization", x, added, [g.scale(name), g.weight(f"{name}.shift")], name, epsilon)


def signature(g, logits, positions):
    shape, tokens = g.shape, ["batch", "sequence"]

    def cache(prefix):
        dims = ["batch", shape.kv_heads, "room", shape.head_size]
        return [
            (f"{prefix}.{index}.{part}", TensorProto.FLOAT, dims) for index in range(shape.layers) for part in ("key", "value")
        ]

    inputs = [("input_ids", TensorProto.INT64, tokens), ("attention_mask", TensorProto.INT64, ["batch", "total"])]
    inputs += [("position_ids", TensorProto.INT64, tokens)] if positions else []
    outputs = [("logits", TensorProto.FLOAT, ["batch", logits, shape.vocabulary]), *cache("present")]
    return [*inputs, *cache("past_key_values")], outputs


def build(name, plain):
    """The path of the file beside the plain model, written when it is not there or older."""
    plain, shape = pathlib.Path(plain), graphs.SHAPES[name]
    path = plain.with_name(f"{name}-gqa.onnx")
    if graphs.stale(path, plain, __file__):
        make = {"gpt2": gpt2, "llama": llama}[shape.family]
        if shape.external:
            with open(path.with_suffix(".data"), "wb") as data:
                model = make(GroupedGraph(shape, plain, data))
        else:
            model = make(GroupedGraph(shape, plain))
        model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
        onnx.save(model, path)
    return path
