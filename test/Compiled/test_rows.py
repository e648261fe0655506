#!/usr/bin/env python3
"""Compiled kernels that read lines of an axis: norms, softmax, reductions, searches, running sums; against NumPy."""

import unittest

import numpy as np
from program import Suite

FLOATS = ["f64", "f32", "f16", "bf16"]
INTEGERS = ["i8", "i16", "i32", "i64", "ui8", "ui16", "ui32", "ui64"]
# Around a vector, a chunk of 64 and none.
LENGTHS = [1, 2, 7, 8, 9, 63, 64, 65, 130]


class Norms(unittest.TestCase):
    def test_lengths_and_types(self):
        suite = Suite()
        for element in FLOATS:
            for norm in ("layer_norm", "rms_norm"):
                suite.add(f"{norm}_{element}", f"x: SxNx{element}, s: Nx{element}",
                          f"%r = transformer.{norm} %x scale %s : tensor<Nx{element}> <{{axis = 1 : i64, epsilon = 1.0e-05 : f32}}> : tensor<SxNx{element}>",
                          f"SxNx{element}", S=[1, 2, 3, 1, 1, 2, 1, 5, 0], N=LENGTHS[1:] + [3], tolerance=4)
        suite.check(self)

    def test_forms(self):
        """Over several dims, with a bias, between chains, rows of a transposed input, parameters of another type."""
        suite = Suite()
        suite.add("two_dims", "x: Sx3x5xf32, s: 3x5xf32", "%r = transformer.rms_norm %x scale %s : tensor<3x5xf32> <{axis = 1 : i64, epsilon = 1.0e-01 : f32}> : tensor<Sx3x5xf32>", "Sx3x5xf32", S=[1, 4])
        suite.add("biased", "x: Sx12xf32, s: 12xf32, b: 12xf32",
                  "%r = transformer.layer_norm %x scale %s : tensor<12xf32> bias %b : tensor<12xf32> <{axis = 1 : i64, epsilon = 1.0e-12 : f32}> : tensor<Sx12xf32>", "Sx12xf32", S=[1, 4], tolerance=4)
        suite.add("wide_parameters", "x: Sx12xf16, s: 12xf32", "%r = transformer.rms_norm %x scale %s : tensor<12xf32> <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<Sx12xf16>", "Sx12xf16", S=[1, 4])
        suite.add(
            "between", "x: Sx24xf32, y: Sx24xf32, s: 24xf32",
            """%0 = transformer.binary add %x, %y : tensor<Sx24xf32>, tensor<Sx24xf32>
               %1 = transformer.layer_norm %0 scale %s : tensor<24xf32> <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<Sx24xf32>
               %2 = transformer.unary silu %1 : tensor<Sx24xf32>
               %r = transformer.cast %2 : tensor<Sx24xf32> to tensor<Sx24xf16>""",
            "Sx24xf16", S=[1, 3])
        suite.add(
            "of_a_transpose", "x: 6xSx4xf32",
            """%0 = transformer.transpose %x <{perm = array<i64: 1, 2, 0>}> : tensor<6xSx4xf32>
               %r = transformer.layer_norm %0 <{axis = 2 : i64, epsilon = 1.0e-05 : f32}> : tensor<Sx4x6xf32>""",
            "Sx4x6xf32", S=[1, 3], tolerance=4)
        suite.add("constant_rows", "x: Sx8xf32", "%r = transformer.layer_norm %x <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<Sx8xf32>", "Sx8xf32", S=[2], given={"x": np.array(3.0)})
        suite.check(self)


