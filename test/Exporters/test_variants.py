#!/usr/bin/env python3
"""Compiles the models in models/ beside this file, compares their outputs with the expected ones, and checks that
every export of one model has the same fusions and leaves nothing of them in pieces.

The command is the one in $TRANSOM_BIN, or in build/release/bin. make_variants.py makes the models.
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"
CASES = sorted(path.parent for path in (HERE / "models").glob("*/model.onnx"))

#: What each model is, however it was exported.
FUSED = {
    "bert": {"attention": 2, "norm": 5, "kv_heads_exact": 4},
    "gpt2": {"attention": 2, "norm": 5, "kv_heads_exact": 4},
    "llama": {"attention": 2, "norm": 5, "rope": 4, "glu": 2, "kv_heads_exact": 2},
    "t5-decoder": {"attention": 4, "norm": 7, "kv_heads_exact": 4},
}
PIECES = {"softmax", "erf", "tanh", "sigmoid", "sin", "cos", "sqrt", "rsqrt"}
#: Llama computes its tables of sines and cosines.
ALLOWED = {"llama": {"sin", "cos"}}


def model_of(case):
    return next(name for name in FUSED if case.name.startswith(name + "-"))


def run(*arguments):
    return subprocess.run([TRANSOM, *arguments], capture_output=True, text=True, check=False)


def for_each(work):
    """[(case, result of `work`), ...]"""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(zip(CASES, pool.map(work, CASES)))


class Variants(unittest.TestCase):
    def test_six_ways_each(self):
        ways = collections.Counter(model_of(case) for case in CASES)
        for model in FUSED:
            self.assertGreaterEqual(ways[model], 6, model)

    def test_outputs_match(self):
        for case, result in for_each(lambda case: run("verify", case)):
            with self.subTest(case.name):
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
                self.assertRegex(result.stdout, r"(?m)^(\d+) of \1 data sets? agree")

    def test_same_fusions_and_nothing_in_pieces(self):
        for case, result in for_each(lambda case: run("inspect", case / "model.onnx", "--fusions", "--json")):
            with self.subTest(case.name):
                self.assertEqual(result.returncode, 0, result.stderr)
                report = json.loads(result.stdout)
                pieces = PIECES - ALLOWED.get(model_of(case), set())
                self.assertEqual(report["fused"], FUSED[model_of(case)])
                self.assertEqual(report["near_misses"], [])
                self.assertEqual({entry["op"] for entry in report["unfused"]} & pieces, set())


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
