"""Decoding on states gives what the ONNX signature gives: token by token, with forks and ways back."""

import os
import pathlib
import subprocess

import numpy as np
import pytest

import transom

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
GROWING = [
    "gpt2-with-past",
    "llama-gqa-with-past",
    "llama-attention-opset23",
    "bloom-with-past",
    "falcon-mqa-parallel",
    "ort-contrib-gqa",
    "ort-contrib-gqa-rotary",
    "t5-decoder-with-past",
    "palm-parallel-mqa-swiglu",
]
REPLACING = ["linear-attention-state", "infini-attention-linear", "infini-attention-delta"]

pytestmark = pytest.mark.skipif(not MODELS.is_dir(), reason=f"the shared models are not at {MODELS}")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Compiles a model once."""
    modules = {}

    def get(name):
        if name not in modules:
            modules[name] = transom.compile(MODELS / name / "model.onnx", tmp_path_factory.mktemp("states") / name, threads=2)
        return modules[name]

    return get


class Stateless:
    """The caches as the ONNX signature has them: handed in and out with each run."""

    def __init__(self, module, session, batch=1):
        self.module, self.session = module, session
        self.outputs = {described[0][0]: described[1] for described in session.module._model.states}
        self.caches = {name: session.read(name) for name in session.states}

    def run(self, inputs):
        result = self.module(**inputs, **self.caches)
        for name, output in self.outputs.items():
            if output:
                self.caches[name] = result[output]
        return result


def step_inputs(module, tokens, past, rng):
    """Inputs for `tokens` after `past` tokens, whatever the model asks for."""
    batch, count = tokens.shape
    inputs = {}
    for value in module.inputs:
        rank = len(value.dims)
        if value.name == "input_ids":
            inputs[value.name] = tokens
        elif "position" in value.name:
            # The tables of small models end early.
            inputs[value.name] = np.broadcast_to(np.arange(past, past + count) % 60, (batch, count)).astype(np.int64)
        elif value.name == "encoder_attention_mask":
            inputs[value.name] = np.array([[1] * 5 + [0]] * batch, dtype=np.int64)
        elif "mask" in value.name and rank == 2:
            inputs[value.name] = np.ones((batch, past + count), dtype=np.int64)
        else:
            raise AssertionError(f"no rule for input {value}")
    return inputs


def start(module, capacity, rng):
    """A session, with what it keeps filled in (an encoder's keys and values)."""
    dims = {"encoder_sequence_length": 6} if "encoder_sequence_length" in module._entry("step").dims else {}
    session = module.session(capacity, **dims)
    for name in session.states:
        cache = session.read(name)
        if "encoder" in name and cache.size:
            session.write(name, rng.standard_normal(cache.shape).astype(cache.dtype))
    return session


def logits_of(result):
    return np.asarray(result[0], dtype=np.float64)


@pytest.mark.parametrize("name", GROWING + REPLACING)
def test_token_by_token(compiled, name):
    rng = np.random.default_rng(7)
    module = compiled(name)
    session = start(module, 256, rng)
    stateless = Stateless(module, session)
    tokens = rng.integers(1, 90, (1, 205))
    past = 0
    # A prompt, then one by one. What looks rotations up by itself has tables for 64 positions.
    for count in [5] + [1] * (50 if name == "ort-contrib-gqa" else 200):
        inputs = step_inputs(session.module, tokens[:, past : past + count], past, rng)
        expected, got = stateless.run(inputs), session(**inputs)
        np.testing.assert_allclose(logits_of(got), logits_of(expected), rtol=1e-4, atol=1e-5)
        past += count
    if name in GROWING:
        assert session.length == past
    for cache in session.states:
        np.testing.assert_allclose(session.read(cache), stateless.caches[cache], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["gpt2-with-past", "llama-gqa-with-past", "t5-decoder-with-past"])
def test_rollback(compiled, name):
    """What a truncated session says does not depend on what it has forgotten."""
    rng = np.random.default_rng(8)
    module = compiled(name)
    session = start(module, 64, rng)
    tokens, other = rng.integers(1, 90, (1, 12)), rng.integers(1, 90, (1, 12))
    session(**step_inputs(session.module, tokens[:, :8], 0, rng))
    first = logits_of(session(**step_inputs(session.module, tokens[:, 8:10], 8, rng)))
    session.truncate(8)
    assert session.length == 8
    session(**step_inputs(session.module, other[:, :4], 8, rng))
    session.truncate(8)
    again = logits_of(session(**step_inputs(session.module, tokens[:, 8:10], 8, rng)))
    np.testing.assert_array_equal(first, again)
    with pytest.raises(transom.Error, match="has 10 rows, fewer than 11"):
        session.truncate(11)
    session.reset()
    assert session.length == 0


@pytest.mark.parametrize("name", ["gpt2-with-past", "llama-gqa-with-past", "t5-decoder-with-past", "linear-attention-state"])
def test_fork(compiled, name):
    """A copy and what it was copied from go on apart."""
    rng = np.random.default_rng(9)
    module = compiled(name)
    session = start(module, 64, rng)
    tokens = rng.integers(1, 90, (1, 12))
    session(**step_inputs(session.module, tokens[:, :6], 0, rng))
    copy = session.fork()
    ways = [tokens[:, 6:9], tokens[:, 9:12]]
    apart = [
        [logits_of(s(**step_inputs(s.module, way[:, i : i + 1], 6 + i, rng))) for i in range(3)]
        for s, way in zip((session, copy), ways)
    ]
    assert not np.allclose(apart[0][-1], apart[1][-1])
    for way, seen in zip(ways, apart):
        alone = start(module, 64, np.random.default_rng(9))
        alone(**step_inputs(alone.module, tokens[:, :6], 0, rng))
        for i in range(3):
            np.testing.assert_allclose(
                logits_of(alone(**step_inputs(alone.module, way[:, i : i + 1], 6 + i, rng))), seen[i], rtol=1e-5, atol=1e-6
            )


@pytest.mark.parametrize("name", ["llama-duplicated-kv", "gqa-rotated-llama", "gqa-rotated-opt"])
def test_equal_heads_are_merged_in_states(compiled, name):
    """The ONNX signature keeps its four heads; the states have the two that differ, and say the same."""
    rng = np.random.default_rng(14)
    module = compiled(name)
    session = start(module, 64, rng)
    assert {session.read(cache).shape[1] for cache in session.states} == {2}
    plain = {value.name: value for value in module.inputs}
    assert {plain[cache].dims[1] for cache in session.states} == {4}
    caches = {cache: np.zeros((1, 4, 0, session.read(cache).shape[3]), np.float32) for cache in session.states}
    outputs = {described[0][0]: described[1] for described in session.module._model.states}
    tokens, past = rng.integers(1, 90, (1, 20)), 0
    for count in [5] + [1] * 15:
        inputs = step_inputs(session.module, tokens[:, past : past + count], past, rng)
        expected, got = module(**inputs, **caches), session(**inputs)
        np.testing.assert_allclose(logits_of(got), logits_of(expected), rtol=1e-4, atol=1e-5)
        caches = {cache: expected[outputs[cache]] for cache in caches}
        past += count


@pytest.mark.parametrize("name", ["gpt2-with-past", "llama-gqa-with-past", "t5-decoder-with-past", "linear-attention-state"])
def test_two_hundred_tokens_with_forks_and_ways_back(compiled, name):
    """What a session says depends on the tokens that it has seen, not on what it was forked from or has taken back."""
    rng = np.random.default_rng(15)
    module = compiled(name)
    session = start(module, 256, rng)
    stateless = Stateless(module, session)
    tokens, past = rng.integers(1, 90, (1, 200)), 0
    while past < 200:
        count = min(1 if past else 7, 200 - past)
        inputs = step_inputs(session.module, tokens[:, past : past + count], past, rng)
        if past % 20 == 7:
            # A fork goes another way; the session, and the fork of it that goes on in its place, do not notice.
            other = session.fork()
            other(**step_inputs(session.module, rng.integers(1, 90, (1, 3)), past, rng))
            if name in GROWING:
                other.truncate(past)
                session = other
            else:
                session = session.fork()
        expected, got = stateless.run(inputs), session(**inputs)
        np.testing.assert_allclose(logits_of(got), logits_of(expected), rtol=1e-4, atol=1e-5)
        past += count


def test_capacity(compiled):
    """A run that does not fit is refused and changes nothing."""
    rng = np.random.default_rng(10)
    session = start(compiled("gpt2-with-past"), 8, rng)
    tokens = rng.integers(1, 90, (1, 9))
    session(**step_inputs(session.module, tokens[:, :6], 0, rng))
    with pytest.raises(transom.Error, match="room for 8 rows; after this run it has 9"):
        session(**step_inputs(session.module, tokens[:, 6:9], 6, rng))
    assert session.length == 6
    session(**step_inputs(session.module, tokens[:, 6:8], 6, rng))
    assert session.length == 8


def test_what_changes_cannot_go_back(compiled):
    session = start(compiled("linear-attention-state"), 1, np.random.default_rng(11))
    with pytest.raises(transom.Error, match="cannot go back; fork"):
        session.truncate(0)


def test_written_in_place(compiled):
    """TensorScatter into fixed buffers: the inputs say where."""
    rng = np.random.default_rng(12)
    module = compiled("llama-attention-opset24")
    session = module.session()
    stateless = Stateless(module, session)
    for past, count in [(0, 4), (4, 1), (5, 1), (6, 3)]:
        inputs = {
            "input_ids": rng.integers(1, 90, (1, count)),
            "position_ids": np.arange(past, past + count)[None].astype(np.int64),
            "write_indices": np.array([past], dtype=np.int64),
        }
        inputs |= {v.name: np.array([past + count], dtype=np.int64) for v in module.inputs if v.name not in inputs and v.name not in session.states}
        expected, got = stateless.run(inputs), session(**inputs)
        np.testing.assert_allclose(logits_of(got), logits_of(expected), rtol=1e-4, atol=1e-5)


def test_only(tmp_path):
    """--state=only leaves the ONNX signature out, and says so where there is nothing to keep."""
    target = tmp_path / "only"
    subprocess.run([transom.executable(), "compile", MODELS / "gpt2-with-past/model.onnx", "-o", target, "--state=only"], check=True)
    module = transom.Module(target)
    assert module.info["entry"] == "step" and "other_entries" not in module.info
    session = module.session(8)
    session(**step_inputs(session.module, np.array([[1, 2, 3]]), 0, None))
    assert session.length == 3
    failed = subprocess.run(
        [transom.executable(), "compile", MODELS / "bert-encoder/model.onnx", "-o", tmp_path / "no", "--state=only"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert failed.returncode != 0
    assert "no output is an input of the next run" in failed.stderr
    assert not (tmp_path / "no").exists()
