"""The engines that transom.compare runs, each behind the same three calls, in a process of its own.

    prepare(feeds)   binds the inputs of a point; engines read them in place
    run()            computes once, outputs stay in the engine
    outputs()        name -> array of the last run

A process each keeps one engine's threads, which may spin after a run, asleep while another is measured.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._errors import Error
from .module import Module

__all__ = ["ENGINES", "EngineProcess", "installed"]

Arrays = dict[str, Any]


class Transom:
    """The compiled model: `model` is its package."""

    needs: tuple[str, ...] = ()

    def __init__(self, model: str, threads: int) -> None:
        from . import __version__

        self.module = Module(model)
        self.context = self.module.context(threads)
        self.version = __version__

    def prepare(self, feeds: Arrays) -> None:
        self.feeds = [feeds[value.name] for value in self.module.inputs]
        self.result = self.context(*self.feeds)

    def run(self) -> None:
        # Into the same arrays again, as the others do.
        self.result = self.context(*self.feeds, out=self.result)

    def outputs(self) -> Arrays:
        return dict(self.result.as_dict())


class OnnxRuntime:
    needs = ("onnxruntime",)

    def __init__(self, model: str, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.version = onnxruntime.__version__

    def prepare(self, feeds: Arrays) -> None:
        # Bound once: neither inputs nor outputs are copied in a run.
        self.feeds = feeds
        self.binding = self.session.io_binding()
        for name, array in feeds.items():
            self.binding.bind_cpu_input(name, array)
        for output in self.session.get_outputs():
            self.binding.bind_output(output.name)

    def run(self) -> None:
        self.session.run_with_iobinding(self.binding)

    def outputs(self) -> Arrays:
        names = [output.name for output in self.session.get_outputs()]
        return dict(zip(names, self.binding.copy_outputs_to_cpu()))


class OpenVino:
    needs = ("openvino",)

    def __init__(self, model: str, threads: int) -> None:
        import openvino

        settings = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            # Its default is bf16 where the CPU has it: not the same work.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        self.model = openvino.Core().compile_model(model, "CPU", settings)
        self.request = self.model.create_infer_request()
        self.version = openvino.__version__.split("-")[0]
        self.tensor = openvino.Tensor

    def prepare(self, feeds: Arrays) -> None:
        self.feeds = feeds
        for name, array in feeds.items():
            # An empty past cannot be shared memory.
            self.request.set_tensor(name, self.tensor(array, shared_memory=array.size > 0))

    def run(self) -> None:
        self.request.infer()

    def outputs(self) -> Arrays:
        return {port.get_any_name(): self.request.get_tensor(port).data.copy() for port in self.model.outputs}


class Torch:
    """The ONNX graph as a PyTorch module, by the package onnx2torch."""

    needs = ("torch", "onnx2torch", "onnx")

    def __init__(self, model: str, threads: int) -> None:
        import onnx
        import onnx2torch
        import torch

        torch.set_num_threads(threads)
        graph = onnx.load(model)
        self.inputs = [value.name for value in graph.graph.input]
        self.names = [value.name for value in graph.graph.output]
        self.torch, self.module = torch, onnx2torch.convert(graph).eval()
        self.version = torch.__version__

    def prepare(self, feeds: Arrays) -> None:
        self.feeds = [self.torch.from_numpy(feeds[name]) for name in self.inputs if name in feeds]

    def run(self) -> None:
        with self.torch.inference_mode():
            self.result = self.module(*self.feeds)

    def outputs(self) -> Arrays:
        results = self.result if isinstance(self.result, (tuple, list)) else [self.result]
        return {name: result.numpy() for name, result in zip(self.names, results)}


ENGINES: dict[str, Any] = {"transom": Transom, "onnxruntime": OnnxRuntime, "openvino": OpenVino, "torch": Torch}


def installed() -> list[str]:
    """The engines whose Python packages are there."""
    return [
        name for name, engine in ENGINES.items() if all(importlib.util.find_spec(package) for package in engine.needs)
    ]


def measure(run: Callable[[], object], seconds: float, least: int) -> list[float]:
    """Milliseconds of single runs, for at least `seconds` and `least` runs."""
    times: list[float] = []
    start = time.perf_counter()
    while len(times) < least or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - before))
    return times


class EngineProcess:
    """One engine with one model, elsewhere. `version` and `load_ms` are what it says when it has the model."""

    def __init__(self, engine: str, model: str, threads: int) -> None:
        self.engine = engine
        self.process = subprocess.Popen(
            [sys.executable, "-m", "transom.engines", engine, model, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        hello = self._answer()
        self.version: str = hello["version"]
        self.load_ms: float = hello["load_ms"]

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise Error(f"{self.engine} ended with status {self.process.wait()}")
        fields: dict[str, Any] = json.loads(line)
        if "error" in fields:
            raise Error(f"{self.engine}: {fields['error']}")
        return fields

    def _ask(self, **command: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def outputs(self, feeds: Mapping[str, Any]) -> Arrays:
        """Binds the inputs and runs once."""
        with tempfile.TemporaryDirectory(prefix="transom-") as folder:
            given, made = os.path.join(folder, "inputs.npz"), os.path.join(folder, "outputs.npz")
            # Names may hold slashes, which an archive's members may not begin with.
            np.savez(given, **{f"input{i}": array for i, array in enumerate(feeds.values())})
            fields = self._ask(do="prepare", file=given, names=list(feeds), out=made)
            with np.load(made) as arrays:
                return {name: arrays[f"output{i}"] for i, name in enumerate(fields["names"])}

    def times(self, seconds: float, least: int) -> list[float]:
        return list(self._ask(do="time", seconds=seconds, least=least)["times"])

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def serve(name: str, model: str, threads: int) -> None:
    """Answers JSON commands, one a line."""
    # Engines may print to stdout; answers go where they cannot.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**fields: Any) -> None:
        print(json.dumps(fields), file=answers, flush=True)

    start = time.perf_counter()
    try:
        engine = ENGINES[name](model, threads)
    except Exception as error:  # the reason belongs in the report, whatever it is
        answer(error=f"{type(error).__name__}: {error}")
        return
    answer(version=engine.version, load_ms=1e3 * (time.perf_counter() - start))
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if command["do"] == "prepare":
                with np.load(command["file"]) as arrays:
                    feeds = {key: np.ascontiguousarray(arrays[f"input{i}"]) for i, key in enumerate(command["names"])}
                engine.prepare(feeds)
                engine.run()
                outputs = engine.outputs()
                np.savez(command["out"], **{f"output{i}": array for i, array in enumerate(outputs.values())})
                answer(names=list(outputs))
            elif command["do"] == "time":
                answer(times=measure(engine.run, command["seconds"], command["least"]))
        except Exception as error:
            answer(error=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
