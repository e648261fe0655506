#!/usr/bin/env python3
"""Compiled elementwise kernels against NumPy: every element type, broadcasts in every position, views, rows by index."""

import unittest

import numpy as np
from program import SPECIAL, Suite

FLOATS = ["f64", "f32", "f16", "bf16"]
SIGNED, UNSIGNED = ["i8", "i16", "i32", "i64"], ["ui8", "ui16", "ui32", "ui64"]
INTEGERS = SIGNED + UNSIGNED
REAL_FUNCTIONS = {
    "exp": "-20.0..20.0", "log": "positive", "sqrt": "positive", "rsqrt": "positive", "reciprocal": "positive", "sin": "-40.0..40.0", "cos": "-40.0..40.0",
    "tan": "-1.5..1.5", "asin": "-1.0..1.0", "acos": "-1.0..1.0", "atan": "", "sinh": "-3.0..3.0", "cosh": "-3.0..3.0", "asinh": "", "acosh": "1.0..9.0",
    "atanh": "-0.9..0.9", "erf": "-4.0..4.0", "tanh": "-9.0..9.0", "sigmoid": "-20.0..20.0", "softplus": "-20.0..20.0", "ceil": "-9.0..9.0", "floor": "-9.0..9.0",
    "round": "-9.0..9.0", "sign": "", "relu": "", "gelu": "-6.0..6.0", "gelu_tanh": "-6.0..6.0", "quick_gelu": "-6.0..6.0", "silu": "-9.0..9.0", "relu_squared": "", "abs": "", "neg": "",
}  # fmt: skip


def unary(suite, name, kind, argument, element, result=None, **options):
    result = result or element
    suite.add(name, f"x: {argument}", f"%r = transformer.unary {kind} %x : tensor<{argument.split()[0]}>", f"{argument.split()[0].rpartition('x')[0]}x{result}", **options)


class Functions(unittest.TestCase):
    def test_real_functions(self):
        """Polynomials of vectors in f32 and below it; a single element and a vector's rest."""
        suite = Suite()
        for kind, span in REAL_FUNCTIONS.items():
            # In f64 they are libm's; halves are computed with in f32.
            for element in ("f32", *(("f64",) if kind in ("exp", "gelu", "round") else ("f16",) if kind in ("tanh", "silu") else ("bf16",) if kind in ("exp", "erf") else ())):
                unary(suite, f"{kind}_{element}", kind, f"Sx{element} {span}", element, S=[1, 37])
        suite.check(self)

    def test_special_values(self):
        """Signed zeros, infinities and NaN."""
        suite = Suite()
        for element in FLOATS:
            for kind in ("abs", "neg", "floor", "round", "sign", "relu", *(("exp", "tanh", "sigmoid", "sqrt") if element == "f32" else ())):
                unary(suite, f"{kind}_{element}", kind, f"{len(SPECIAL)}x{element} special", element)
            for kind in ("isnan", "isinf"):
                unary(suite, f"{kind}_{element}", kind, f"{len(SPECIAL)}x{element} special", element, "i1")
        suite.check(self)

    def test_exponentials_at_their_ends(self):
        """What overflows is infinite, what underflows is 0 or nearly, as NumPy has it; the logarithm of 0 is -inf."""
        suite = Suite()
        ends = np.array([-1e30, -104, -103, -88, -87.5, -87, -1e-30, 0, 1e-30, 88, 88.7, 88.8, 89, 1e30])
        for kind in ("exp", "sigmoid", "tanh", "softplus", "silu"):
            unary(suite, kind, kind, f"{ends.size}xf32", "f32", given={"x": ends})
        unary(suite, "log", "log", "6xf32", "f32", given={"x": np.array([0.0, 1.0, np.inf, 1.2e-38, 3.4e38, -1.0])})
        unary(suite, "log_of_small", "log", "4xf32", "f32", given={"x": np.array([1e-39, 1e-40, 1e-44, 1.1754942e-38])})
        suite.check(self)

    def test_integers(self):
        suite = Suite()
        for element in INTEGERS:
            for kind in ("not", "sign", "relu", "abs", *(("neg",) if element in SIGNED else ())):
                # The least number has no absolute value.
                span = "special" if kind not in ("abs", "neg") else "-9..9" if element in SIGNED else "<9"
                unary(suite, f"{kind}_{element}", kind, f"Sx{element} {span}", element, S=[1, 21])
        unary(suite, "not_i1", "not", "Sxi1", "i1", S=[1, 21])
        suite.check(self)


