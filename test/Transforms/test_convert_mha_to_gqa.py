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
import tempfile
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


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def write_tensor(path, name, value):
    """An onnx.TensorProto: dims 1, data_type 2, name 8, raw_data 9."""
    fields = b"".join(b"\x08" + varint(size) for size in value.shape)
    fields += b"\x10" + varint({"float32": 1, "int64": 7}[value.dtype.name])
    for number, data in ((8, name.encode()), (9, np.ascontiguousarray(value).tobytes())):
        fields += varint(number << 3 | 2) + varint(len(data)) + data
    path.write_bytes(fields)


@unittest.skipUnless(MODELS.is_dir(), f"no models in {MODELS}")
class Compiled(unittest.TestCase):
    def test_verify_checks_the_outputs_that_kept_their_shape(self):
        for name in Exact.CASES:
            case = MODELS / name
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                compiled = self.transom("compile", case / "model.onnx", "--gqa=exact", "-o", folder / "package")
                self.assertEqual(compiled.returncode, 0, compiled.stderr)
                self.assertIn("key/value heads of all attentions: 4, 8 before", compiled.stderr)
                (groups,) = set(GROUPS.findall(compiled.stderr))
                first = [int(head) for head in re.findall(r"\{(\d+)", groups)]
                for data_set, inputs, expected in corpus.data_sets(case):
                    (folder / data_set).mkdir()
                    for i, (key, value) in enumerate(inputs.items()):
                        few = value[:, first] if key.startswith("past_key_values.") else value
                        write_tensor(folder / data_set / f"input_{i}.pb", key, few)
                    write_tensor(folder / data_set / "output_0.pb", "logits", expected["logits"])
                verified = self.transom(
                    "verify", folder / "package", folder, "--output=logits", "--atol=1e-5", "--rtol=0"
                )
                self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
                self.assertIn("3 of 3 data sets agree", verified.stdout)
                # All outputs cannot be compared: there are no caches of that shape.
                self.assertIn("output", self.transom("verify", folder / "package", folder).stderr)

    def test_what_gqa_takes(self):
        model = MODELS / "llama-duplicated-kv" / "model.onnx"
        for text in ("groups=0", "groups=two", "exactly", "groups=2,method=median"):
            refused = self.transom("compile", model, f"--gqa={text}", "--emit=optimise")
            self.assertEqual(refused.returncode, 2, text)
            self.assertIn("is none of", refused.stderr)
        kept = self.transom("compile", model, "--emit=optimise")
        self.assertEqual((kept.returncode, kept.stderr), (0, ""))
        self.assertIn("tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>", kept.stdout)
        asked = self.transom("compile", MODELS / "llama-mha-with-past/model.onnx", "--gqa=exact", "--emit=optimise")
        self.assertEqual(asked.returncode, 0)
        self.assertIn("warning: no key/value heads were merged", asked.stderr)
        self.assertIn("no two key heads are equal up to a map", asked.stderr)

    def transom(self, *arguments):
        command = [str(argument) for argument in ("transom", *arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)


@unittest.skipUnless(TRAINED.is_dir(), f"no trained models in {TRAINED}")
class Lossy(unittest.TestCase):
    # Eight sequences keep this short; docs/gqa.md has the figures of all.
    SEQUENCES = 8

    def test_mean_of_neighbours_is_mean_pooling(self):
        folder = TRAINED / "rope-mha-8"
        tokens = np.load(folder / "eval_tokens.npy").astype(np.int64)[: self.SEQUENCES]
        function, groups, _ = convert(folder / "model.onnx", "groups=4 method=mean neighbours")
        self.assertEqual(groups, [[[0, 1], [2, 3], [4, 5], [6, 7]]] * 4)
        pooled = entry(corpus.lower(folder / "model.onnx", "--raise"))
        constants = {op.results[0]: op for op in pooled.regions[0].ops if op.name == "transformer.constant"}
        products = [op for op in pooled.regions[0].ops if op.name == "transformer.linear"]
        weights = [constants[op.operands[1]].attrs for op in products]
        projections = [weight for weight in weights if weight["value"].shape == (128, 128)]
        self.assertEqual(len(projections), 16)  # queries, keys, values, outputs of four layers
        for i, weight in enumerate(projections):
            if i % 4 in (1, 2):
                heads = weight["value"].reshape(128, 4, 2, 16)
                mean = np.broadcast_to(heads.mean(2, keepdims=True), heads.shape)
                weight["value"] = mean.reshape(128, 128).astype(np.float32)
        self.assertAlmostEqual(cross_entropy(function, tokens), cross_entropy(pooled, tokens), delta=1e-5)

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
