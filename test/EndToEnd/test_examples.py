"""Each example builds against installed compiled models and does what its page says."""

import concurrent.futures
import os
import signal
import socket
import subprocess
import wave

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


@pytest.fixture(scope="module")
def classify(models, tmp_path_factory):
    return build_example("image-classification", tmp_path_factory.mktemp("classify"), models("vit")) / "classify"


def write_ppm(path, pixels, header="P6 {width} {height} 255\n"):
    path.write_bytes(header.format(width=pixels.shape[1], height=pixels.shape[0]).encode() + pixels.tobytes())
    return path


def shares_of(pixels, package):
    """Probabilities by the package, of images that have the model's size."""
    planes = np.stack(pixels).transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1
    logits = transom.Module(package)(np.ascontiguousarray(planes)).logits.astype(np.float64)
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True)


def test_classification(classify, models, tmp_path):
    random = np.random.default_rng(2)
    images = [random.integers(0, 256, (32, 32, 3), dtype=np.uint8) for _ in range(3)]
    paths = [write_ppm(tmp_path / f"{i}.ppm", image) for i, image in enumerate(images)]
    labels = tmp_path / "labels.txt"
    labels.write_text("".join(f"thing {i}\n" for i in range(10)))
    blocks = call(classify, "--labels", labels, "--top", 4, *paths).split(str(tmp_path))[1:]
    for block, expected in zip(blocks, shares_of(images, models("vit")), strict=True):
        lines = block.splitlines()[1:]
        assert len(lines) == 4
        order = np.argsort(-expected)
        for line, label in zip(lines, order):
            share, name = line.split("%")
            assert float(share) == pytest.approx(100 * expected[label], abs=0.051)
            assert expected[int(name.split()[1])] == pytest.approx(expected[label], abs=1e-5)


def test_classification_scales(classify, models, tmp_path):
    """Four pixels for one of the same colour, and one for a whole image of one colour, change nothing."""
    small = np.random.default_rng(3).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    grey = np.full((32, 32, 3), 90, np.uint8)
    one = write_ppm(tmp_path / "one.ppm", grey[:1, :1], "P6\n# a comment\n{width} {height}\n255\n")
    wide = write_ppm(tmp_path / "wide.ppm", np.full((200, 70, 3), 90, np.uint8))
    expected = write_ppm(tmp_path / "grey.ppm", grey)
    said = [call(classify, path).splitlines()[1:] for path in (one, wide, expected)]
    assert said[0] == said[1] == said[2]
    assert call(classify, write_ppm(tmp_path / "small.ppm", small)).splitlines()[1:] != said[0]


def test_classification_refuses(classify, tmp_path):
    short = tmp_path / "short.ppm"
    short.write_bytes(b"P6 4 4 255\n123")
    text = tmp_path / "text.ppm"
    text.write_text("P3 1 1 255 1 2 3")
    for path in (short, text, tmp_path / "none.ppm"):
        call(classify, path, status=1)
    call(classify, status=2)
    call(classify, "--top", "x", short, status=2)


@pytest.fixture(scope="module")
def features(models, tmp_path_factory):
    return build_example("speech-features", tmp_path_factory.mktemp("features"), models("whisper_encoder")) / "features"