class Pairs(unittest.TestCase):
    def test_arithmetic(self):
        suite = Suite()
        for element in FLOATS + INTEGERS:
            # The types of one width and sign differ in no other way.
            kinds = ["add", "mul", "max", "div"] if element in ("i16", "ui16", "ui32", "bf16") else ["add", "sub", "mul", "min", "max", "div", "mod", "fmod"]
            for kind in kinds:
                divides = kind in ("div", "mod", "fmod")
                if element in FLOATS:
                    spans = ("", " positive" if divides else "")
                elif divides:
                    spans = (" -60..60" if element in SIGNED else " <90", " 1..8")
                else:
                    spans = (" special", "")
                suite.add(f"{kind}_{element}", f"x: Sx{element}{spans[0]}, y: Sx{element}{spans[1]}", f"%r = transformer.binary {kind} %x, %y : tensor<Sx{element}>, tensor<Sx{element}>", f"Sx{element}", S=[1, 21])
            for kind in ("eq", "lt", "ge") if element in INTEGERS else ("eq", "ne", "lt", "le", "gt", "ge"):
                suite.add(f"{kind}_{element}", f"x: 13x1x{element} special, y: 13x{element} special", f"%r = transformer.compare {kind} %x, %y : tensor<13x1x{element}>, tensor<13x{element}>", "13x13xi1")
        for element in INTEGERS + ["i1"]:
            for kind in ("and", "or", "xor"):
                suite.add(f"{kind}_{element}", f"x: 21x{element}, y: 21x{element}", f"%r = transformer.binary {kind} %x, %y : tensor<21x{element}>, tensor<21x{element}>", f"21x{element}")
        suite.check(self)

    def test_divisions_by_negative_numbers(self):
        """Truncated, floored, and the remainder of the dividend's sign."""
        suite = Suite()
        for element in ("i8", "i64", "f64", "f32"):
            for kind in ("div", "mod", "fmod"):
                suite.add(f"{kind}_{element}", f"x: 7x1x{element}, y: 4x{element}", f"%r = transformer.binary {kind} %x, %y : tensor<7x1x{element}>, tensor<4x{element}>", f"7x4x{element}",
                          given={"x": np.array([-7, -6, -1, 0, 1, 6, 7]).reshape(7, 1), "y": np.array([-3, -1, 2, 5])})
        suite.check(self)

    def test_division_by_zero(self):
        """Of integers it fails the run, whatever element it is; of floats it does not."""
        suite = Suite()
        for kind in ("div", "mod", "fmod"):
            suite.add(f"{kind}_of_integers", "x: 5xi32, y: 5xi32", f"%r = transformer.binary {kind} %x, %y : tensor<5xi32>, tensor<5xi32>", "5xi32", given={"y": np.array([1, 2, 0, 3, 0])}, fails=("divide", 0, 0))
        suite.add("of_floats", "x: 3xf32, y: 3xf32", "%r = transformer.binary div %x, %y : tensor<3xf32>, tensor<3xf32>", "3xf32", given={"x": np.array([1.0, 0.0, -1.0]), "y": np.array(0.0)})
        # The least integer over -1 would trap.
        suite.add("least_by_minus_one", "x: 4xi32, y: 4xi32", "%r = transformer.binary fmod %x, %y : tensor<4xi32>, tensor<4xi32>", "4xi32", given={"x": np.array(-(2**31)), "y": np.array([-1, 1, 3, -5])})
        suite.check(self)

    def test_powers(self):
        """A constant exponent becomes multiplications or a root; integers stay exact; exponents of another type."""
        suite = Suite()
        for number, exponent in enumerate((2.0, 3.0, 0.5, -0.5, -1.0, 1.0, 2.5)):
            suite.add(f"constant_{number}", "x: 9xf32 positive", f"""%e = transformer.constant dense<{exponent}> : tensor<f32>
                      %r = transformer.binary pow %x, %e : tensor<9xf32>, tensor<f32>""", "9xf32")
        suite.add("any", "x: 9xf32 positive, y: 9xf32", "%r = transformer.binary pow %x, %y : tensor<9xf32>, tensor<9xf32>", "9xf32", tolerance=4)
        suite.add("integers", "x: 9xi64 -5..6, y: 9xi64 <6", "%r = transformer.binary pow %x, %y : tensor<9xi64>, tensor<9xi64>", "9xi64")
        suite.check(self)

    def test_shifts(self):
        suite = Suite()
        for element in UNSIGNED:
            for kind in ("shl", "shr"):
                suite.add(f"{kind}_{element}", f"x: 21x{element} special, y: 21x{element} <8", f"%r = transformer.binary {kind} %x, %y : tensor<21x{element}>, tensor<21x{element}>", f"21x{element}")
        suite.check(self)

    def test_broadcasts(self):
        """Missing dims, dims of one on either side, both, sizes that are one only when it runs, and none at all."""
        suite = Suite()
        pairs = [("", "7"), ("7", ""), ("3x5", "5"), ("3x5", "3x1"), ("3x1", "1x5"), ("2x1x5", "3x1"), ("1", "2x3x5"), ("1x1x1", "2x3x5"), ("0x3", "1x3"), ("2x3x5x1", "5x7"), ("2x3x1x7", "2x1x5x1")]
        for number, (x, y) in enumerate(pairs):
            r = "x".join(map(str, np.broadcast_shapes(*(tuple(int(d) for d in s.split("x") if d) for s in (x, y)))))
            for element in ("f32", "i1") if number % 2 else ("i64",):
                full = [f"{shape}{'x' if shape else ''}{element}" for shape in (x, y, r)]
                kind = "xor" if element == "i1" else "sub"
                suite.add(f"pair_{number}_{element}", f"x: {full[0]}, y: {full[1]}", f"%r = transformer.binary {kind} %x, %y : tensor<{full[0]}>, tensor<{full[1]}>", full[2])
        suite.add("late", "x: AxBxf32, y: CxDxf32", "%r = transformer.binary sub %x, %y : tensor<AxBxf32>, tensor<CxDxf32>", "?x?xf32", A=[3, 1, 3, 1, 3], B=[5, 5, 1, 1, 5], C=[3, 3, 3, 3, 1], D=[5, 1, 5, 5, 1])
        suite.add("chosen", "c: Sx1xi1, x: 4xf32, y: f32", "%r = transformer.select %c, %x, %y : tensor<Sx1xi1>, tensor<4xf32>, tensor<f32>", "Sx4xf32", S=[1, 6])
        suite.add("glu", "x: Sx9xf32, y: Sx9xf32", "%r = transformer.glu silu %x, %y : tensor<Sx9xf32>, tensor<Sx9xf32>", "Sx9xf32", S=[1, 6])
        suite.check(self)


