"""Weights of several megabytes, which threads pack in pieces: the file is the same for any number of threads, has the digest that the
manifest says, and holds what NumPy packs."""

import hashlib
import json
import os
import pathlib
import subprocess

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"
TYPES = {np.float32: TensorProto.FLOAT, np.float16: TensorProto.FLOAT16}


def save(path, weights, transposed):
    rows, columns = weights.shape[::-1] if transposed else weights.shape
    kind = TYPES[weights.dtype.type]
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w"], ["y"], transB=int(transposed))],
        "product",
        [helper.make_tensor_value_info("x", kind, ["rows", rows])],
        [helper.make_tensor_value_info("y", kind, ["rows", columns])],
        [numpy_helper.from_array(weights, "w")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def image(folder):
    manifest = json.loads((folder / "product.json").read_text())["weights"]
    return (folder / manifest["file"]).read_bytes()[manifest["offset"] :], manifest["sha256"]


def panels(weights, columns):
    """[K, N] as [panels, K, columns], zero beyond N."""
    rows, total = weights.shape
    padded = np.pad(weights, ((0, 0), (0, -total % columns)))
    return padded.reshape(rows, -1, columns).transpose(1, 0, 2)


@pytest.mark.parametrize("kind", [np.float32, np.float16])
@pytest.mark.parametrize("transposed", [False, True])
def test_weights_in_pieces(tmp_path, kind, transposed):
    # 1501: the last panel is not full; 1003: nor is the last block of rows.
    weights = np.random.default_rng(0).standard_normal((1003, 1501)).astype(kind)
    save(tmp_path / "product.onnx", weights.T.copy() if transposed else weights, transposed)
    images = []
    for jobs in (1, 3, 8):
        out = tmp_path / f"jobs-{jobs}"
        command = [
            TRANSOM,
            "compile",
            tmp_path / "product.onnx",
            "-o",
            out,
            "--cpu=x86-64-v3",
            "--weights=file",
            f"--jobs={jobs}",
        ]
        subprocess.run(command, check=True, capture_output=True)
        content, digest = image(out)
        assert hashlib.sha256(content).hexdigest() == digest
        images.append(content)
    assert images[0] == images[1] == images[2]
    packed = [panels(weights, columns) for columns in (8, 16, 24, 32, 48, 64)]
    assert any(images[0][: data.nbytes] == data.tobytes() for data in packed)
