"""A decoder whose cache is a ring: 200 tokens beyond it, token by token on a state, against the model without one."""

import subprocess

import numpy as np
import onnx.parser
import transom

WINDOW, HEADS, WIDTH, TOKENS = 7, 2, 8, 207
HEAD = '<ir_version: 10, opset_import: ["" : 24]>\n'
PRODUCTS = """
  kt = Transpose <perm = [0, 1, 3, 2]> (keys)
  scores = MatMul(q, kt)
  masked = Add(scores, mask)
  weights = Softmax <axis = -1> (masked)
  y = MatMul(weights, values)
"""
# Rows written at the position modulo the window.
RING = (
    HEAD
    + """
ring (float[1,2,1,8] q, float[1,2,1,8] k, float[1,2,1,8] v, float[1,1,1,7] mask, int64[1] at, float[1,2,7,8] past_k, float[1,2,7,8] past_v)
  => (float[1,2,1,8] y, float[1,2,7,8] present_k, float[1,2,7,8] present_v)
{
  keys = TensorScatter <mode = "circular"> (past_k, k, at)
  values = TensorScatter <mode = "circular"> (past_v, v, at)"""
    + PRODUCTS
    + """
  present_k = Identity(keys)
  present_v = Identity(values)
}
"""
)


def compiled(text, folder):
    model = folder / "model.onnx"
    model.write_bytes(onnx.parser.parse_model(text).SerializeToString())
    subprocess.run([transom.executable(), "compile", model, "-o", folder / "package"], check=True, capture_output=True)
    return transom.Module(folder / "package")


def rows(random):
    return random.standard_normal((1, HEADS, TOKENS, WIDTH)).astype(np.float32)


def close(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


def test_ring(tmp_path):
    """The cache is written in place, and what a run reads of it is the state itself: nothing grows or is copied."""
    module = compiled(RING, tmp_path)
    random = np.random.default_rng(5)
    q, k, v = rows(random), rows(random), rows(random)
    session = module.session()
    assert [state["kind"] for state in session.module.info["states"]] == ["written", "written"]
    past = {name: np.zeros((1, HEADS, WINDOW, WIDTH), np.float32) for name in ("past_k", "past_v")}
    for t in range(TOKENS):
        mask = np.where(np.arange(WINDOW) > t, -np.inf, 0).astype(np.float32)[None, None, None]
        step = {"q": q[:, :, t : t + 1], "k": k[:, :, t : t + 1], "v": v[:, :, t : t + 1], "mask": mask, "at": np.array([t])}
        got, stateless = session(**step), module(**step, **past)
        past = {"past_k": stateless.present_k, "past_v": stateless.present_v}
        close(got.y, stateless.y)
    close(session.read("past_v"), past["past_v"])
    last = list(range(TOKENS - WINDOW, TOKENS))
    close(session.read("past_k")[:, :, [t % WINDOW for t in last]], k[:, :, last])