class Casts(unittest.TestCase):
    def test_all_pairs(self):
        """Integers wrap, floats are truncated; numbers that do not fit are left out: the dialect leaves them open."""
        suite = Suite()
        types = ["f64", "f32", "f16", "bf16", "i8", "i64", "ui8", "ui32", "i1"]
        for source in types:
            for target in types:
                span = " special" if source in INTEGERS and target in INTEGERS else " 0.0..100.0" if source in FLOATS and target in UNSIGNED else " -100.0..100.0" if source in FLOATS else ""
                suite.add(f"{source}_to_{target}", f"x: 21x{source}{span}", f"%r = transformer.cast %x : tensor<21x{source}> to tensor<21x{target}>", f"21x{target}")
        suite.check(self)

    def test_rounding_of_halves(self):
        """To nearest even, with infinities, NaN and subnormals; as NumPy rounds them."""
        suite = Suite()
        hard = np.array([1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-11, 1 + 3 * 2**-11, 65504, 65519, 65520, 1e-7, 6e-8, 3e-8, 2.9e-8, 3.39e38, 3.4e38, np.inf, -np.inf, np.nan, -0.0])
        for target in ("f16", "bf16"):
            suite.add(f"to_{target}", f"x: {hard.size}xf32", f"%r = transformer.cast %x : tensor<{hard.size}xf32> to tensor<{hard.size}x{target}>", f"{hard.size}x{target}", given={"x": hard}, tolerance=0)
            suite.add(f"from_{target}", f"x: 13x{target} special", f"%r = transformer.cast %x : tensor<13x{target}> to tensor<13xf32>", "13xf32", tolerance=0)
        suite.check(self)

    def test_bits(self):
        suite = Suite()
        for source, target in (("f32", "i32"), ("i32", "f32"), ("f64", "i64"), ("i16", "f16"), ("bf16", "ui16"), ("ui8", "i8"), ("f16", "i16")):
            suite.add(f"{source}_as_{target}", f"x: 21x{source}", f"%r = transformer.bitcast %x : tensor<21x{source}> to tensor<21x{target}>", f"21x{target}", tolerance=0)
        suite.check(self)

    def test_quantised(self):
        """By one scale, by an axis, by blocks; both ends saturate; halves round to even."""
        suite = Suite()
        for element in ("i8", "ui8", "i16", "ui16"):
            suite.add(f"quantize_{element}", f"x: Sx6xf32 -400.0..400.0, s: f32, z: {element} <100",
                      f"%r = transformer.quantize %x, %s zero %z : tensor<{element}> <{{axis = 0 : i64, block_size = 0 : i64}}> : tensor<Sx6xf32>, tensor<f32> to tensor<Sx6x{element}>",
                      f"Sx6x{element}", S=[1, 5], given={"s": np.array(1.5)})
            suite.add(f"dequantize_{element}", f"x: Sx6x{element} special, s: 6xf32, z: 6x{element} <100",
                      f"%r = transformer.dequantize %x, %s zero %z : tensor<6x{element}> <{{axis = 1 : i64, block_size = 0 : i64}}> : tensor<Sx6x{element}>, tensor<6xf32> to tensor<Sx6xf32>",
                      "Sx6xf32", S=[1, 5])
        suite.add("ties", "x: 8xf32, s: f32", "%r = transformer.quantize %x, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<8xf32>, tensor<f32> to tensor<8xi8>", "8xi8",
                  given={"x": np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, 127.5]), "s": np.array(1.0)})
        suite.add("blocks", "x: 3x8xi8, s: 3x2xf32", "%r = transformer.dequantize %x, %s <{axis = 1 : i64, block_size = 4 : i64}> : tensor<3x8xi8>, tensor<3x2xf32> to tensor<3x8xf32>", "3x8xf32")
        suite.check(self)


