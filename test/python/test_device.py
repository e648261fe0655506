"""transom.Module on a GPU: names, what is said where there is none, and results under the tests' own driver."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import transom
from test_module import numbers, score

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "examples/two-models/scorer.onnxtxt"
ON_DEVICE = """
import sys, numpy as np, transom
module = transom.Module(sys.argv[1], device="cuda:0")
query, key = np.load(sys.argv[2]), np.load(sys.argv[3])
with module._context() as context:
    assert context.device == "cuda:0", context.device
for _ in range(3):  # the third as a graph
    result = module(query, key)
np.savez(sys.argv[4], share=result.share, best=result.best)
"""


def test_names(scorer):
    assert scorer.context().device == "cpu"
    for device, why in (("gpu", 'device "gpu" is none of cpu, cuda, cuda:N, auto'), ("cuda:0", "has no code for GPUs")):
        module = transom.Module(scorer.path, device=device)
        with pytest.raises(transom.Error, match=why):
            module(numbers(1, 1, 8), numbers(1, 1, 8))
    assert transom.Module(scorer.path, device="auto").context().device == "cpu"


def test_results_on_the_tests_driver(tmp_path):
    """The library's kernels, emulated, behind a driver that refuses what the real one does."""
    build = pathlib.Path(transom.__file__).resolve().parents[2]
    if not (build / "test/fake-driver/libcuda.so.1").exists():
        pytest.skip("the tests' driver is not built")
    sys.path.insert(0, str(ROOT / "test/Device"))
    from device import emulate

    package = transom.compile(MODEL, tmp_path / "package", load=False, target="cpu,nvptx:sm_80", ptxas="none", name="scorer")
    text = tmp_path / "nvptx.mlir"
    subprocess.run([build / "bin/transom", "compile", MODEL, "--target=nvptx:sm_80", "--name=scorer", "--emit=nvptx", "-o", text], check=True)
    kernels, _ = emulate(text.read_text(), tmp_path)
    query, key = numbers(2, 3, 8), numbers(2, 5, 8, seed=1)
    np.save(tmp_path / "query.npy", query)
    np.save(tmp_path / "key.npy", key)
    environment = {**os.environ, "LD_LIBRARY_PATH": str(build / "test/fake-driver"), "TRANSOM_FAKE_CUDA_KERNELS": str(kernels)}
    subprocess.run([sys.executable, "-c", ON_DEVICE, package, tmp_path / "query.npy", tmp_path / "key.npy", tmp_path / "made.npz"],
                   check=True, env=environment)
    share, best = score(query, key)
    made = np.load(tmp_path / "made.npz")
    np.testing.assert_allclose(made["share"], share, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(made["best"], best)
