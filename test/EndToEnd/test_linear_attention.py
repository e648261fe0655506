"""ONNX's LinearAttention with the rule `linear`, where query heads share states: ONNX's node tests have one head of keys for each of queries."""

import subprocess

import numpy as np
import onnx.parser
import pytest
import transom

TEXT = """<ir_version: 11, opset_import: ["" : 27]>
heads (float[B, S, 64] q, float[B, S, N] k, float[B, S, M] v, float[B, H, 16, 8] past) => (float[B, S, 32] y, float[B, H, 16, 8] present)
{
  y, present = LinearAttention <q_num_heads = 4, kv_num_heads = H, update_rule = "linear"> (q, k, v, past)
}
"""


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_groups(tmp_path, heads):
    text = TEXT.replace("S, N]", f"S, {16 * heads}]").replace("S, M]", f"S, {8 * heads}]").replace("B, H,", f"B, {heads},")
    model = tmp_path / "model.onnx"
    model.write_bytes(onnx.parser.parse_model(text.replace("= H,", f"= {heads},")).SerializeToString())
    subprocess.run([transom.executable(), "compile", model, "-o", tmp_path / "package"], check=True, capture_output=True)
    random, batch, rows = np.random.default_rng(heads), 2, 5
    q, k, v = (random.standard_normal((batch, rows, n, d)) for n, d in ((4, 16), (heads, 16), (heads, 8)))
    past = random.standard_normal((batch, heads, 16, 8))
    flat = {name: x.reshape(batch, rows, -1).astype(np.float32) for name, x in {"q": q, "k": k, "v": v}.items()}
    got = transom.Module(tmp_path / "package")(**flat, past=past.astype(np.float32))
    state, want = past.copy(), np.zeros((batch, rows, 4, 8))
    for t in range(rows):
        state += np.einsum("bhk,bhv->bhkv", k[:, t], v[:, t])
        want[:, t] = np.einsum("bhk,bhkv->bhv", q[:, t], state.repeat(4 // heads, axis=1)) / 4
    np.testing.assert_allclose(got.y, want.reshape(batch, rows, -1), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(got.present, state, rtol=1e-4, atol=1e-5)
