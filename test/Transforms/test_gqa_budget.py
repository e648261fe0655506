#!/usr/bin/env python3
"""Converts models to as few key/value heads as an error budget allows, and back to ONNX.

The trained model is the one next to this repository, ../shared/trained (or $TRANSOM_TRAINED); where it is not there, its
tests are skipped and say so. A small GPT-2 with biases is in test/Exporters/models.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRAINED = pathlib.Path(os.environ.get("TRANSOM_TRAINED", ROOT.parent / "shared/trained"))
TOOLS = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin"))
GPT2 = ROOT / "test/Exporters/models/gpt2-optimum-past/model.onnx"
sys.path.insert(0, str(ROOT / "benchmarks"))

from compiled_model import CompiledModel  # noqa: E402


def transom(*arguments):
    command = [str(TOOLS / "transom"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def outputs(package, feeds):
    model = CompiledModel(package / "libdecoder.so")
    context = model.context(1)
    context.bind([feeds[name] for name in model.input_names])
    context.run()
    return {name: np.array(value, np.float64) for name, value in zip(model.output_names, context.outputs())}


def log_softmax(logits):
    logits = logits - logits.max(-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def divergence(before, after):
    p, q = log_softmax(before), log_softmax(after)
    return (np.exp(p) * (p - q)).sum(-1).mean()


class Budget(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "inputs").mkdir()

    def compile(self, model, name, *options):
        """The result, the package, and the report's part on heads."""
        package, report = self.folder / name, self.folder / f"{name}.json"
        run = transom("compile", model, "-o", package, "--name=decoder", *(f"--report={report.with_suffix(kind)}" for kind in (".json", ".txt", ".html")), *options)
        heads = json.loads(report.read_text()).get("key_value_heads") if report.exists() else None
        return run, package, heads

    def check_certificate(self, heads, feeds, model, package, budget, key="measured_divergence"):
        """What the report says is so: measured here again, by NumPy."""
        self.assertLessEqual(heads[key], budget)
        self.assertEqual(heads["budget"], budget)
        self.assertAlmostEqual(
            heads["predicted"], sum(a.get("error_alone", 0) for a in heads["attentions"]), delta=1e-9 + 1e-6 * heads["predicted"]
        )
        run, original, _ = self.compile(model, "original", "--gqa=off")
        self.assertEqual(run.returncode, 0, run.stderr)
        before = outputs(original, feeds)["logits"]
        caches = {a["node"]: a["after"] for a in heads["attentions"]}
        self.assertTrue(any(a["after"] < a["before"] for a in heads["attentions"]), caches)
        fewer = {
            name: value[:, : heads["attentions"][int(name.split(".")[1])]["after"]] if name.startswith("past") else value
            for name, value in feeds.items()
        }
        after = outputs(package, fewer)["logits"]
        self.assertAlmostEqual(divergence(before, after), heads["measured_divergence"], delta=1e-3 * heads["measured_divergence"] + 1e-7)
        self.assertAlmostEqual(np.abs(before - after).max(), heads["measured_largest"], delta=1e-3 * heads["measured_largest"] + 1e-6)
        for attention in heads["attentions"]:
            self.assertEqual(attention["cache_bytes_after"] * attention["before"], attention["cache_bytes_before"] * attention["after"])
            self.assertEqual(len(attention["groups"]), attention["after"] if attention["after"] < attention["before"] else 0)

    @unittest.skipUnless(TRAINED.is_dir(), f"no trained models in {TRAINED}")
    def test_trained_model(self):
        model = TRAINED / "rope-mha-8/model.onnx"
        tokens = np.load(TRAINED / "rope-mha-8/calibration_tokens.npy").astype(np.int64)[:6, :48]
        positions = np.ascontiguousarray(np.broadcast_to(np.arange(48), tokens.shape))
        feeds = {"input_ids": np.ascontiguousarray(tokens), "attention_mask": np.ones_like(tokens), "position_ids": positions}
        np.savez(self.folder / "inputs/all.npz", **feeds)
        run, package, heads = self.compile(model, "converted", "--gqa=budget=0.05", f"--calibrate={self.folder}/inputs")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("on the calibration inputs KL divergence", run.stderr)
        self.check_certificate(heads, feeds, model, package, 0.05)
        self.assertEqual(heads["error"], "divergence")
        self.assertLess(heads["cache_bytes_after"], heads["cache_bytes_before"])

    def gpt2(self):
        random = np.random.default_rng(21)
        tokens = random.integers(1, 60, (6, 20))
        feeds = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
        feeds["position_ids"] = np.ascontiguousarray(np.broadcast_to(np.arange(20), tokens.shape))
        feeds |= {f"past_key_values.{i}.{part}": np.zeros((6, 4, 0, 4), np.float32) for i in range(2) for part in ("key", "value")}
        np.savez(self.folder / "inputs/all.npz", **feeds)
        return feeds

    def test_biases_caches_and_back_to_onnx(self):
        feeds = self.gpt2()
        run, package, heads = self.compile(
            GPT2, "converted", "--gqa=budget=1,error=largest", f"--calibrate={self.folder}/inputs", f"--export-onnx={self.folder}/few.onnx"
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(heads["error"], "largest")
        self.check_certificate(heads, feeds, GPT2, package, 1, "measured_largest")
        text, page = ((self.folder / f"converted.{kind}").read_text() for kind in ("txt", "html"))
        self.assertRegex(text, r"(?m)^key and value heads\n  .*: 4 -> \d")
        self.assertRegex(text, r"largest difference \S+ \(\S+ predicted, \S+ allowed\); a token takes \d+ bytes in the cache, 256 before")
        self.assertIn("<h2>Key and value heads</h2>", page)
        # It decodes with the smaller cache, and says how fast.
        self.assertGreater(heads["tokens_per_second_after"], 0)
        self.assertGreater(heads["tokens_per_second_before"], 0)
        # The exported model is the converted one: its caches have as many heads, its results are the same.
        run, again, _ = self.compile(self.folder / "few.onnx", "again", "--gqa=off")
        self.assertEqual(run.returncode, 0, run.stderr)
        fewer = {
            name: value[:, : heads["attentions"][int(name.split(".")[1])]["after"]] if name.startswith("past") else value
            for name, value in feeds.items()
        }
        want, got = outputs(package, fewer), outputs(again, fewer)
        self.assertEqual(set(want), set(got))
        for name, value in want.items():
            self.assertEqual(value.shape, got[name].shape)
            np.testing.assert_allclose(got[name], value, atol=2e-5, rtol=1e-4)

    def test_what_cannot_be_met_is_refused_with_the_curve(self):
        self.gpt2()
        run, package, heads = self.compile(GPT2, "none", "--gqa=budget=1e-12", f"--calibrate={self.folder}/inputs")
        self.assertEqual(run.returncode, 1)
        self.assertIn("--gqa=budget=1e-12: nothing fits; the error with one attention converted is", run.stderr)
        self.assertRegex(run.stderr, r"attention 0, 4 key/value heads: \d\.\d\de[-+]\d+ with 2")
        self.assertRegex(run.stderr, r"attention 1, 4 key/value heads: \d\.\d\de[-+]\d+ with 2")
        self.assertFalse(package.exists())
        self.assertIsNone(heads)

    def test_options(self):
        for text in ("budget=0", "budget=-1", "budget=some", "budget=inf"):
            refused = transom("compile", GPT2, f"--gqa={text}", "--emit=optimise")
            self.assertEqual(refused.returncode, 2, text)
            self.assertIn("budget=X with X above 0", refused.stderr)
        refused = transom("compile", GPT2, "--gqa=groups=2,error=largest", "--emit=optimise")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("'error=largest' is none of", refused.stderr)
        for command in ("compile", "verify"):
            options = ("--emit=optimise",) if command == "compile" else (GPT2.parent,)
            refused = transom(command, GPT2, *options, "--gqa=budget=0.1")
            self.assertEqual(refused.returncode, 1, refused.stdout + refused.stderr)
            self.assertIn("--gqa=budget=X: the error is measured on calibration inputs", refused.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