class Softmaxes(unittest.TestCase):
    def test_axes_lengths_and_types(self):
        suite = Suite()
        for element in FLOATS:
            for axis in (0, 1, 2) if element == "f32" else (2,):
                for log in ("", ", log"):
                    suite.add(f"axis_{axis}{'_log' if log else ''}_{element}", f"x: AxBxCx{element}", f"%r = transformer.softmax %x <{{axis = {axis} : i64{log}}}> : tensor<AxBxCx{element}>",
                              f"AxBxCx{element}", A=[1, 2, 3, 9, 1], B=[1, 3, 65, 7, 0], C=[1, 65, 2, 1, 5], tolerance=2)
        suite.check(self)

    def test_hard_rows(self):
        """Large scores do not overflow; removed ones weigh nothing; the chain before it is computed again, not the exponential."""
        suite = Suite()
        suite.add("large", "x: 3x9xf32 -5000.0..5000.0", "%r = transformer.softmax %x <{axis = 1 : i64}> : tensor<3x9xf32>", "3x9xf32")
        suite.add("removed", "x: 3x9xf32", "%r = transformer.softmax %x <{axis = 1 : i64}> : tensor<3x9xf32>", "3x9xf32", given={"x": np.array([0.0, -np.inf, 1.0, -np.inf, 2.0, 3.0, -np.inf, 1.0, 0.5])})
        suite.add(
            "masked", "x: Sx9xf32, m: 9xi1",
            """%f = transformer.constant dense<-3.0e38> : tensor<f32>
               %0 = transformer.select %m, %x, %f : tensor<9xi1>, tensor<Sx9xf32>, tensor<f32>
               %r = transformer.softmax %0 <{axis = 1 : i64}> : tensor<Sx9xf32>""",
            "Sx9xf32", S=[1, 4])
        suite.check(self)


class Reductions(unittest.TestCase):
    def test_axes(self):
        """Rows in one go, columns by chunks of 64, several axes, all; with and without what is left of a dim."""
        suite = Suite()
        for number, (axes, result) in enumerate((("2", "AxB"), ("1", "AxC"), ("0", "BxC"), ("0, 2", "B"), ("0, 1", "C"), ("1, 2", "A"), ("0, 1, 2", ""))):
            for kind in ("sum", "max"):
                suite.add(f"{kind}_{number}", "x: AxBxCxf32", f"%r = transformer.reduce {kind} %x <{{axes = array<i64: {axes}>}}> : tensor<AxBxCxf32>",
                          f"{result}{'x' if result else ''}f32", A=[2, 1, 5], B=[3, 66, 1], C=[65, 1, 9], tolerance=2)
        suite.add("kept", "x: AxBxCxf32", "%r = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<AxBxCxf32>", "Ax1xCxf32", A=[2], B=[5], C=[70])
        suite.check(self)

    def test_element_types(self):
        """Integers wrap in their own type; the least and largest numbers are found; a product of nothing is one."""
        suite = Suite()
        for element in FLOATS + INTEGERS:
            for kind in ("sum", "max", *(["mean", "prod"] if element in FLOATS else ["min"])):
                options = "" if kind == "prod" or element in FLOATS else " special"
                suite.add(f"{kind}_{element}", f"x: Sx7x{element}{options}", f"%r = transformer.reduce {kind} %x <{{axes = array<i64: 1>}}> : tensor<Sx7x{element}>", f"Sx{element}", S=[1, 3], tolerance=2)
        for kind in ("sum", "prod"):
            suite.add(f"{kind}_of_nothing", "x: SxTxf32", f"%r = transformer.reduce {kind} %x <{{axes = array<i64: 1>}}> : tensor<SxTxf32>", "Sxf32", S=[3], T=[0])
        suite.check(self)

    def test_chains(self):
        """What feeds a reduction is computed in it; what follows as well; NaN goes through max and min."""
        suite = Suite()
        suite.add(
            "norm", "x: SxNxf32",
            """%0 = transformer.binary mul %x, %x : tensor<SxNxf32>, tensor<SxNxf32>
               %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<SxNxf32>
               %2 = transformer.unary sqrt %1 : tensor<Sx1xf32>
               %r = transformer.binary div %x, %2 : tensor<SxNxf32>, tensor<Sx1xf32>""",
            "SxNxf32", S=[1, 3], N=[5, 70])
        for kind in ("max", "min"):
            suite.add(f"{kind}_of_nan", "x: 13xf32 special", f"%r = transformer.reduce {kind} %x <{{axes = array<i64: 0>}}> : tensor<13xf32>", "f32")
        suite.add(
            "of_a_view", "x: 4xSx6xi32",
            """%0 = transformer.slice %x[] [%S] <{static_starts = array<i64: 3, 0, 5>, steps = array<i64: -1, 1, -2>}> : tensor<4xSx6xi32> to tensor<4xSx3xi32>
               %r = transformer.reduce sum %0 <{axes = array<i64: 0, 2>}> : tensor<4xSx3xi32>""",
            "Sxi32", S=[1, 5])
        suite.check(self)


