"""The engines that are compared, each behind the same three calls, and the worker process that holds one of them.

An engine is made from a model file and a thread count, and then runs prepared points:
    prepare(feeds)   binds the inputs of a point and keeps them alive: engines read them in place
    run()            computes once, outputs stay in the engine
    outputs()        name -> array of the last run
Engines live in processes of their own, so that one engine's threads, which may spin after a run, are asleep while
another is measured, and so that the memory of each is its own.
"""

import importlib.util
import json
import os
import pathlib
import sys
import time

import numpy as np


class OnnxRuntime:
    name, module = "onnxruntime", "onnxruntime"

    def __init__(self, model, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.version = onnxruntime.__version__

    def prepare(self, feeds):
        # Bound once: neither inputs nor outputs are copied in a run.
        self.feeds = feeds
        self.binding = self.session.io_binding()
        for name, array in feeds.items():
            self.binding.bind_cpu_input(name, array)
        for output in self.session.get_outputs():
            self.binding.bind_output(output.name)

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def outputs(self):
        names = [output.name for output in self.session.get_outputs()]
        return dict(zip(names, self.binding.copy_outputs_to_cpu()))


class OpenVino:
    name, module = "openvino", "openvino"

    def __init__(self, model, threads):
        import openvino

        settings = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            # Its default is bf16 where the CPU has it: slower there, and not the same work.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        self.model = openvino.Core().compile_model(model, "CPU", settings)
        self.request = self.model.create_infer_request()
        self.version = openvino.__version__.split("-")[0]
        self.tensor = openvino.Tensor

    def prepare(self, feeds):
        self.feeds = feeds
        for name, array in feeds.items():
            # An empty past cannot be shared memory.
            self.request.set_tensor(name, self.tensor(array, shared_memory=array.size > 0))

    def run(self):
        self.request.infer()

    def outputs(self):
        return {port.get_any_name(): self.request.get_tensor(port).data.copy() for port in self.model.outputs}


class TorchCompile:
    """torch.compile with frozen weights, a compilation for every shape, of the same model written in PyTorch."""

    name, module = "torch", "torch"

    def __init__(self, model, threads):
        import torch
        import torch._inductor.config
        import torch_models

        torch.set_num_threads(threads)
        torch._inductor.config.freezing = True
        torch._dynamo.config.cache_size_limit = 64
        self.torch, name = torch, pathlib.Path(model).stem
        self.names = torch_models.outputs_of(name)
        self.compiled = torch.compile(torch_models.build(model, name, torch.float32), dynamic=False)
        self.version = torch.__version__

    def prepare(self, feeds):
        self.feeds = [self.torch.from_numpy(array) for array in feeds.values()]

    def run(self):
        with self.torch.no_grad():
            self.results = self.compiled(*self.feeds)

    def outputs(self):
        return {name: result.numpy() for name, result in zip(self.names, self.results)}


class Transom:
    """A compiled model: `model` is its library."""

    name, module = "transom", None

    def __init__(self, model, threads):
        import compiled_model

        self.model = compiled_model.CompiledModel(model)
        self.context = self.model.context(threads)
        self.version = self.model.version

    def prepare(self, feeds):
        self.context.bind([feeds[name] for name in self.model.input_names])

    def run(self):
        self.context.run()

    def outputs(self):
        return dict(zip(self.model.output_names, self.context.outputs()))


ENGINES = {engine.name: engine for engine in (Transom, OnnxRuntime, OpenVino, TorchCompile)}


def installed():
    """Engines whose Python package is there; Transom needs none."""
    return [name for name, engine in ENGINES.items() if engine.module is None or importlib.util.find_spec(engine.module)]


def peak_resident_mb():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1e3
    return None


def measure(run, seconds, least):
    """Milliseconds of single runs, for at least `seconds` and `least` runs."""
    times, start = [], time.perf_counter()
    while len(times) < least or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - before))
    return times


def serve(engine_name, model, threads):
    """Answers JSON commands, one a line: prepare FILE, time, outputs FILE, memory."""
    # Engines may print to stdout; answers go where they cannot.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**fields):
        print(json.dumps(fields), file=answers, flush=True)

    before = peak_resident_mb()
    start = time.perf_counter()
    try:
        engine = ENGINES[engine_name](model, threads)
    except Exception as error:  # the reason belongs in the report, whatever it is
        answer(error=f"{type(error).__name__}: {error}")
        return
    answer(version=engine.version, load_ms=1e3 * (time.perf_counter() - start), python_mb=before)
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if command["do"] == "prepare":
                with np.load(command["file"]) as arrays:
                    engine.prepare({name: np.ascontiguousarray(arrays[name]) for name in arrays.files})
                first = measure(engine.run, 0, 1)[0]
                answer(first_ms=first)
            elif command["do"] == "time":
                answer(times=measure(engine.run, command["seconds"], command["least"]))
            elif command["do"] == "outputs":
                np.savez(command["file"], **engine.outputs())
                answer(file=command["file"])
            elif command["do"] == "memory":
                answer(peak_mb=peak_resident_mb())
        except Exception as error:
            answer(error=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
