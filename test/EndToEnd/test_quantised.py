"""Quantised forms run as products of integers, or of floats with integers as they lie in memory: never as float weights made in each run."""

import json

import numpy as np
import onnx
import pytest
from conftest import call
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

TYPES = {TensorProto.UINT8: np.uint8, TensorProto.INT8: np.int8}
DEPTH, WIDTH = 48, 40


class Builder:
    """A graph from x [rows, 48] to y, one weight [48, 40] in it."""

    def __init__(self):
        self.random = np.random.default_rng(7)
        self.nodes, self.weights = [], []

    def constant(self, values, name):
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def node(self, op, *inputs, domain="", **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], domain=domain, **attributes))
        return name

    def numbers(self, shape, element):
        low, high = (-128, 128) if element == TensorProto.INT8 else (0, 256)
        return self.random.integers(low, high, shape).astype(TYPES[element])

    def small(self, name, shape, element):
        """Numbers of 4 bits, which NumPy has no type for."""
        low, high = (-8, 8) if element == TensorProto.INT4 else (0, 16)
        self.weights.append(helper.make_tensor(name, element, shape, self.random.integers(low, high, shape).reshape(-1)))
        return name

    def scales(self, shape, name):
        return self.constant(self.random.uniform(0.005, 0.02, shape).astype(np.float32), name)

    def quantised(self, value, element=TensorProto.UINT8):
        """To integers and back, as static quantisation writes it around a product."""
        scale, zero = self.constant(np.float32(0.03), f"{value}_s"), self.constant(self.numbers((), element), f"{value}_z")
        return self.node("DequantizeLinear", self.node("QuantizeLinear", value, scale, zero), scale, zero)

    def model(self, result):
        self.nodes.append(helper.make_node("Identity", [result], ["y"]))
        graph = helper.make_graph(self.nodes, "quantised", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", DEPTH])],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], self.weights)
        return onnx.shape_inference.infer_shapes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10))


def per_tensor(b, element, transposed):
    shape = (WIDTH, DEPTH) if transposed else (DEPTH, WIDTH)
    w = b.node("DequantizeLinear", b.constant(b.numbers(shape, element), "w"), b.scales((), "ws"), b.constant(b.numbers((), element), "wz"))
    return b.node("Transpose", w, perm=[1, 0]) if transposed else w


def per_column(b, element, transposed):
    shape = (WIDTH, DEPTH) if transposed else (DEPTH, WIDTH)
    w = b.node("DequantizeLinear", b.constant(b.numbers(shape, element), "w"), b.scales(WIDTH, "ws"), b.constant(b.numbers(WIDTH, element), "wz"),
               axis=0 if transposed else 1)
    return b.node("Transpose", w, perm=[1, 0]) if transposed else w


def per_block(b, element, transposed):
    shape, parameters = ((WIDTH, DEPTH), (WIDTH, DEPTH // 16)) if transposed else ((DEPTH, WIDTH), (DEPTH // 16, WIDTH))
    packed = element in (TensorProto.INT4, TensorProto.UINT4)
    integers = b.small("w", shape, element) if packed else b.constant(b.numbers(shape, element), "w")
    zeros = b.small("wz", parameters, element) if packed else b.constant(b.numbers(parameters, element), "wz")
    w = b.node("DequantizeLinear", integers, b.scales(parameters, "ws"), zeros, axis=1 if transposed else 0, block_size=16)
    return b.node("Transpose", w, perm=[1, 0]) if transposed else w


def static(b, weight):
    """Around products, biases and activations, as static quantisation does."""
    y = b.node("MatMul", b.quantised("x"), weight)
    y = b.quantised(b.node("Add", b.quantised(y), b.constant(b.random.standard_normal(WIDTH).astype(np.float32), "bias")))
    return b.node("Relu", y)


def weight_only(b, weight):
    y = b.node("MatMul", "x", weight)
    return b.node("Relu", b.node("Add", y, b.constant(b.random.standard_normal(WIDTH).astype(np.float32), "bias")))


def dynamic(b, _):
    x, scale, zero = "xq", "xs", "xz"
    b.nodes.append(helper.make_node("DynamicQuantizeLinear", ["x"], [x, scale, zero]))
    w = b.constant(b.numbers((DEPTH, WIDTH), TensorProto.INT8), "w")
    sums = b.node("Cast", b.node("MatMulInteger", x, w, zero, b.constant(np.int8(3), "wz")), to=TensorProto.FLOAT)
    return b.node("Mul", sums, b.node("Mul", scale, b.constant(np.float32(0.01), "ws")))


FORMS = {
    **{f"static-{form.__name__}-{name}-{'columns' if turned else 'rows'}": (static, form, element, turned, "matmul_integer")
       for form in (per_tensor, per_column) for name, element in (("u8", TensorProto.UINT8), ("i8", TensorProto.INT8)) for turned in (False, True)},
    **{f"weights-{form.__name__}-i8-{'columns' if turned else 'rows'}": (weight_only, form, TensorProto.INT8, turned, "linear_nbits")
       for form in (per_tensor, per_column, per_block) for turned in (False, True)},
    **{f"weights-per_block-{name}-{'columns' if turned else 'rows'}": (weight_only, per_block, element, turned, "linear_nbits")
       for name, element in (("u4", TensorProto.UINT4), ("i4", TensorProto.INT4)) for turned in (False, True)},
    "dynamic": (dynamic, lambda *_: None, None, None, "matmul_integer"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_products(name, tmp_path):
    import transom

    around, weight, element, turned, kernel = FORMS[name]
    builder = Builder()
    model = builder.model(around(builder, weight(builder, element, turned)))
    onnx.save(model, tmp_path / "model.onnx")
    call("transom", "compile", tmp_path / "model.onnx", "-o", tmp_path / "out")
    kernels = {item["name"].rsplit("_", 1)[0] for item in json.loads((tmp_path / "out/model.json").read_text())["kernels"]}
    assert kernel in kernels
    assert not kernels & {"matmul", "linear", "dequantize"}, "weights are made float in each run"
    module = transom.Module(tmp_path / "out")
    for rows in (1, 2, 7, 19):
        x = builder.random.standard_normal((rows, DEPTH)).astype(np.float32)
        expected = ReferenceEvaluator(model).run(None, {"x": x})[0]
        # A sum in another order may round to the next step of what is quantised after it.
        np.testing.assert_allclose(module(x)[0], expected, rtol=1e-4, atol=0.031 if around is static else 1e-4 * np.abs(expected).max())


def test_tables(tmp_path):
    """Rows of a quantised table become float, not the table."""
    import transom

    random = np.random.default_rng(3)
    table = random.integers(-128, 128, (300, 24)).astype(np.int8)
    weights = [numpy_helper.from_array(table, "t"), numpy_helper.from_array(np.float32(0.02), "s"), numpy_helper.from_array(np.int8(5), "z")]
    nodes = [helper.make_node("DequantizeLinear", ["t", "s", "z"], ["f"]), helper.make_node("Gather", ["f", "ids"], ["y"])]
    graph = helper.make_graph(nodes, "tables", [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n"])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 24])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), tmp_path / "model.onnx")
    call("transom", "compile", tmp_path / "model.onnx", "-o", tmp_path / "out")
    assert len(json.loads((tmp_path / "out/model.json").read_text())["kernels"]) == 1
    ids = np.array([0, 299, -1, 7])
    np.testing.assert_array_equal(transom.Module(tmp_path / "out")(ids)[0], (table[ids].astype(np.float32) - 5) * np.float32(0.02))
