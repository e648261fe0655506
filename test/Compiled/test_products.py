#!/usr/bin/env python3
"""Compiled matrix products against NumPy: every tail of a tile, batches that broadcast, every element type."""

import unittest

import numpy as np
from program import ALDERLAKE, ALDERLAKE_SHARED, CASCADELAKE, V3, V3_SHARED, V4, Suite

# Rows around the tiles of 6, 4, 2 and 1, a block of 96, and none.
ROWS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 23, 24, 25, 95, 96, 97, 103]


class Products(unittest.TestCase):
    def test_rows_left_over(self):
        """Few rows and many, by a weight in panels of 16 whose last one is not full; what follows runs on the tile."""
        suite = Suite()
        suite.add("plain", "x: Mx37xf32, w: 37x45xf32 constant", "%r = transformer.linear %x, %w : tensor<Mx37xf32>, tensor<37x45xf32>", "Mx45xf32", M=ROWS)
        suite.add(
            "everything", "x: Mx8xf32, w: 8x17xf32 constant, b: 17xf32 constant, y: Mx17xf32",
            "%r = transformer.linear %x, %w bias %b : tensor<17xf32> residual %y : tensor<Mx17xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<Mx8xf32>, tensor<8x17xf32>",
            "Mx17xf32", M=[0, 1, 5, 6, 17])
        suite.add(
            "chain", "x: Mx20xf32, w: 20x33xf32 constant, g: Mx33xf32",
            """%0 = transformer.linear %x, %w : tensor<Mx20xf32>, tensor<20x33xf32>
               %1 = transformer.unary tanh %0 : tensor<Mx33xf32>
               %r = transformer.binary mul %1, %g : tensor<Mx33xf32>, tensor<Mx33xf32>""",
            "Mx33xf32", M=[1, 6, 7])
        suite.check(self)

    def test_depths_and_widths(self):
        """The depth in one pass (up to 384) and in several, equal or not; the width around one panel and two."""
        suite = Suite()
        for k in (1, 5, 384, 385, 769):
            suite.add(f"depth_{k}", f"x: Mx{k}xf32, w: {k}x19xf32 constant", f"%r = transformer.linear %x, %w : tensor<Mx{k}xf32>, tensor<{k}x19xf32>",
                      "Mx19xf32", M=[1, 7, 31], tolerance=2)
        for n in (1, 16, 31, 33):
            suite.add(f"width_{n}", f"x: Mx6xf32, w: 6x{n}xf32 constant", f"%r = transformer.linear %x, %w : tensor<Mx6xf32>, tensor<6x{n}xf32>", f"Mx{n}xf32", M=[1, 9])
        suite.check(self)

    def test_panels_that_wider_cpus_read(self):
        """Tiles of 16 columns in panels of 64: the last of them full or not, K in one pass and in several, a tied table."""
        suite = Suite()
        for k, n in ((1, 1), (5, 16), (384, 17), (385, 79), (769, 64), (20, 130), (8, 127)):
            suite.add(f"of_{k}_{n}", f"x: Mx{k}xf32, w: {k}x{n}xf32 constant", f"%r = transformer.linear %x, %w : tensor<Mx{k}xf32>, tensor<{k}x{n}xf32>",
                      f"Mx{n}xf32", M=ROWS if k < 100 else [1, 7, 31, 97], tolerance=2)
        for element in ("f16", "bf16"):
            suite.add(element, f"x: Mx40x{element}, w: 40x83x{element} constant", f"%r = transformer.linear %x, %w : tensor<Mx40x{element}>, tensor<40x83x{element}>",
                      f"Mx83x{element}", M=[1, 6, 31])
        suite.add(
            "tied", "i: Mxi64 <70, w: 70x24xf32 constant",
            """%0 = transformer.gather %w, %i <{axis = 0 : i64}> : tensor<70x24xf32>, tensor<Mxi64>
               %1 = transformer.transpose %w <{perm = array<i64: 1, 0>}> : tensor<70x24xf32>
               %r = transformer.linear %0, %1 : tensor<Mx24xf32>, tensor<24x70xf32>""",
            "Mx70xf32", M=[1, 9])
        suite.add("values", "x: Mx9xf32, y: 9x70xf32", "%r = transformer.matmul %x, %y : tensor<Mx9xf32>, tensor<9x70xf32>", "Mx70xf32", M=[1, 7])
        suite.check(self, cpu=V3_SHARED)

    def test_partners(self):
        """Two weights of the same rows as one product: K in one pass and in several, rows around blocks, what follows each; panels of wider CPUs."""
        suite = Suite()
        for k, n, rows in ((8, 17, ROWS), (384, 33, [1, 7, 24, 49]), (385, 70, [0, 1, 6, 31, 169]), (770, 130, [1, 23, 97])):
            suite.add(
                f"glu_{k}_{n}", f"x: Mx{k}xf32, g: {k}x{n}xf32 constant, u: {k}x{n}xf32 constant, b: {n}xf32 constant",
                f"""%0 = transformer.linear %x, %g bias %b : tensor<{n}xf32> : tensor<Mx{k}xf32>, tensor<{k}x{n}xf32>
                    %1 = transformer.linear %x, %u : tensor<Mx{k}xf32>, tensor<{k}x{n}xf32>
                    %r = transformer.glu silu %0, %1 : tensor<Mx{n}xf32>, tensor<Mx{n}xf32>""",
                f"Mx{n}xf32", M=rows, tolerance=4)
        suite.add(
            "transposed_result", "x: 2xMx9xf32, g: 9x20xf32 constant, u: 9x20xf32 constant, y: 2xMx20xf32",
            """%0 = transformer.linear %x, %g <{activation = #transformer<unary_kind relu>}> : tensor<2xMx9xf32>, tensor<9x20xf32>
               %1 = transformer.linear %x, %u residual %y : tensor<2xMx20xf32> : tensor<2xMx9xf32>, tensor<9x20xf32>
               %2 = transformer.binary sub %0, %1 : tensor<2xMx20xf32>, tensor<2xMx20xf32>
               %r = transformer.transpose %2 <{perm = array<i64: 0, 2, 1>}> : tensor<2xMx20xf32>""",
            "2x20xMxf32", M=[1, 8])
        # Rows that lie apart: not one matrix.
        suite.add(
            "slices", "x: 3xMx24xf32, g: 8x18xf32 constant, u: 8x18xf32 constant",
            """%0 = transformer.slice %x[] [%M] <{static_starts = array<i64: 0, 0, 8>, steps = array<i64: 1, 1, 1>}> : tensor<3xMx24xf32> to tensor<3xMx8xf32>
               %1 = transformer.linear %0, %g : tensor<3xMx8xf32>, tensor<8x18xf32>
               %2 = transformer.linear %0, %u : tensor<3xMx8xf32>, tensor<8x18xf32>
               %r = transformer.glu gelu %1, %2 : tensor<3xMx18xf32>, tensor<3xMx18xf32>""",
            "3xMx18xf32", M=[1, 5, 14])
        for element in ("f16", "bf16"):
            suite.add(
                element, f"x: Mx40x{element}, g: 40x83x{element} constant, u: 40x83x{element} constant",
                f"""%0 = transformer.linear %x, %g : tensor<Mx40x{element}>, tensor<40x83x{element}>
                    %1 = transformer.linear %x, %u : tensor<Mx40x{element}>, tensor<40x83x{element}>
                    %r = transformer.binary mul %0, %1 : tensor<Mx83x{element}>, tensor<Mx83x{element}>""",
                f"Mx83x{element}", M=[1, 6, 31], tolerance=2)
        suite.check(self)
        suite.check(self, cpu=V3_SHARED)

    def test_no_weights(self):
        """Two values: the right one is packed by the kernel; sizes known when it runs, none among them."""
        suite = Suite()
        suite.add("values", "x: MxKxf32, y: KxNxf32", "%r = transformer.matmul %x, %y : tensor<MxKxf32>, tensor<KxNxf32>", "MxNxf32",
                  M=[1, 7, 0, 5, 6, 13, 2], K=[5, 0, 3, 257, 400, 1, 31], N=[17, 4, 3, 16, 33, 1, 0], tolerance=2)
        for flags, x, y in (("transpose_a", "KxM", "KxN"), ("transpose_b", "MxK", "NxK"), ("transpose_a, transpose_b", "KxM", "NxK")):
            suite.add(flags.replace(", ", "_and_"), f"x: {x}xf32, y: {y}xf32", f"%r = transformer.matmul %x, %y <{{{flags}}}> : tensor<{x}xf32>, tensor<{y}xf32>",
                      "MxNxf32", M=[1, 7, 19], K=[5, 12, 1], N=[17, 1, 40])
        suite.check(self)

    def test_batches(self):
        """Batches that are equal, missing, one, and one only when it runs."""
        suite = Suite()
        for name, x, y, r in (
            ("equal", "Ax3x7x5", "Ax3x5x18", "Ax3x7x18"), ("missing", "Ax3x7x5", "5x18", "Ax3x7x18"), ("one_left", "1x3x7x5", "Ax3x5x18", "Ax3x7x18"),
            ("one_right", "Ax3x7x5", "Ax1x5x18", "Ax3x7x18"), ("shorter_left", "3x7x5", "Ax3x5x18", "Ax3x7x18"), ("crossed", "Ax1x7x5", "1x3x5x18", "Ax3x7x18"),
        ):  # fmt: skip
            suite.add(name, f"x: {x}xf32, y: {y}xf32", f"%r = transformer.matmul %x, %y : tensor<{x}xf32>, tensor<{y}xf32>", f"{r}xf32", A=[0, 1, 2])
        # Sizes of two names: either may be one.
        suite.add("late", "x: Ax7x5xf32, y: Bx5x6xf32", "%r = transformer.matmul %x, %y : tensor<Ax7x5xf32>, tensor<Bx5x6xf32>", "?x7x6xf32", A=[3, 1, 3, 1], B=[3, 3, 1, 1])
        # All rows of all batches are one matrix.
        suite.add("flat", "x: AxMx5xf32, w: 5x18xf32 constant", "%r = transformer.linear %x, %w : tensor<AxMx5xf32>, tensor<5x18xf32>", "AxMx18xf32", A=[1, 2, 3, 0], M=[7, 3, 5, 2])
        suite.add("weight_of_batches", "x: 2xMx5xf32, w: 2x5x18xf32 constant", "%r = transformer.matmul %x, %w : tensor<2xMx5xf32>, tensor<2x5x18xf32>", "2xMx18xf32", M=[1, 7])
        suite.check(self)

    def test_operands_seen_through_views(self):
        """Operands that are read where they lie: transposed heads, slices of a projection, a repeated head; and results that are."""
        suite = Suite()
        suite.add(
            "heads", "q: 2xSx3x8xf32, k: 2xTx3x8xf32",
            """%0 = transformer.transpose %q <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2xSx3x8xf32>
               %1 = transformer.transpose %k <{perm = array<i64: 0, 2, 3, 1>}> : tensor<2xTx3x8xf32>
               %r = transformer.matmul %0, %1 : tensor<2x3xSx8xf32>, tensor<2x3x8xTxf32>""",
            "2x3xSxTxf32", S=[1, 7], T=[5, 17])
        suite.add(
            "slices", "x: Sx24xf32, y: 8x40xf32",
            """%0 = transformer.slice %x[] [%S] <{static_starts = array<i64: 0, 8>, steps = array<i64: 1, 1>}> : tensor<Sx24xf32> to tensor<Sx8xf32>
               %1 = transformer.slice %y[] [] <{static_starts = array<i64: 0, 3>, steps = array<i64: 1, 2>}> : tensor<8x40xf32> to tensor<8x18xf32>
               %r = transformer.matmul %0, %1 : tensor<Sx8xf32>, tensor<8x18xf32>""",
            "Sx18xf32", S=[1, 5, 14])
        suite.add(
            "transposed_weight", "x: Sx9xf32, w: 20x9xf32 constant",
            """%0 = transformer.transpose %w <{perm = array<i64: 1, 0>}> : tensor<20x9xf32>
               %r = transformer.linear %x, %0 : tensor<Sx9xf32>, tensor<9x20xf32>""",
            "Sx20xf32", S=[1, 8])
        suite.add(
            "transposed_result", "x: 2xSx9xf32, w: 9x20xf32 constant",
            """%0 = transformer.linear %x, %w : tensor<2xSx9xf32>, tensor<9x20xf32>
               %r = transformer.transpose %0 <{perm = array<i64: 0, 2, 1>}> : tensor<2xSx20xf32>""",
            "2x20xSxf32", S=[1, 8])
        suite.add(
            "computed_right", "x: Sx9xf32, y: 9x20xi8, s: 20xf32",
            """%0 = transformer.dequantize %y, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<9x20xi8>, tensor<20xf32> to tensor<9x20xf32>
               %r = transformer.matmul %x, %0 : tensor<Sx9xf32>, tensor<9x20xf32>""",
            "Sx20xf32", S=[1, 8], tolerance=2)
        suite.check(self)

    def test_tied_embedding(self):
        """A table that is looked up and multiplied with has one copy, in panels."""
        suite = Suite()
        suite.add(
            "tied", "i: Sxi64 -21..21, w: 21x10xf32 constant",
            """%0 = transformer.gather %w, %i <{axis = 0 : i64}> : tensor<21x10xf32>, tensor<Sxi64>
               %1 = transformer.transpose %w <{perm = array<i64: 1, 0>}> : tensor<21x10xf32>
               %r0 = transformer.linear %0, %1 : tensor<Sx10xf32>, tensor<10x21xf32>
               %r1 = transformer.unary neg %0 : tensor<Sx10xf32>""",
            "Sx21xf32, Sx10xf32", S=[1, 5])
        suite.check(self)

    def test_element_types(self):
        """Half floats are widened first, bf16 too; f64 and integers take a plain loop; integers wrap."""
        suite = Suite()
        for element in ("f16", "bf16", "f64", "i32", "ui64"):
            suite.add(f"values_{element}", f"x: 2xMx13x{element}, y: 2x13xNx{element}",
                      f"%r = transformer.matmul %x, %y : tensor<2xMx13x{element}>, tensor<2x13xNx{element}>", f"2xMxNx{element}", M=[1, 7, 0], N=[17, 66, 3])
        for element in ("f16", "bf16"):
            suite.add(f"weight_{element}", f"x: Mx13x{element}, w: 13x21x{element} constant, b: 21x{element} constant",
                      f"%r = transformer.linear %x, %w bias %b : tensor<21x{element}> : tensor<Mx13x{element}>, tensor<13x21x{element}>", f"Mx21x{element}", M=[1, 8])
        suite.add("transposed", "x: 13xMxf16, y: 21x13xf16", "%r = transformer.matmul %x, %y <{transpose_a, transpose_b}> : tensor<13xMxf16>, tensor<21x13xf16>", "Mx21xf16", M=[1, 8])
        suite.check(self)


