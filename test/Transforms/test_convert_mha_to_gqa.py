#!/usr/bin/env python3
"""Converts models to grouped-query attention and checks by the NumPy reference that their results stay.

The exact cases are multi-head models whose key/value heads are grouped-query heads in disguise; the lossy ones are checked
for the figures of a trained model. Models are those next to this repository, ../shared (or $TRANSOM_MODELS and
$TRANSOM_TRAINED); where they are not there, their tests are skipped and say so.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
TRAINED = pathlib.Path(os.environ.get("TRANSOM_TRAINED", ROOT.parent / "shared/trained"))
TOOLS = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin"))
sys.path.insert(0, str(ROOT / "test/Reference"))

import corpus  # noqa: E402
from generic_ir import read_module  # noqa: E402
from interpreter import run_function  # noqa: E402

os.environ["PATH"] = os.pathsep.join([str(TOOLS), os.environ["PATH"]])
GROUPS = re.compile(r"key/value heads become \d+: ((?:\{[\d, ]+\} ?)+)")


def convert(model, options):
    """The entry function after raise and conversion, and the groups of each attention."""
    imported = subprocess.run(["transom-translate", "--weights", str(model)], capture_output=True, text=True, check=True)
    command = ["transom-opt", "--mlir-print-op-generic", "--raise", f"--convert-mha-to-gqa=remarks {options}"]
    lowered = subprocess.run(command, input=imported.stdout, capture_output=True, text=True, check=False)
    if lowered.returncode:
        raise RuntimeError(lowered.stderr)
    groups = [
        [[int(head) for head in group.split(",")] for group in re.findall(r"\{([\d, ]+)\}", line)]
        for line in GROUPS.findall(lowered.stderr)
    ]
    return entry(lowered.stdout), groups, lowered.stderr


def entry(text):
    (function,) = (f for f in read_module(text).values() if "transformer.entry" in f.attrs)
    return function


def cross_entropy(function, tokens):
    total = 0.0
    for batch in np.array_split(tokens, len(tokens) // 4):
        inputs, targets = batch[:, :-1], batch[:, 1:]
        positions = np.broadcast_to(np.arange(inputs.shape[1]), inputs.shape)
        feeds = {"input_ids": inputs, "attention_mask": np.ones_like(inputs), "position_ids": positions.copy()}
        logits = run_function(function, feeds)["logits"].astype(np.float64)
        logits -= logits.max(-1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
        total -= np.take_along_axis(logits, targets[..., None], -1).sum()
    return total / tokens[:, 1:].size


@unittest.skipUnless(MODELS.is_dir(), f"no models in {MODELS}")
class Exact(unittest.TestCase):
    CASES = {"llama-duplicated-kv": [[0, 1], [2, 3]], "gqa-rotated-llama": None, "gqa-rotated-opt": None}

    def test_logits_stay_and_caches_halve(self):
        for case, expected_groups in self.CASES.items():
            with self.subTest(case):
                self.check(MODELS / case, expected_groups)

    def check(self, case, expected_groups):
        original = entry(corpus.lower(case / "model.onnx", "--raise"))
        function, groups, _ = convert(case / "model.onnx", "change-signature")
        self.assertEqual([len(layer) for layer in groups], [2, 2])
        if expected_groups:
            self.assertEqual(groups, [expected_groups] * 2)
        for name, inputs, expected in corpus.data_sets(case):
            before = run_function(original, inputs)
            # A cache holds the keys and values that the groups' first heads had.
            few, bytes_before, bytes_after = dict(inputs), 0, 0
            for key, value in inputs.items():
                if key.startswith("past_key_values."):
                    layer = groups[int(key.split(".")[1])]
                    few[key] = value[:, [group[0] for group in layer]]
            after = run_function(function, few)
            with self.subTest(name):
                self.assertLessEqual(np.abs(after["logits"] - before["logits"]).max(), 1e-5)
                np.testing.assert_allclose(after["logits"], expected["logits"], atol=1e-4, rtol=1e-3)
                for key, value in after.items():
                    if key.startswith("present."):
                        layer = groups[int(key.split(".")[1])]
                        kept = before[key][:, [group[0] for group in layer]]
                        self.assertEqual(value.shape, kept.shape)
                        self.assertLessEqual(np.abs(value - kept).max(), 1e-5)
                        bytes_before += before[key].nbytes
                        bytes_after += value.nbytes
                self.assertEqual(bytes_after * 2, bytes_before)

    def test_visible_caches_stay_by_default(self):
        for case in self.CASES:
            function, groups, said = convert(MODELS / case / "model.onnx", "")
            self.assertEqual(groups, [])
            self.assertIn("merging them changes the signature", said)

    def test_other_models_keep_their_results(self):
        """Heads of random weights are not equal: nothing may merge, in any form of model."""
        for case in sorted(MODELS.glob("*/model.onnx")):
            if case.parent.name in self.CASES:
                continue
            with self.subTest(case.parent.name):
                function, groups, _ = convert(case, "change-signature")
                self.assertEqual(groups, [])


@unittest.skipUnless(TRAINED.is_dir(), f"no trained models in {TRAINED}")
class Lossy(unittest.TestCase):
    # Eight sequences keep this short; docs/gqa.md has the figures of all.
    SEQUENCES = 8

    def test_mean_of_neighbours_is_mean_pooling(self):
        folder = TRAINED / "rope-mha-8"
        tokens = np.load(folder / "eval_tokens.npy").astype(np.int64)
        function, groups, _ = convert(folder / "model.onnx", "groups=4 method=mean neighbours")
        self.assertEqual(groups, [[[0, 1], [2, 3], [4, 5], [6, 7]]] * 4)
        self.assertAlmostEqual(cross_entropy(function, tokens[: self.SEQUENCES]), 3.882, delta=0.1)

    def test_components_beat_alignment_and_mean(self):
        folder = TRAINED / "rope-mha-8"
        tokens = np.load(folder / "eval_tokens.npy").astype(np.int64)[: self.SEQUENCES]
        original = cross_entropy(entry(corpus.lower(folder / "model.onnx", "--raise")), tokens)
        scores = {
            method: cross_entropy(convert(folder / "model.onnx", f"groups=4 method={method}")[0], tokens)
            for method in ("components", "align", "mean")
        }
        self.assertLess(original, scores["components"])
        self.assertLess(scores["components"], scores["align"])
        self.assertLess(scores["align"], scores["mean"])

    def test_what_cannot_be_said_is_refused(self):
        model = TRAINED / "rope-mha-8" / "model.onnx"
        with self.assertRaisesRegex(RuntimeError, "8 key/value heads do not make 3 groups of one size"):
            convert(model, "groups=3")


if __name__ == "__main__":
    unittest.main(verbosity=1)
