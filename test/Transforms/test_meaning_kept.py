#!/usr/bin/env python3
"""Runs every function of the passes' lit tests before and after its passes: both must compute the same.

Inputs are random. Every dynamic size is the same, unless the test names its dim by an expression of other names
("past + new"). The tools are those of $TRANSOM_BIN, or of build/release/bin.
"""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin"))
sys.path.insert(0, str(ROOT / "test/Reference"))

from generic_ir import DTYPES, Tensor, read_module  # noqa: E402
from interpreter import run_block  # noqa: E402
from meaning import round_to  # noqa: E402

SIZE = 4


def functions(text, passes):
    """Functions by name after the passes of transom-opt."""
    command = [str(TOOLS / "transom-opt"), "--mlir-print-op-generic", *passes]
    run = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {run.stderr}")
    # Weights that the test only names: the same for the same name.
    return read_module(run.stdout, lambda key, type_: random_value(type_, None, np.random.default_rng(len(key))))


def size_of(name):
    """The size of a dim by its name: a sum or product of names and numbers."""
    if not re.fullmatch(r"[\w *+]*", name):
        raise ValueError(f"dim name {name!r}")
    return eval(re.sub(r"[A-Za-z_]\w*", str(SIZE), name)) if name else SIZE  # noqa: S307


def random_value(type_, names, random):
    if type_ == "index":
        return SIZE
    names = names or [""] * len(type_.shape)
    shape = tuple(size_of(name) if dim < 0 else dim for dim, name in zip(type_.shape, names))
    if type_.element == "i1":
        return random.random(shape) < 0.7
    if np.issubdtype(DTYPES[type_.element], np.integer):
        return random.integers(0, 2, shape).astype(DTYPES[type_.element])
    return round_to(random.standard_normal(shape), type_.element)


def cases():
    """(file, passes, text of one module) for every module of the passes' tests."""
    for file in sorted((ROOT / "test/Transforms").glob("*.mlir")):
        text = file.read_text()
        command = re.search(r"RUN: transom-opt (.*?)%s", text).group(1)
        if "change-signature" in command:
            continue  # other inputs; test_convert_mha_to_gqa.py runs these as libraries
        if "--round-weights" in command:
            continue  # not lossless; test/EndToEnd/test_weights_type.py compares with weights rounded beforehand
        passes = [word for word in shlex.split(command) if word != "--split-input-file" and not word.startswith(("--mlir-print", "-mlir-print"))]
        for part in text.split("// -----\n"):
            yield file.name, passes, part


class MeaningKept(unittest.TestCase):
    def test_passes_keep_results(self):
        compared = 0
        for file, passes, text in cases():
            before, after = functions(text, []), functions(text, passes)
            for name, function in before.items():
                with self.subTest(f"{file} {name}"):
                    self.compare(function, after[name], np.random.default_rng(7))
                    compared += 1
        self.assertGreater(compared, 50)

    def compare(self, before, after, random):
        types = before.attrs["function_type"][0]
        attrs = before.attrs.get("arg_attrs", [{}] * len(types))
        inputs = [random_value(t, a.get("transformer.dims"), random) for t, a in zip(types, attrs)]
        wanted = run_block(before.regions[0], inputs, {})
        found = run_block(after.regions[0], inputs, {})
        self.assertEqual(len(found), len(wanted))
        for got, want, type_ in zip(found, wanted, before.attrs["function_type"][1]):
            if not isinstance(type_, Tensor):
                self.assertEqual(got, want)
                continue
            self.assertEqual(got.shape, want.shape)
            exact = type_.element in ("f32", "f64") or type_.element[0] in "iu"
            # Rows that are masked throughout are NaN in pieces and zero in attention.
            defined = ~np.isnan(want.astype(np.float64))
            np.testing.assert_allclose(
                got.astype(np.float64)[defined], want.astype(np.float64)[defined], rtol=1e-4 if exact else 4e-2, atol=1e-5 if exact else 4e-2
            )


if __name__ == "__main__":
    unittest.main(verbosity=1)