class Searches(unittest.TestCase):
    def test_positions_of_ends(self):
        """The first or last of equal elements, along rows (by blocks of 64) and across them."""
        suite = Suite()
        for kind in ("max", "min"):
            for last in ("", ", select_last"):
                for axis in (0, 1):
                    name = f"{kind}_{axis}{'_last' if last else ''}"
                    suite.add(name, "x: SxNxi32 0..4", f"%r = transformer.arg_reduce {kind} %x <{{axis = {axis} : i64{last}}}> : tensor<SxNxi32>",
                              f"{'N' if axis == 0 else 'S'}xi64", S=[3, 1, 70, 2], N=[130, 64, 65, 1])
        for element in ("f64", "bf16", "ui8", "i64", "ui64"):
            suite.add(f"of_{element}", f"x: Sx33x{element}{' special' if element not in FLOATS else ''}", f"%r = transformer.arg_reduce max %x <{{axis = 1 : i64, keepdims}}> : tensor<Sx33x{element}>", "Sx1xi64", S=[2])
        suite.check(self)

    def test_best_elements(self):
        """In order, of equal ones the first; along any axis; all of them, one, none."""
        suite = Suite()
        for largest in ("true", "false"):
            for axis, result in ((1, "Sx{k}"), (0, "{k}xN")):
                for k in (1, 5) if largest == "true" else (5,):
                    r = result.format(k=k)
                    suite.add(f"{largest}_{axis}_{k}", "x: SxNxi32 0..9", f"%r0, %r1 = transformer.topk %x <{{axis = {axis} : i64, largest = {largest}}}> : tensor<SxNxi32> to tensor<{r}xi32>, tensor<{r}xi64>",
                              f"{r}xi32, {r}xi64", S=[5, 9, 70], N=[70, 5, 9])
        for element in ("f32", "bf16"):
            suite.add(f"sorted_{element}", f"x: 3x40x{element}", f"%r0, %r1 = transformer.topk %x <{{axis = 1 : i64, largest = true}}> : tensor<3x40x{element}> to tensor<3x40x{element}>, tensor<3x40xi64>", f"3x40x{element}, 3x40xi64")
        suite.check(self)

    def test_more_than_there_are(self):
        suite = Suite()
        suite.add("too_many", "x: SxNxf32", "%r0, %r1 = transformer.topk %x <{axis = 1 : i64, largest = true}> : tensor<SxNxf32> to tensor<Sx5xf32>, tensor<Sx5xi64>", "Sx5xf32, Sx5xi64",
                  S=[2], N=[4], fails=("shape", 5, 4))
        suite.check(self)

    def test_positions_of_what_is_set(self):
        """The number of results depends on data: none, some, all."""
        suite = Suite()
        for element in ("i1", "i64"):
            suite.add(f"of_{element}", f"x: SxNx{element}{' -1..2' if element == 'i64' else ''}", f"%r = transformer.nonzero %x : tensor<SxNx{element}>", "2x?xi64", S=[1, 3, 7, 0], N=[1, 70, 5, 4])
        suite.add("none", "x: 3x5xi1", "%r = transformer.nonzero %x : tensor<3x5xi1>", "2x?xi64", given={"x": np.array(False)})
        suite.add("all", "x: 3x5xi1", "%r = transformer.nonzero %x : tensor<3x5xi1>", "2x?xi64", given={"x": np.array(True)})
        suite.check(self)

    def test_running_sums(self):
        suite = Suite()
        for axis in (0, 1):
            for flags in ("", ", exclusive", ", reverse", ", exclusive, reverse"):
                suite.add(f"axis_{axis}{flags.replace(', ', '_')}", "x: SxNxi32 special", f"%r = transformer.cumsum %x <{{axis = {axis} : i64{flags}}}> : tensor<SxNxi32>", "SxNxi32", S=[1, 5, 66], N=[70, 3, 1])
        for element in FLOATS:
            suite.add(f"of_{element}", f"x: SxNx{element}", f"%r = transformer.cumsum %x <{{axis = 1 : i64}}> : tensor<SxNx{element}>", f"SxNx{element}", S=[2], N=[9], tolerance=2)
        suite.check(self)


if __name__ == "__main__":
    unittest.main(verbosity=1)
