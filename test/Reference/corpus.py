#!/usr/bin/env python3
"""Runs models of the ONNX backend-test layout through import or raise, and by the reference to their expected outputs.

usage: corpus.py FOLDER...    checks each case at both stages (the tools are looked for on the PATH)
"""

import json
import pathlib
import subprocess
import sys

import numpy as np
from generic_ir import read_module
from interpreter import run_function
from tensor_proto import read_tensor


def lower(model, *passes):
    """The text of the model after import, and after `passes` of transom-opt."""
    imported = subprocess.run(
        ["transom-translate", "--weights", str(model)], capture_output=True, text=True, check=False
    )
    if imported.returncode:
        raise RuntimeError(f"import failed: {imported.stderr}")
    command = ["transom-opt", "--mlir-print-op-generic", *passes]
    lowered = subprocess.run(command, input=imported.stdout, capture_output=True, text=True, check=False)
    if lowered.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {lowered.stderr}")
    return lowered.stdout


def data_sets(case):
    """Inputs and expected outputs, by name, of each data set."""
    for folder in sorted(case.glob("test_data_set_*")):
        yield folder.name, *({n: t for n, t in (read_tensor(p) for p in folder.glob(f"{k}_*.pb"))} for k in ("input", "output"))


def differences(case, text):
    """What differs from the expected outputs, a line each."""
    settings = json.loads((case / "case.json").read_text())
    (function,) = (f for f in read_module(text).values() if "transformer.entry" in f.attrs)
    for name, inputs, expected in data_sets(case):
        outputs = run_function(function, inputs)
        for key, want in expected.items():
            got = outputs[key]
            if got.shape != want.shape:
                yield f"{name} {key}: shape {got.shape}, expected {want.shape}"
                continue
            got, want = got.astype(np.float64), want.astype(np.float64)
            bad = ~np.isclose(got, want, atol=settings["atol"], rtol=settings["rtol"], equal_nan=True)
            if bad.any():
                with np.errstate(invalid="ignore"):
                    worst = np.nanmax(np.abs(got - want))
                yield f"{name} {key}: {bad.sum()} of {bad.size} elements differ, by {worst:.3g} at most"


def main(folders):
    failed = False
    for case in map(pathlib.Path, folders):
        for stage, passes in (("import", []), ("raise", ["--raise"])):
            try:
                found = list(differences(case, lower(case / "model.onnx", *passes)))
            except Exception as error:  # Every case gets its line.
                found = [f"{type(error).__name__}: {error} {getattr(error, '__notes__', '')}"]
            failed |= bool(found)
            print(f"{case.name} {stage}: {'; '.join(found) or 'ok'}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
