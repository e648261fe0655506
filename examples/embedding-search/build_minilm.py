"""Builds the ONNX graph of all-MiniLM-L6-v2 from its checkpoint, with the onnx package alone.

    build_minilm.py CHECKPOINT_FOLDER OUTPUT.onnx

Reads config.json and model.safetensors. The graph takes `input_ids` and `attention_mask` (int64, [batch, sequence]) and gives
`sentence_embedding` (f32, [batch, hidden]): the encoder, the mean over the tokens that the mask keeps, and L2 normalisation, as
sentence-transformers runs it. Both dims are dynamic. Every token has type 0, so that row joins the position table.
"""

import argparse
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

OPSET = 17


class GraphBuilder:
    """Collects nodes and initializers; every method returns the name of the value that it adds."""

    def __init__(self):
        self.nodes = []
        self.initializers = {}

    def constant(self, name, array):
        """Adds an initializer; the same name is the same value."""
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.asarray(array, order="C"), name)
        return name

    def node(self, op_type, inputs, name, **attributes):
        self.nodes.append(helper.make_node(op_type, inputs, [name], name=name, **attributes))
        return name

    def scalar(self, value):
        return self.constant(f"scalar_{value}", np.float32(value))

    def ints(self, *values):
        return self.constant("ints_" + "_".join(map(str, values)), np.array(values, np.int64))


