#!/usr/bin/env python3
"""Runs decoders on states for GPUs without one, and compares their scores with those of the CPU.

    test_states.py WORK-FOLDER [--models FOLDER] [--chip sm_80] [NAME ...]

As test_models.py: the library is a real one, its driver the tests' own, whose kernels run on the CPU. A prompt and
tokens after it, then forks, ways back, what is stored and restored. Steps are launched as one graph that is captured
once; nothing is allocated or copied but tokens and scores. The first model also as a library for GPUs alone whose only
entry point is the one on states. Then a cache that is a window, over many times its rows.
"""

import argparse
import ctypes
import os
import pathlib
import subprocess
import sys
import time

import numpy as np

from device import emulate

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
#: Tokens after the prompt that are run one by one.
STEPS = 6
#: Attention whose cache is the last 7 rows.
WINDOW = """<ir_version: 10, opset_import: ["" : 24]>
windows (float[1,2,s,8] q, float[1,2,s,8] k, float[1,2,s,8] v, float[1,2,p,8] past_k, float[1,2,p,8] past_v)
  => (float[1,2,s,8] y, float[1,2,n,8] present_k, float[1,2,n,8] present_v)
<int64[1] first = {-7}, int64[1] last = {9223372036854775807}, int64[1] axis = {2}>
{
  y, keys, values = Attention <is_causal = 1> (q, k, v, , past_k, past_v)
  present_k = Slice(keys, first, last, axis)
  present_v = Slice(values, first, last, axis)
}
"""


class Decoder:
    """A session with the inputs that any token needs."""

    def __init__(self, path, device):
        import transom

        self.module = transom.Module(path, device=device)
        self.session = self.module.session(32)
        self.values = self.session.module.inputs

    def step(self, tokens, session=None):
        session = session or self.session
        past, count = session.length, len(tokens)
        feeds = {}
        for value in self.values:
            if value.name == "input_ids":
                feeds[value.name] = np.array([tokens], np.int64)
            elif "position" in value.name:
                feeds[value.name] = np.arange(past, past + count, dtype=np.int64)[None]
            elif "mask" in value.name:
                feeds[value.name] = np.ones((1, past + count), np.int64)
            else:
                raise AssertionError(f"no rule for input {value}")
        return session(**feeds)[0]


def calls(name):
    """How often the tests' driver was called."""
    count = ctypes.CDLL("libcuda.so.1").transom_fake_driver_count
    return count(name.encode())


def same(made, expected, what):
    np.testing.assert_allclose(made, expected, rtol=2e-4, atol=2e-5, err_msg=what)


def check_alone(path, scores):
    """A library with nothing but `step`, for GPUs alone, which is where it runs."""
    decoder = Decoder(path, None)
    assert decoder.session._context.device == "cuda:0" and decoder.module.info["entry"] == "step"
    for tokens, expected in zip(([3, 1, 4], [1], [5]), np.load(scores).values()):
        same(decoder.step(tokens), expected, f"tokens {tokens}")


def check(path, scores):
    """On a GPU as on the CPU, with both of them in this process; `scores` gets what check_alone is to see."""
    host, device = Decoder(path, "cpu"), Decoder(path, "cuda:0")
    assert device.session._context.device == "cuda:0"
    rng = np.random.default_rng(5)
    tokens = [int(token) for token in rng.integers(1, 60, 16)]

    def both(some, what):
        expected = host.step(some)
        same(device.step(some), expected, what)
        return expected

    both(tokens[:5], "the prompt")
    for i in range(2):
        both([tokens[5 + i]], f"token {i}")
    before = {name: calls(name) for name in ("cuStreamBeginCapture", "cuGraphInstantiate", "cuGraphLaunch", "cuLaunchKernel")}
    copies = {name: calls(name) for name in ("cuMemAlloc", "cuMemHostAlloc", "cuMemcpyDtoDAsync")}
    for i in range(2, STEPS):
        both([tokens[5 + i]], f"token {i}")
    after = {name: calls(name) - count for name, count in before.items()}
    assert after == {"cuStreamBeginCapture": 0, "cuGraphInstantiate": 0, "cuGraphLaunch": STEPS - 2, "cuLaunchKernel": 0}, after
    assert {name: calls(name) for name in copies} == copies, "a step allocates or copies on the device"

    # What the caches hold is what they hold on the CPU; they can be put elsewhere.
    for name in host.session.states:
        same(device.session.read(name), host.session.read(name), name)
    other = device.module.session(32)
    for name in device.session.states:
        other.write(name, device.session.read(name))
    fork, expected = device.session.fork(), both([7], "after all")
    same(device.step([7], fork), expected, "on a copy")
    same(device.step([7], other), expected, "on what was restored")
    for decoder in (host, device):
        decoder.session.truncate(6)
    both([9], "from a way back")
    same(device.step([11], fork), device.step([11], other), "copies go their own way")
    for decoder in (host, device):
        decoder.session.reset()
    both(tokens[:3], "from the start")
    host.session.reset()
    np.savez(scores, *[host.step(some) for some in ([3, 1, 4], [1], [5])])
    print(f"{STEPS} tokens, {calls('cuGraphInstantiate')} graphs launched {calls('cuGraphLaunch')} times")


