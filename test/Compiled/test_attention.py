#!/usr/bin/env python3
"""Compiled attention against NumPy, in all its forms: one query, a few (row by row) and many (blocks of 48 by 64 keys)."""

import unittest

import numpy as np
from program import Suite

# Queries and keys around the forms' limit (8), the blocks (48, 64) and a panel (16).
QUERIES = [1, 7, 8, 9, 48, 49, 3, 0]
KEYS = [1, 7, 8, 64, 65, 130, 17, 5]


def attention(suite, name, q, k, v, result, more="", attributes="", arguments="", element="f32", **options):
    scale = "" if "scale =" in attributes else "scale = 0.25 : f32"
    inside = ", ".join(part for part in (scale, attributes) if part)
    suite.add(
        name, f"q: {q}x{element}, k: {k}x{element}, v: {v}x{element}" + (f", {arguments}" if arguments else ""),
        f"%r = transformer.attention %q, %k, %v{more} <{{{inside}}}> : tensor<{q}x{element}>, tensor<{k}x{element}>, tensor<{v}x{element}>",
        f"{result}x{element}", tolerance=options.pop("tolerance", 2), **options)


def plain(suite, name, more="", attributes="", arguments="", **options):
    """Four heads of queries for two of keys."""
    options = {"S": QUERIES, "T": KEYS} | options
    attention(suite, name, "2x4xSx8", "2x2xTx8", "2x2xTx8", "2x4xSx8", more, attributes, arguments, **options)


BOTTOM, TOP = "causal = #transformer<causal_kind bottom_right>", "causal = #transformer<causal_kind top_left>"