INTEGER = "%r = transformer.matmul_integer %x, %y{zeros} : tensor<{x}>, tensor<{y}>"


class IntegerProducts(unittest.TestCase):
    """Each on every kind of CPU that this machine is: pairs of i16, sums of four bytes (VNNI), in 256 and 512 bits."""

    def check(self, suite, more=()):
        for cpu in (V3, V4, CASCADELAKE, ALDERLAKE, *more):
            with self.subTest(cpu=cpu.name):
                if not cpu.runs_here():
                    self.skipTest(f"this machine runs no code for {cpu.name}")
                suite.check(self, cpu=cpu)

    def test_tails(self):
        """Rows by tiles and alone, blocks of 96 rows, taps by fours whose last is alone, passes of 1024 taps, panels of columns."""
        suite = Suite()
        for left, right in (("ui8", "i8"), ("i8", "ui8"), ("ui8", "ui8"), ("i8", "i8")):
            x, y = f"MxKx{left}", f"KxNx{right}"
            suite.add(f"{left}_{right}", f"x: {x} special, y: {y} special", INTEGER.format(zeros="", x=x, y=y), "MxNxi32",
                      M=[1, 3, 6, 8, 33, 0, 2, 97, 11], K=[1, 2, 63, 64, 129, 7, 0, 5, 1029], N=[1, 127, 128, 129, 17, 5, 3, 16, 65])
        self.check(suite)

    def test_weights(self):
        """Constants are packed when they are written, with the sums of their columns; transposed ones too."""
        suite = Suite()
        for left, right in (("ui8", "i8"), ("i8", "ui8")):
            for k, n in ((64, 128), (7, 19), (1, 1), (1029, 66)):
                suite.add(f"{left}_{k}_{n}", f"x: 2xMx{k}x{left} special, y: {k}x{n}x{right} constant special, a: {left} special, b: {n}x{right} constant special",
                          INTEGER.format(zeros=f" lhs_zero %a : tensor<{left}> rhs_zero %b : tensor<{n}x{right}>", x=f"2xMx{k}x{left}", y=f"{k}x{n}x{right}"),
                          f"2xMx{n}xi32", M=[1, 7])
        suite.add("transposed", "x: Mx9xui8 special, w: 21x9xi8 constant special, a: ui8 special",
                  "%t = transformer.transpose %w <{perm = array<i64: 1, 0>}> : tensor<21x9xi8>\n"
                  "%r = transformer.matmul_integer %x, %t lhs_zero %a : tensor<ui8> : tensor<Mx9xui8>, tensor<9x21xi8>", "Mx21xi32", M=[1, 8])
        self.check(suite, more=(V3_SHARED, ALDERLAKE_SHARED))

    def test_what_is_around(self):
        """Inputs are quantised while they are copied; scales, biases and roundings follow in the tile."""
        suite = Suite()
        suite.add("quantised", "x: Mx33xf32, w: 33x40xi8 constant special, b: 40xf32 constant",
                  """%s = transformer.constant dense<0.02> : tensor<f32>
                     %z = transformer.constant dense<117> : tensor<ui8>
                     %q = transformer.quantize %x, %s zero %z : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<Mx33xf32>, tensor<f32> to tensor<Mx33xui8>
                     %p = transformer.matmul_integer %q, %w lhs_zero %z : tensor<ui8> : tensor<Mx33xui8>, tensor<33x40xi8>
                     %f = transformer.cast %p : tensor<Mx40xi32> to tensor<Mx40xf32>
                     %t = transformer.constant dense<0.0005> : tensor<f32>
                     %m = transformer.binary mul %f, %t : tensor<Mx40xf32>, tensor<f32>
                     %c = transformer.binary add %m, %b : tensor<Mx40xf32>, tensor<40xf32>
                     %r = transformer.unary relu %c : tensor<Mx40xf32>""", "Mx40xf32", M=[1, 6, 13])
        self.check(suite)

    def test_zero_points(self):
        """A zero point for all, for rows, for columns; at the ends of their types."""
        suite = Suite()
        x, y = "Mx65xui8", "65x20xi8"
        for name, arguments, zeros in (
            ("rows", "a: Mxui8 special", " lhs_zero %a : tensor<Mxui8>"),
            ("row_matrix", "a: Mx1xui8 special", " lhs_zero %a : tensor<Mx1xui8>"),
            ("columns", "b: 20xi8 special", " rhs_zero %b : tensor<20xi8>"),
            ("both", "a: ui8 <256, b: 1x20xi8 special", " lhs_zero %a : tensor<ui8> rhs_zero %b : tensor<1x20xi8>"),
        ):
            suite.add(name, f"x: {x} special, y: {y} special, {arguments}", INTEGER.format(zeros=zeros, x=x, y=y), "Mx20xi32", M=[2, 5, 37])
        suite.add("batches", "x: AxMx9xui8 <256, y: Ax9x20xi8 special, b: Ax1x20xi8", INTEGER.format(zeros=" rhs_zero %b : tensor<Ax1x20xi8>", x="AxMx9xui8", y="Ax9x20xi8"),
                  "AxMx20xi32", A=[1, 3], M=[4, 7])
        suite.add(
            "scaled", "x: Mx9xui8 <256, y: 9x20xi8, s: f32",
            INTEGER.format(zeros="", x="Mx9xui8", y="9x20xi8").replace("%r", "%0") + """
            %1 = transformer.cast %0 : tensor<Mx20xi32> to tensor<Mx20xf32>
            %r = transformer.binary mul %1, %s : tensor<Mx20xf32>, tensor<f32>""",
            "Mx20xf32", M=[1, 6])
        self.check(suite)


