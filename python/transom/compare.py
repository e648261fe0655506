"""Puts other engines beside a compiled model: `python -m transom.compare model.onnx --dim batch=1 --dim sequence=16,128`.

Each engine that is installed (ONNX Runtime, OpenVINO, PyTorch by onnx2torch) runs the same inputs with the same number of
threads, in a process of its own and in turns; the table has the median of their runs, and how far their results lie from
Transom's.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import os
import pathlib
import statistics
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import plots
from ._errors import Error
from ._names import numpy_type
from .compiler import compile
from .engines import ENGINES, EngineProcess, installed
from .module import Module

__all__ = ["Comparison", "Row", "compare"]


@dataclasses.dataclass(frozen=True)
class Row:
    """One engine at one point."""

    point: str
    engine: str
    version: str
    median_ms: float
    min_ms: float
    runs: int
    difference: float | None  #: largest |its output - Transom's|; None for Transom itself


@dataclasses.dataclass
class Comparison:
    model: str
    threads: int
    rows: list[Row] = dataclasses.field(default_factory=list)
    failed: dict[str, str] = dataclasses.field(default_factory=dict)  #: engine -> why it is not in the table
    missing: list[str] = dataclasses.field(default_factory=list)  #: engines that are not installed

    def __str__(self) -> str:
        transom = {row.point: row.median_ms for row in self.rows if row.engine == "transom"}
        table = [("point", "engine", "median ms", "least ms", "of Transom's", "difference")]
        for row in self.rows:
            share = f"{row.median_ms / transom[row.point]:.2f}" if row.point in transom else ""
            difference = "" if row.difference is None else f"{row.difference:.2g}"
            table.append((row.point, f"{row.engine} {row.version}", f"{row.median_ms:.3f}", f"{row.min_ms:.3f}", share, difference))
        widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
        lines = [f"{self.model}, {self.threads} thread{'s' * (self.threads != 1)}"]
        for line in table:
            cells = [text.ljust(width) if i < 2 else text.rjust(width) for i, (text, width) in enumerate(zip(line, widths))]
            lines.append("  ".join(cells).rstrip())
        lines += [f"{engine} failed: {why}" for engine, why in self.failed.items()]
        if self.missing:
            lines.append(f"not installed: {', '.join(self.missing)}")
        return "\n".join(lines)


def make_inputs(module: Module, sizes: dict[str, int], ranges: dict[str, tuple[int, int]], seed: int) -> dict[str, Any]:
    """As `transom run` makes them: whole numbers are ones (or random within a range), floats small normal values."""
    random = np.random.default_rng(seed)
    feeds: dict[str, Any] = {}
    for value in module.inputs:
        unknown = [str(dim) for dim in value.dims if not isinstance(dim, int) and dim not in sizes]
        if unknown:
            raise Error(f"dims without a size: {', '.join(unknown)}; give them by --dim {unknown[0]}=SIZE")
        shape = [dim if isinstance(dim, int) else sizes[str(dim)] for dim in value.dims]
        dtype = numpy_type(value.type)
        if value.name in ranges:
            feeds[value.name] = random.integers(*ranges[value.name], shape).astype(dtype)
        elif dtype.kind in "biu":
            feeds[value.name] = np.ones(shape, dtype)
        else:
            feeds[value.name] = random.normal(0, 0.02, shape).astype(dtype)
    return feeds


def _difference(ours: dict[str, Any], theirs: dict[str, Any]) -> float:
    largest = 0.0
    for name, array in ours.items():
        if name not in theirs or theirs[name].shape != array.shape:
            raise Error(f"gives no '{name}' of the shape {list(array.shape)}")
        if array.size:
            error = np.abs(array.astype(np.float64) - theirs[name].astype(np.float64))
            largest = max(largest, float(np.max(np.where(array == theirs[name], 0, error))))
    return largest


def compare(
    model: str | os.PathLike[str],
    dims: dict[str, Sequence[int]],
    *,
    package: str | os.PathLike[str] | None = None,
    engines: Sequence[str] | None = None,
    threads: int = 0,
    seconds: float = 1.0,
    rounds: int = 3,
    ranges: dict[str, tuple[int, int]] | None = None,
    seed: int = 0,
    **options: Any,
) -> Comparison:
    """Measures the engines at every combination of the dims.

    package: the compiled model, if it is there already. seconds: of runs of each engine at each point, spread over `rounds`
    turns. ranges: bounds of random whole numbers, by input. options: of `transom.compile`.
    """
    threads = threads or len(os.sched_getaffinity(0))
    unknown = [name for name in engines or [] if name not in ENGINES]
    if unknown:
        raise Error(f"there is no engine '{unknown[0]}'; there are {', '.join(ENGINES)}")
    available = installed()
    wanted = ["transom", *(name for name in engines or ENGINES if name != "transom")]
    result = Comparison(os.fspath(model), threads, missing=[name for name in wanted if name not in available])
    with tempfile.TemporaryDirectory(prefix="transom-") as folder:
        if package is None:
            package = pathlib.Path(folder, "package")
            compile(model, package, load=False, **options)
        module = Module(package)
        strangers = [name for name in dims if name not in module.dims]
        if strangers:
            raise Error(f"the model has no dim '{strangers[0]}'; it has {', '.join(module.dims) or 'none'}")
        processes: dict[str, EngineProcess] = {}
        try:
            for name in wanted:
                if name in result.missing:
                    continue
                try:
                    processes[name] = EngineProcess(name, os.fspath(package if name == "transom" else model), threads)
                except Error as error:
                    if name == "transom":
                        raise
                    result.failed[name] = str(error)
            for sizes in itertools.product(*dims.values()):
                _measure_point(result, processes, module, dict(zip(dims, sizes)), seconds, rounds, ranges or {}, seed)
        finally:
            for process in processes.values():
                process.close()
    return result


def _measure_point(
    result: Comparison, processes: dict[str, EngineProcess], module: Module, sizes: dict[str, int], seconds: float,
    rounds: int, ranges: dict[str, tuple[int, int]], seed: int,
) -> None:  # fmt: skip
    feeds = make_inputs(module, sizes, ranges, seed)
    point = " ".join(f"{name}={size}" for name, size in sizes.items()) or "the model"
    ours: dict[str, Any] = {}
    differences: dict[str, float | None] = {}
    for name in list(processes):
        try:
            outputs = processes[name].outputs(feeds)
            if name == "transom":
                ours, differences[name] = outputs, None
            else:
                differences[name] = _difference(ours, outputs)
        except Error as error:
            if name == "transom":
                raise
            result.failed[name] = f"{point}: {error}"
    times: dict[str, list[float]] = {name: [] for name in differences}
    for _ in range(rounds):
        for name in times:
            times[name] += processes[name].times(seconds / rounds, 2)
    for name, runs in times.items():
        result.rows.append(
            Row(point, name, processes[name].version, statistics.median(runs), min(runs), len(runs), differences[name])
        )


def _dims(texts: Sequence[str]) -> dict[str, list[int]]:
    dims: dict[str, list[int]] = {}
    for text in texts:
        name, _, sizes = text.partition("=")
        try:
            dims[name] = [int(size) for size in sizes.split(",")]
        except ValueError:
            raise Error(f"--dim {text}: NAME=SIZE or NAME=SIZE,SIZE is expected") from None
    return dims


def _ranges(texts: Sequence[str]) -> dict[str, tuple[int, int]]:
    ranges = {}
    for text in texts:
        name, _, bounds = text.rpartition("=")
        low, _, high = bounds.partition(":")
        try:
            ranges[name] = (int(low), int(high))
        except ValueError:
            raise Error(f"--range {text}: INPUT=LOW:HIGH is expected") from None
    return ranges


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m transom.compare", description=__doc__)
    parser.add_argument("model", help="the ONNX file")
    parser.add_argument("--dim", action="append", default=[], metavar="NAME=SIZE[,SIZE]", help="sizes of a dynamic dim")
    parser.add_argument("--range", action="append", default=[], metavar="INPUT=LOW:HIGH", help="random whole numbers")
    parser.add_argument("--package", metavar="DIR", help="the compiled model, if it is there already")
    parser.add_argument("--engines", metavar="NAME,NAME", help=f"of {', '.join(ENGINES)}; default: all that are installed")
    parser.add_argument("--threads", type=int, default=0, help="default: one a core")
    parser.add_argument("--seconds", type=float, default=1.0, help="of runs of each engine at each point")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cpu", help="as for transom compile")
    parser.add_argument("--plot", action="append", default=[], metavar="FILE", help=".svg, or .png (needs matplotlib)")
    parser.add_argument("--json", metavar="FILE", help="the figures")
    given = parser.parse_args(arguments)
    try:
        for file in given.plot:
            plots.check(file)
        result = compare(
            given.model,
            _dims(given.dim),
            package=given.package,
            engines=given.engines.split(",") if given.engines else None,
            threads=given.threads,
            seconds=given.seconds,
            ranges=_ranges(given.range),
            seed=given.seed,
            cpu=given.cpu,
        )
        print(result)
        for file in given.plot:
            plots.write(plots.chart_of(result), file)
        if given.json:
            pathlib.Path(given.json).write_text(json.dumps(dataclasses.asdict(result), indent=2) + "\n")
    except (Error, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
