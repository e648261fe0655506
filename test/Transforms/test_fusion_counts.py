#!/usr/bin/env python3
"""Raises every model of the corpus next to this repository and checks what was recognised, and that the results match.

The corpus is ../shared/models, or $TRANSOM_MODELS; where it is not there, everything is skipped and says so. The tools
are those of $TRANSOM_BIN, or of build/release/bin.
"""

import collections
import json
import os
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
TOOLS = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin"))
sys.path.insert(0, str(ROOT / "test/Reference"))

import corpus  # noqa: E402
from generic_ir import read_module  # noqa: E402

# What an op of the model layer counts as.
KINDS = {"attention": "attention", "layer_norm": "norm", "rms_norm": "norm", "rope": "rope", "glu": "glu"}

# The list counts a feed-forward that gates itself, w2(silu(w1 x)), as gated; so does the report. It is no op glu.
DIFFERENT = {"linear-attention-state": {"glu": 0}}


def count(block):
    found = collections.Counter()
    for op in block.ops:
        found[KINDS.get(op.name.removeprefix("transformer."))] += 1
        for region in op.regions:
            found += count(region)
    return found


@unittest.skipUnless(MODELS.is_dir(), f"no models in {MODELS}")
class FusionCounts(unittest.TestCase):
    def setUp(self):
        os.environ["PATH"] = os.pathsep.join([str(TOOLS), os.environ["PATH"]])

    def test_import_keeps_results(self):
        for case in sorted(MODELS.glob("*/model.onnx")):
            with self.subTest(case.parent.name):
                self.assertEqual(list(corpus.differences(case.parent, corpus.lower(case))), [])

    def test_raise_counts_and_keeps_results(self):
        expected = json.loads((MODELS / "expected-fusions.json").read_text())["fused"]
        for case, want in expected.items():
            with self.subTest(case):
                text = corpus.lower(MODELS / case / "model.onnx", "--raise")
                self.assertEqual(list(corpus.differences(MODELS / case, text)), [])
                (entry,) = (f for f in read_module(text).values() if "transformer.entry" in f.attrs)
                got = count(entry.regions[0])
                want = {kind: number for kind, number in want.items() if kind in KINDS.values()}
                want |= DIFFERENT.get(case, {})
                self.assertEqual({kind: got[kind] for kind in want}, want)


if __name__ == "__main__":
    unittest.main(verbosity=1)
