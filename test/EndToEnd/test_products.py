"""Matrix products around the sizes that their loops are cut at: tiles of rows, blocks of rows, passes through K, panels and groups of them."""

import numpy as np
import onnx
import pytest
from conftest import call
from onnx import numpy_helper

#: (K, N): one pass, several that divide K, several that do not; panels that are a part, one, a few, more than a group.
SIZES = [(1, 1), (5, 16), (384, 33), (385, 100), (400, 530), (600, 64), (768, 47), (1000, 130), (3072, 17)]
ROWS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 23, 24, 25, 48, 49, 57, 96, 97, 168, 169, 341]


def reference(x, y):
    return x.astype(np.float64) @ y.astype(np.float64)


def agrees(result, expected, depth):
    np.testing.assert_allclose(result, expected, rtol=0, atol=8e-6 * max(1, depth) ** 0.5)


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """Products with weights, with a bias and an activation after each."""
    import transom

    random, folder = np.random.default_rng(0), tmp_path_factory.mktemp("products")
    nodes, inputs, outputs, weights = [], [], [], {}
    for i, (depth, width) in enumerate(SIZES):
        weights[f"w{i}"] = random.standard_normal((depth, width)).astype(np.float32)
        weights[f"b{i}"] = random.standard_normal(width).astype(np.float32)
        nodes += [
            onnx.helper.make_node("MatMul", [f"x{i}", f"w{i}"], [f"p{i}"]),
            onnx.helper.make_node("Add", [f"p{i}", f"b{i}"], [f"s{i}"]),
            onnx.helper.make_node("Relu", [f"s{i}"], [f"y{i}"]),
        ]
        inputs.append(onnx.helper.make_tensor_value_info(f"x{i}", 1, ["rows", depth]))
        outputs.append(onnx.helper.make_tensor_value_info(f"y{i}", 1, ["rows", width]))
    initializers = [numpy_helper.from_array(values, name) for name, values in weights.items()]
    graph = onnx.helper.make_graph(nodes, "products", inputs, outputs, initializers)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)]), folder / "products.onnx")
    call("transom", "compile", folder / "products.onnx", "-o", folder / "out")
    return {threads: transom.Module(folder / "out", threads=threads) for threads in (1, 3)}, weights


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("threads", [1, 3])
def test_weights_in_panels(packed, rows, threads):
    modules, weights = packed
    random = np.random.default_rng(rows)
    inputs = {f"x{i}": random.standard_normal((rows, depth)).astype(np.float32) for i, (depth, _) in enumerate(SIZES)}
    results = modules[threads](**inputs)
    for i, (depth, width) in enumerate(SIZES):
        assert results[i].shape == (rows, width)
        expected = np.maximum(reference(inputs[f"x{i}"], weights[f"w{i}"]) + weights[f"b{i}"], 0)
        agrees(results[i], expected, depth)


def test_panels_made_at_run_time(tmp_path):
    import transom

    text = """<ir_version: 8, opset_import: ["" : 17]>
    agraph (float[batch, rows, depth] x, float[depth, width] y, float[batch, depth, width] z)
        => (float[batch, rows, width] shared, float[batch, rows, width] own) {
      shared = MatMul(x, y)
      own = MatMul(x, z)
    }"""
    onnx.save(onnx.parser.parse_model(text), tmp_path / "batched.onnx")
    call("transom", "compile", tmp_path / "batched.onnx", "-o", tmp_path / "out")
    module, random = transom.Module(tmp_path / "out"), np.random.default_rng(1)
    for batch, rows, depth, width in [(1, 1, 1, 1), (2, 7, 300, 19), (3, 170, 257, 40), (1, 345, 600, 70), (2, 3, 0, 5), (0, 3, 4, 5)]:
        x, y, z = (random.standard_normal(shape).astype(np.float32) for shape in [(batch, rows, depth), (depth, width), (batch, depth, width)])
        results = module(x=x, y=y, z=z)
        agrees(results.shared, reference(x, y), depth)
        agrees(results.own, reference(x, z), depth)
