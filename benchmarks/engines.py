"""The engines that are compared, and the process that holds one of them.

Engines live in processes of their own, so that one engine's threads, which may spin after a run, are asleep while
another is measured, and so that the memory of each is its own.

    engines.py make|serve ENGINE JOB
"""

import importlib
import importlib.util
import json
import os
import sys
import time

import numpy as np

import graphs
from engine import EngineError, Job
from engine_iree import Iree
from engine_llama import LlamaCpp
from engine_onnxruntime import OnnxRuntime, OnnxRuntimeGrouped
from engine_openvino import OpenVino, OpenVinoStateful, OpenVinoStatic
from engine_torch import TorchCompile
from engine_transom import Transom, TransomStep

ENGINES = {
    engine.name: engine
    for engine in (
        Transom, TransomStep, OnnxRuntime, OnnxRuntimeGrouped, OpenVino, OpenVinoStatic, OpenVinoStateful, TorchCompile, LlamaCpp,
        Iree,
    )
}  # fmt: skip


def missing(name):
    """Packages that the engine needs and that are not installed."""

    def found(module):
        try:
            return importlib.util.find_spec(module)
        except ModuleNotFoundError:  # of a module's package
            return None

    return [module for module in ENGINES[name].needs if not found(module)]


def takes(name, model, weights):
    """Whether the engine is for such a model."""
    engine = ENGINES[name]
    return graphs.SHAPES[model].family in engine.families and weights in engine.weights


def memory_mb(field):
    for line in open("/proc/self/status"):
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1e3
    raise EngineError(f"/proc/self/status has no {field}")


def measure(engine, seconds, least, most):
    """Milliseconds of single runs: for `seconds` and `least` runs, or for `most` seconds and one run."""
    times, start = [], time.perf_counter()
    while True:
        engine.rewind()
        before = time.perf_counter()
        engine.run()
        now = time.perf_counter()
        times.append(1e3 * (now - before))
        if (len(times) >= least and now - start >= seconds) or now - start >= most:
            return times


def prepare(engine, command):
    with np.load(command["file"]) as arrays:
        feeds = {name: np.ascontiguousarray(arrays[name]) for name in arrays.files}
    prefix = feeds.pop("prefix", None)
    start = time.perf_counter()
    engine.prepare(feeds, prefix)
    measure(engine, 0, 1, 0)
    return {"first_ms": 1e3 * (time.perf_counter() - start), "needed_mb": (engine.needed_bytes() or 0) / 1e6}


def obey(engine, command):
    if command["do"] == "prepare":
        return prepare(engine, command)
    if command["do"] == "time":
        return {"times": measure(engine, command["seconds"], command["least"], command["most"])}
    if command["do"] == "outputs":
        np.savez(command["file"], **engine.outputs())
        return {}
    return {"peak_mb": memory_mb("VmHWM"), "resident_mb": memory_mb("VmRSS")}


def serve(engine_class, job, answer):
    """Answers JSON commands, one a line: prepare FILE, time, outputs FILE, memory."""
    for module in engine_class.imports or engine_class.needs:  # Python's share of the start is not the engine's
        importlib.import_module(module)
    before = memory_mb("VmRSS")
    start = time.perf_counter()
    engine = engine_class(job)
    load_ms = 1e3 * (time.perf_counter() - start)
    answer(version=engine.version, form=engine.form, load_ms=load_ms, python_mb=before)
    for line in sys.stdin:
        try:
            answer(**obey(engine, json.loads(line)))
        except Exception as error:  # the reason belongs in the report, whatever it is
            answer(error=f"{type(error).__name__}: {error}")


def main(task, name, job):
    # Engines may print to stdout; answers go where they cannot.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**fields):
        print(json.dumps(fields), file=answers, flush=True)

    try:
        if task == "make":
            answer(file=ENGINES[name].make(Job.of(job)))
        else:
            serve(ENGINES[name], Job.of(job), answer)
    except Exception as error:  # as above
        answer(error=str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