class Forms(unittest.TestCase):
    def test_which_keys_are_seen(self):
        """Causal both ways, with more queries than keys too (rows that see nothing give zeros), and windows."""
        suite = Suite()
        plain(suite, "all")
        plain(suite, "bottom_right", attributes=BOTTOM)
        plain(suite, "top_left", attributes=f"{TOP}, window_left = 20 : i64")
        suite_queries = {"S": [1, 7, 9, 70, 100], "T": [100, 40, 150, 70, 30]}
        plain(suite, "window", attributes=f"{BOTTOM}, window_left = 5 : i64", **suite_queries)
        plain(suite, "window_both_ways", attributes="window_left = 3 : i64, window_right = 2 : i64", **suite_queries)
        suite.check(self)

    def test_heads(self):
        """As many key heads as query heads, a few, one; one batch of keys for all; other widths of values, and odd ones."""
        suite = Suite()
        sizes = {"S": [1, 7, 9, 50], "T": [3, 64, 65, 50]}
        attention(suite, "one_for_all", "2x6xSx4", "2x1xTx4", "2x1xTx4", "2x6xSx4", **sizes)
        attention(suite, "keys_of_one_batch", "3x2xSx8", "1x2xTx8", "1x2xTx8", "3x2xSx8", **sizes)
        attention(suite, "other_widths", "Bx2xSx13", "Bx2xTx13", "Bx2xTx21", "Bx2xSx21", B=[0, 1, 3], S=[2, 9, 1], T=[5, 65, 70])
        suite.check(self)

    def test_biases_and_masks(self):
        """What is added to scores and removed from them, broadcast in every position; a row without keys gives zeros."""
        suite = Suite()
        sizes = {"S": [1, 7, 9], "T": [5, 66, 65]}
        for name, type_ in (("full", "2x4xSxTxf32"), ("keys", "2x1x1xTxf32")):
            plain(suite, f"bias_{name}", f" bias %b : tensor<{type_}>", arguments=f"b: {type_}", **sizes)
        plain(suite, "mask_of_all", " mask %m : tensor<2x1x1xTxi1>", arguments="m: 2x1x1xTxi1", given={"m": np.array(False)}, **sizes)
        plain(suite, "bias_and_mask", " bias %b : tensor<1x4xSxTxf32> mask %m : tensor<SxTxi1>", BOTTOM, "b: 1x4xSxTxf32, m: SxTxi1", **sizes)
        suite.check(self)

    def test_padding(self):
        """Texts of several lengths, padded in front, behind, on both sides and in the middle, and one that is padding
        alone: as a mask it gives zeros, and as a bias, however low, the mean of the values."""
        suite = Suite()
        kept = np.ones((6, 1, 1, 200), bool)
        kept[0, ..., :133], kept[1, ..., 70:], kept[2, ..., :65], kept[2, ..., 129:] = False, False, False, False
        kept[3, ..., 40:180], kept[4] = False, False
        sizes = {"S": [1, 9, 60], "T": [200]}
        mask, bias = "6x1x1xTxi1", "6x1x1xTxf32"

        def padded(name, operand, type_, values, attributes=""):
            attention(suite, name, "6x4xSx8", "6x2xTx8", "6x2xTx8", "6x4xSx8", f" {operand} %m : tensor<{type_}>", attributes,
                      f"m: {type_}", given={"m": values}, **sizes)

        padded("mask", "mask", mask, kept)
        padded("mask_of_keys", "mask", "Txi1", kept[2, 0, 0])
        padded("mask_causal", "mask", mask, kept, BOTTOM)
        padded("mask_window", "mask", mask, kept, "window_left = 30 : i64, window_right = 30 : i64")
        for name, low in (("lowest", np.finfo(np.float32).min), ("infinity", -np.inf), ("thousands", -1e4)):
            values = np.where(kept, np.float32(0), np.float32(low))
            values[4] = np.finfo(np.float32).min  # rows of infinities alone are removed: no number
            padded(f"bias_{name}", "bias", bias, values)
        padded("bias_causal", "bias", bias, np.where(kept, np.float32(0), np.finfo(np.float32).min), BOTTOM)
        suite.check(self)

    def test_terms_of_scores(self):
        """Soft caps, ALiBi's slopes, sinks, numbers of keys, and all of them together."""
        suite = Suite()
        sizes = {"S": [1, 7, 9, 40], "T": [9, 66, 65, 40]}
        plain(suite, "soft_cap_and_slopes", " slopes %l : tensor<4xf32>", "softcap = 2.0 : f32", "l: 4xf32", tolerance=8, **sizes)
        plain(suite, "sinks_alone", " mask %m : tensor<2x1x1xTxi1> sinks %i : tensor<4xf32>", "", "m: 2x1x1xTxi1, i: 4xf32", given={"m": np.array(False)}, **sizes)
        # The last query stands at the last key that there is.
        plain(suite, "lengths_bottom_right", " key_lengths %n : tensor<2xi32>", BOTTOM, "n: 2xi32 1..9", **sizes)
        plain(suite, "lengths_window", " key_lengths %n : tensor<2xi64>", "window_left = 3 : i64", "n: 2xi64 0..9", **sizes)
        plain(suite, "everything", " bias %b : tensor<1x1xSxTxf32> key_lengths %n : tensor<2xi64> slopes %l : tensor<4xf32> sinks %i : tensor<4xf32>",
              f"{BOTTOM}, softcap = 5.0 : f32, window_left = 20 : i64, scale = 0.125 : f32", "b: 1x1xSxTxf32, n: 2xi64 1..9, l: 4xf32 -1.0..0.0, i: 4xf32", tolerance=8, **sizes)
        suite.check(self)

    def test_scores_that_would_overflow(self):
        """The largest score is taken off first: thousands do no harm."""
        suite = Suite()
        plain(suite, "large", " bias %b : tensor<1x1x1xTxf32>", "scale = 1000.0 : f32", "b: 1x1x1xTxf32", given={"b": np.array(3e4)}, S=[1, 9], T=[70, 70], tolerance=2000)
        suite.check(self)

    def test_element_types(self):
        """Halves are widened where they are read; values of many queries beforehand."""
        suite = Suite()
        for element in ("f16", "bf16"):
            attention(suite, f"of_{element}", "2x4xSx8", "2x2xTx8", "2x2xTx8", "2x4xSx8", attributes=BOTTOM, element=element, S=[1, 7, 9, 50], T=[9, 66, 65, 50], tolerance=1)
        suite.check(self)

    def test_where_heads_lie(self):
        """Heads of a projection are read where they lie and written as rows of heads; keys as one slice of three."""
        suite = Suite()
        suite.add(
            "projection", "x: BxSx72xf32",
            """%0 = transformer.reshape %x[%B, %S] : tensor<BxSx72xf32> to tensor<BxSx9x8xf32>
               %1 = transformer.transpose %0 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<BxSx9x8xf32>
               %q = transformer.slice %1[] [%B, %S] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<Bx9xSx8xf32> to tensor<Bx3xSx8xf32>
               %k = transformer.slice %1[] [%B, %S] <{static_starts = array<i64: 0, 3, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<Bx9xSx8xf32> to tensor<Bx3xSx8xf32>
               %v = transformer.slice %1[] [%B, %S] <{static_starts = array<i64: 0, 6, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<Bx9xSx8xf32> to tensor<Bx3xSx8xf32>
               %a = transformer.attention %q, %k, %v <{scale = 0.5 : f32}> : tensor<Bx3xSx8xf32>, tensor<Bx3xSx8xf32>, tensor<Bx3xSx8xf32>
               %2 = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<Bx3xSx8xf32>
               %r = transformer.reshape %2[%B, %S] : tensor<BxSx3x8xf32> to tensor<BxSx24xf32>""",
            "BxSx24xf32", B=[1, 2, 1], S=[5, 9, 70], tolerance=2)
        suite.add(
            "turned", "x: 1x2xSx8xf32, k: 1x2xSx8xf32, c: Sx4xf32, s: Sx4xf32",
            """%q = transformer.rope %x, %c, %s <{rotary_dim = 8 : i64}> : tensor<1x2xSx8xf32>, tensor<Sx4xf32>, tensor<Sx4xf32>
               %t = transformer.rope %k, %c, %s <{rotary_dim = 8 : i64, interleaved}> : tensor<1x2xSx8xf32>, tensor<Sx4xf32>, tensor<Sx4xf32>
               %r = transformer.attention %q, %t, %k <{scale = 0.5 : f32}> : tensor<1x2xSx8xf32>, tensor<1x2xSx8xf32>, tensor<1x2xSx8xf32>""",
            "1x2xSx8xf32", S=[1, 9], tolerance=2)
        suite.check(self)

    def test_rounded_scores(self):
        """What was quantised around its products rounds between them: written without a kernel of its own."""
        suite = Suite()
        plain(suite, "rounded", attributes="score_rounding = array<f32: 0.25, -128.0, 127.0>, probability_rounding = array<f32: 0.01, 0.0, 255.0>", S=[1, 9], T=[5, 20], tolerance=4)
        suite.check(self)


if __name__ == "__main__":
    unittest.main(verbosity=1)