def check_window(path, _):
    """Beyond the window its rows are copied only where they go back to the front."""
    import transom

    sessions = [transom.Module(path, device=device).session(10) for device in ("cpu", "cuda:0")]
    assert [state.get("window") for state in sessions[1].module.info["states"]] == [7, 7]
    rng, runs, moves = np.random.default_rng(6), 40, calls("cuMemcpyDtoDAsync")
    for i in range(runs):
        step = {name: rng.standard_normal((1, 2, 1 + i % 3, 8)).astype(np.float32) for name in "qkv"}
        host, device = (session(**step) for session in sessions)
        same(device.y, host.y, f"run {i}")
    for name in sessions[0].states:
        same(sessions[1].read(name), sessions[0].read(name), name)
    moves = calls("cuMemcpyDtoDAsync") - moves
    # Two caches of two heads each, once in more than 10 rows.
    assert 0 < moves <= 4 * (2 * runs // 10), moves
    print(f"{runs} runs on a window, {moves} copies")


def write_window(folder):
    """The model whose cache is a window."""
    import onnx
    import onnx.parser

    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(onnx.parser.parse_model(WINDOW), folder / "model.onnx")
    return folder


def call(*command, **environment):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env={**os.environ, **environment})
    return done.returncode, (done.stdout + done.stderr).strip()


def run(case, targets, states, how, work, build):
    """What is wrong, or "" and what the check says. `targets`: the last one is the chip."""
    work.mkdir(parents=True, exist_ok=True)
    transom = build / "bin/transom"
    for command in (
        (f"--target={targets.split(',')[-1]}", "--emit=nvptx", "-o", work / "nvptx.mlir"),
        (f"--target={targets}", "--ptxas=none", "-o", work / "package"),
    ):
        status, text = call(transom, "compile", case / "model.onnx", "--name=model", f"--state={states}", *command)
        if status:
            return text, ""
    library, _ = emulate((work / "nvptx.mlir").read_text(), work)
    status, text = call(sys.executable, __file__, work / "package", work.parent / "scores.npz", f"--one={how}",
                        TRANSOM_FAKE_CUDA_KERNELS=str(library), LD_LIBRARY_PATH=str(build / "test/fake-driver"),
                        PYTHONPATH=str(build / "python"))  # fmt: skip
    return (text, "") if status else ("", text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("names", nargs="*", default=["gpt2-with-past", "llama-gqa-with-past"])
    parser.add_argument("--models", type=pathlib.Path, default=MODELS)
    parser.add_argument("--chip", default="sm_80")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--one", choices=["both", "alone", "window"], help=argparse.SUPPRESS)
    options = parser.parse_intermixed_args()
    if options.one:
        return {"both": check, "alone": check_alone, "window": check_window}[options.one](options.work, options.names[0])
    cases = [options.models / name for name in options.names if (options.models / name / "model.onnx").exists()]
    if not cases:
        print(f"skipped: no models in {options.models}")
        return 0
    problem, text = run(write_window(options.work / "window"), f"cpu,nvptx:{options.chip}", "both", "window", options.work / "window", options.build)
    failed = int(bool(problem))
    print(f"window: {problem or text}", flush=True)
    for case in cases:
        start = time.monotonic()
        work, chip = options.work / case.name, f"nvptx:{options.chip}"
        problem, text = run(case, f"cpu,{chip}", "both", "both", work / "both", options.build)
        if not problem and case is cases[0]:
            problem, _ = run(case, chip, "only", "alone", work / "alone", options.build)
        failed += bool(problem)
        print(f"{case.name}: {problem or text} ({time.monotonic() - start:.0f} s)", flush=True)
    print(f"{len(cases) + 1 - failed} of {len(cases) + 1} decoders agree")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
