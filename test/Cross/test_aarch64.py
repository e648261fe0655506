"""Libraries for AArch64, made on another machine, give the expected outputs under qemu's user mode.

The models are those of ../shared/models or $TRANSOM_MODELS, some of each number format; TRANSOM_CROSS=all takes all. Where
they, qemu or the libraries of AArch64 are not there, the tests are skipped and say so.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/EndToEnd"))
sys.path.insert(1, str(ROOT / "test/Reference"))
from conftest import BUILD, call  # noqa: E402
from corpus import data_sets  # noqa: E402

HERE = pathlib.Path(__file__).parent
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
SYSTEM = pathlib.Path("/usr/aarch64-linux-gnu")
SOME = """bert-encoder bert-int8-dynamic bert-qdq gpt2-with-past infini-attention-delta linear-attention-state llama-bf16
  llama-fp16 llama-int4-matmulnbits moe-expert-loop t5-decoder-with-past""".split()
CASES = sorted(path.parent.name for path in MODELS.glob("*/model.onnx"))
CHOSEN = CASES if os.environ.get("TRANSOM_CROSS") == "all" else [name for name in CASES if name in SOME]
RUNTIME = BUILD / "lib/aarch64-linux-gnu/libtransom_rt.a"

pytestmark = [
    pytest.mark.skipif(not MODELS.is_dir(), reason=f"no models in {MODELS}"),
    pytest.mark.skipif(not shutil.which("qemu-aarch64"), reason="not installed: qemu-user"),
    pytest.mark.skipif(not RUNTIME.exists(), reason="built without libstdc++-12-dev-arm64-cross"),
]

#: TransomType of NumPy's types.
TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7, "bool": 9, "float16": 10, "float64": 11}
NAMES = {code: name for name, code in TYPES.items()}
BFLOAT16 = 16


def compile_for(name, folder, *options):
    call("transom", "compile", MODELS / name / "model.onnx", "-o", folder, "--name=model", *options)
    return folder


def link(package, binary, *flags):
    compiler = ["clang-22", "--target=aarch64-linux-gnu", "-fuse-ld=lld", "-O1", "-Wall", "-Werror", "-pthread"]
    include = [f"-I{package / 'include'}", "-DMODEL_LIBRARY=model_library"]
    call(*compiler, *include, HERE / "run_case.c", *flags, "-o", binary)
    return binary


def write_tensors(path, tensors):
    with open(path, "wb") as file:
        file.write(np.int64(len(tensors)).tobytes())
        for tensor in tensors:
            data = np.ascontiguousarray(tensor).tobytes()
            head = [TYPES[tensor.dtype.name], tensor.ndim, *tensor.shape, len(data)]
            file.write(np.array(head, np.int64).tobytes() + data)


def read_tensors(path):
    data = path.read_bytes()
    at = 8
    for _ in range(int(np.frombuffer(data, np.int64, 1)[0])):
        code, rank = map(int, np.frombuffer(data, np.int64, 2, at))
        *shape, size = map(int, np.frombuffer(data, np.int64, rank + 1, at + 16))
        at += 24 + 8 * rank
        raw = data[at : at + size]
        at += size
        if code == BFLOAT16:
            values = (np.frombuffer(raw, np.uint16).astype(np.uint32) << 16).view(np.float32)
        else:
            values = np.frombuffer(raw, NAMES[code])
        yield values.reshape(shape)


def check(name, package, run, folder):
    """All data sets of a case, by `run(inputs file, outputs file)`."""
    settings = json.loads((MODELS / name / "case.json").read_text())
    manifest = json.loads((package / "model.json").read_text())
    names = [output["name"] for output in manifest["outputs"]]
    seen = 0
    for data, inputs, expected in data_sets(MODELS / name):
        write_tensors(folder / "inputs", [inputs[given["name"]] for given in manifest["inputs"]])
        run(folder / "inputs", folder / "outputs")
        got = dict(zip(names, read_tensors(folder / "outputs"), strict=True))
        for key, want in expected.items():
            assert got[key].shape == want.shape, (data, key)
            have, want = got[key].astype(np.float64), want.astype(np.float64)
            np.testing.assert_allclose(have, want, settings["rtol"], settings["atol"], err_msg=f"{data} {key}")
        seen += 1
    assert seen


@pytest.mark.parametrize("name", CHOSEN)
def test_models(name, tmp_path):
    package = compile_for(name, tmp_path / "package", "--target=cpu:aarch64-linux-gnu", "--weights=embed")
    binary = link(package, tmp_path / "run", package / "libmodel.so", f"-Wl,-rpath,{package}")
    emulated = ["qemu-aarch64", "-L", SYSTEM, binary]
    check(name, package, lambda given, made: call(*emulated, given, made, 2), tmp_path)


@pytest.mark.parametrize("name", [name for name in CHOSEN if name in ("bert-int8-dynamic", "llama-fp16")])
def test_static_for_a_newer_cpu(name, tmp_path):
    """With I8MM's products of bytes; the program is static, its weights beside it."""
    options = ["--target=cpu:aarch64-linux-gnu", "--cpu=neoverse-v1", "--weights=file"]
    package = compile_for(name, tmp_path / "package", *options)
    binary = link(package, package / "run", "-static", package / "libmodel.a", "-lm")
    check(name, package, lambda given, made: call("qemu-aarch64", "-cpu", "max", binary, given, made), tmp_path)
    refused = ["qemu-aarch64", "-cpu", "cortex-a57", binary, tmp_path / "inputs", tmp_path / "outputs"]
    done = subprocess.run(refused, capture_output=True, text=True)
    assert done.returncode == 1 and "i8mm" in done.stderr, done.stderr


def test_what_runs_elsewhere_is_refused_here(tmp_path):
    package = compile_for("bert-encoder", tmp_path / "package", "--target=cpu:aarch64-linux-gnu")
    done = subprocess.run(["transom", "verify", package, MODELS / "bert-encoder"], capture_output=True, text=True)
    assert done.returncode == 1 and "aarch64" in done.stderr, done.stderr
