#!/usr/bin/env python3
"""Runs compiled models on a GPU and compares their outputs with the expected ones. Needs Python and NumPy alone.

    run_packages.py FOLDER [--device cuda:0] [--threads 8] [NAME ...]

FOLDER/NAME has a package, libmodel.so and what belongs to it, and the model's data: case.json and
test_data_set_K/{input,output}_I.pb. Each model runs in a process of its own: every data set, again (a run like
the one before is launched as a graph: the same bits), and from several threads at a time. Then what a GPU that is
not there, and memory that is not there, are answered with.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
for folder in (HERE, HERE.parents[1] / "benchmarks", HERE.parents[1] / "test/Reference"):
    sys.path.insert(0, str(folder))

import compiled_model  # noqa: E402
from tensor_proto import read_tensor  # noqa: E402

BFLOAT16 = 16


def bits_of(array):
    """bf16, rounded to the nearest."""
    words = array.astype(np.float32).view(np.uint32)
    return ((words + 0x7FFF + (words >> 16 & 1)) >> 16).astype(np.uint16)


class Case:
    def __init__(self, folder, device):
        self.model = compiled_model.CompiledModel(folder / "libmodel.so")
        self.device = device
        described = json.loads((folder / "case.json").read_text()) if (folder / "case.json").exists() else {}
        self.atol, self.rtol = described.get("atol", 1e-4), described.get("rtol", 1e-3)
        info = self.model.info
        self.types = [info.inputs[i].type for i in range(info.num_inputs)]
        self.sets = []
        for data in sorted(folder.glob("test_data_set_*")):
            given = dict(read_tensor(path) for path in data.glob("input_*.pb"))
            expected = dict(read_tensor(path) for path in data.glob("output_*.pb"))
            self.sets.append((data.name, [given[name] for name in self.model.input_names], expected))

    def bind(self, context, arrays):
        """bf16 goes as its bits, which NumPy has no type for."""
        stored = [bits_of(a) if t == BFLOAT16 else a for a, t in zip(arrays, self.types)]
        context.bind([np.ascontiguousarray(a) for a in stored])
        for tensor, array, kind in zip(context.inputs, arrays, self.types):
            tensor.type, tensor.rank = kind, array.ndim
            tensor.shape[: array.ndim] = array.shape

    def outputs(self, context):
        arrays = []
        for tensor in context.results:
            stored = np.uint16 if tensor.type == BFLOAT16 else compiled_model.DTYPES[tensor.type]
            shape = tuple(tensor.shape[: tensor.rank])
            size = int(np.prod(shape, dtype=np.int64)) * np.dtype(stored).itemsize
            data = np.frombuffer(compiled_model.ctypes.string_at(tensor.data, size) if size else b"", stored).reshape(shape)
            arrays.append((data.astype(np.uint32) << 16).view(np.float32) if tensor.type == BFLOAT16 else data)
        return arrays

    def run(self, context, number):
        name, arrays, expected = self.sets[number]
        self.bind(context, arrays)
        context.run()
        made = self.outputs(context)
        for output, array in zip(self.model.output_names, made):
            np.testing.assert_allclose(array.astype(np.float64), expected[output].astype(np.float64), rtol=self.rtol, atol=self.atol,
                                       err_msg=f"{name}: {output}")
        return made


def check(folder, device, threads):
    case = Case(folder, device)
    context = case.model.context(1, device)
    first = time.monotonic()
    for number in range(len(case.sets)):
        once = case.run(context, number)
        for _ in range(3):
            for a, b in zip(once, case.run(context, number)):
                assert a.tobytes() == b.tobytes(), f"{case.sets[number][0]}: a run like the one before gives other bits"
    problems = []

    def work(index):
        try:
            own = case.model.context(1, device)
            for i in range(len(case.sets)):
                case.run(own, (i + index) % len(case.sets))
        except Exception as error:  # what a thread raises is the test's
            problems.append(f"thread {index}: {error}")

    team = [threading.Thread(target=work, args=(i,)) for i in range(threads)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()
    assert not problems, "\n".join(problems)
    print(f"{len(case.sets)} data sets, {threads} threads, {time.monotonic() - first:.1f} s")


def check_errors(folder):
    case = Case(folder, "cuda:99")
    try:
        case.model.context(1, "cuda:99")
    except compiled_model.ModelError as error:
        assert "cuda:99" in str(error), error
        return str(error)
    raise AssertionError("cuda:99 is there")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--emulated", action="store_true", help="with the tests' driver: FOLDER/NAME/kernels.so are the kernels")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_intermixed_args()
    if options.one:
        return check(options.folder, options.device, options.threads)
    cases = sorted(p.parent for p in options.folder.glob("*/libmodel.so") if not options.names or p.parent.name in options.names)
    if not cases:
        sys.exit(f"error: no FOLDER/NAME/libmodel.so below {options.folder}")
    failed = []
    for case in cases:
        environment = {**os.environ, "TRANSOM_FAKE_CUDA_KERNELS": str(case / "kernels.so")} if options.emulated else None
        command = [sys.executable, __file__, case, "--one", f"--device={options.device}", f"--threads={options.threads}"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=environment)
        if done.returncode:
            failed.append(case.name)
        print(f"{case.name}: {done.stdout.strip() if not done.returncode else (done.stderr or done.stdout).strip()}", flush=True)
    print("a GPU that is not there:", check_errors(cases[0]))
    print(f"{len(cases) - len(failed)} of {len(cases)} models agree on {options.device}" + (f"; not: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
