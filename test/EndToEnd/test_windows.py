"""Decoders whose caches are windows: 200 tokens beyond the window, token by token on a state, against the model without one."""

import subprocess

import numpy as np
import onnx.parser
import pytest
import transom

WINDOW, HEADS, WIDTH, TOKENS = 7, 2, 8, 207
HEAD = '<ir_version: 10, opset_import: ["" : 24]>\n'
# Two layers' worth of caches, keys and values, both windows; queries at positions that count on.
PRODUCTS = """
  kt = Transpose <perm = [0, 1, 3, 2]> (keys)
  scores = MatMul(q, kt)
  masked = Add(scores, mask)
  weights = Softmax <axis = -1> (masked)
  y = MatMul(weights, values)
"""
# The last rows of past and new ones.
MOVING = (
    HEAD
    + """
windows (float[1,2,s,8] q, float[1,2,s,8] k, float[1,2,s,8] v, float[1,1,s,t] mask, float[1,2,p,8] past_k, float[1,2,p,8] past_v)
  => (float[1,2,s,8] y, float[1,2,n,8] present_k, float[1,2,n,8] present_v)
<int64[1] first = {-7}, int64[1] last = {9223372036854775807}, int64[1] axis = {2}>
{
  keys = Concat <axis = 2> (past_k, k)
  values = Concat <axis = 2> (past_v, v)"""
    + PRODUCTS
    + """
  present_k = Slice(keys, first, last, axis)
  present_v = Slice(values, first, last, axis)
}
"""
)
# The same with caches that are always full: zeros that the mask hides before the first tokens.
FULL = MOVING.replace("[1,2,p,8]", "[1,2,7,8]").replace("[1,2,n,8]", "[1,2,7,8]")
# Rows written at the position modulo the window: by TensorScatter, and by ScatterND.
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
INDEXED = (
    HEAD
    + """
ring (float[1,2,1,8] q, float[1,2,1,8] k, float[1,2,1,8] v, float[1,1,1,7] mask, int64[1] at, float[7,1,2,8] past_k, float[7,1,2,8] past_v)
  => (float[1,2,1,8] y, float[7,1,2,8] present_k, float[7,1,2,8] present_v)
<int64[1] size = {7}, int64[2] one = {1, 1}>
{
  slot = Mod(at, size)
  index = Reshape(slot, one)
  k_row = Transpose <perm = [2, 0, 1, 3]> (k)
  v_row = Transpose <perm = [2, 0, 1, 3]> (v)
  present_k = ScatterND(past_k, index, k_row)
  present_v = ScatterND(past_v, index, v_row)
  keys = Transpose <perm = [1, 2, 0, 3]> (present_k)
  values = Transpose <perm = [1, 2, 0, 3]> (present_v)"""
    + PRODUCTS
    + "}\n"
)


