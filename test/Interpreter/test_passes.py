#!/usr/bin/env python3
"""Runs every model of the corpus next to this repository before and after every pass, by the interpreter.

The corpus is ../shared/models, or $TRANSOM_MODELS; the tools are those of $TRANSOM_BIN, or of build/release/bin.
"""

import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"


@unittest.skipUnless(MODELS.is_dir(), f"no models in {MODELS}")
class PassesKeepResults(unittest.TestCase):
    def test_corpus(self):
        for case in sorted(MODELS.glob("*/model.onnx")):
            with self.subTest(case.parent.name):
                command = [str(TRANSOM), "verify", "--passes", str(case.parent)]
                run = subprocess.run(command, capture_output=True, text=True, check=False)
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                # At least the raising, and the cut into kernels.
                self.assertIn("outline-kernels", run.stdout)
                self.assertRegex(run.stdout, r"\d+ passes changed the model and kept its results")


if __name__ == "__main__":
    unittest.main(verbosity=1)
