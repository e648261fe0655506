"""python -m transom.compare: the table, the plots, what is not installed."""

import json
import subprocess
import sys
import xml.etree.ElementTree

import pytest
import transom
import transom.compare
from conftest import needs
from transom import engines, plots


@needs("onnxruntime")
def test_command(encoder, encoder_file, tmp_path):
    plot, figures = tmp_path / "plot.svg", tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "transom.compare", str(encoder_file), "--package", str(encoder.path.parent),
         "--dim", "batch=1", "--dim", "sequence=4,8", "--range", "input_ids=0:1000", "--engines", "onnxruntime",
         "--threads", "1", "--seconds", "0.05", "--plot", str(plot), "--json", str(figures)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = json.loads(figures.read_text())["rows"]
    assert [(row["point"], row["engine"]) for row in rows] == [
        (f"batch=1 sequence={size}", engine) for size in (4, 8) for engine in ("transom", "onnxruntime")
    ]
    for row in rows:
        assert 0 < row["min_ms"] <= row["median_ms"] and row["runs"] >= 2
        assert row["difference"] is None if row["engine"] == "transom" else row["difference"] < 1e-3
        assert row["engine"] in done.stdout
    image = xml.etree.ElementTree.parse(plot).getroot()
    bars = image.findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 4 and all(float(bar.get("width")) > 0 for bar in bars)


def test_missing_engines_are_named(encoder, encoder_file, monkeypatch):
    monkeypatch.setattr(transom.compare, "installed", lambda: ["transom"])
    result = transom.compare.compare(
        encoder_file, {"batch": [1], "sequence": [4]}, package=encoder.path.parent, threads=1, seconds=0.02
    )
    assert [row.engine for row in result.rows] == ["transom"]
    assert result.missing == ["onnxruntime", "openvino", "torch"]
    assert "not installed: onnxruntime, openvino, torch" in str(result)


def test_refused(encoder, encoder_file, tmp_path, capsys):
    package = ["--package", str(encoder.path.parent)]
    for arguments, message in (
        (["--dim", "batch=1", *package], "dims without a size: sequence"),
        (["--dim", "rows=1", *package], "the model has no dim 'rows'; it has batch, sequence"),
        (["--dim", "batch=x", *package], "--dim batch=x: NAME=SIZE"),
        (["--engines", "abacus"], "there is no engine 'abacus'"),
        (["--plot", str(tmp_path / "plot.jpg")], "plots are .svg or .png"),
    ):
        assert transom.compare.main([str(encoder_file), *arguments]) == 1
        assert message in capsys.readouterr().err


def rows():
    return transom.compare.Comparison(
        "m.onnx", 2, [transom.compare.Row("n=1", engine, "1.0", ms, ms, 3, None) for engine, ms in (("transom", 1.0), ("torch", 4.0))]
    )


def test_svg():
    image = xml.etree.ElementTree.fromstring(plots.svg(plots.chart_of(rows())))
    widths = [float(bar.get("width")) for bar in image.findall("{http://www.w3.org/2000/svg}rect")]
    assert widths[1] == pytest.approx(4 * widths[0], rel=1e-3)


def test_one_scale_and_spread():
    """Lengths of all groups compare; a line shows the spread, another the mark."""
    bars = [plots.Bar("a", "x", "transom", 2.0, "2", (1.0, 4.0)), plots.Bar("b", "y", "iree", 1.0, "<1>")]
    text = plots.svg(plots.Chart("title", bars, across=True, mark=1.0))
    image = xml.etree.ElementTree.fromstring(text)
    widths = [float(bar.get("width")) for bar in image.findall("{http://www.w3.org/2000/svg}rect")]
    assert widths[0] == pytest.approx(2 * widths[1], rel=1e-3)
    spread, mark = image.findall("{http://www.w3.org/2000/svg}line")
    assert float(spread.get("x2")) - float(spread.get("x1")) == pytest.approx(1.5 * widths[0], rel=1e-2)
    assert float(mark.get("x1")) == float(mark.get("x2")) == pytest.approx(float(spread.get("x1")), rel=1e-3)
    assert "&lt;1&gt;" in text


@needs("matplotlib")
def test_png(tmp_path):
    plots.write(plots.chart_of(rows()), tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_an_engine_that_fails(tmp_path):
    (tmp_path / "bad").mkdir()
    with pytest.raises(transom.Error, match="transom: Error: .* holds no compiled model"):
        engines.EngineProcess("transom", str(tmp_path / "bad"), 1)
