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

ARRAYS_ON_DEVICE = """
import ctypes, sys, numpy as np, transom
driver = ctypes.CDLL("libcuda.so.1")
module = transom.Module(sys.argv[1], device="cuda:0")
context = module.context()
primary = ctypes.c_void_p()
assert driver.cuDevicePrimaryCtxRetain(ctypes.byref(primary), 0) == 0 and driver.cuCtxPushCurrent_v2(primary) == 0
address_of = ctypes.pythonapi.PyCapsule_GetPointer
address_of.restype, address_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]

class Foreign:
    \"""An array of another library: it says in whose stream it is asked for.\"""
    def __init__(self, array):
        self.array, self.shape, self.streams = array, array.shape, []
    def __dlpack_device__(self):
        return self.array.__dlpack_device__()
    def __dlpack__(self, *, stream=None):
        self.streams.append(stream)
        return self.array.__dlpack__(stream=stream)

def copied(array, values, back):
    \"""Between the GPU and the host, by the driver.\"""
    capsule = array.__dlpack__()
    place = ctypes.c_uint64(ctypes.c_uint64.from_address(address_of(capsule, b"dltensor")).value)
    host, size = ctypes.c_void_p(values.ctypes.data), ctypes.c_size_t(values.nbytes)
    assert (driver.cuMemcpyDtoHAsync_v2(host, place, size, None) if back else driver.cuMemcpyHtoDAsync_v2(place, host, size, None)) == 0
    assert driver.cuStreamSynchronize(None) == 0
    return values

def on_gpu(values):
    array = transom.DeviceArray(context._native.empty(list(values.shape), 1))
    copied(array, values, back=False)
    return Foreign(array)

query, key = on_gpu(np.load(sys.argv[2])), on_gpu(np.load(sys.argv[3]))
count = lambda: [driver.transom_fake_driver_count(call.encode()) for call in ("cuMemcpyHtoDAsync", "cuMemcpyDtoDAsync", "cuMemcpyDtoHAsync")]
before = count()
result = context(query, key)
assert [b - a for a, b in zip(before, count())] == [0, 0, 1], (before, count())  # the record of failures
assert query.streams == key.streams == [context._native.stream] and context._native.stream > 2
assert isinstance(result.share, transom.DeviceArray) and result.share.__dlpack_device__() == (2, 0), result
share = copied(result.share, np.zeros(result.share.shape, np.float32), back=True)
best = copied(result.best, np.zeros(result.best.shape, np.int64), back=True)
# Into an array that is there, beside one of the host; and with one argument of the host.
room, host = Foreign(transom.DeviceArray(context._native.empty(list(share.shape), 1))), np.zeros(best.shape, np.int64)
again = context(query, np.load(sys.argv[3]), out={"share": room, "best": host})
assert again.share is room and again.best is host and room.streams == [context._native.stream]
np.testing.assert_array_equal(copied(room, np.zeros(share.shape, np.float32), back=True), share)
np.testing.assert_array_equal(host, best)
try:
    transom.Module(sys.argv[1], device="cpu")(query, key)
    raise AssertionError("a CPU reads a GPU's memory")
except transom.SignatureError as error:
    assert "lies in the memory of cuda:0, and the module runs on the CPU" in str(error), error
np.savez(sys.argv[4], share=share, best=best)
"""


def test_names(scorer):
    assert scorer.context().device == "cpu"
    for device, why in (("gpu", 'device "gpu" is none of cpu, cuda, cuda:N, auto'), ("cuda:0", "has no code for GPUs")):
        module = transom.Module(scorer.path, device=device)
        with pytest.raises(transom.Error, match=why):
            module(numbers(1, 1, 8), numbers(1, 1, 8))
    assert transom.Module(scorer.path, device="auto").context().device == "cpu"


@pytest.mark.parametrize("script", [ON_DEVICE, ARRAYS_ON_DEVICE], ids=["host", "device"])
def test_results_on_the_tests_driver(tmp_path, script):
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
    subprocess.run([sys.executable, "-c", script, package, tmp_path / "query.npy", tmp_path / "key.npy", tmp_path / "made.npz"],
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
