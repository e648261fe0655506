"""Convolutions of sizes that only the run knows, with what follows them in their kernels."""

import numpy as np
import onnx
import pytest
from conftest import call
from onnx.reference import ReferenceEvaluator

#: What reads a convolution's result twice: each element by itself, with another tensor, in another order.
AFTER = {
    "softsign": "y = Softsign(c)",
    "gate": "g = Sigmoid(c)  y = Mul(c, g)",
    "residual": "a = Abs(c)  b = Add(a, c)  y = Mul(b, c)",
    "turned": "s = Softsign(c)  y = Transpose <perm = [0, 2, 3, 1]> (s)",
}


@pytest.mark.parametrize("name", AFTER)
@pytest.mark.parametrize("group", [1, 4])
def test_results_read_twice(tmp_path, name, group):
    import transom

    text = f"""<ir_version: 8, opset_import: ["" : 17]>
    agraph (float[batch, 4, height, width] x, float[8, {4 // group}, 3, 3] w) => (float[p, q, r, s] y) {{
      c = Conv <kernel_shape = [3, 3], strides = [2, 1], pads = [1, 0, 1, 2], group = {group}> (x, w)
      {AFTER[name]}
    }}"""
    model = onnx.parser.parse_model(text)
    onnx.save(model, tmp_path / "model.onnx")
    call("transom", "compile", tmp_path / "model.onnx", "-o", tmp_path / "out")
    module, reference = transom.Module(tmp_path / "out"), ReferenceEvaluator(model)
    random = np.random.default_rng(3)
    w = random.standard_normal((8, 4 // group, 3, 3)).astype(np.float32)
    for batch, height, width in [(1, 3, 3), (2, 8, 11), (3, 1, 1), (1, 2, 70)]:
        x = random.standard_normal((batch, 4, height, width)).astype(np.float32)
        (expected,) = reference.run(None, {"x": x, "w": w})
        np.testing.assert_allclose(module(x=x, w=w).y, expected, rtol=1e-4, atol=1e-5)
