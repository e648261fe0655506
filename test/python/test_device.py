"""transom.Module on a GPU: names, what is said where there is none, and results under the tests' own driver."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import onnx
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
DEEP_ON_DEVICE = """
import sys, numpy as np, transom
module = transom.Module(sys.argv[1], device="cuda:0")
made = []
for path in sys.argv[3:]:
    results = [module(np.load(path)).y.copy() for _ in range(3)]
    assert all(r.tobytes() == results[0].tobytes() for r in results), path
    made.append(results[0])
np.savez(sys.argv[2], *made)
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


def test_parts_of_a_depth_on_the_tests_driver(tmp_path):
    """Few rows of a deep product: two launches, with memory between them and the activation behind; one form has a tile of a file."""
    build = pathlib.Path(transom.__file__).resolve().parents[2]
    if not (build / "test/fake-driver/libcuda.so.1").exists():
        pytest.skip("the tests' driver is not built")
    sys.path.insert(0, str(ROOT / "test/Device"))
    from device import emulate

    weight, bias = numbers(1600, 40) / 16, numbers(40, seed=1)
    value = lambda name, shape: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
    nodes = [
        onnx.helper.make_node("MatMul", ["x", "w"], ["p"]),
        onnx.helper.make_node("Add", ["p", "b"], ["s"]),
        onnx.helper.make_node("Relu", ["s"], ["y"]),
    ]
    graph = onnx.helper.make_graph(
        nodes, "deep", [value("x", ["rows", 1600])], [value("y", ["rows", 40])],
        [onnx.numpy_helper.from_array(weight, "w"), onnx.numpy_helper.from_array(bias, "b")],
    )  # fmt: skip
    model, tiles, text = tmp_path / "deep.onnx", tmp_path / "tiles.json", tmp_path / "nvptx.mlir"
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), model)
    chosen = {"mma f32 rows=9..128 n=40 k=1600": {"tile": "64x64 stages=4 warps=2x2 splits=8"}}
    tiles.write_text(json.dumps({"format": 1, "chip": "sm_80", "tiles": chosen}))
    options = {"target": "nvptx:sm_80", "name": "deep", "tiles": str(tiles)}
    package = transom.compile(model, tmp_path / "package", load=False, ptxas="none", **options)
    flags = [f"--{key}={given}" for key, given in options.items()]
    subprocess.run([build / "bin/transom", "compile", model, *flags, "--emit=nvptx", "-o", text], check=True)
    assert '"64x64 stages=4 warps=2x2 splits=8"' in text.read_text() and "_split_part1" in text.read_text()
    kernels, _ = emulate(text.read_text(), tmp_path)
    inputs = [numbers(rows, 1600, seed=rows) for rows in (1, 5, 40, 140)]
    files = [tmp_path / f"{len(x)}.npy" for x in inputs]
    for x, file in zip(inputs, files):
        np.save(file, x)
    environment = {**os.environ, "LD_LIBRARY_PATH": str(build / "test/fake-driver"), "TRANSOM_FAKE_CUDA_KERNELS": str(kernels)}
    subprocess.run([sys.executable, "-c", DEEP_ON_DEVICE, package, tmp_path / "made.npz", *files], check=True, env=environment)
    with np.load(tmp_path / "made.npz") as made:
        for x, name in zip(inputs, made.files):
            np.testing.assert_allclose(made[name], np.maximum(x @ weight + bias, 0), rtol=1e-4, atol=1e-4)
