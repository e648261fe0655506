#!/usr/bin/env python3
"""Compares Transom with the other engines that are installed, on models of real shapes with random weights.

Every point is measured in rounds; in a round each engine runs in turn, so that a slow minute of the machine hits all.
The figure is the median over rounds of each round's median. Outputs of all engines are compared first. Also measured:
time and peak memory of the compile, size of the machine code of 12 and 24 equal layers, load time, peak memory.

Writes a table to the terminal and, with --json FILE, everything.

    benchmarks/run.py --quick        tiny models, one round: whether everything works
    benchmarks/run.py                BERT-base, MiniLM and GPT-2
    benchmarks/run.py --models llama-1b        Llama of 1.1 billion parameters: 4.4 GB of disk
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import sys
import tempfile
import time

import numpy as np

import compile_costs
import engines
import graphs
from engine_process import EngineError, EngineProcess

HERE = pathlib.Path(__file__).resolve().parent
# model -> points (batch, sequence, past)
FULL = {
    "bert-base": [(1, 16, 0), (1, 128, 0), (1, 512, 0), (8, 128, 0)],
    "minilm-l6": [(1, 16, 0), (1, 128, 0), (32, 128, 0)],
    "gpt2": [(1, 128, 0), (1, 512, 0), (1, 1, 128), (1, 1, 1000)],
}
LARGE = {"llama-1b": [(1, 128, 0), (1, 512, 0), (1, 1, 128), (1, 1, 1000)]}
QUICK = {
    "bert-tiny": [(1, 7, 0), (3, 16, 0)],
    "gpt2-tiny": [(1, 9, 0), (2, 1, 5)],
    "llama-tiny": [(1, 9, 0), (2, 1, 5)],
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="tiny models, one short round")
    parser.add_argument("--models", nargs="+", choices=sorted({**FULL, **LARGE, **QUICK}), help="these instead of all")
    parser.add_argument("--engines", nargs="+", choices=engines.ENGINES, default=engines.installed())
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("--rounds", type=int, help="interleaved rounds (5; quick: 1)")
    parser.add_argument("--seconds", type=float, help="least time of an engine in a round (1; quick: 0)")
    parser.add_argument("--tolerance", type=float, default=1e-3, help="largest difference allowed between engines")
    parser.add_argument("--transom", default=HERE.parent / "build/release/bin/transom", help="the compiler")
    parser.add_argument("--json", type=pathlib.Path, help="write all figures here")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "transom/benchmarks"
    parser.add_argument("--cache-dir", type=pathlib.Path, default=cache, help="where the models are kept")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (1 if chosen.quick else 5)
    chosen.seconds = chosen.seconds if chosen.seconds is not None else (0.0 if chosen.quick else 1.0)
    return chosen


def point_name(point):
    batch, sequence, past = point
    return f"{batch}x{sequence}" + (f", past {past}" if past else "")


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def busy_others():
    """CPU seconds of all processes but this one and its children, as (seconds, wall)."""
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / os.sysconf("SC_CLK_TCK"), time.monotonic()


def largest_difference(outputs, reference):
    differences = []
    for name, expected in reference.items():
        got = outputs[name]
        if got.shape != expected.shape:
            raise EngineError(f"{name} has shape {got.shape}, the reference {expected.shape}")
        if not np.isfinite(got).all():
            raise EngineError(f"{name} has values that are not finite")
        differences.append(np.abs(got - expected).max(initial=0))
    return float(max(differences))


def run_point(processes, shape, point, options, scratch):
    """One row: per engine the median, the least, the share of FLOP/s, and the difference to the reference."""
    feeds = scratch / "feeds.npz"
    np.savez(feeds, **graphs.feeds(shape, *point))
    row, outputs = {"point": point_name(point), "engines": {}}, {}
    for name, process in processes.items():
        first = process.ask(do="prepare", file=str(feeds))["first_ms"]
        result = scratch / f"{name}.npz"
        process.ask(do="outputs", file=str(result))
        with np.load(result) as arrays:
            outputs[name] = {key: arrays[key] for key in arrays.files}
        row["engines"][name] = {"first_ms": first, "rounds_ms": []}
    reference = outputs.get("onnxruntime") or next(iter(outputs.values()))
    for name, arrays in outputs.items():
        row["engines"][name]["difference"] = largest_difference(arrays, reference)
    busy, wall = busy_others()
    for _ in range(options.rounds):
        for name, process in processes.items():
            times = process.ask(do="time", seconds=options.seconds, least=3 if options.quick else 5)["times"]
            row["engines"][name]["rounds_ms"].append(statistics.median(times))
    now_busy, now = busy_others()
    row["cores_busy"] = round((now_busy - busy) / max(now - wall, 1e-9), 2)
    for figures in row["engines"].values():
        figures["median_ms"] = statistics.median(figures["rounds_ms"])
        figures["min_ms"] = min(figures["rounds_ms"])
        figures["gflops"] = graphs.flops(shape, *point) / figures["median_ms"] / 1e6
    return row


def run_model(name, points, options, scratch):
    shape = graphs.SHAPES[name]
    say(f"{name}: building the model")
    model = graphs.build(name, options.cache_dir)
    result = {"model": name, "rows": [], "engines": {}}
    files = {engine: str(model) for engine in options.engines}
    if "transom" in options.engines:
        say(f"{name}: compiling")
        compiled = compile_costs.compile_model(options.transom, model, scratch / name)
        result["compile"] = compiled.costs()
        files["transom"] = str(compiled.library)
    processes = {}
    try:
        for engine, file in files.items():
            processes[engine] = EngineProcess(engine, file, options.threads)
            result["engines"][engine] = processes[engine].hello
        for point in points:
            say(f"{name}: {point_name(point)}")
            result["rows"].append(run_point(processes, shape, point, options, scratch))
        for engine, process in processes.items():
            result["engines"][engine]["peak_mb"] = process.ask(do="memory")["peak_mb"]
    finally:
        for process in processes.values():
            process.close()
    return result


def table(results):
    lines = ["| model | point | engine | median ms | min ms | GFLOP/s | difference | times Transom |", "|---|---|---|---|---|---|---|---|"]
    for result in results:
        for row in result["rows"]:
            ours = row["engines"].get("transom", {}).get("median_ms")
            for engine, figures in row["engines"].items():
                ratio = f"{figures['median_ms'] / ours:.2f}" if ours else "-"
                lines.append(
                    f"| {result['model']} | {row['point']} | {engine} | {figures['median_ms']:.2f} | {figures['min_ms']:.2f} "
                    f"| {figures['gflops']:.1f} | {figures['difference']:.1e} | {ratio} |"
                )
    lines += ["", "| model | engine | version | load ms | peak memory MB |", "|---|---|---|---|---|"]
    for result in results:
        for engine, facts in result["engines"].items():
            lines.append(
                f"| {result['model']} | {engine} | {facts['version']} | {facts['load_ms']:.0f} | {facts['peak_mb']:.0f} |"
            )
    return "\n".join(lines)


def main():
    options = arguments()
    points = {**FULL, **LARGE, **QUICK}
    names = options.models or list(QUICK if options.quick else FULL)
    report = {"machine": platform.machine(), "cpu": cpu_name(), "threads": options.threads, "rounds": options.rounds}
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        report["models"] = [run_model(name, points[name], options, scratch) for name in names]
        if "transom" in options.engines:
            pair = ("bert-tiny", "bert-tiny-4") if options.quick else ("bert-base", "bert-base-24")
            say(f"size of the code: {pair[0]} and twice its layers")
            known = {result["model"]: result["compile"] for result in report["models"]}
            report["depth"] = compile_costs.depth(options.transom, options.cache_dir, scratch, pair, known)
    print(f"{report['cpu']}, {options.threads} threads, {options.rounds} rounds\n")
    print(table(report["models"]))
    if "depth" in report:
        print("\n" + compile_costs.table(report))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    wrong = [
        f"{result['model']} {row['point']} {engine}: {figures['difference']:.1e}"
        for result in report["models"]
        for row in result["rows"]
        for engine, figures in row["engines"].items()
        if figures["difference"] > options.tolerance
    ]
    for line in wrong:
        print(f"differs by more than {options.tolerance}: {line}", file=sys.stderr)
    return 1 if wrong else 0


def cpu_name():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EngineError as error:
        sys.exit(f"benchmarks: {error}")
