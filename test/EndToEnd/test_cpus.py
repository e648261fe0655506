"""One library with kernels for several CPUs: each of them gives the model's results, the same bits on any number of threads, from one image of the weights."""

import os
import pathlib
import re
import subprocess

import numpy as np
import onnx
import pytest
import transom
from conftest import call
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
#: Vectors of 256 and 512 bits, integer products in pairs and by VNNI; as the library looks them through.
CPUS = {
    "cascadelake": {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd", "avx512_vnni"},
    "x86-64-v4": {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd"},
    "alderlake": {"avx_vnni"},
    "x86-64-v3": set(),
}
FLAGS = set(re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)[1].split())
HERE = [name for name, needed in CPUS.items() if needed <= FLAGS]
#: Products in floats and halves, of integers, of 4 bits, tied tables, states of attention and of linear attention.
CASES = ["bert-encoder", "bert-int8-dynamic", "llama-bf16", "llama-int4-matmulnbits", "gpt2-with-past", "linear-attention-state"]

pytestmark = pytest.mark.skipif(not MODELS.is_dir(), reason=f"the shared models are not at {MODELS}")


def forced(cpu):
    return {**os.environ, "TRANSOM_CPU": cpu}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder, made = tmp_path_factory.mktemp("cpus"), {}

    def compiled(name):
        if name not in made:
            call("transom", "compile", MODELS / name / "model.onnx", "-o", folder / name, "--name=model", f"--cpu={','.join(reversed(CPUS))}")
            made[name] = folder / name
        return made[name]

    return compiled


@pytest.mark.parametrize("cpu", HERE)
@pytest.mark.parametrize("name", CASES)
def test_each_gives_the_results(package, name, cpu):
    for threads in ("1", "3"):
        said = call("transom", "verify", package(name), MODELS / name, "--threads", threads, env=forced(cpu))
        assert re.search(r"(?m)^(\d+) of \1 data sets? agree", said), said


@pytest.mark.parametrize("cpu", HERE)
@pytest.mark.parametrize("name", CASES)
def test_threads_change_no_bit(package, name, cpu, monkeypatch):
    monkeypatch.setenv("TRANSOM_CPU", cpu)
    files = sorted((MODELS / name / "test_data_set_0").glob("input_*.pb"), key=lambda file: int(file.stem[6:]))
    arrays = [numpy_helper.to_array(onnx.load_tensor(file)) for file in files]
    assert arrays
    first = [np.array(result) for result in transom.Module(package(name), threads=1)(*arrays)]
    for threads in (2, 3):
        for result, expected in zip(transom.Module(package(name), threads=threads)(*arrays), first, strict=True):
            assert np.array(result).tobytes() == expected.tobytes()


def test_the_best_that_runs_is_chosen(package):
    module = transom.Module(package("bert-encoder"))
    assert module.cpu == HERE[0]
    assert [variant["cpu"] for variant in module.info["cpus"]] == list(CPUS)
    assert transom.report(package("bert-encoder")).cpus == tuple(CPUS)


def test_a_name_forces_one(package, monkeypatch):
    monkeypatch.setenv("TRANSOM_CPU", "x86-64-v3")
    assert transom.Module(package("bert-encoder")).cpu == "x86-64-v3"
    monkeypatch.setenv("TRANSOM_CPU", "x86-64-v5")
    with pytest.raises(transom.Error, match=r'TRANSOM_CPU=x86-64-v5: model "model" is compiled for cascadelake, x86-64-v4, alderlake, x86-64-v3'):
        transom.Module(package("bert-encoder"))


def test_states(package, monkeypatch):
    """Steps on states are of the chosen CPU too, and give what the others' give, up to rounding."""
    scores = {}
    for cpu in HERE:
        monkeypatch.setenv("TRANSOM_CPU", cpu)
        session = transom.Module(package("gpt2-with-past")).session(capacity=32)
        assert session.module.cpu == cpu
        scores[cpu], seen = [], 0
        for step in ([3, 1, 4, 1, 5], [9], [2], [6]):
            places = np.arange(seen, seen + len(step), dtype=np.int64)[None]
            seen += len(step)
            result = session(input_ids=np.array([step], np.int64), attention_mask=np.ones((1, seen), np.int64), position_ids=places)
            scores[cpu].append(np.array(result[0]))
    for cpu in HERE:
        for result, expected in zip(scores[cpu], scores["x86-64-v3"], strict=True):
            np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("weights", ["embed", "file"])
def test_static_library(tmp_path, weights):
    """A program with the static library chooses as well; another's objects do not meet the variants' names."""
    call("transom", "compile", ROOT / "examples/two-models/projector.onnxtxt", "-o", tmp_path, "--cpu=x86-64-v3,x86-64-v4", f"--weights={weights}")
    (tmp_path / "main.c").write_text(
        '#include "projector.h"\n#include <stdio.h>\n'
        "int main(int count, char **arguments) {\n"
        "  TransomLoadOptions options = {sizeof options};\n"
        "  options.weights_path = count > 1 ? arguments[1] : 0;\n"
        "  char why[TRANSOM_ERROR_BYTES];\n"
        "  TransomModel *model;\n"
        "  TransomStatus status = transom_open(projector_library(), &options, &model, why, sizeof why);\n"
        '  puts(status ? why : transom_info(model)->target_cpu);\n'
        "  return status;\n"
        "}\n")
    program = tmp_path / "program"
    call("clang-22", "-Wall", "-Werror", f"-I{tmp_path}", f"-I{tmp_path / 'include'}", tmp_path / "main.c", tmp_path / "libprojector.a", "-o", program, "-lpthread", "-lm")
    arguments = [tmp_path / "projector.weights"] if weights == "file" else []
    assert call(program, *arguments, env=forced("x86-64-v3")) == "x86-64-v3\n"
    refused = subprocess.run([program, *arguments], env=forced("none"), capture_output=True, text=True)
    assert (refused.returncode, refused.stdout) == (3, 'TRANSOM_CPU=none: model "projector" is compiled for x86-64-v4, x86-64-v3\n')
