#!/usr/bin/env python3
"""Exports ops and whole models as ONNX, imports them again, and compares what they compute.

Every op of the model and tensor layers goes there and back, but for those without a form in ONNX, which are refused
with the reason; so do the models of the corpus next to this repository (../shared/models, or $TRANSOM_MODELS), after
the stage `optimise`. The tools are those of $TRANSOM_BIN, or of build/release/bin.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
TOOLS = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin"))
sys.path[:0] = [str(ROOT / "test/Reference"), str(ROOT / "test/Interpreter")]

from generic_ir import read_module  # noqa: E402
from interpreter import run_block  # noqa: E402
from test_meaning import CASES, function, transom_opt  # noqa: E402

# What ONNX has no operator for at the opset of the export, or what nobody trains.
REFUSED = {
    "bitcast": "no rule",
    "bitcast_to_half": "no rule",
    "bitcast_from_bf16": "no rule",
    "cumprod": "prefix products",
    "dequantize_blocks": "scales per block",
    "quantize_blocks": "scales per block",
    "loop": "no rule",
    "moe_blocks": "blocks of 8 weights",
    "resize": "no rule",
    "pool_sum": "neither a maximum nor a mean",
}


def run(tool, *arguments):
    return subprocess.run([str(TOOLS / tool), *map(str, arguments)], capture_output=True, text=True, check=False)


def entry_of(name, case, random):
    """The case as an entry function: it returns one tensor, "r"."""
    text = function(name, case, random)
    dims = ", ".join(['""'] * (case[2].count("x")))
    head, body = text.split("\n", 1)
    returned = f'(tensor<{case[2]}> {{transformer.name = "r", transformer.dims = [{dims}]}})'
    return re.sub(r"-> tensor<[^{]*", f"-> {returned} attributes {{transformer.entry}} ", head) + "\n" + body


class RoundTrip(unittest.TestCase):
    def test_ops(self):
        random = np.random.default_rng(13)
        with tempfile.TemporaryDirectory() as folder:
            for name, case in CASES.items():
                with self.subTest(name):
                    self.check(pathlib.Path(folder), name, entry_of(name, case, random), case)

    def check(self, folder, name, text, case):
        source, model = folder / f"{name}.mlir", folder / f"{name}.onnx"
        source.write_text(text)
        exported = run("transom-translate", f"--export-onnx={model}", source)
        refused = next((why for case, why in REFUSED.items() if name == case or name.startswith(case + "_")), None)
        if refused:
            self.assertEqual(exported.returncode, 1)
            self.assertIn(refused, exported.stderr)
            self.assertFalse(model.exists())
            return
        self.assertEqual(exported.returncode, 0, exported.stderr)
        (want,) = run_block(transom_opt(text)[name].regions[0], [], {})
        imported = run("transom-translate", "--weights", model)
        self.assertEqual(imported.returncode, 0, imported.stderr)
        generic = subprocess.run(
            [str(TOOLS / "transom-opt"), "--mlir-print-op-generic"], input=imported.stdout, capture_output=True, text=True, check=True
        )
        (entry,) = (f for f in read_module(generic.stdout).values() if "transformer.entry" in f.attrs)
        got = run_block(entry.regions[0], [], {})[0]
        self.assertEqual((got.shape, got.dtype), (want.shape, want.dtype))
        loose = want.dtype == np.float16 or "bf16" in case[2]
        np.testing.assert_allclose(got.astype(np.float64), want.astype(np.float64), rtol=2e-2 if loose else 1e-5, atol=1e-5)

    def test_large_weights_lie_beside_the_model(self):
        case = ("a: 1x40x40xf32", "%r = transformer.unary exp %a : tensor<1x40x40xf32>", "1x40x40xf32")
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            text = entry_of("external", case, np.random.default_rng(1))
            (folder / "m.mlir").write_text(text)
            exported = run("transom-translate", "--weights-inside=1000", f"--export-onnx={folder}/m.onnx", folder / "m.mlir")
            self.assertEqual(exported.returncode, 0, exported.stderr)
            self.assertEqual((folder / "m.onnx.data").stat().st_size, 4 * 40 * 40)
            self.assertLess((folder / "m.onnx").stat().st_size, 1000)
            self.check_file(folder / "m.onnx", text)
            self.assertIn("No such file", run("transom-translate", f"--export-onnx={folder}/no/m.onnx", folder / "m.mlir").stderr)

    def check_file(self, model, text):
        imported = run("transom-translate", "--weights", model)
        self.assertEqual(imported.returncode, 0, imported.stderr)
        generic = subprocess.run(
            [str(TOOLS / "transom-opt"), "--mlir-print-op-generic"], input=imported.stdout, capture_output=True, text=True, check=True
        )
        (entry,) = (f for f in read_module(generic.stdout).values() if "transformer.entry" in f.attrs)
        (want,) = run_block(transom_opt(text)["external"].regions[0], [], {})
        np.testing.assert_allclose(run_block(entry.regions[0], [], {})[0], want, rtol=1e-6)


def there_and_back(case):
    """Exports a model after `optimise` and verifies the file on the case's data."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        exported = run("transom", "compile", case / "model.onnx", "--gqa=off", "--emit=optimise", "-o", "/dev/null", f"--export-onnx={folder}/model.onnx")
        if exported.returncode:
            return case.name, exported.returncode, exported.stderr
        for part in case.iterdir():
            if part.name.startswith("test_data_set") or part.name == "case.json":
                (folder / part.name).symlink_to(part)
        verified = run("transom", "verify", folder)
        return case.name, verified.returncode, verified.stdout + verified.stderr


@unittest.skipUnless(MODELS.is_dir(), f"no models in {MODELS}")
class Models(unittest.TestCase):
    def test_models(self):
        cases = sorted(path.parent for path in MODELS.glob("*/model.onnx"))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, status, output in pool.map(there_and_back, cases):
                with self.subTest(name):
                    self.assertEqual(status, 0, output)
                    self.assertRegex(output, r"(?m)^(\d+) of \1 data sets? agree")


if __name__ == "__main__":
    unittest.main(verbosity=1)