def write_wav(path, samples, rate=16000, channels=1):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def spectrogram(samples, mels=80, frames=300):
    """As Whisper's feature extractor computes it (Slaney's mel filters, power, log10), in NumPy."""
    samples = np.pad(samples.astype(np.float64) / 32768, (0, frames * 160))[: frames * 160]
    padded = np.pad(samples, 200, mode="reflect")
    hann = np.hanning(401)[:-1]
    windows = np.stack([padded[i * 160 : i * 160 + 400] * hann for i in range(frames)])
    powers = np.abs(np.fft.rfft(windows)) ** 2

    def hertz(mel):
        return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))

    edges = hertz(np.linspace(0, 15 + 27 * np.log(8) / np.log(6.4), mels + 2))
    bins = np.arange(201) * 40.0
    up = (bins[None] - edges[:-2, None]) / np.diff(edges)[:-1, None]
    down = (edges[2:, None] - bins[None]) / np.diff(edges)[1:, None]
    filters = np.maximum(0, np.minimum(up, down)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    levels = np.log10(np.maximum(filters @ powers.T, 1e-10))
    return ((np.maximum(levels, levels.max() - 8) + 4) / 4).astype(np.float32)


def test_speech_features(features, models, tmp_path):
    random, time = np.random.default_rng(4), np.arange(40000) / 16000
    tone = 8000 * np.sin(2 * np.pi * 440 * time) + 3000 * np.sin(2 * np.pi * 2500 * time * (1 + time / 8))
    recordings = [tone, random.normal(0, 2000, 60000), np.zeros(0)]  # shorter, longer than three seconds, silence
    paths = [write_wav(tmp_path / f"{i}.wav", samples) for i, samples in enumerate(recordings)]
    said = call(features, "--output", tmp_path / "states.npy", *paths).splitlines()
    states = np.load(tmp_path / "states.npy")
    assert states.shape == (3, 150, 64)
    inputs = np.stack([spectrogram(samples.astype(np.int16)) for samples in recordings])
    np.testing.assert_allclose(states, transom.Module(models("whisper_encoder"))(inputs).last_hidden_state, atol=2e-3)
    for line, path, own in zip(said, paths, states, strict=True):
        assert line == f"{path}: 150 x 64, root mean square {np.sqrt((own.astype(np.float64) ** 2).mean()):.6f}"


def test_speech_features_refuse(features, tmp_path):
    samples = np.zeros(100)
    for path in (
        write_wav(tmp_path / "slow.wav", samples, rate=8000),
        write_wav(tmp_path / "stereo.wav", samples, channels=2),
        tmp_path / "none.wav",
    ):
        call(features, path, status=1)
    (tmp_path / "text.wav").write_text("RIFFxxxxWAVEfmt ")
    call(features, tmp_path / "text.wav", status=1)
    call(features, status=2)


def test_c_program(models, tmp_path):
    """The state's caches say what whole runs say; one file, which refuses what is no prompt."""
    program = build_example("c-program", tmp_path, models("gpt2-tiny")) / "predict"
    module, tokens = transom.Module(models("gpt2-tiny")), [5, 17, 99]
    said = list(map(int, call(program, 8, *tokens).split()))
    assert len(said) == 8
    for token in said:
        logits = logits_without_cache(module, tokens)
        assert logits[token] >= logits.max() - 1e-4
        tokens.append(token)
    call(program, "x", 5, status=1)
    call(program, 3, status=1)
    call(program, 3, 1_000_000, status=1)
    call(program, 200, 5, status=1)  # the caches have room for 128


@needs_program("pkg-config")
def test_c_program_by_pkg_config(models, tmp_path):
    package = models("gpt2-tiny")
    flags = call("pkg-config", "--cflags", "--libs", "--static", "gpt2_tiny",
                 env={**os.environ, "PKG_CONFIG_PATH": str(package / "lib/pkgconfig")}).split()  # fmt: skip
    call("clang-22", ROOT / "examples/c-program/predict.c", *flags, f"-Wl,-rpath,{package}", "-o", tmp_path / "predict")
    assert len(call(tmp_path / "predict", 3, 5, 17).split()) == 3


@needs_program("rustc")
def test_rust(models, tmp_path):
    package = models("projector")
    call("rustc", "-O", "--edition", "2021", ROOT / "examples/rust/main.rs", "-L", package,
         "-C", f"link-arg=-Wl,-rpath,{package}", "-o", tmp_path / "from-rust")  # fmt: skip
    *rows, refused = call(tmp_path / "from-rust").splitlines()
    x = (np.arange(16, dtype=np.float32) / 8 - 1).reshape(2, 8)
    np.testing.assert_allclose([list(map(float, row.split())) for row in rows], transom.Module(package)(x).y, atol=1e-6)
    assert refused.startswith("refused: ") and "input 0" in refused
