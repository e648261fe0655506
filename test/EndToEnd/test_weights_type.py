"""--weights-type: what is stored in 16 bits is the weights rounded, and nothing else changes."""

import json

import numpy as np
import onnx
import pytest
from conftest import call
from onnx import numpy_helper

VOCABULARY, WIDTH = 53, 24


def decoder():
    """Tied embeddings, two projections of one input that are joined, a product with a transposed weight, a norm."""
    random = np.random.default_rng(3)

    def weight(name, *shape):
        return numpy_helper.from_array(random.normal(0, 0.3, shape).astype(np.float32), name)

    text = f"""<ir_version: 10, opset_import: ["" : 23]>
    agraph (int64[batch, sequence] ids) => (float[batch, sequence, {VOCABULARY}] logits, float[batch, sequence, 3, 8] heads) {{
      x = Gather(table, ids)
      n = RMSNormalization<axis = -1>(x, scale)
      q = MatMul(n, wq)
      k = MatMul(n, wk)
      shape = Constant<value_ints = [0, 0, 3, 8]>()
      qh = Reshape(q, shape)
      kh = Reshape(k, shape)
      heads = Mul(qh, kh)
      up = MatMul(n, wu)
      act = Relu(up)
      down = Transpose<perm = [1, 0]>(wd)
      h = MatMul(act, down)
      y = Add(x, h)
      turned = Transpose<perm = [1, 0]>(table)
      logits = MatMul(y, turned)
    }}"""
    model = onnx.parser.parse_model(text)
    shapes = {"table": (VOCABULARY, WIDTH), "wq": (WIDTH, WIDTH), "wk": (WIDTH, WIDTH), "wu": (WIDTH, 70), "wd": (WIDTH, 70)}
    model.graph.initializer.extend(weight(name, *shape) for name, shape in shapes.items())
    model.graph.initializer.append(weight("scale", WIDTH))
    onnx.checker.check_model(model)
    return model


def rounded(model, to):
    """The model with its matrices rounded to `to` and stored as f32."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for tensor in copy.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.ndim == 2:
            if to == "f16":
                narrow = values.astype(np.float16).astype(np.float32)
            else:
                bits = values.view(np.uint32)
                narrow = ((bits + 0x7FFF + (bits >> 16 & 1)) & np.uint32(0xFFFF0000)).view(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(narrow, tensor.name))
    return copy


def weights_bytes(package):
    return json.loads((package / "decoder.json").read_text())["weights"]["bytes"]


@pytest.mark.parametrize("to", ["bf16", "f16"])
@pytest.mark.parametrize("tokens", [1, 3, 40])
def test_products_read_rounded_weights(to, tokens, tmp_path):
    import transom

    model = decoder()
    ids = np.random.default_rng(5).integers(0, VOCABULARY, (2, tokens))
    results = {}
    for name, graph, options in [("plain", model, []), ("narrow", model, [f"--weights-type={to}"]), ("rounded", rounded(model, to), [])]:
        onnx.save(graph, tmp_path / "decoder.onnx")
        call("transom", "compile", tmp_path / "decoder.onnx", "-o", tmp_path / name, "--name=decoder", *options)
        results[name] = transom.Module(tmp_path / name)(ids)
    for output in ("logits", "heads"):
        plain, narrow, same = (np.asarray(results[name][output]) for name in ("plain", "narrow", "rounded"))
        np.testing.assert_allclose(narrow, same, rtol=1e-6, atol=1e-6)
        assert np.abs(narrow - plain).max() > 1e-4, "nothing was rounded"
    assert weights_bytes(tmp_path / "narrow") < 0.56 * weights_bytes(tmp_path / "plain")


def test_widened_weights_stay_narrow(tmp_path):
    """Exporters that store f16 weights under casts: the casts are not run, and the file's bytes are the library's."""
    import transom

    model, ids = rounded(decoder(), "f16"), np.arange(6).reshape(1, 6)
    onnx.save(model, tmp_path / "decoder.onnx")
    call("transom", "compile", tmp_path / "decoder.onnx", "-o", tmp_path / "wide", "--name=decoder")
    for tensor in list(model.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.ndim == 2:
            cast = onnx.helper.make_node("Cast", [tensor.name + "_stored"], [tensor.name], to=onnx.TensorProto.FLOAT)
            model.graph.node.insert(0, cast)
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), tensor.name + "_stored"))
    onnx.save(model, tmp_path / "decoder.onnx")
    call("transom", "compile", tmp_path / "decoder.onnx", "-o", tmp_path / "narrow", "--name=decoder")
    wide, narrow = (transom.Module(tmp_path / name)(ids) for name in ("wide", "narrow"))
    np.testing.assert_allclose(narrow.logits, wide.logits, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(narrow.heads, wide.heads, rtol=1e-6, atol=1e-6)
    assert weights_bytes(tmp_path / "narrow") < 0.56 * weights_bytes(tmp_path / "wide")


def test_other_types_are_refused(tmp_path):
    onnx.save(decoder(), tmp_path / "decoder.onnx")
    call("transom", "compile", tmp_path / "decoder.onnx", "-o", tmp_path / "out", "--weights-type=i8", status=2)
    assert not (tmp_path / "out").exists()
