"""Each example builds against installed compiled models and does what its page says."""

import concurrent.futures
import signal
import socket
import subprocess

import numpy as np
import pytest
import transom
from conftest import ROOT, build_example, call, needs_program


@pytest.fixture(scope="module")
def generate(models, tmp_path_factory):
    return build_example("text-generation", tmp_path_factory.mktemp("generate"), models("gpt2-tiny"), MODEL="gpt2_tiny") / "generate"


def logits_without_cache(module, tokens):
    """Of the last token, all tokens in one run and an empty past."""
    feeds = {}
    for value in module.inputs:
        if value.name.startswith("past"):
            feeds[value.name] = np.zeros([1 if dim == "batch" else 0 if isinstance(dim, str) else dim for dim in value.dims], np.float32)
    ids = np.array([tokens], np.int64)
    positions = np.arange(len(tokens), dtype=np.int64)[None]
    return module(input_ids=ids, attention_mask=np.ones_like(ids), position_ids=positions, **feeds).logits[0, -1]


def test_generation_is_greedy(generate, models):
    module, tokens = transom.Module(models("gpt2-tiny")), [5, 17, 99]
    for token in map(int, call(generate, "--count", 10, *tokens).split()):
        logits = logits_without_cache(module, tokens)
        # Another order of sums may decide between two that are as good as equal.
        assert logits[token] >= logits.max() - 1e-4
        tokens.append(token)
    assert len(tokens) == 13


def test_generation_samples(generate, models):
    module, prompt = transom.Module(models("gpt2-tiny")), [5, 17, 99]
    sampled = ["--temperature", 2, "--top-k", 8, "--count", 10]
    first = call(generate, *sampled, "--seed", 1, *prompt)
    assert call(generate, *sampled, "--seed", 1, "--threads", 1, *prompt) == first
    assert len({call(generate, *sampled, "--seed", seed, *prompt) for seed in range(5)}) > 1
    tokens = list(prompt)
    for token in map(int, first.split()):
        logits = logits_without_cache(module, tokens)
        assert (logits > logits[token] + 1e-4).sum() < 8
        tokens.append(token)
    # A share so small that only the likeliest is left.
    assert call(generate, "--temperature", 1, "--top-p", 1e-9, "--count", 5, *prompt) == call(generate, "--count", 5, *prompt)


def test_generation_text_and_end(generate, tmp_path):
    tokens = list(map(int, call(generate, "--count", 4, 5, 17, 99).split()))
    words = tmp_path / "words.txt"
    words.write_text("".join(f"<{i}>\n" for i in range(1000)))
    text = call(generate, "--vocabulary", words, "--count", 4, 5, 17, 99)
    assert text.strip() == "".join(f"<{token}>" for token in tokens)
    assert call(generate, "--end", tokens[0], "--count", 4, 5, 17, 99).strip() == ""
    call(generate, 5, "x", status=2)
    call(generate, 5, 1_000_000, status=1)


def test_generation_streams(generate):
    with subprocess.Popen([generate, "--count", "100", "5"], stdout=subprocess.PIPE) as process:
        first = process.stdout.read(1)
        assert first.isdigit() and process.poll() is None or process.returncode == 0
        process.stdout.read()


@pytest.fixture(scope="module")
def server(models, tmp_path_factory):
    folder = build_example("server", tmp_path_factory.mktemp("server"), models("bert-tiny"), MODEL="bert_tiny")
    process = subprocess.Popen([folder / "server", "0", "3"], stdout=subprocess.PIPE, text=True)
    port = int(process.stdout.readline().split(":")[1].split()[0])
    yield process, port
    process.kill()
    process.wait()


def ask(port, *lines):
    with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rw") as stream:
        answers = []
        for line in lines:
            stream.write(line + "\n")
            stream.flush()
            answers.append(stream.readline().strip())
        return answers


def test_server_under_load(server, models):
    _, port = server
    module = transom.Module(models("bert-tiny"), threads=1)
    requests = [[(seed * 37 + i) % 1000 for i in range(1 + seed % 40)] for seed in range(120)]

    def answer(ids):
        return ask(port, " ".join(map(str, ids)))[0]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(answer, requests))
    for ids, text in zip(requests, answers):
        ids = np.array([ids], np.int64)
        expected = module(ids, np.ones_like(ids), np.zeros_like(ids)).pooler_output[0]
        status, *values = text.split()
        assert status == "ok"
        np.testing.assert_array_equal(np.array(values, np.float32), expected)


def test_server_refuses(server):
    _, port = server
    wrong, empty, outside, good = ask(port, "5 x", "", "5 1000000", "5 6")
    assert wrong == empty == "error a line of token numbers is expected"
    assert outside.startswith("error ") and "index 1000000 is out of range" in outside
    assert good.startswith("ok ")


def test_server_ends_when_told(server):
    process, port = server
    with socket.create_connection(("127.0.0.1", port)) as idle:
        assert ask(port, "5")[0].startswith("ok ")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert idle.recv(1) == b""


def test_two_models(models, tmp_path):
    folder = build_example("two-models", tmp_path, models("projector"), models("scorer"))
    assert "8 threads, 500 rounds each: both models agree with single calls" in call(folder / "two-models", 8, 500)


@needs_program("rustc")
def test_rust(models, tmp_path):
    package = models("projector")
    call("rustc", "-O", "--edition", "2021", ROOT / "examples/rust/main.rs", "-L", package,
         "-C", f"link-arg=-Wl,-rpath,{package}", "-o", tmp_path / "from-rust")  # fmt: skip
    *rows, refused = call(tmp_path / "from-rust").splitlines()
    x = (np.arange(16, dtype=np.float32) / 8 - 1).reshape(2, 8)
    np.testing.assert_allclose([list(map(float, row.split())) for row in rows], transom.Module(package)(x).y, atol=1e-6)
    assert refused.startswith("refused: ") and "input 0" in refused
