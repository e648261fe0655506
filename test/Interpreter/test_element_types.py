#!/usr/bin/env python3
"""Runs elementwise ops, casts, reductions and movement by the interpreter in C++ over every element type and over odd
shapes, and compares with the reference in NumPy.

Shapes are scalars, tensors without elements, single elements, prime sizes and broadcasts. Operands hold what is hard
about their type: both ends of integers, signed zeros, subnormals, infinities and NaN. The tools are those of
$TRANSOM_BIN, or of build/release/bin.
"""

import os
import pathlib
import sys
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin"))
sys.path.insert(0, str(ROOT / "test/Reference"))
sys.path.insert(0, str(ROOT / "test/Interpreter"))

from generic_ir import DTYPES  # noqa: E402
from interpreter import run_block  # noqa: E402
from meaning import round_to  # noqa: E402
from small_floats import FORMATS, numbers  # noqa: E402
from test_meaning import transom_opt  # noqa: E402

FLOATS = ["f64", "f32", "f16", "bf16"]
SIGNED = ["i8", "i16", "i32", "i64"]
UNSIGNED = ["ui8", "ui16", "ui32", "ui64"]
NARROW = {"i2": (-2, 1), "i4": (-8, 7), "ui2": (0, 3), "ui4": (0, 15)}
SHAPES = [(), (0,), (1,), (7,), (2, 3), (3, 0, 2), (1, 1, 1), (2, 3, 5)]
# Pairs that broadcast: with a scalar, along rows, along columns, both ways, with no elements.
PAIRS = [((), (7,)), ((2, 3), (3,)), ((2, 3), (2, 1)), ((3, 1), (1, 5)), ((0, 3), (1, 3)), ((2, 1, 5), (3, 1)), ((1,), (2, 3, 5))]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, float("inf"), float("-inf"), float("nan"), 1e-7, 300.0]


def type_of(shape, element):
    return "tensor<" + "".join(f"{dim}x" for dim in shape) + f"{element}>"


