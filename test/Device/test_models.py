#!/usr/bin/env python3
"""Runs whole models for GPUs without one, and compares their outputs with the expected ones.

    test_models.py WORK-FOLDER [--models FOLDER] [--chip sm_80] [NAME ...]

The library is a real one; the CUDA driver that it opens is the tests' own, which
runs the kernels thread by thread on the CPU. So launches, their arguments and the
memory between them are what they are on a device. The corpus is ../shared/models,
or $TRANSOM_MODELS; where it is not there, that is said.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

from device import emulate

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))


def call(*command, **environment):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env={**os.environ, **environment})
    return done.returncode, done.stdout + done.stderr


def check(case, chip, work, build):
    """What is wrong, or "" and the last line of `transom verify`."""
    work.mkdir(parents=True, exist_ok=True)
    transom, target = build / "bin/transom", f"--target=nvptx:{chip}"
    status, text = call(transom, "compile", case / "model.onnx", target, "--name=model", "--emit=nvptx", "-o", work / "nvptx.mlir")
    if status:
        return text, ""
    status, text = call(transom, "compile", case / "model.onnx", target, "--name=model", "--ptxas=none", "-o", work / "package")
    if status:
        return text, ""
    library, _ = emulate((work / "nvptx.mlir").read_text(), work)
    status, text = call(transom, "verify", work / "package", case, "--device=cuda:0", TRANSOM_FAKE_CUDA_KERNELS=str(library),
                        LD_LIBRARY_PATH=str(build / "test/fake-driver"))
    return (text if status else ""), text.strip().splitlines()[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--models", type=pathlib.Path, default=MODELS)
    parser.add_argument("--chip", default="sm_80")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    options = parser.parse_intermixed_args()
    cases = sorted(path.parent for path in options.models.glob("*/model.onnx") if not options.names or path.parent.name in options.names)
    if not cases:
        print(f"skipped: no models in {options.models}")
        return 0
    failed = []
    for case in cases:
        start = time.monotonic()
        try:
            problem, text = check(case, options.chip, options.work / case.name, options.build)
        except (RuntimeError, NotImplementedError, AssertionError) as error:
            problem, text = str(error), ""
        if problem:
            failed.append(case.name)
        print(f"{case.name}: {problem or text} ({time.monotonic() - start:.0f} s)", flush=True)
    print(f"{len(cases) - len(failed)} of {len(cases)} models agree" + (f"; not: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
