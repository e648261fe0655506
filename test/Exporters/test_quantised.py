#!/usr/bin/env python3
"""Compiles the quantised models of quantised.zip, compares their outputs with the expected ones, and checks that every
product of integers is one: none is computed in f32 with casts around it, but for those that LEFT lists.

The commands are those in $TRANSOM_BIN, or in build/release/bin. keep_quantised.py makes the file.
"""

import collections
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile

import onnx

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from models_table import TRANSOM, run  # noqa: E402

#: Operators of 8-bit operands, of weights that are integers, and of floats that may have come from integers.
INTEGERS = {"MatMulInteger", "QLinearMatMul", "QGemm", "QAttention", "ConvInteger", "QLinearConv"}
WEIGHTS = {"MatMulNBits"}
PRODUCTS = {"MatMul", "Gemm", "Conv"}
VIEWS = {"Transpose", "Reshape", "Slice", "Split", "Squeeze", "Unsqueeze", "Expand", "Identity"}
#: Products that stay as they are, by model, with what is said of each.
GROUPS = "a convolution in groups of channels is no product of whole windows"
LEFT = {
    "convnext-ts17-int8": [GROUPS] * 2,
    "convnext-ts17-qdq": [GROUPS] * 2,
    "convnext-ts17-qoperator": [GROUPS] * 2,
}


def quantised_products(graph):
    """How many products of `graph` have only 8-bit operands, and how many a float one and a weight that is quantised."""
    makers = {output: node for node in graph.node for output in node.output}
    weights = {tensor.name for tensor in graph.initializer}

    def dequantisation(name):
        node = makers.get(name)
        while node is not None and node.op_type in VIEWS:
            node = makers.get(node.input[0])
        return node if node is not None and node.op_type == "DequantizeLinear" else None

    counts = collections.Counter()
    for node in graph.node:
        if node.op_type in INTEGERS:
            counts["integers"] += 1
        elif node.op_type in WEIGHTS:
            counts["weights"] += 1
        elif node.op_type in PRODUCTS:
            left, right = dequantisation(node.input[0]), dequantisation(node.input[1])
            if left and right:
                counts["integers"] += 1
            elif right and right.input[0] in weights:
                counts["weights"] += 1
    return counts


def compiled_products(path):
    """The same of what the compiler makes kernels of, and what it says of other products."""
    model = subprocess.run([TRANSOM, "compile", path, "--emit=optimise"], capture_output=True, text=True, check=True)
    passes = "builtin.module(func.func(lower-rounded-attention,fuse-integer-products{remarks}))"
    command = [TRANSOM.parent / "transom-opt", f"--pass-pipeline={passes}", "-"]
    made = subprocess.run(command, input=model.stdout, capture_output=True, text=True, check=True)
    counts = collections.Counter(
        integers=len(re.findall(r"= transformer\.matmul_integer ", made.stdout)),
        weights=len(re.findall(r"= transformer\.linear_nbits ", made.stdout)),
    )
    # A mixture has each product of its experts once; scales are [experts, ...].
    for mixture in re.findall(r"= transformer\.moe .*", made.stdout):
        counts["weights"] += sum(map(int, re.findall(r"_scales %\S+ : tensor<(\d+)x", mixture)))
    return counts, re.findall(r"remark: integer product stays in pieces: (.*)", made.stderr)


class Quantised(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        with zipfile.ZipFile(HERE / "quantised.zip") as archive:
            archive.extractall(cls.holder.name)
        cls.cases = sorted(pathlib.Path(cls.holder.name).iterdir())

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def for_each(self, work):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(zip(self.cases, pool.map(work, self.cases)))

    def test_forms(self):
        forms = {case.name.rsplit("ts17-")[-1].rsplit("past-")[-1] for case in self.cases}
        self.assertEqual(forms, {"int8", "uint8", "qdq", "qoperator", "int4", "int4-qdq"})
        self.assertLessEqual(set(LEFT), {case.name for case in self.cases})

    def test_outputs_match(self):
        for case, result in self.for_each(lambda case: run("verify", case)):
            with self.subTest(case.name):
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
                self.assertRegex(result.stdout, r"(?m)^(\d+) of \1 data sets? agree")

    def test_products_are_of_integers(self):
        for case, (made, left) in self.for_each(lambda case: compiled_products(case / "model.onnx")):
            with self.subTest(case.name):
                wanted = quantised_products(onnx.load(case / "model.onnx").graph)
                self.assertGreater(wanted.total(), 0)
                self.assertEqual(left, LEFT.get(case.name, []))
                self.assertEqual(made["integers"], wanted["integers"] - len(left))
                self.assertEqual(made["weights"], wanted["weights"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
