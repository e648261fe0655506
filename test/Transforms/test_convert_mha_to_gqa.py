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
sys.path[:0] = [str(ROOT / "test/Reference"), str(ROOT / "benchmarks")]

import corpus  # noqa: E402
from compiled_model import CompiledModel  # noqa: E402
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


class Disguised(unittest.TestCase):
    """Attention made of random weights in which heads of a group differ by maps that can be moved, in many forms."""

    WIDTH, FEATURES, ROWS = 24, 8, 5

    def setUp(self):
        self.random = np.random.default_rng(7)

    def invertible(self, size):
        q = np.linalg.qr(self.random.normal(size=(size, size)))[0]
        return q @ np.diag(0.6 + self.random.random(size)) @ np.linalg.qr(self.random.normal(size=(size, size)))[0]

    def key_map(self, rotary, interleaved):
        result = np.zeros((self.FEATURES, self.FEATURES))
        for pair in range(rotary // 2):
            a, b = (2 * pair, 2 * pair + 1) if interleaved else (pair, pair + rotary // 2)
            re, im = self.random.normal(size=2)
            result[a, a] = result[b, b] = re
            result[b, a], result[a, b] = im, -im
        result[rotary:, rotary:] = self.invertible(self.FEATURES - rotary)
        return result

    def model(self, groups, queries_per_key=1, rotary=0, interleaved=False, bias=False, shift=False, norm=False, slopes=False):
        """IR whose key/value heads are `groups`, as lists of heads."""
        d, n, heads = self.FEATURES, self.WIDTH, sum(map(len, groups))
        key, value = np.zeros((heads, d, n + 1)), np.zeros((heads, d, n + 1))
        for group in groups:
            k, v = self.random.normal(size=(2, d, n + 1))
            k[:, n] *= bias
            v[:, n] *= bias
            for head in group:
                key[head] = k if norm else self.key_map(rotary, interleaved) @ k
                value[head] = self.invertible(d) @ v
                if shift:
                    key[head, :, n] = self.random.normal(size=d)
        all_heads = heads * queries_per_key
        query = self.random.normal(size=(all_heads * d, n + 1)) / n
        lines, arguments = [], [f"%x: tensor<2x{self.ROWS}x{n}xf32>"]

        def constant(name, array):
            array = np.asarray(array, np.float32)
            shape = "x".join(map(str, array.shape))
            raw = array.tobytes().hex().upper()
            lines.append(f'%{name} = transformer.constant dense<"0x{raw}"> : tensor<{shape}xf32>')
            return f"tensor<{shape}xf32>"

        def projection(name, weight, count):
            weight = weight.reshape(-1, n + 1)
            wide = f"2x{self.ROWS}x{count * d}xf32"
            type_ = constant(f"w{name}", weight[:, :n].T)
            added = f" bias %b{name} : {constant(f'b{name}', weight[:, n])}" if bias or shift else ""
            lines.append(f"%{name}0 = transformer.linear %x, %w{name}{added} : tensor<2x{self.ROWS}x{n}xf32>, {type_}")
            split = f"tensor<2x{self.ROWS}x{count}x{d}xf32>"
            lines.append(f"%{name}1 = transformer.reshape %{name}0[] : tensor<{wide}> to {split}")
            source = f"%{name}1"
            if norm and name != "v":
                scale = constant(f"s{name}", 0.5 + self.random.random(d))
                attributes = "<{axis = 3 : i64, epsilon = 1.0e-6 : f32}>"
                lines.append(f"%{name}n = transformer.rms_norm %{name}1 scale %s{name} : {scale} {attributes} : {split}")
                source = f"%{name}n"
            lines.append(f"%{name}2 = transformer.transpose {source} <{{perm = array<i64: 0, 2, 1, 3>}}> : {split}")
            if not rotary or name == "v":
                return f"%{name}2", f"tensor<2x{count}x{self.ROWS}x{d}xf32>"
            table = f"tensor<{self.ROWS}x{rotary // 2}xf32>"
            attributes = f"<{{rotary_dim = {rotary} : i64{', interleaved' if interleaved else ''}}}>"
            type_ = f"tensor<2x{count}x{self.ROWS}x{d}xf32>"
            lines.append(f"%{name}3 = transformer.rope %{name}2, %cos, %sin {attributes} : {type_}, {table}, {table}")
            return f"%{name}3", type_

        if rotary:
            angle = np.arange(self.ROWS)[:, None] / 10.0 ** np.arange(rotary // 2)
            constant("cos", np.cos(angle)), constant("sin", np.sin(angle))
        (q, qt), (k, kt), (v, vt) = projection("q", query, all_heads), projection("k", key, heads), projection("v", value, heads)
        extra = ""
        if slopes:
            extra = f" slopes %slopes : {constant('slopes', 0.5 ** np.arange(1, all_heads + 1))}"
        causal = "causal = #transformer<causal_kind top_left>"
        lines.append(f"%a = transformer.attention {q}, {k}, {v}{extra} <{{{causal}, scale = 0.35 : f32}}> : {qt}, {kt}, {vt}")
        lines.append(f"%t = transformer.transpose %a <{{perm = array<i64: 0, 2, 1, 3>}}> : {qt}")
        merged = f"tensor<2x{self.ROWS}x{all_heads * d}xf32>"
        lines.append(f"%r = transformer.reshape %t[] : tensor<2x{self.ROWS}x{all_heads}x{d}xf32> to {merged}")
        out = constant("wo", self.random.normal(size=(all_heads * d, n)) / n)
        lines.append(f"%y = transformer.linear %r, %wo : {merged}, {out}")
        result = f"tensor<2x{self.ROWS}x{n}xf32>"
        named = '{{transformer.name = "{}", transformer.dims = ["", "", ""]}}'
        head = f"func.func @main({arguments[0]} {named.format('x')}) -> ({result} {named.format('y')})"
        return "\n".join([head + ' attributes {transformer.entry} {', *lines, f"return %y : {result}", "}"])

    def check(self, groups, expected=None, **form):
        text = self.model(groups, **form)
        outputs, said = [], ""
        for passes in ([], ["--convert-mha-to-gqa=remarks"]):
            command = ["transom-opt", "--mlir-print-op-generic", *passes]
            lowered = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
            self.assertEqual(lowered.returncode, 0, lowered.stderr)
            said = lowered.stderr
            x = np.random.default_rng(3).normal(size=(2, self.ROWS, self.WIDTH)).astype(np.float32)
            outputs.append(run_function(entry(lowered.stdout), {"x": x})["y"])
        got = [[int(h) for h in group.split(",")] for group in re.findall(r"\{([\d, ]+)\}", "".join(GROUPS.findall(said)))]
        self.assertEqual(got, expected or groups, said)
        np.testing.assert_allclose(outputs[1], outputs[0], atol=2e-5, rtol=1e-5)

    def test_forms(self):
        pairs = [[0, 2], [1, 3]]
        forms = [
            {}, {"bias": True}, {"bias": True, "shift": True}, {"slopes": True}, {"queries_per_key": 2},
            {"rotary": 8}, {"rotary": 8, "bias": True}, {"rotary": 4}, {"rotary": 4, "interleaved": True},
            {"rotary": 8, "interleaved": True, "queries_per_key": 3}, {"norm": True}, {"norm": True, "rotary": 8},
        ]  # fmt: skip
        for form in forms:
            with self.subTest(**form):
                self.check(pairs, **form)

    def test_classes_are_cut_to_one_size(self):
        self.check([[0, 1, 4, 5], [2, 3]], expected=[[0, 1], [2, 3], [4, 5]], rotary=8)
        self.check([[0, 1, 2, 3, 4, 5]], rotary=4)
        self.check([[0, 3, 4], [1, 2, 5]], bias=True)


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
        kept = self.transom("compile", model, "--emit=optimise", "--state=none")
        self.assertEqual((kept.returncode, kept.stderr), (0, ""))
        self.assertIn("tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>", kept.stdout)
        # States have a signature of their own: there they merge.
        both = self.transom("compile", model, "--emit=optimise")
        self.assertEqual(both.returncode, 0)
        self.assertIn("4 key/value heads become 2: {0, 1} {2, 3}", both.stderr)
        self.assertIn("in the states alone: the ONNX signature keeps all", both.stderr)
        self.assertIn("tensor<?x4x?x12xf32>, tensor<?x2x?x12xf32>, tensor<?x2x?x12xf32>", both.stdout)
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

    def test_calibration_lowers_what_is_left_in_every_layer(self):
        """Few and short sequences, so that it is quick; other ones tell whether that holds."""
        folder = TRAINED / "rope-mha-8"
        seen, unseen = (np.load(folder / f"{name}_tokens.npy").astype(np.int64)[:, :65] for name in ("calibration", "eval"))
        scores = {}
        with tempfile.TemporaryDirectory() as temporary:
            temporary = pathlib.Path(temporary)
            (temporary / "inputs").mkdir()
            np.savez(temporary / "inputs" / "tokens.npz", **self.inputs(seen))
            for name, options in {"plain": [], "refitted": [f"--calibrate={temporary / 'inputs'}"]}.items():
                command = ["transom", "compile", folder / "model.onnx", "--gqa=groups=2,neighbours", *options]
                compiled = subprocess.run(
                    [*map(str, command), "-o", str(temporary / name), "--name=decoder"], capture_output=True, text=True, check=False
                )
                self.assertEqual(compiled.returncode, 0, compiled.stderr)
                residuals = re.findall(r"outputs leave a residual of (\S+); (\S+) before they were refitted", compiled.stderr)
                self.assertEqual(len(residuals), 4 if options else 0, compiled.stderr)
                for after, before in residuals:
                    self.assertLess(float(after), 0.6 * float(before))
                scores[name] = self.score(temporary / name / "libdecoder.so", unseen)
        self.assertLess(scores["refitted"], scores["plain"] - 0.3)

    @staticmethod
    def inputs(tokens):
        ids = np.ascontiguousarray(tokens[:, :-1])
        positions = np.ascontiguousarray(np.broadcast_to(np.arange(ids.shape[1]), ids.shape))
        return {"input_ids": ids, "attention_mask": np.ones_like(ids), "position_ids": positions}

    def score(self, library, tokens):
        context = (model := CompiledModel(library)).context(1)
        feeds = self.inputs(tokens)
        context.bind([feeds[name] for name in model.input_names])
        context.run()
        logits = context.outputs()[model.output_names.index("logits")].astype(np.float64)
        logits -= logits.max(-1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
        return -np.take_along_axis(logits, tokens[:, 1:, None], -1).mean()

    def test_what_cannot_be_said_is_refused(self):
        model = TRAINED / "rope-mha-8" / "model.onnx"
        with self.assertRaisesRegex(RuntimeError, "8 key/value heads do not make 3 groups of one size"):
            convert(model, "groups=3")


if __name__ == "__main__":
    unittest.main(verbosity=1)