class Views(unittest.TestCase):
    def test_movement(self):
        """Copies where a result is asked for; every width of elements."""
        suite = Suite()
        for element in ("i1", "bf16", "f32", "f64"):
            e = f"Sx3x5x{element}"
            suite.add(f"transpose_{element}", f"x: {e}", f"%r = transformer.transpose %x <{{perm = array<i64: 2, 0, 1>}}> : tensor<{e}>", f"5xSx3x{element}", S=[1, 4, 0])
            suite.add(f"slice_{element}", f"x: {e}", f"%r = transformer.slice %x[] [%S] <{{static_starts = array<i64: 0, 2, 4>, steps = array<i64: 1, -1, -2>}}> : tensor<{e}> to tensor<Sx3x3x{element}>", f"Sx3x3x{element}", S=[1, 4])
            suite.add(f"concat_{element}", f"x: {e}, y: Sx1x5x{element}", f"%r = transformer.concat %x, %y, %x <{{axis = 1 : i64}}> : tensor<{e}>, tensor<Sx1x5x{element}>, tensor<{e}>", f"Sx7x5x{element}", S=[1, 4, 0])
            suite.add(f"tile_{element}", f"x: 2x3x{element}", f"%r = transformer.tile %x[] : tensor<2x3x{element}> to tensor<4x9x{element}>", f"4x9x{element}")
            suite.add(f"broadcast_{element}", f"x: Sx1x{element}", f"%r = transformer.broadcast_to %x[%S] : tensor<Sx1x{element}> to tensor<2xSx5x{element}>", f"2xSx5x{element}", S=[1, 3])
            suite.add(f"reshape_{element}", f"x: {e}", f"%r = transformer.reshape %x[%S] : tensor<{e}> to tensor<Sx15x{element}>", f"Sx15x{element}", S=[1, 4, 0])
        suite.add("concat_rows", "x: Axf32, y: Bxf32", "%r = transformer.concat %x, %y <{axis = 0 : i64}> : tensor<Axf32>, tensor<Bxf32>", "?xf32", A=[0, 3, 5], B=[4, 0, 2])
        suite.check(self)

    def test_pads_and_triangles(self):
        suite = Suite()
        for mode in ("constant", "edge", "reflect", "wrap"):
            suite.add(f"pad_{mode}", "x: 3x5xf32", f"%r = transformer.pad {mode} %x [] [] <{{static_low = array<i64: 1, 2>}}> : tensor<3x5xf32> to tensor<5x9xf32>", "5x9xf32")
        suite.add("cut", "x: 3x5xi64", "%r = transformer.pad constant %x [] [] <{static_low = array<i64: 1, -2>}> : tensor<3x5xi64> to tensor<5x4xi64>", "5x4xi64")
        for name, flags, k in (("lower", "", 0), ("lower_2", "", 2), ("upper", "<{upper}>", 0), ("upper_minus_1", "<{upper}>", -1), ("beyond", "", -9)):
            suite.add(name, "x: SxSxf32", f"%k = arith.constant {k} : index\n%r = transformer.trilu %x k %k {flags} : tensor<SxSxf32>", "SxSxf32", S=[1, 5])
        suite.check(self)

    def test_chains_of_views(self):
        """Index maps compose: nothing but the last result is stored."""
        suite = Suite()
        suite.add(
            "maps", "x: 4xSx6xf32, y: 6xf32",
            """%0 = transformer.transpose %x <{perm = array<i64: 1, 0, 2>}> : tensor<4xSx6xf32>
               %1 = transformer.slice %0[] [%S] <{static_starts = array<i64: 0, 1, 5>, steps = array<i64: 1, 2, -1>}> : tensor<Sx4x6xf32> to tensor<Sx2x6xf32>
               %2 = transformer.binary add %1, %y : tensor<Sx2x6xf32>, tensor<6xf32>
               %3 = transformer.pad edge %2 [] [%S] <{static_low = array<i64: 0, 0, 1>}> : tensor<Sx2x6xf32> to tensor<Sx2x8xf32>
               %r = transformer.transpose %3 <{perm = array<i64: 2, 1, 0>}> : tensor<Sx2x8xf32>""",
            "8x2xSxf32", S=[1, 3])
        suite.add(
            "positions", "x: Sx3x8xf32, c: Sx1x4xf32, s: Sx1x4xf32",
            """%0 = transformer.rope %x, %c, %s <{rotary_dim = 4 : i64, interleaved}> : tensor<Sx3x8xf32>, tensor<Sx1x4xf32>, tensor<Sx1x4xf32>
               %r = transformer.transpose %0 <{perm = array<i64: 1, 0, 2>}> : tensor<Sx3x8xf32>""",
            "3xSx8xf32", S=[1, 3])
        suite.check(self)


