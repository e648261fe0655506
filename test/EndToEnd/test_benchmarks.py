"""benchmarks/run.py in its small mode with the engines that are installed, and what its report says."""

import json
import sys
import xml.etree.ElementTree

import contest
import numpy as np
import pytest
import tables
from conftest import ROOT, call
from engine import EngineError, Job
from engine_process import EngineProcess
from engines import ENGINES, missing


def test_quick(tmp_path):
    figures, plots = tmp_path / "figures.json", tmp_path / "plots"
    said = call(
        sys.executable, ROOT / "benchmarks/run.py", "--quick", "--threads", "2", "--cache-dir", tmp_path / "models",
        "--json", figures, "--plots", plots, "--engines", "transom", "transom-step", "onnxruntime", "onnxruntime-gqa", "iree",
    )  # fmt: skip
    report = json.loads(figures.read_text())
    assert report["skipped"] == ({"iree": missing("iree")} if missing("iree") else {})
    assert all(f"skipped: {name} ({', '.join(packages)} not installed)" in said for name, packages in report["skipped"].items())
    models = {result["model"]: result for result in report["models"]}
    assert list(models) == ["bert-tiny", "gpt2-tiny", "llama-tiny"]
    for name, result in models.items():
        assert result["peaks"]["gflops"] > 0 and result["peaks"]["gbps"] > 0
        expected = {"transom", "onnxruntime"} | (set() if name == "bert-tiny" else {"transom-step", "onnxruntime-gqa"})
        for row in result["rows"]:
            assert expected <= set(row["engines"])
            for engine in expected:
                assert row["engines"][engine]["difference"] < 1e-5 and row["engines"][engine]["median_ms"] > 0
        for engine in expected:
            facts = result["engines"][engine]
            assert facts["load_ms"] > 0 and facts["first_ms"] > 0 and facts["resident_mb"] >= facts["python_mb"] > 0
        bars = xml.etree.ElementTree.parse(plots / f"{name}-f32-2.svg").getroot().findall("{http://www.w3.org/2000/svg}rect")
        assert len(bars) == sum("median_ms" in figures for row in result["rows"] for figures in row["engines"].values())


def test_bf16_weights(tmp_path):
    figures = tmp_path / "figures.json"
    call(
        sys.executable, ROOT / "benchmarks/run.py", "--quick", "--weights-type=bf16",
        "--cache-dir", tmp_path / "models", "--json", figures, "--engines", "transom", "transom-step", "onnxruntime",
    )  # fmt: skip
    (result,) = json.loads(figures.read_text())["models"]
    # The model's values are those of bf16: nothing is lost.
    assert all(row["engines"][engine]["difference"] < 1e-5 for row in result["rows"] for engine in ("transom", "transom-step"))
    assert "bf16" in result["engines"]["transom"]["form"]


def result_of(**engines):
    rows = [{"point": "1x16", "batch_sequence_past": (1, 16, 0), "engines": engines}]
    return {"model": "bert-base", "weights": "f32", "peaks": {"gflops": 200.0, "gbps": 20.0}, "rows": rows, "engines": {}}


def figures(ms, difference=0.0):
    return {"median_ms": ms, "min_ms": ms, "gflops": 100 / ms, "gbps": 10 / ms, "difference": difference, "tolerance": 1e-3}


def test_goals_and_failures_are_shown():
    failed = {"failed": "iree-compile: error: what it said"}
    result = result_of(transom=figures(2.0), onnxruntime=figures(3.0), openvino=figures(4.0), iree=failed)
    text = tables.tables([result])
    assert "| bert-base | 1x16 | transom | 2.00 | 25% | onnxruntime | 3.00 | 1.50 | 1.6: missed |" in text
    assert "| bert-base | 1x16 | iree | failed: iree-compile: error: what it said |" in text
    assert tables.wrong([result]) == []
    faster = result_of(transom=figures(1.0), onnxruntime=figures(3.0))
    assert "| 3.00 | 1.6: reached |" in tables.tables([faster])


def test_wrong_results_and_own_failures_count():
    assert tables.wrong([result_of(transom=figures(2.0), torch=figures(3.0, 0.5))]) == [
        "bert-base 1x16 torch differs by 5.0e-01, more than 0.001"
    ]
    assert tables.wrong([result_of(transom={"failed": "no memory"})]) == ["bert-base 1x16 transom failed: no memory"]


@pytest.mark.parametrize(
    ("got", "message"),
    [
        ({"logits": np.zeros((1, 3))}, r"logits has shape \(1, 3\), the reference \(1, 2\)"),
        ({"logits": np.array([[0, np.nan]])}, "logits has values that are not finite"),
        ({"scores": np.zeros((1, 2))}, "gives scores where logits, present.0.key are expected"),
    ],
)
def test_results_are_compared(tmp_path, got, message):
    np.savez(tmp_path / "got.npz", **got)
    np.savez(tmp_path / "expected.npz", **{"logits": np.zeros((1, 2)), "present.0.key": np.zeros((1, 1))})
    with np.load(tmp_path / "got.npz") as ours, np.load(tmp_path / "expected.npz") as theirs:
        with pytest.raises(EngineError, match=message):
            contest.largest_difference(ours, theirs)


def test_an_engine_that_cannot_go_on(tmp_path):
    job = Job("bert-tiny", "none.onnx", "f32", 1, str(tmp_path / "none.so"))
    with pytest.raises(EngineError, match="none.so"):
        EngineProcess("transom", job, 60)
    with pytest.raises(EngineError, match="no answer within 0 s"):
        EngineProcess("transom", job, 0)


def test_every_engine_says_what_it_is():
    for name, engine in ENGINES.items():
        assert engine.name == name and set(engine.weights) <= {"f32", "bf16"}
        assert engine.transom == name.startswith("transom")
