"""Models with elements of less than a byte: as weights, as what is computed with, and as results."""

import ml_dtypes
import numpy as np
import onnx
import pytest
from conftest import call
from onnx import TensorProto, helper

#: (ONNX's type, ml_dtypes' type, what the casts are tried with).
PACKED = {
    "uint2": (TensorProto.UINT2, ml_dtypes.uint2, np.arange(0, 4)),
    "int2": (TensorProto.INT2, ml_dtypes.int2, np.arange(-2, 2)),
    "uint4": (TensorProto.UINT4, ml_dtypes.uint4, np.arange(0, 16)),
    "int4": (TensorProto.INT4, ml_dtypes.int4, np.arange(-8, 8)),
    "float4": (TensorProto.FLOAT4E2M1, ml_dtypes.float4_e2m1fn, np.linspace(-9, 9, 145)),
}
#: Odd numbers of elements, in the last dim and in all.
SHAPES = [(1,), (7,), (3, 5), (2, 3, 4), (0, 3)]


def compiled(folder, nodes, inputs, outputs, weights=()):
    import transom

    graph = helper.make_graph(nodes, "packed", inputs, outputs, list(weights))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 25)], ir_version=13)
    onnx.save(model, folder / "model.onnx")
    call("transom", "compile", folder / "model.onnx", "-o", folder / "out")
    return transom.Module(folder / "out", threads=3)


def bits_of(array):
    return np.asarray(array).view(np.uint8)


@pytest.mark.parametrize("name", PACKED)
def test_casts_into_results(tmp_path, name):
    code, dtype, values = PACKED[name]
    nodes, inputs, outputs = [], [], []
    for i, shape in enumerate(SHAPES):
        nodes.append(helper.make_node("Cast", [f"x{i}"], [f"y{i}"], to=code))
        inputs.append(helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, shape))
        outputs.append(helper.make_tensor_value_info(f"y{i}", code, shape))
    module, random = compiled(tmp_path, nodes, inputs, outputs), np.random.default_rng(0)
    feeds = {f"x{i}": random.choice(values, shape).astype(np.float32) for i, shape in enumerate(SHAPES)}
    for result, (given, shape) in zip(module(**feeds), zip(feeds.values(), SHAPES)):
        assert result.dtype == dtype and result.shape == shape
        np.testing.assert_array_equal(bits_of(result), bits_of(given.astype(dtype)))


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("rows", [1, 9])
def test_weights(tmp_path, name, rows):
    """Dequantised for each row; large ones lie in the weight file, small ones in the program."""
    code, dtype, values = PACKED[name]
    random = np.random.default_rng(1)
    numbers = random.choice(values, (rows, 333)).astype(dtype)
    scales = random.uniform(0.5, 2, rows).astype(np.float32)
    weights = [onnx.numpy_helper.from_array(numbers, "w"), onnx.numpy_helper.from_array(scales, "s")]
    nodes = [helper.make_node("DequantizeLinear", ["w", "s"], ["d"], axis=0), helper.make_node("Mul", ["d", "x"], ["y"])]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, 333])
    module = compiled(tmp_path, nodes, [x], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [rows, 333])], weights)
    given = random.standard_normal((rows, 333)).astype(np.float32)
    expected = numbers.astype(np.float32) * scales[:, None] * given
    np.testing.assert_allclose(module(x=given).y, expected, rtol=1e-6)


def test_powers_of_two_as_scales(tmp_path):
    """As the MX formats have them: floats of 4 bits in blocks of 32, each with an exponent."""
    random = np.random.default_rng(2)
    numbers = random.choice(np.linspace(-6, 6, 49), (96, 5)).astype(ml_dtypes.float4_e2m1fn)
    exponents = np.exp2(random.integers(-20, 20, (3, 5))).astype(np.float32)
    scales = onnx.numpy_helper.to_float8e8m0(exponents)
    weights = [onnx.numpy_helper.from_array(numbers, "w"), onnx.numpy_helper.from_array(scales, "e")]
    nodes = [
        helper.make_node("Cast", ["e"], ["s"], to=TensorProto.FLOAT),
        helper.make_node("DequantizeLinear", ["w", "s"], ["d"], axis=0, block_size=32),
        helper.make_node("MatMul", ["x", "d"], ["y"]),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 96])
    module = compiled(tmp_path, nodes, [x], [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", 5])], weights)
    given = random.standard_normal((3, 96)).astype(np.float32)
    dense = numbers.astype(np.float64) * np.repeat(exponents, 32, axis=0)
    np.testing.assert_allclose(module(x=given).y, given @ dense, rtol=1e-4, atol=1e-4 * float(np.abs(dense).max()))


@pytest.mark.parametrize("rounding", ["up", "down", "nearest"])
@pytest.mark.parametrize("saturates", [0, 1])
def test_powers_of_two(tmp_path, rounding, saturates):
    values = np.array([0, 2.0**-127, 2.0**-126, 0.124, 0.25, 0.3, 0.375, 0.5, 1.1, 1.5, 1.75, 2, 1e30, 2.0**127, 3e38, np.inf, np.nan], np.float32)
    node = helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT8E8M0, round_mode=rounding, saturate=saturates)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])
    module = compiled(tmp_path, [node], [x], [helper.make_tensor_value_info("y", TensorProto.FLOAT8E8M0, ["n"])])
    # By ONNX's text: what is beyond both ends saturates or is NaN.
    exact = np.clip(values.astype(np.float64), 2.0**-127, np.inf)
    below = np.exp2(np.floor(np.log2(exact)))
    rounded = {
        "up": np.where(exact == below, below, 2 * below),
        "down": below,
        "nearest": np.where(exact >= 1.5 * below, 2 * below, below),
    }[rounding]
    expected = np.minimum(rounded, 2.0**127)
    if not saturates:
        expected = np.where((rounded > 2.0**127) | (values < 2.0**-127), np.nan, expected)
    result = np.asarray(module(x=values).y).astype(np.float64)
    np.testing.assert_array_equal(result, np.where(np.isnan(values), np.nan, expected))