def values_of(shape, element, random, special=False):
    """Numbers of a type, as Python's: ends and special values first, random ones after."""
    count = int(np.prod(shape, dtype=np.int64))
    if element == "i1":
        return (random.random(count) < 0.5).tolist()
    if element in NARROW:
        low, high = NARROW[element]
        return random.integers(low, high + 1, count).tolist()
    if element in FORMATS:
        table = numbers(element)
        return np.resize(table[np.isfinite(table)], count).tolist()
    dtype = DTYPES[element]
    if np.issubdtype(dtype, np.integer):
        info = np.iinfo(dtype)
        first = [info.min, info.max, 0, 1, info.max // 2] if special else []
        rest = random.integers(max(-9, int(info.min)), 10, count).tolist()
        return (first + rest)[:count]
    first = SPECIAL if special else []
    reals = np.asarray((first + random.standard_normal(count).tolist())[:count], np.float64)
    return round_to(reals, element).astype(np.float64).tolist() if count else []


def number_text(value, element):
    if element == "i1":
        return str(bool(value)).lower()
    if isinstance(value, int):
        return str(value)
    if np.isnan(value) or np.isinf(value):
        bits = {"f64": (64, 0x7FF0 << 48, 0x7FF8 << 48), "f32": (32, 0x7F80 << 16, 0x7FC0 << 16), "f16": (16, 0x7C00, 0x7E00), "bf16": (16, 0x7F80, 0x7FC0)}
        width, infinity, nan = bits[element]
        pattern = nan if np.isnan(value) else infinity | ((1 << (width - 1)) if value < 0 else 0)
        return f"0x{pattern:0{width // 4}X}"
    return f"{value:.20e}"


def literal(shape, element, random, special=False):
    texts = [number_text(value, element) for value in values_of(shape, element, random, special)]
    if 0 in shape:
        nested = ""
    elif not shape:
        nested = texts[0]
    else:
        nested = np.array(texts, dtype=object).reshape(shape).tolist()
        nested = str(nested).replace("'", "")
    return f"dense<{nested}> : {type_of(shape, element)}"


class Cases:
    """Functions without arguments that return one value each, by name."""

    def __init__(self):
        self.text, self.names, self.random = [], {}, np.random.default_rng(5)

    def add(self, name, operands, op, result, special=False):
        """`operands` are (shape, element) pairs: %a, %b, ...; `op` defines %r."""
        lines = [f"%{'abc'[i]} = transformer.constant {literal(*operand, self.random, special)}" for i, operand in enumerate(operands)]
        body = "\n".join([*lines, op, f"return %r : {result}"])
        self.text.append(f"func.func @{name}() -> {result} {{\n{body}\n}}\n")
        self.names[name] = result

    def check(self, test, tolerance=2e-6):
        text = "".join(self.text)
        before, after = transom_opt(text), transom_opt(text, "--test-evaluate")
        for name, result in self.names.items():
            with test.subTest(name):
                with np.errstate(all="ignore"):
                    (want,) = run_block(before[name].regions[0], [], {})
                (got,) = run_block(after[name].regions[0], [], {})
                test.assertEqual(np.asarray(got).shape, np.asarray(want).shape)
                loose = "f16>" in result
                relative = 1e-2 if "bf16" in result else 2e-3 if loose else tolerance
                np.testing.assert_allclose(
                    np.asarray(got).astype(np.float64), np.asarray(want).astype(np.float64), rtol=relative, atol=relative
                )


class ElementTypes(unittest.TestCase):
    def test_unary_functions_of_floats(self):
        cases = Cases()
        for element in FLOATS:
            for kind in ("abs", "neg", "exp", "sqrt", "reciprocal", "sin", "tanh", "sigmoid", "erf", "ceil", "floor", "round", "sign", "relu", "gelu", "silu"):
                type_ = type_of((13,), element)
                cases.add(f"{kind}_{element}", [((13,), element)], f"%r = transformer.unary {kind} %a : {type_}", type_)
        cases.check(self)

    def test_special_floats(self):
        cases = Cases()
        for element in FLOATS:
            type_ = type_of((13,), element)
            for kind in ("abs", "neg", "ceil", "floor", "round", "relu", "sign"):
                cases.add(f"{kind}_{element}", [((13,), element)], f"%r = transformer.unary {kind} %a : {type_}", type_, special=True)
            for kind in ("isnan", "isinf"):
                cases.add(f"{kind}_{element}", [((13,), element)], f"%r = transformer.unary {kind} %a : {type_}", type_of((13,), "i1"), special=True)
        cases.check(self)

    def test_unary_functions_of_integers(self):
        cases = Cases()
        for element in SIGNED + UNSIGNED:
            type_ = type_of((7,), element)
            for kind in ("not", "identity", *(("abs", "neg", "sign") if element in SIGNED else ())):
                cases.add(f"{kind}_{element}", [((7,), element)], f"%r = transformer.unary {kind} %a : {type_}", type_)
        cases.check(self)

    def test_shapes(self):
        cases = Cases()
        for number, shape in enumerate(SHAPES):
            for element in ("f32", "f16", "i64", "ui8"):
                type_ = type_of(shape, element)
                cases.add(f"twice_{number}_{element}", [(shape, element)], f"%r = transformer.binary add %a, %a : {type_}, {type_}", type_)
            cases.add(f"chosen_{number}", [(shape, "i1"), (shape, "f32")], f"%r = transformer.select %a, %b, %b : {type_of(shape, 'i1')}, {type_of(shape, 'f32')}, {type_of(shape, 'f32')}", type_of(shape, "f32"))
            cases.add(f"not_{number}", [(shape, "i1")], f"%r = transformer.unary not %a : {type_of(shape, 'i1')}", type_of(shape, "i1"))
        cases.check(self)

    def test_broadcasts(self):
        cases = Cases()
        for number, (left, right) in enumerate(PAIRS):
            shape = np.broadcast_shapes(left, right)
            for element in ("f32", "bf16", "i32"):
                types = f"{type_of(left, element)}, {type_of(right, element)}"
                for kind in ("add", "sub", "mul", "min", "max"):
                    cases.add(f"{kind}_{number}_{element}", [(left, element), (right, element)], f"%r = transformer.binary {kind} %a, %b : {types}", type_of(shape, element))
                for kind in ("eq", "ne", "lt", "le", "gt", "ge"):
                    cases.add(f"{kind}_{number}_{element}", [(left, element), (right, element)], f"%r = transformer.compare {kind} %a, %b : {types}", type_of(shape, "i1"))
        cases.check(self)

    def test_comparisons_of_special_floats(self):
        cases = Cases()
        for element in FLOATS:
            column, row = (13, 1), (13,)
            types = f"{type_of(column, element)}, {type_of(row, element)}"
            for kind in ("eq", "ne", "lt", "le", "gt", "ge"):
                cases.add(f"{kind}_{element}", [(column, element), (row, element)], f"%r = transformer.compare {kind} %a, %b : {types}", type_of((13, 13), "i1"), special=True)
        cases.check(self)

    def test_bits(self):
        cases = Cases()
        for element in ["i1", *SIGNED, *UNSIGNED]:
            type_ = type_of((11,), element)
            for kind in ("and", "or", "xor"):
                cases.add(f"{kind}_{element}", [((11,), element), ((11,), element)], f"%r = transformer.binary {kind} %a, %b : {type_}, {type_}", type_)
        cases.check(self)

    def test_casts(self):
        cases = Cases()
        for source in [*FLOATS, *SIGNED, *UNSIGNED, "i1"]:
            for target in [*FLOATS, *SIGNED, *UNSIGNED, "i1"]:
                if source in FLOATS and target in UNSIGNED:
                    continue  # negative numbers as unsigned ones have no meaning
                cases.add(f"{source}_to_{target}", [((11,), source)], f"%r = transformer.cast %a : {type_of((11,), source)} to {type_of((11,), target)}", type_of((11,), target))
        cases.check(self)

    def test_casts_to_floats_of_few_bits(self):
        cases = Cases()
        for source in [*FLOATS, "i8", "ui8", "i64", "i4", "ui2", "i1"]:
            for target in FORMATS:
                cases.add(f"{source}_to_{target}", [((19,), source)], f"%r = transformer.cast %a : {type_of((19,), source)} to {type_of((19,), target)}", type_of((19,), target), special=True)
        cases.check(self, 0)

    def test_casts_from_floats_of_few_bits(self):
        cases = Cases()
        for source in FORMATS:
            for target in [*FLOATS, *FORMATS, "i64"] if source != "f8E8M0FNU" else ["f64", "f32", "bf16", "f4E2M1FN"]:
                if source == target:
                    continue
                # Every number that there is.
                cases.add(f"{source}_to_{target}", [((256,), source)], f"%r = transformer.cast %a : {type_of((256,), source)} to {type_of((256,), target)}", type_of((256,), target))
        cases.check(self, 0)

    def test_casts_of_integers_of_few_bits(self):
        cases = Cases()
        for narrow in NARROW:
            for other in ["f32", "f16", "i1", "i8", "ui8", "i64", *NARROW]:
                if other != narrow:
                    cases.add(f"{narrow}_to_{other}", [((11,), narrow)], f"%r = transformer.cast %a : {type_of((11,), narrow)} to {type_of((11,), other)}", type_of((11,), other))
                if other[0] in "iu" and other != narrow:
                    cases.add(f"{other}_to_{narrow}_", [((11,), other)], f"%r = transformer.cast %a : {type_of((11,), other)} to {type_of((11,), narrow)}", type_of((11,), narrow), special=True)
        cases.check(self)

    def test_quantisation_to_few_bits(self):
        cases = Cases()
        scale = "%s = transformer.constant dense<2.500000e-01> : tensor<f32>"
        for target in [*NARROW, "f4E2M1FN", "f8E4M3FN"]:
            quantised = type_of((19,), target)
            quantize = f"{scale}\n%q = transformer.quantize %a, %s <{{axis = 0 : i64, block_size = 0 : i64}}> : tensor<19xf32>, tensor<f32> to {quantised}"
            cases.add(f"to_{target}", [((19,), "f32")], quantize.replace("%q", "%r"), quantised)
            back = f"%r = transformer.dequantize %q, %s <{{axis = 0 : i64, block_size = 0 : i64}}> : {quantised}, tensor<f32> to tensor<19xf32>"
            cases.add(f"from_{target}", [((19,), "f32")], f"{quantize}\n{back}", "tensor<19xf32>")
        cases.check(self)

    def test_reductions(self):
        cases = Cases()
        for element in [*FLOATS, "i32", "i64"]:
            for number, (axes, keep, shape) in enumerate([("0", "", (3, 5)), ("1", ", keepdims", (2, 1, 5)), ("0, 2", "", (3,)), ("0, 1, 2", ", keepdims", (1, 1, 1)), ("0, 1, 2", "", ())]):
                for kind in ("sum", "max", "min", "prod", *(("mean",) if element in FLOATS else ())):
                    op = f"%r = transformer.reduce {kind} %a <{{axes = array<i64: {axes}>{keep}}}> : {type_of((2, 3, 5), element)}"
                    cases.add(f"{kind}_{number}_{element}", [((2, 3, 5), element)], op, type_of(shape, element))
        for kind in ("sum", "prod"):
            op = f"%r = transformer.reduce {kind} %a <{{axes = array<i64: 1>}}> : {type_of((3, 0), 'f32')}"
            cases.add(f"{kind}_of_nothing", [((3, 0), "f32")], op, type_of((3,), "f32"))
        cases.check(self, 1e-5)

    def test_movement(self):
        cases = Cases()
        shape = (2, 3, 5)
        for element in ["i1", "f16", "bf16", "f64", "i8", "ui16", "ui64"]:
            type_ = type_of(shape, element)
            cases.add(f"transpose_{element}", [(shape, element)], f"%r = transformer.transpose %a <{{perm = array<i64: 2, 0, 1>}}> : {type_}", type_of((5, 2, 3), element))
            cases.add(f"reshape_{element}", [(shape, element)], f"%r = transformer.reshape %a[] : {type_} to {type_of((5, 6), element)}", type_of((5, 6), element))
            cases.add(f"slice_{element}", [(shape, element)], f"%r = transformer.slice %a[] [] <{{static_starts = array<i64: 1, 0, 4>, steps = array<i64: 1, 2, -2>}}> : {type_} to {type_of((1, 2, 3), element)}", type_of((1, 2, 3), element))
            cases.add(f"concat_{element}", [(shape, element), ((2, 1, 5), element)], f"%r = transformer.concat %a, %b <{{axis = 1 : i64}}> : {type_}, {type_of((2, 1, 5), element)}", type_of((2, 4, 5), element))
            cases.add(f"tile_{element}", [(shape, element)], f"%r = transformer.tile %a[] : {type_} to {type_of((4, 3, 10), element)}", type_of((4, 3, 10), element))
            cases.add(f"broadcast_{element}", [((3, 1), element)], f"%r = transformer.broadcast_to %a[] : {type_of((3, 1), element)} to {type_of((2, 3, 5), element)}", type_of((2, 3, 5), element))
        for element in ("f32", "i64"):
            cases.add(f"empty_concat_{element}", [((0, 3), element), ((2, 3), element)], f"%r = transformer.concat %a, %b <{{axis = 0 : i64}}> : {type_of((0, 3), element)}, {type_of((2, 3), element)}", type_of((2, 3), element))
            cases.add(f"empty_slice_{element}", [((4, 3), element)], f"%r = transformer.slice %a[] [] <{{static_starts = array<i64: 4, 0>, steps = array<i64: 1, 1>}}> : {type_of((4, 3), element)} to {type_of((0, 3), element)}", type_of((0, 3), element))
        cases.check(self)

    def test_products(self):
        cases = Cases()
        for element in FLOATS:
            for number, (left, right, shape, flags) in enumerate([
                ((1, 1), (1, 1), (1, 1), ""), ((3, 7), (7, 5), (3, 5), ""), ((2, 1, 3, 7), (5, 7, 2), (2, 5, 3, 2), ""),
                ((7, 3), (7, 5), (3, 5), " <{transpose_a}>"), ((3, 7), (5, 7), (3, 5), " <{transpose_b}>"), ((0, 7), (7, 5), (0, 5), ""), ((3, 0), (0, 5), (3, 5), ""),
            ]):  # fmt: skip
                op = f"%r = transformer.matmul %a, %b{flags} : {type_of(left, element)}, {type_of(right, element)}"
                cases.add(f"matmul_{number}_{element}", [(left, element), (right, element)], op, type_of(shape, element))
        cases.check(self, 1e-5)

    def test_norms_and_softmax(self):
        cases = Cases()
        for element in FLOATS:
            for number, shape in enumerate([(1,), (7,), (2, 1), (3, 13), (2, 3, 5), (0, 5)]):
                type_, last = type_of(shape, element), len(shape) - 1
                cases.add(f"softmax_{number}_{element}", [(shape, element)], f"%r = transformer.softmax %a <{{axis = {last} : i64}}> : {type_}", type_)
                for norm in ("layer_norm", "rms_norm"):
                    cases.add(f"{norm}_{number}_{element}", [(shape, element)], f"%r = transformer.{norm} %a <{{axis = {last} : i64, epsilon = 1.0e-01 : f32}}> : {type_}", type_)
        cases.check(self, 1e-5)


if __name__ == "__main__":
    unittest.main(verbosity=1)
