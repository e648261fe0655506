#!/usr/bin/env python3
"""Compares Transom with the other engines that are installed, on models of real shapes with random weights.

Every point is measured in rounds; in a round each engine runs in turn, so that a slow minute of the machine hits all.
The figure is the median over rounds of each round's median. Outputs of all engines are compared. Also measured: what
the machine can do at best; time and peak memory of the compile, size of the machine code of 12 and 24 equal layers;
time until the first result, memory.

Writes tables to the terminal and, with --json FILE, everything.

    benchmarks/run.py --quick        tiny models, one round: whether everything works
    benchmarks/run.py                BERT-base, MiniLM and GPT-2
    benchmarks/run.py --models llama-1b              Llama of 1.1 billion parameters: 4.4 GB of disk, 16 GB of memory
    benchmarks/run.py --weights-type=bf16            the same, stored as bf16
"""

import argparse
import dataclasses
import json
import os
import pathlib
import platform
import sys
import tempfile

import charts
import compile_costs
import engines
import graphs
import machine
import tables
from contest import Contest
from engine import EngineError, Job
from engine_process import make

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
    parser.add_argument(
        "--engines", nargs="+", choices=engines.ENGINES, default=list(engines.ENGINES), help="these instead of all"
    )
    parser.add_argument("--weights-type", choices=["f32", "bf16"], default="f32", help="how weights are stored")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("--rounds", type=int, help="interleaved rounds (5; quick: 1)")
    parser.add_argument("--seconds", type=float, help="least time of an engine in a round, a tenth of the most (1; quick: 0)")
    parser.add_argument("--patience", type=float, default=600, help="seconds that an engine may take for an answer")
    parser.add_argument("--tolerance", type=float, default=1e-3, help="largest difference allowed between engines")
    parser.add_argument("--transom", type=pathlib.Path, default=HERE.parent / "build/release/bin/transom", help="the compiler")
    parser.add_argument("--json", type=pathlib.Path, help="write all figures here")
    parser.add_argument("--plots", type=pathlib.Path, metavar="DIR", help="write bars here: SVG, and PNG by matplotlib")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "transom/benchmarks"
    parser.add_argument("--cache-dir", type=pathlib.Path, default=cache, help="where the models are kept")
    chosen = parser.parse_args()
    chosen.models = chosen.models or default_models(chosen)
    others = [name for name in chosen.models if graphs.SHAPES[name].family != "llama"]
    if chosen.weights_type == "bf16" and others:
        parser.error(f"only Llama's weights are values of bf16, those of {', '.join(others)} are not")
    chosen.rounds = chosen.rounds or (1 if chosen.quick else 5)
    chosen.seconds = chosen.seconds if chosen.seconds is not None else (0.0 if chosen.quick else 1.0)
    return chosen


def default_models(options):
    if options.weights_type == "bf16":
        return ["llama-tiny"] if options.quick else list(LARGE)
    return list(QUICK if options.quick else FULL)


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def files_of(name, model, compiled, skipped, options):
    """engine -> the job with the file that it loads, or why it cannot be made."""
    files = {}
    for engine in options.engines:
        if engine in skipped or not engines.takes(engine, name, options.weights_type):
            continue
        job = Job(name, str(model), options.weights_type, options.threads)
        if engines.ENGINES[engine].transom:
            files[engine] = dataclasses.replace(job, file=str(compiled.library))
            continue
        try:
            say(f"{name}: {engine}'s model")
            files[engine] = dataclasses.replace(job, file=make(engine, job, options.patience))
        except EngineError as error:
            files[engine] = str(error)
    return files


def run_model(name, points, skipped, options, scratch):
    say(f"{name}: building the model")
    model = graphs.build(name, options.cache_dir)
    result, compiled = {"model": name, "weights": options.weights_type}, None
    if any(engines.ENGINES[engine].transom for engine in options.engines):
        say(f"{name}: compiling")
        extra = ["--weights-type=bf16"] if options.weights_type == "bf16" else []
        compiled = compile_costs.compile_model(options.transom, model, scratch / name, extra)
        result["compile"] = compiled.costs()
    files = files_of(name, model, compiled, skipped, options)
    before = machine.peaks(options.transom, options.cache_dir, scratch, options.threads)
    contest = Contest(name, files, points, options, scratch)
    contest.run(say)
    after = machine.peaks(options.transom, options.cache_dir, scratch, options.threads)
    result["peaks"] = {unit: max(before[unit], after[unit]) for unit in before}
    result["rows"] = list(contest.rows.values())
    result["engines"] = {
        entrant.name: entrant.facts | ({"failed": entrant.failed} if entrant.failed else {}) for entrant in contest.entrants
    }
    return result


def main():
    options = arguments()
    points = {**FULL, **LARGE, **QUICK}
    missing = {name: engines.missing(name) for name in options.engines}
    skipped = {name: packages for name, packages in missing.items() if packages}
    report = {
        "machine": platform.machine(), "cpu": machine.cpu_name(), "threads": options.threads, "rounds": options.rounds,
        "skipped": skipped,
    }  # fmt: skip
    for name, packages in skipped.items():
        say(f"{name} is skipped: {', '.join(packages)} not installed")
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        report["models"] = [run_model(name, points[name], skipped, options, scratch) for name in options.models]
        if "transom" in options.engines and options.models == list(QUICK if options.quick else FULL):
            pair = ("bert-tiny", "bert-tiny-4") if options.quick else ("bert-base", "bert-base-24")
            say(f"size of the code: {pair[0]} and twice its layers")
            known = {result["model"]: result["compile"] for result in report["models"]}
            report["depth"] = compile_costs.depth(options.transom, options.cache_dir, scratch, pair, known)
    write(report, options)
    wrong = tables.wrong(report["models"])
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def write(report, options):
    print(f"{report['cpu']}, {report['threads']} threads, {report['rounds']} rounds")
    for result in report["models"]:
        peaks = result["peaks"]
        print(f"{result['model']}: the machine does {peaks['gflops']:.1f} GFLOP/s (f32), reads {peaks['gbps']:.1f} GB/s")
    for name, packages in report["skipped"].items():
        print(f"skipped: {name} ({', '.join(packages)} not installed)")
    print("\n" + tables.tables(report["models"]))
    if any("compile" in result for result in report["models"]):
        print("\n" + compile_costs.table(report))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if options.plots:
        charts.write(report, options.plots, say)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EngineError as error:
        sys.exit(f"benchmarks: {error}")
