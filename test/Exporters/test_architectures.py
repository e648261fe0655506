#!/usr/bin/env python3
"""Compiles the models of architectures.zip, compares their outputs with the expected ones, and checks that they have the
fusions that architectures.json says, and nothing in pieces beyond what it says.

The command is the one in $TRANSOM_BIN, or in build/release/bin. keep_models.py makes both files.
"""

import concurrent.futures
import json
import os
import pathlib
import sys
import tempfile
import unittest
import zipfile

import onnx

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import seeded  # noqa: E402
from models_table import PIECES, run  # noqa: E402

CASES = json.loads((HERE / "architectures.json").read_text())


class Architectures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        with zipfile.ZipFile(HERE / "architectures.zip") as archive:
            archive.extractall(cls.folder)
        cls.weights = {}
        for name in CASES:
            path = cls.folder / name / "model.onnx"
            model = onnx.load(path)
            cls.weights[name] = seeded.filled(model)
            onnx.save(model, path)

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def for_each(self, work):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(zip(CASES, pool.map(lambda name: work(self.folder / name), CASES)))

    def test_forty_and_more(self):
        self.assertGreaterEqual(len(CASES), 40)
        self.assertEqual({path.name for path in self.folder.iterdir()}, set(CASES))

    def test_weights_were_left_out(self):
        for name, entry in CASES.items():
            self.assertEqual(self.weights[name], entry["weights"], name)

    def test_outputs_match(self):
        for name, result in self.for_each(lambda case: run("verify", case)):
            with self.subTest(name):
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
                self.assertRegex(result.stdout, r"(?m)^(\d+) of \1 data sets? agree")

    def test_fusions(self):
        for name, result in self.for_each(lambda case: run("inspect", case / "model.onnx", "--fusions", "--json")):
            with self.subTest(name):
                self.assertEqual(result.returncode, 0, result.stderr)
                report = json.loads(result.stdout)
                self.assertEqual(report["fused"], CASES[name]["fused"])
                pieces = {entry["op"] for entry in report["unfused"]} & PIECES
                self.assertEqual(sorted(pieces), CASES[name]["pieces"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