# A language model of one layer, whose cache is a window.
LANGUAGE = (
    HEAD
    + """
language (int64[1,s] input_ids, float[1,2,p,8] past_k, float[1,2,p,8] past_v)
  => (float[1,s,11] logits, float[1,2,n,8] present_k, float[1,2,n,8] present_v)
<float[11,16] table = {TABLE}, float[16,16] wk = {KEYS}, float[16,16] wv = {VALUES}, float[16,11] wo = {SCORES},
 int64[1] first = {-7}, int64[1] last = {9223372036854775807}, int64[1] axis = {2}>
{
  x = Gather(table, input_ids)
  k = MatMul(x, wk)
  v = MatMul(x, wv)
  y, keys, values = Attention <q_num_heads = 2, kv_num_heads = 2, is_causal = 1> (x, k, v, , past_k, past_v)
  logits = MatMul(y, wo)
  present_k = Slice(keys, first, last, axis)
  present_v = Slice(values, first, last, axis)
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


def expected(q, k, v):
    """Attention of each token on itself and the WINDOW before it, in f64: no model at all."""
    result = np.zeros(q.shape)
    for t in range(TOKENS):
        seen = slice(max(0, t - WINDOW), t + 1)
        scores = np.einsum("hd,hkd->hk", q[0, :, t].astype(np.float64), k[0, :, seen].astype(np.float64))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        result[0, :, t] = np.einsum("hk,hkd->hd", weights / weights.sum(axis=-1, keepdims=True), v[0, :, seen])
    return result


def close(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("capacity", [WINDOW + 1, WINDOW + 5, 64])
def test_moving(tmp_path, capacity):
    """Runs of one and of several tokens; the capacity is that of the window and one run, far below the number of tokens."""
    module = compiled(MOVING, tmp_path)
    random = np.random.default_rng(3)
    q, k, v = rows(random), rows(random), rows(random)
    want = expected(q, k, v)
    session = module.session(capacity)
    past = {"past_k": np.zeros((1, HEADS, 0, WIDTH), np.float32), "past_v": np.zeros((1, HEADS, 0, WIDTH), np.float32)}
    assert [state[3] for state in session.module._model.states] == [2, 2]
    at = 0
    while at < TOKENS:
        count = min(TOKENS - at, 1 + at % min(3, capacity - WINDOW))
        new = slice(at, at + count)
        length = session.length
        assert length == min(at, WINDOW)
        # A row sees the WINDOW rows before it, not those that later rows of the run still have.
        columns = np.arange(length + count)[None, :] - length - np.arange(count)[:, None]
        mask = np.where((columns <= 0) & (columns >= -WINDOW), 0, -np.inf).astype(np.float32)[None, None]
        step = {"q": q[:, :, new], "k": k[:, :, new], "v": v[:, :, new], "mask": mask}
        got = session(**step)
        stateless = module(**step, **past)
        past = {"past_k": stateless.present_k, "past_v": stateless.present_v}
        close(got.y, stateless.y)
        close(stateless.y, want[:, :, new])
        at += count
    close(session.read("past_k"), k[:, :, TOKENS - WINDOW :])
    close(session.read("past_v"), v[:, :, TOKENS - WINDOW :])
    # A copy goes on by itself; what has left rows behind cannot go back.
    copy = session.fork()
    session.reset()
    assert (session.length, copy.length) == (0, WINDOW)
    close(copy.read("past_k"), k[:, :, TOKENS - WINDOW :])
    with pytest.raises(transom.Error, match="is a window that has left 200 rows behind and cannot go back"):
        copy.truncate(3)
    # What is written is cut to the window as well.
    for name in past:
        copy.write(name, k[:, :, : WINDOW + 1])
    close(copy.read("past_v"), k[:, :, 1 : WINDOW + 1])
    with pytest.raises(transom.Error, match="has room for"):
        session(**{name: q[:, :, : capacity + 1] for name in "qkv"}, mask=np.zeros((1, 1, capacity + 1, capacity + 1), np.float32))


def test_full(tmp_path):
    """A window of static size is replaced by each run."""
    module = compiled(FULL, tmp_path)
    random = np.random.default_rng(4)
    q, k, v = rows(random), rows(random), rows(random)
    want, session = expected(q, k, v), module.session()
    for t in range(TOKENS):
        mask = np.where(np.arange(WINDOW + 1) < WINDOW - t, -np.inf, 0).astype(np.float32)[None, None, None]
        got = session(q=q[:, :, t : t + 1], k=k[:, :, t : t + 1], v=v[:, :, t : t + 1], mask=mask)
        close(got.y, want[:, :, t : t + 1])
    close(session.read("past_k"), k[:, :, TOKENS - WINDOW :])


@pytest.mark.parametrize("text", [RING, INDEXED], ids=["TensorScatter", "ScatterND"])
def test_ring(tmp_path, text):
    """Rows at their position modulo the window, which here holds the token's own row too."""
    module = compiled(text, tmp_path)
    random = np.random.default_rng(5)
    q, k, v = rows(random), rows(random), rows(random)
    session = module.session()
    shape = (1, HEADS, WINDOW, WIDTH) if text == RING else (WINDOW, 1, HEADS, WIDTH)
    past = {name: np.zeros(shape, np.float32) for name in ("past_k", "past_v")}
    for t in range(TOKENS):
        mask = np.where(np.arange(WINDOW) > t, -np.inf, 0).astype(np.float32)[None, None, None]
        step = {"q": q[:, :, t : t + 1], "k": k[:, :, t : t + 1], "v": v[:, :, t : t + 1], "mask": mask, "at": np.array([t])}
        got, stateless = session(**step), module(**step, **past)
        past = {"past_k": stateless.present_k, "past_v": stateless.present_v}
        close(got.y, stateless.y)
    close(session.read("past_v"), past["past_v"])
    last = list(range(TOKENS - WINDOW, TOKENS))
    kept = session.read("past_k") if text == RING else session.read("past_k").transpose(1, 2, 0, 3)
    close(kept[:, :, [t % WINDOW for t in last]], k[:, :, last])


def test_generation(tmp_path):
    """Text goes on beyond the window, and needs to know how many tokens there were."""
    random, text = np.random.default_rng(6), LANGUAGE
    for name, count in {"TABLE": 176, "KEYS": 256, "VALUES": 256, "SCORES": 176}.items():
        text = text.replace(name, ", ".join(f"{number:.4f}" for number in random.standard_normal(count)))
    module = compiled(text, tmp_path)
    session = module.session(WINDOW + 3)
    past = {name: np.zeros((1, HEADS, 0, WIDTH), np.float32) for name in ("past_k", "past_v")}
    given, want = [1, 2, 3], []
    for _ in range(30):
        result = module(input_ids=np.array([given]), **past)
        past = {"past_k": result.present_k, "past_v": result.present_v}
        given = [int(result.logits[0, -1].argmax())]
        want += given
    assert session.generate([1, 2, 3], max_new_tokens=20) + session.generate(max_new_tokens=10) == want
    assert session.length == WINDOW
    with pytest.raises(ValueError, match="max_new_tokens is missing"):
        session.generate([1])
    session(input_ids=np.array([[1]]))
    with pytest.raises(transom.Error, match="keep the last 7 tokens, so how many there were is not known"):
        session.generate([1], max_new_tokens=2)
