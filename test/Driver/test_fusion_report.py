#!/usr/bin/env python3
"""Reads `transom inspect --fusions --json` of every model of the corpus next to this repository.

The counts have to be those of its list, nothing that counts may be left in pieces, and every op that was fused has to
name the ONNX nodes that it came from. The corpus is ../shared/models, or $TRANSOM_MODELS; the tools are those of
$TRANSOM_BIN, or of build/release/bin.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
from html.parser import HTMLParser

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"

KINDS = {"attention", "norm", "rope", "glu", "moe", "linear_attention", "compressive_memory"}
# The list leaves out that this model rotates by two positions: queries and keys, in two layers, by halves.
UNLISTED = {"chatglm-2d-rope": {"rope": 8}}


def transom(*arguments):
    return subprocess.run([str(TRANSOM), *map(str, arguments)], capture_output=True, text=True, check=False)


def fusions(case):
    run = transom("inspect", MODELS / case / "model.onnx", "--fusions", "--json")
    if run.returncode:
        raise RuntimeError(f"{case}: {run.stderr}")
    return json.loads(run.stdout)


@unittest.skipUnless(MODELS.is_dir(), f"no models in {MODELS}")
class FusionReport(unittest.TestCase):
    def setUp(self):
        self.expected = json.loads((MODELS / "expected-fusions.json").read_text())["fused"]

    def test_counts(self):
        for case, want in self.expected.items():
            with self.subTest(case):
                report = fusions(case)
                want = {kind: number for kind, number in want.items() if kind in KINDS} | UNLISTED.get(case, {})
                found = {kind: number for kind, number in report["fused"].items() if kind in KINDS}
                # What the list does not name is not there either.
                self.assertEqual(found, {kind: number for kind, number in want.items() if number})

    def test_every_fusion_names_its_nodes(self):
        for case in self.expected:
            with self.subTest(case):
                for entry in fusions(case)["fusions"]:
                    self.assertTrue(entry["nodes"], entry)
                    self.assertTrue(all(node["name"] and node["operator"] for node in entry["nodes"]), entry)

    def test_nothing_that_counts_is_in_pieces(self):
        for case in self.expected:
            with self.subTest(case):
                report = fusions(case)
                self.assertEqual(report["near_misses"], [])
                # A softmax stands in a router alone.
                left = [e for e in report["unfused"] if e["op"] == "softmax" and not e.get("part_of")]
                outputs = [e for e in left if case == "original-transformer"]  # its log-probabilities
                self.assertEqual(left, outputs)

    def test_requirement(self):
        with tempfile.TemporaryDirectory() as folder:
            model = MODELS / "gpt2-nopast/model.onnx"
            met = transom("compile", model, "--emit=raise", "-o", f"{folder}/a", "--require-fusion=attention:2,norm:5")
            self.assertEqual(met.returncode, 0, met.stderr)
            unmet = transom("compile", model, "--emit=raise", "-o", f"{folder}/b", "--require-fusion=attention:3")
            self.assertEqual(unmet.returncode, 1)
            self.assertIn("attention: 2 where 3 are required", unmet.stderr)
            self.assertFalse(os.path.exists(f"{folder}/b"))

    def test_report_page(self):
        """One page, well formed, with a layer for each layer of the model and nothing to load."""
        with tempfile.TemporaryDirectory() as folder:
            run = transom(
                "compile", MODELS / "llama-gqa-with-past/model.onnx", "-o", f"{folder}/llama",
                f"--report={folder}/page.html", f"--report={folder}/page.json", "--name=llama",
            )  # fmt: skip
            self.assertEqual(run.returncode, 0, run.stderr)
            text = pathlib.Path(f"{folder}/page.html").read_text()
            report = json.loads(pathlib.Path(f"{folder}/page.json").read_text())
        page = Page()
        page.feed(text)
        page.close()
        self.assertEqual(page.open, [])
        self.assertEqual(page.loads, [])
        for layer in report["layers"]:
            self.assertIn(layer["name"], text)
        names = [layer["name"] for layer in report["layers"] if "layers." in layer["name"]]
        self.assertEqual(len(names), 2, names)
        self.assertTrue(all(kernel["launches"] >= 1 for kernel in report["kernels"]))
        # Layers share their kernels.
        self.assertTrue(any(kernel["launches"] >= 2 for kernel in report["kernels"]))
        for symbol in ("batch_size", "sequence_length"):
            self.assertIn(symbol, report["workspace_bytes"])
        self.assertNotIn("?", report["workspace_bytes"])


class Page(HTMLParser):
    VOID = {"meta", "input", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.loads = [], []

    def handle_starttag(self, tag, attrs):
        self.loads += [value for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> where {self.open[-3:]} are open"
        self.open.pop()


if __name__ == "__main__":
    unittest.main(verbosity=1)