def n_bits(suite, name, bits, block, k, n, element="f32", zeros="", bias=False, **sizes):
    """A product with weights of `bits`: `zeros` are packed, of the scales' type, or missing."""
    blocks = -(-k // block)
    row = -(-blocks * bits // 8)
    arguments = [f"x: Mx{k}x{element}", f"w: {n}x{blocks}x{block * bits // 8}xui8 <256 constant", f"s: {n * blocks}x{element} constant"]
    more = ""
    if zeros == "packed":
        arguments.append(f"z: {n * row}xui8 <256 constant")
        more += f" zeros %z : tensor<{n * row}xui8>"
    elif zeros:
        arguments.append(f"z: {n * blocks}x{element} 0..7 constant")
        more += f" zeros %z : tensor<{n * blocks}x{element}>"
    if bias:
        arguments.append(f"b: {n}x{element} constant")
        more += f" bias %b : tensor<{n}x{element}>"
    suite.add(
        name, ", ".join(arguments),
        f"%r = transformer.linear_nbits %x, %w, %s{more} <{{bits = {bits} : i64, block_size = {block} : i64, k = {k} : i64, n = {n} : i64}}> "
        f": tensor<Mx{k}x{element}>, tensor<{n}x{blocks}x{block * bits // 8}xui8>, tensor<{n * blocks}x{element}>",
        f"Mx{n}x{element}", tolerance=4, **sizes)


class FewBits(unittest.TestCase):
    ROWS = [1, 2, 3, 7, 49, 0]

    def test_widths_of_weights(self):
        suite = Suite()
        for bits in (2, 4, 8):
            n_bits(suite, f"bits_{bits}", bits, 16, 48, 18, zeros="packed", M=self.ROWS)
        suite.check(self)

    def test_blocks_and_rests(self):
        """A last block that is longer than what is left, columns that are no multiple of four or sixteen, many passes."""
        suite = Suite()
        n_bits(suite, "short_block", 4, 32, 40, 7, M=[1, 2, 9])
        n_bits(suite, "long_block", 4, 128, 384, 17, zeros="packed", M=[1, 4])
        n_bits(suite, "one_column", 8, 256, 512, 1, bias=True, M=[1, 4])
        suite.check(self)

    def test_element_types(self):
        suite = Suite()
        for element in ("f16", "bf16"):
            n_bits(suite, f"of_{element}", 4, 32, 72, 9, element, zeros="real", bias=True, M=[1, 6])
        suite.check(self)


if __name__ == "__main__":
    np.seterr(all="ignore")
    unittest.main(verbosity=1)
