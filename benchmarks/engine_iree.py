"""IREE: the model imported from ONNX and compiled for this CPU, run by its local-task driver."""

import pathlib
import re
import subprocess
import sys

import graphs
from engine import Engine, EngineError

STACK = 1 << 20  # bytes of a dispatch's stack: its default is too little for a norm of dynamic width


class Iree(Engine):
    name, needs, weights = "iree", ("iree.compiler", "iree.runtime"), ("f32",)

    def __init__(self, job):
        import iree.runtime
        import numpy as np

        self.runtime = iree.runtime
        iree.runtime.flags.parse_flags(f"--task_topology_group_count={job.threads}", f"--task_worker_stack_size={4 * STACK}")
        # Without workers of its own where one thread is all.
        self.config = iree.runtime.Config("local-task" if job.threads > 1 else "local-sync")
        instance, index = self.config.vm_instance, iree.runtime.ParameterIndex()
        index.load(str(pathlib.Path(job.file).with_suffix(".irpa")))
        parameters = iree.runtime.create_io_parameters_module(instance, index.create_provider(scope="model"))
        module = iree.runtime.VmModule.mmap(instance, job.file)
        modules = iree.runtime.load_vm_modules(parameters, module, config=self.config)
        names = [name for name in module.function_names if not name.startswith("__") and not name.endswith("$async")]
        self.function, self.array = modules[-1][names[0]], np.asarray
        self.names = [output.name for output in signature(job.model).output]
        self.inputs = [value.name for value in signature(job.model).input]
        self.version, self.form = version(), "f32"

    @staticmethod
    def make(job):
        module = job.beside(".iree.vmfb")
        if graphs.stale(module, job.model, __file__):
            tools, imported = pathlib.Path(sys.executable).parent, module.with_suffix(".mlir")
            call(
                tools / "iree-import-onnx", job.model, "-o", imported, "--externalize-params",
                "--num-elements-threshold", "100", "--save-params-to", module.with_suffix(".irpa"),
            )  # fmt: skip
            call(
                tools / "iree-compile", imported, "-o", module, "--iree-hal-target-device=local",
                "--iree-hal-local-target-device-backends=llvm-cpu", "--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3",
                "--iree-opt-data-tiling=true", f"--iree-llvmcpu-stack-allocation-limit={STACK}",
            )  # fmt: skip
        return str(module)

    def prepare(self, feeds, prefix):
        self.arguments = [self.runtime.asdevicearray(self.config.device, feeds[name]) for name in self.inputs]

    def run(self):
        self.results = self.function(*self.arguments)

    def outputs(self):
        results = self.results if isinstance(self.results, (list, tuple)) else [self.results]
        return {name: self.array(result.to_host()) for name, result in zip(self.names, results)}


def version():
    import importlib.metadata

    return importlib.metadata.version("iree-base-compiler")


def signature(model):
    import onnx

    return onnx.load(model, load_external_data=False).graph


def call(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        said = re.search(r"error: .*", done.stderr) or re.search(r"\S.*(?=\s*\Z)", done.stderr)
        raise EngineError(f"{command[0].name}: {said[0] if said else f'ended with status {done.returncode}'}")
