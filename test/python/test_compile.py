"""transom.compile, verify, bench and report."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import transom
from conftest import needs


def test_progress(root, tmp_path):
    steps = []
    transom.compile(root / "examples/two-models/projector.onnxtxt", tmp_path / "out", progress=steps.append)
    assert steps[0] == "import" and steps[-1] == "link" and len(steps) == len(set(steps)) >= 5


def test_progress_that_raises_stops_the_compile(root, tmp_path):
    def stop(step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transom.compile(root / "examples/two-models/projector.onnxtxt", tmp_path / "out", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_options(root, tmp_path):
    folder = transom.compile(
        root / "examples/two-models/projector.onnxtxt", tmp_path / "p", name="other", cpu="x86-64-v3", weights="file", load=False
    )
    assert folder == tmp_path / "p" and (folder / "libother.so").exists() and (folder / "other.weights").exists()
    assert transom.report(folder).manifest["options"] == {"cpu": "x86-64-v3", "weights": "file", "state": "both"}


def test_a_cache(root, tmp_path):
    """The second compile takes what the first has left, and makes the same library."""
    libraries, entries = [], []
    for i in range(2):
        folder = transom.compile(
            root / "examples/two-models/projector.onnxtxt", tmp_path / str(i), cache_dir=tmp_path / "cache", load=False
        )
        libraries.append((folder / "libprojector.so").read_bytes())
        entries.append({entry.name: entry.stat().st_ino for entry in (tmp_path / "cache").iterdir()})
    assert libraries[0] == libraries[1] and entries[0] == entries[1] != {}


@needs("onnx")
def test_debug_info(tmp_path):
    """Each node has one line of the listing, whatever it is called; the code says which."""
    import onnx
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Relu", ["x"], ["a"], name="two\nlines"),
        helper.make_node("Clip", ["a", "", "one"], ["b"]),
        helper.make_node("Sigmoid", ["b"], ["y"], name="two\nlines"),
    ]
    info = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in "xy"]
    one = helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])
    graph = helper.make_graph(nodes, "named", info[:1], info[1:], [one])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    folder = transom.compile(model, tmp_path / "p", name="named", debug_info=True, load=False)
    assert (folder / "named.nodes.txt").read_text().splitlines() == [
        "1 Relu two\\x0Alines: x -> a",
        "2 Clip b: a, -, one -> b",
        "3 Sigmoid two\\x0Alines: b -> y",
    ]
    assert b"named.nodes.txt" in (folder / "libnamed.so").read_bytes()
    x = np.array([-1, 0.5, 3], np.float32)
    expected = 1 / (1 + np.exp(-np.clip(np.maximum(x, 0), None, 1)))
    np.testing.assert_allclose(transom.Module(folder)(x).y, expected, rtol=1e-5)


@needs("onnx")
def test_models_in_memory(root):
    import onnx
    import onnx.parser

    model = onnx.parser.parse_model((root / "examples/two-models/projector.onnxtxt").read_text())
    x = np.ones((1, 8), np.float32)
    first = transom.compile(model, name="first")
    second = transom.compile(model.SerializeToString())
    np.testing.assert_array_equal(first(x).y, second(x).y)
    with pytest.raises(TypeError, match="not int"):
        transom.compile(3)


def test_errors_are_exceptions(tmp_path):
    model = tmp_path / "bad.onnxtxt"
    model.write_text(
        '<ir_version: 8, opset_import: ["" : 17]> bad (float[n] x) => (float[n] y, float[n] z) '
        "{ [first] y = Frobnicate(x) [second] z = Quux(x) }"
    )
    with pytest.raises(transom.CompileError) as caught:
        transom.compile(model, tmp_path / "out")
    assert "Frobnicate" in str(caught.value) and "Quux" in str(caught.value)
    assert [severity for severity, _ in caught.value.problems].count("error") >= 1
    assert not (tmp_path / "out").exists()
    with pytest.raises(transom.CompileError, match="none.onnx"):
        transom.compile(tmp_path / "none.onnx", tmp_path / "out")
    with pytest.raises(transom.CompileError, match="--colour"):
        transom.compile(model, tmp_path / "out", colour="blue")


def test_verify_by_data(root, projector, tmp_path):
    write = [sys.executable, str(root / "test/Driver/Inputs/write_tensor.py")]
    folder = tmp_path / "test_data_set_0"
    folder.mkdir()
    x = np.linspace(-1, 1, 8, dtype=np.float32)[None]
    y = projector(x).y
    for file, name, array in (("input_0.pb", "x", x), ("output_0.pb", "y", y)):
        subprocess.run([*write, str(folder / file), name, "1,8", *map(repr, map(float, array[0]))], check=True)
    agreement = transom.verify(projector.path.parent, tmp_path, threads=1)
    assert agreement and agreement.outputs[0].output == "y" and agreement.outputs[0].absolute < 1e-6
    subprocess.run([*write, str(folder / "output_0.pb"), "y", "1,8", *map(repr, map(float, y[0] + 1))], check=True)
    disagreement = transom.verify(projector.path.parent, tmp_path)
    assert not disagreement and disagreement.outputs[0].beyond == 8
    assert "differs" in str(disagreement)
    with pytest.raises(transom.Error, match="holds no data"):
        transom.verify(projector.path.parent, tmp_path / "none")


@pytest.mark.parametrize("engine", [pytest.param("onnxruntime", marks=needs("onnxruntime")), pytest.param("reference", marks=needs("onnx"))])
def test_verify_against(root, scorer, encoder_file, engine):
    onnx = root / "examples/two-models/scorer.onnxtxt"
    for model, options in ((onnx, {}), (scorer.path.parent, {"onnx": onnx})):
        found = transom.verify(model, against=engine, dims={"batch": 2, "queries": 3, "keys": 5}, **options)
        assert found and [output.output for output in found.outputs] == ["share", "best"]
        assert {output.data_set for output in found.outputs} == {engine}
    assert transom.verify(encoder_file, against=engine, dims={"batch": 1, "sequence": 9}, inputs=["input_ids=randint:0:1000"])


def test_verify_against_refused(scorer, root, monkeypatch):
    with pytest.raises(transom.Error, match="name it by --onnx"):
        transom.verify(scorer.path.parent, against="reference", dims={"batch": 1})
    onnx = root / "examples/two-models/scorer.onnxtxt"
    with pytest.raises(transom.Error, match="dims without a size: batch, queries, keys"):
        transom.verify(onnx, against="reference")
    monkeypatch.setenv("TRANSOM_PYTHON", "no-such-python")
    with pytest.raises(transom.Error, match="'no-such-python' is not found"):
        transom.verify(onnx, against="reference", dims={"batch": 1, "queries": 1, "keys": 1})


def test_bench(projector):
    result = transom.bench(projector.path.parent, dims={"rows": 4}, threads=1, runs=5, per_kernel=True)
    assert result.name == "projector" and result.dims == {"rows": 4} and result.runs == 5 and result.threads == 1
    assert 0 < result.min_ms <= result.median_ms and result.kernels
    with pytest.raises(transom.Error, match="dims without a size: rows"):
        transom.bench(projector.path.parent)


def test_report(encoder):
    report = transom.report(encoder.path.parent)
    assert report.name == "encoder" and report.dims == encoder.dims and report.inputs == encoder.inputs
    dims = dict.fromkeys(report.dims, 8)
    assert report.flops(**dims) > report.flops(**dict.fromkeys(report.dims, 1)) > 0
    assert report.flops() is None
    assert sum(launches for _, launches in report.kernels) > 10
    assert str(report).startswith("encoder: ")


def test_the_program(tmp_path):
    assert transom.version() == f"transom {transom.__version__}"
    done = subprocess.run([sys.executable, "-m", "transom", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"transom {transom.__version__}"
    missing = subprocess.run(
        [sys.executable, "-c", "import transom; transom.executable()"],
        env={**os.environ, "TRANSOM_EXECUTABLE": str(tmp_path / "none")}, capture_output=True, text=True,
    )  # fmt: skip
    assert missing.returncode != 0 and "which cannot be run" in missing.stderr


def test_package_is_typed():
    package = pathlib.Path(transom.__file__).parent
    assert (package / "py.typed").exists() and (package / "_native.pyi").exists()
    native = importlib.util.find_spec("transom._native")
    stub = (package / "_native.pyi").read_text()
    from transom import _native

    assert native is not None
    for owner in (_native, _native.Model, _native.Context):
        for name in vars(owner):
            if not name.startswith("_"):
                assert f"{name}:" in stub or f"def {name}(" in stub or f"class {name}:" in stub, name