class RowsByIndex(unittest.TestCase):
    def test_gathers(self):
        """Indices count from the end when negative; of every integer type that has them; along every axis."""
        suite = Suite()
        for element in ("i32", "i64"):
            suite.add(f"rows_{element}", f"x: Nx6xf32, i: Sx{element} -5..5", f"%r = transformer.gather %x, %i <{{axis = 0 : i64}}> : tensor<Nx6xf32>, tensor<Sx{element}>", "Sx6xf32", N=[5], S=[0, 1, 9])
        suite.add("inner", "x: 3x5x4xf16, i: 2x2xi64 -5..5", "%r = transformer.gather %x, %i <{axis = 1 : i64}> : tensor<3x5x4xf16>, tensor<2x2xi64>", "3x2x2x4xf16")
        suite.add("one", "x: 5x4xbf16, i: i64 -5..5", "%r = transformer.gather %x, %i <{axis = 0 : i64}> : tensor<5x4xbf16>, tensor<i64>", "4xbf16")
        suite.add("elements", "x: 4x6xi8, i: 4x3xi64 -6..6", "%r = transformer.gather_elements %x, %i <{axis = 1 : i64}> : tensor<4x6xi8>, tensor<4x3xi64>", "4x3xi8")
        suite.add("tuples", "x: 3x4x5xf32, i: Sx2xi64 -3..3", "%r = transformer.gather_nd %x, %i <{batch_dims = 0 : i64}> : tensor<3x4x5xf32>, tensor<Sx2xi64>", "Sx5xf32", S=[0, 7])
        suite.check(self)

    def test_indices_out_of_range(self):
        """The run fails and names the index and the dim."""
        suite = Suite()
        for name, index in (("too_large", 5), ("too_small", -6)):
            suite.add(f"gather_{name}", "x: 5x4xf32, i: 3xi64", "%r = transformer.gather %x, %i <{axis = 0 : i64}> : tensor<5x4xf32>, tensor<3xi64>", "3x4xf32", given={"i": np.array([0, index, 1])}, fails=("index", index, 5))
            suite.add(f"elements_{name}", "x: 3x5xf32, i: 3x1xi64", "%r = transformer.gather_elements %x, %i <{axis = 1 : i64}> : tensor<3x5xf32>, tensor<3x1xi64>", "3x1xf32", given={"i": np.array([[0], [index], [1]])}, fails=("index", index, 5))
            suite.add(f"tuples_{name}", "x: 5x4xf32, i: 2x2xi64", "%r = transformer.gather_nd %x, %i <{batch_dims = 0 : i64}> : tensor<5x4xf32>, tensor<2x2xi64>", "2xf32", given={"i": np.array([[0, 1], [index, 0]])}, fails=("index", index, 5))
        suite.check(self)


