#!/usr/bin/env python3
"""Compiles every model of the corpus next to this repository and compares the library's outputs with the expected ones.

The corpus is ../shared/models, or $TRANSOM_MODELS; where it is not there, everything is skipped and says so. The
command is the one in $TRANSOM_BIN, or in build/release/bin. `transom verify` takes the tolerances from case.json.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"


def verify(case):
    result = subprocess.run([TRANSOM, "verify", case], capture_output=True, text=True, check=False)
    return case.name, result.returncode, result.stdout + result.stderr


@unittest.skipUnless(MODELS.is_dir(), f"no models in {MODELS}")
class Models(unittest.TestCase):
    def test_outputs_match(self):
        cases = sorted(path.parent for path in MODELS.glob("*/model.onnx"))
        self.assertTrue(cases)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, status, output in pool.map(verify, cases):
                with self.subTest(name):
                    self.assertEqual(status, 0, output)
                    self.assertRegex(output, r"(?m)^(\d+) of \1 data sets? agree")


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
