"""Charts of bars in groups: SVG by this module alone, PNG by matplotlib."""

from __future__ import annotations

import dataclasses
import html
import importlib.util
import os
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._errors import Error

if TYPE_CHECKING:
    from .compare import Comparison

__all__ = ["Bar", "Chart", "chart_of", "check", "svg", "write"]

COLOURS = {
    "transom": "#1f77b4", "onnxruntime": "#ff7f0e", "openvino": "#2ca02c", "torch": "#d62728", "llama.cpp": "#9467bd",
    "iree": "#8c564b",
}  # fmt: skip
_WIDTH, _LABELS, _TEXTS, _BAR, _GAP = 640, 170, 120, 18, 14


@dataclasses.dataclass(frozen=True)
class Bar:
    group: str
    label: str
    engine: str  #: for the colour
    length: float
    text: str  #: beside its end
    spread: tuple[float, float] | None = None  #: a line along the bar


@dataclasses.dataclass(frozen=True)
class Chart:
    title: str
    bars: Sequence[Bar]
    across: bool = False  #: one scale for all groups; else the longest bar of each is as long as any
    mark: float | None = None  #: a line through all groups, where the scale is one

    @property
    def groups(self) -> dict[str, list[Bar]]:
        groups: dict[str, list[Bar]] = {}
        for bar in self.bars:
            groups.setdefault(bar.group, []).append(bar)
        return groups

    def longest(self, bars: Sequence[Bar]) -> float:
        """What the width stands for."""
        return max(max(bar.length, bar.spread[1] if bar.spread else 0) for bar in (self.bars if self.across else bars))


def chart_of(result: Comparison) -> Chart:
    """A bar for each engine, grouped by point; lengths are medians, within a point relative to its slowest."""
    bars = [
        Bar(row.point, f"{row.engine} {row.version}", row.engine, row.median_ms, f"{row.median_ms:.3g} ms")
        for row in result.rows
    ]
    return Chart(f"{pathlib.Path(result.model).name}, {result.threads} threads: median of a run", bars)


def check(file: str | os.PathLike[str]) -> None:
    """Refuses a file that `write` could not write, before the measuring."""
    suffix = pathlib.Path(file).suffix
    if suffix not in (".svg", ".png"):
        raise Error(f"'{os.fspath(file)}': plots are .svg or .png")
    if suffix == ".png" and not importlib.util.find_spec("matplotlib"):
        raise Error(f"'{os.fspath(file)}': PNG needs matplotlib, which is not installed; .svg does not")


def write(chart: Chart, file: str | os.PathLike[str]) -> None:
    check(file)
    if pathlib.Path(file).suffix == ".svg":
        pathlib.Path(file).write_text(svg(chart))
    else:
        _write_png(chart, file)


def svg(chart: Chart) -> str:
    lines: list[str] = []
    y, room = 44, _WIDTH - _LABELS - _TEXTS
    for group, bars in chart.groups.items():
        scale = room / chart.longest(bars)
        lines.append(f'<text x="8" y="{y + 4}" class="group">{html.escape(group)}</text>')
        y += _GAP
        for bar in bars:
            lines += _svg_bar(bar, scale, y)
            y += _BAR
        y += 2 * _GAP
    if chart.across and chart.mark is not None:
        x = _LABELS + chart.mark * room / chart.longest(chart.bars)
        lines.append(f'<line x1="{x:.1f}" y1="36" x2="{x:.1f}" y2="{y - 2 * _GAP}" class="mark"/>')
    style = (
        "text{font:12px sans-serif;fill:#222}.title{font-size:14px;font-weight:bold}.group{font-weight:bold}"
        "line{stroke:#222}.mark{stroke-dasharray:3}@media(prefers-color-scheme:dark){text{fill:#ddd}line{stroke:#ddd}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}">\n'
        f"<style>{style}</style>\n"
        f'<text x="8" y="20" class="title">{html.escape(chart.title)}</text>\n' + "\n".join(lines) + "\n</svg>\n"
    )


def _svg_bar(bar: Bar, scale: float, y: int) -> list[str]:
    middle, height, end = y + _BAR - 5, _BAR - 3, _LABELS + bar.length * scale
    lines = [
        f'<text x="{_LABELS - 8}" y="{middle}" text-anchor="end">{html.escape(bar.label)}</text>',
        f'<rect x="{_LABELS}" y="{y}" width="{max(bar.length * scale, 1):.1f}" height="{height}" fill="{COLOURS[bar.engine]}"/>',
    ]
    if bar.spread:
        low, high = (_LABELS + value * scale for value in bar.spread)
        lines.append(f'<line x1="{low:.1f}" y1="{y + height / 2}" x2="{high:.1f}" y2="{y + height / 2}"/>')
        end = max(end, high)
    return [*lines, f'<text x="{end + 6:.1f}" y="{middle}">{html.escape(bar.text)}</text>']


def _write_png(chart: Chart, file: str | os.PathLike[str]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    groups = chart.groups
    heights = [0.5 + 0.25 * len(bars) for bars in groups.values()]
    figure, panels = pyplot.subplots(
        len(groups), 1, squeeze=False, figsize=(8, 0.8 + sum(heights)), layout="constrained", sharex=chart.across,
        height_ratios=heights,
    )  # fmt: skip
    for (group, bars), panel in zip(groups.items(), panels[:, 0]):
        bars = bars[::-1]
        drawn = panel.barh([bar.label for bar in bars], [bar.length for bar in bars], color=[COLOURS[bar.engine] for bar in bars])
        panel.bar_label(drawn, [bar.text for bar in bars], padding=3)
        for place, bar in enumerate(bars):
            if bar.spread:
                panel.plot(bar.spread, (place, place), color="#222", linewidth=1)
        if chart.across and chart.mark is not None:
            panel.axvline(chart.mark, color="#222", linewidth=0.8, linestyle=":")
        panel.set_title(group, loc="left", fontsize=10)
        panel.margins(x=0.2)
        panel.spines[["top", "right"]].set_visible(False)
    figure.suptitle(chart.title)
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