class Updates(unittest.TestCase):
    KINDS = ("set", "add", "mul", "min", "max")

    def test_scatters(self):
        """Several updates of one element are combined in their order, whatever thread does it."""
        suite = Suite()
        for kind in self.KINDS:
            # Of equal indices which one is set is open: none are.
            given = {"i": np.array([[0, 4, 2], [-2, 1, 3]])} if kind == "set" else {}
            suite.add(f"elements_{kind}", "x: 5x3xf32, i: 2x3xi64 -5..5, u: 2x3xf32", f"%r = transformer.scatter_elements {kind} %x, %i, %u <{{axis = 0 : i64}}> : tensor<5x3xf32>, tensor<2x3xi64>, tensor<2x3xf32>", "5x3xf32", given=given)
            suite.add(f"columns_{kind}", "x: 3x70xi32, i: 3x9xi64 <70, u: 3x9xi32", f"%r = transformer.scatter_elements {kind} %x, %i, %u <{{axis = 1 : i64}}> : tensor<3x70xi32>, tensor<3x9xi64>, tensor<3x9xi32>", "3x70xi32",
                      given={"i": np.arange(27).reshape(3, 9)} if kind == "set" else {})
            rows = {"i": np.array([[3], [-5], [1]])} if kind == "set" else {}
            suite.add(f"rows_{kind}", "x: 5x9xf32, i: 3x1xi64 -5..5, u: 3x9xf32", f"%r = transformer.scatter_nd {kind} %x, %i, %u : tensor<5x9xf32>, tensor<3x1xi64>, tensor<3x9xf32>", "5x9xf32", given=rows)
            points = {"i": np.array([[3, 1], [-5, 0], [1, 1]])} if kind == "set" else {}
            suite.add(f"points_{kind}", "x: 5x4xi64, i: 3x2xi64 -4..4, u: 3xi64", f"%r = transformer.scatter_nd {kind} %x, %i, %u : tensor<5x4xi64>, tensor<3x2xi64>, tensor<3xi64>", "5x4xi64", given=points)
        suite.check(self)

    def test_caches(self):
        """Rows from a position on, of each batch its own; around the end where the cache is circular."""
        suite = Suite()
        suite.add("at", "c: Bx3x9x4xf32, u: Bx3xSx4xf32, s: Bxi64 <5", "%r = transformer.kv_write %c, %u at %s : tensor<Bxi64> <{axis = 2 : i64}> : tensor<Bx3x9x4xf32>, tensor<Bx3xSx4xf32>", "Bx3x9x4xf32", B=[1, 3], S=[1, 4])
        suite.add("begin", "c: 2x9x4xf16, u: 2xSx4xf16", "%r = transformer.kv_write %c, %u <{axis = 1 : i64}> : tensor<2x9x4xf16>, tensor<2xSx4xf16>", "2x9x4xf16", S=[0, 1, 9])
        suite.add("circular", "c: 2x6x4xf32, u: 2xSx4xf32, s: 2xi64 <20", "%r = transformer.kv_write %c, %u at %s : tensor<2xi64> <{axis = 1 : i64, circular}> : tensor<2x6x4xf32>, tensor<2xSx4xf32>", "2x6x4xf32", S=[1, 4, 6, 8])
        suite.add("beyond", "c: 1x6x4xf32, u: 1x3x4xf32, s: 1xi64", "%r = transformer.kv_write %c, %u at %s : tensor<1xi64> <{axis = 1 : i64}> : tensor<1x6x4xf32>, tensor<1x3x4xf32>", "1x6x4xf32", given={"s": np.array([4])}, fails=("index", 6, 6))
        suite.check(self)

    def test_indices_out_of_range(self):
        suite = Suite()
        suite.add("elements", "x: 5x3xf32, i: 1x3xi64, u: 1x3xf32", "%r = transformer.scatter_elements add %x, %i, %u <{axis = 0 : i64}> : tensor<5x3xf32>, tensor<1x3xi64>, tensor<1x3xf32>", "5x3xf32", given={"i": np.array([0, 5, 1])}, fails=("index", 5, 5))
        suite.add("rows", "x: 5x3xf32, i: 2x1xi64, u: 2x3xf32", "%r = transformer.scatter_nd add %x, %i, %u : tensor<5x3xf32>, tensor<2x1xi64>, tensor<2x3xf32>", "5x3xf32", given={"i": np.array([[0], [-6]])}, fails=("index", -6, 5))
        suite.check(self)


if __name__ == "__main__":
    unittest.main(verbosity=1)