class BertEncoder:
    def __init__(self, config, weights):
        self.config = config
        self.weights = weights
        self.graph = GraphBuilder()

    def linear(self, x, module, name):
        weight = self.graph.constant(f"{module}.weight", self.weights[f"{module}.weight"].T)
        bias = self.graph.constant(f"{module}.bias", self.weights[f"{module}.bias"])
        return self.graph.node("Add", [self.graph.node("MatMul", [x, weight], f"{name}/matmul"), bias], name)

    def layer_norm(self, x, module, name):
        parts = [self.graph.constant(f"{module}.{part}", self.weights[f"{module}.{part}"]) for part in ("weight", "bias")]
        return self.graph.node("LayerNormalization", [x, *parts], name, axis=-1, epsilon=self.config["layer_norm_eps"])

    def gelu(self, x, name):
        g = self.graph
        erf = g.node("Erf", [g.node("Div", [x, g.scalar(float(np.sqrt(2.0)))], f"{name}/scaled")], f"{name}/erf")
        gate = g.node("Add", [erf, g.scalar(1.0)], f"{name}/gate")
        return g.node("Mul", [g.node("Mul", [x, gate], f"{name}/gated"), g.scalar(0.5)], name)

    def embeddings(self, input_ids):
        g, w = self.graph, self.weights
        words = g.constant("embeddings.word", w["embeddings.word_embeddings.weight"])
        positions = g.constant(
            "embeddings.position",
            w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0],
        )
        shape = g.node("Shape", [input_ids], "embeddings/shape")
        sequence = g.node("Slice", [shape, g.ints(1), g.ints(2), g.ints(0)], "embeddings/sequence")
        position = g.node("Slice", [positions, g.ints(0), sequence, g.ints(0)], "embeddings/position")
        word = g.node("Gather", [words, input_ids], "embeddings/word", axis=0)
        return self.layer_norm(
            g.node("Add", [word, position], "embeddings/sum"), "embeddings.LayerNorm", "embeddings/norm"
        )

    def attention(self, x, mask_bias, module, name):
        g, heads = self.graph, self.config["num_attention_heads"]
        size = self.config["hidden_size"] // heads

        def split(projection, perm):
            flat = self.linear(x, f"{module}.self.{projection}", f"{name}/{projection}")
            apart = g.node("Reshape", [flat, g.ints(0, 0, heads, size)], f"{name}/{projection}/heads")
            return g.node("Transpose", [apart], f"{name}/{projection}/transposed", perm=perm)

        query, key, value = split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1]), split("value", [0, 2, 1, 3])
        product = g.node("MatMul", [query, key], f"{name}/product")
        scores = g.node("Div", [product, g.scalar(float(np.sqrt(size)))], f"{name}/scores")
        masked = g.node("Add", [scores, mask_bias], f"{name}/masked")
        share = g.node("Softmax", [masked], f"{name}/softmax", axis=-1)
        mixed = g.node("Transpose", [g.node("MatMul", [share, value], f"{name}/mixed")], f"{name}/joined", perm=[0, 2, 1, 3])
        flat = g.node("Reshape", [mixed, g.ints(0, 0, heads * size)], f"{name}/flat")
        return self.linear(flat, f"{module}.output.dense", f"{name}/output")

    def layer(self, x, mask_bias, index):
        g, module, name = self.graph, f"encoder.layer.{index}", f"layer.{index}"
        attended = self.attention(x, mask_bias, f"{module}.attention", f"{name}/attention")
        x = self.layer_norm(
            g.node("Add", [attended, x], f"{name}/attention/residual"),
            f"{module}.attention.output.LayerNorm",
            f"{name}/attention/norm",
        )
        wide = self.gelu(self.linear(x, f"{module}.intermediate.dense", f"{name}/wide"), f"{name}/gelu")
        narrow = self.linear(wide, f"{module}.output.dense", f"{name}/narrow")
        return self.layer_norm(
            g.node("Add", [narrow, x], f"{name}/residual"), f"{module}.output.LayerNorm", f"{name}/norm"
        )

    def mask_bias(self, attention_mask):
        """0 where a token may be seen and the lowest f32 where not, as [batch, 1, 1, sequence]."""
        g = self.graph
        mask = g.node("Unsqueeze", [attention_mask, g.ints(1, 2)], "mask/unsqueezed")
        kept = g.node("Cast", [mask], "mask/kept", to=TensorProto.FLOAT)
        hidden = g.node("Sub", [g.scalar(1.0), kept], "mask/hidden")
        return g.node("Mul", [hidden, g.scalar(float(np.finfo(np.float32).min))], "mask/bias")

    def pool(self, x, attention_mask):
        """The mean over kept tokens, scaled to length 1."""
        g = self.graph
        column = g.node("Unsqueeze", [attention_mask, g.ints(2)], "pool/column")
        kept = g.node("Cast", [column], "pool/kept", to=TensorProto.FLOAT)
        total = g.node("ReduceSum", [g.node("Mul", [x, kept], "pool/masked"), g.ints(1)], "pool/sum", keepdims=0)
        count = g.node("ReduceSum", [kept, g.ints(1)], "pool/count", keepdims=0)
        mean = g.node("Div", [total, g.node("Clip", [count, g.scalar(1e-9)], "pool/at_least")], "pool/mean")
        length = g.node("ReduceL2", [mean], "normalise/length", axes=[-1], keepdims=1)
        return g.node("Div", [mean, g.node("Clip", [length, g.scalar(1e-12)], "normalise/at_least")], "sentence_embedding")

    def build(self):
        x, bias = self.embeddings("input_ids"), self.mask_bias("attention_mask")
        for index in range(self.config["num_hidden_layers"]):
            x = self.layer(x, bias, index)
        output = self.pool(x, "attention_mask")
        tokens = ["batch", "sequence"]
        graph = helper.make_graph(
            self.graph.nodes,
            "minilm",
            [helper.make_tensor_value_info(name, TensorProto.INT64, tokens) for name in ("input_ids", "attention_mask")],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", self.config["hidden_size"]])],
            list(self.graph.initializers.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        model.producer_name = "transom embedding-search example"
        return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=pathlib.Path, help="folder with config.json and model.safetensors")
    parser.add_argument("output", type=pathlib.Path, help="the ONNX file to write")
    arguments = parser.parse_args()
    config = json.loads((arguments.checkpoint / "config.json").read_text())
    if config["hidden_act"] != "gelu":
        raise SystemExit(f"the checkpoint's activation is {config['hidden_act']}, this graph writes gelu")
    model = BertEncoder(config, load_file(arguments.checkpoint / "model.safetensors")).build()
    onnx.checker.check_model(model, full_check=True)
    # Written aside and renamed, so that an interrupted run leaves no half file.
    partial = arguments.output.with_suffix(".partial")
    onnx.save(model, partial)
    partial.rename(arguments.output)
    print(f"{arguments.output}: {len(model.graph.node)} nodes, {arguments.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
