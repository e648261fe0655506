"""Bars of a report: a file a model, by the Python package's plots."""

import importlib.util
import pathlib
import sys

from engines import ENGINES
from tables import Standing, title

PACKAGE = pathlib.Path(__file__).resolve().parent.parent / "build/release/python"


def charts(plots, report):
    """(name of the file, chart) of each model."""
    for result in report["models"]:
        bars = []
        for row in result["rows"]:
            peer = Standing.of(row).peer
            for name, figures in row["engines"].items():
                if "median_ms" in figures and peer:
                    bars.append(bar(plots, row, name, figures, row["engines"][peer]["median_ms"]))
        if bars:
            caption = f"{title(result)}, {report['threads']} threads: speed, 1 is the best other engine's; lines over rounds"
            name = f"{result['model']}-{result['weights']}-{report['threads']}"
            yield name, plots.Chart(caption, bars, across=True, mark=1.0)


def bar(plots, row, name, figures, best):
    rounds = figures["rounds_ms"]
    return plots.Bar(
        row["point"],
        name,
        "transom" if ENGINES[name].transom else name.split("-")[0],
        best / figures["median_ms"],
        f"{best / figures['median_ms']:.2f} ({figures['median_ms']:.3g} ms)",
        (best / max(rounds), best / min(rounds)),
    )


def write(report, folder, say):
    """An SVG of each model, and a PNG where matplotlib is installed."""
    sys.path.insert(0, str(PACKAGE))
    from transom import plots

    folder.mkdir(parents=True, exist_ok=True)
    suffixes = [".svg", ".png"]
    if not importlib.util.find_spec("matplotlib"):
        say("matplotlib is not installed: plots are SVG alone")
        suffixes.remove(".png")
    for name, chart in charts(plots, report):
        for suffix in suffixes:
            plots.write(chart, folder / f"{name}{suffix}")
