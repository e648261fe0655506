"""Bars of a comparison: SVG by this module alone, PNG by matplotlib."""

from __future__ import annotations

import html
import importlib.util
import os
import pathlib
from typing import TYPE_CHECKING

from ._errors import Error

if TYPE_CHECKING:
    from .compare import Comparison

__all__ = ["check", "svg", "write"]

COLOURS = {"transom": "#1f77b4", "onnxruntime": "#ff7f0e", "openvino": "#2ca02c", "torch": "#d62728"}
_WIDTH, _LABELS, _BAR, _GAP = 640, 170, 18, 14


def check(file: str | os.PathLike[str]) -> None:
    """Refuses a file that `write` could not write, before the measuring."""
    suffix = pathlib.Path(file).suffix
    if suffix not in (".svg", ".png"):
        raise Error(f"'{os.fspath(file)}': plots are .svg or .png")
    if suffix == ".png" and not importlib.util.find_spec("matplotlib"):
        raise Error(f"'{os.fspath(file)}': PNG needs matplotlib, which is not installed; .svg does not")


def write(result: Comparison, file: str | os.PathLike[str]) -> None:
    check(file)
    if pathlib.Path(file).suffix == ".svg":
        pathlib.Path(file).write_text(svg(result))
    else:
        _write_png(result, file)


def svg(result: Comparison) -> str:
    """A bar for each engine, grouped by point; lengths are medians, within a point relative to its slowest."""
    lines: list[str] = []
    y = 44
    for point in dict.fromkeys(row.point for row in result.rows):
        rows = [row for row in result.rows if row.point == point]
        longest = max(row.median_ms for row in rows)
        lines.append(f'<text x="8" y="{y + 4}" class="point">{html.escape(point)}</text>')
        y += _GAP
        for row in rows:
            width = (_WIDTH - _LABELS - 90) * row.median_ms / longest
            middle = y + _BAR - 5
            lines.append(f'<text x="{_LABELS - 8}" y="{middle}" text-anchor="end">{html.escape(f"{row.engine} {row.version}")}</text>')
            lines.append(
                f'<rect x="{_LABELS}" y="{y}" width="{max(width, 1):.1f}" height="{_BAR - 3}" fill="{COLOURS[row.engine]}"/>'
            )
            lines.append(f'<text x="{_LABELS + width + 6:.1f}" y="{middle}">{row.median_ms:.3g} ms</text>')
            y += _BAR
        y += 2 * _GAP
    title = html.escape(f"{pathlib.Path(result.model).name}, {result.threads} threads: median of a run")
    style = (
        "text{font:12px sans-serif;fill:#222}.title{font-size:14px;font-weight:bold}.point{font-weight:bold}"
        "@media(prefers-color-scheme:dark){text{fill:#ddd}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}">\n'
        f"<style>{style}</style>\n"
        f'<text x="8" y="20" class="title">{title}</text>\n' + "\n".join(lines) + "\n</svg>\n"
    )


def _write_png(result: Comparison, file: str | os.PathLike[str]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    points = list(dict.fromkeys(row.point for row in result.rows))
    figure, panels = pyplot.subplots(len(points), 1, squeeze=False, figsize=(8, 0.8 + 1.6 * len(points)), layout="constrained")
    for point, panel in zip(points, panels[:, 0]):
        rows = [row for row in result.rows if row.point == point][::-1]
        bars = panel.barh(
            [f"{row.engine} {row.version}" for row in rows],
            [row.median_ms for row in rows],
            color=[COLOURS[row.engine] for row in rows],
        )
        panel.bar_label(bars, [f"{row.median_ms:.3g} ms" for row in rows], padding=3)
        panel.set_title(point, loc="left", fontsize=10)
        panel.margins(x=0.15)
        panel.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"{pathlib.Path(result.model).name}, {result.threads} threads: median of a run, ms")
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
