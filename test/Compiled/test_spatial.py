#!/usr/bin/env python3
"""Compiled convolutions, pooling and resizing against NumPy: borders, strides, dilations, groups, one to three dims."""

import unittest

from program import Suite


def conv(suite, name, x, w, result, strides, pads, dilations, group=1, bias="", element="f32", more=None, **options):
    lists = {"dilations": dilations, "pads": pads, "strides": strides}
    attributes = ", ".join(f"{key} = array<i64: {', '.join(map(str, values))}>" for key, values in lists.items())
    channels = w.split("x")[0]
    added = f" bias %b : tensor<{channels}x{element}>" if bias else ""
    body = f"%0 = transformer.conv %x, %w{added} <{{{attributes}, group = {group} : i64}}> : tensor<{x}x{element}>, tensor<{w}x{element}>"
    body = body + "\n" + more if more else body.replace("%0 =", "%r =")
    suite.add(name, f"x: {x}x{element}, w: {w}x{element}" + (f", b: {channels}x{element}" if bias else ""), body, f"{result}x{element}", tolerance=options.pop("tolerance", 2), **options)


class Convolutions(unittest.TestCase):
    def test_products(self):
        """Positions by tiles of 64, channels by tiles of 6, taps by 256; borders are zeros."""
        suite = Suite()
        conv(suite, "plain", "Bx3x9x11", "7x3x3x3", "Bx7x7x9", [1, 1], [0, 0, 0, 0], [1, 1], B=[1, 2, 0])
        conv(suite, "padded", "1x3x9x11", "13x3x3x3", "1x13x9x11", [1, 1], [1, 1, 1, 1], [1, 1], bias="b")
        conv(suite, "strided", "1x4x13x15", "6x4x3x2", "1x6x7x5", [2, 3], [1, 0, 1, 1], [1, 1], bias="b")
        conv(suite, "dilated", "1x4x13x15", "6x4x3x2", "1x6x9x13", [1, 1], [0, 0, 0, 0], [2, 2])
        conv(suite, "all_padding", "1x2x2x2", "5x2x3x3", "1x5x3x3", [2, 2], [3, 3, 3, 3], [1, 1])
        conv(suite, "many_taps", "1x33x5x5", "8x33x3x3", "1x8x3x3", [1, 1], [0, 0, 0, 0], [1, 1])
        conv(suite, "patches", "2x3x12x12", "20x3x4x4", "2x20x3x3", [4, 4], [0, 0, 0, 0], [1, 1], bias="b")
        suite.check(self)

    def test_dims_and_groups(self):
        """One dim (with a length known when it runs) and three; groups of several channels and of one."""
        suite = Suite()
        conv(suite, "one_dim", "1x5xT", "6x5x3", "1x6x?", [2], [1, 1], [1], bias="b", T=[1, 2, 7, 130, 131])
        conv(suite, "three_dims", "1x2x4x5x6", "5x2x2x3x2", "1x5x3x3x5", [1, 1, 1], [0, 0, 0, 0, 0, 0], [1, 1, 1])
        conv(suite, "groups", "1x6x5x5", "8x3x3x3", "1x8x5x5", [1, 1], [1, 1, 1, 1], [1, 1], group=2)
        conv(suite, "depthwise", "Bx6x5x7", "6x1x3x3", "Bx6x5x7", [1, 1], [1, 1, 1, 1], [1, 1], group=6, bias="b", B=[1, 3])
        conv(suite, "depthwise_line", "1x6xT", "6x1x9", "1x6xT", [1], [4, 4], [1], group=6, T=[1, 3, 9, 300])
        conv(suite, "depthwise_strided", "1x3x9x9", "6x1x3x3", "1x6x4x4", [2, 2], [0, 0, 0, 0], [1, 1], group=3)
        suite.check(self)

    def test_types_and_chains(self):
        suite = Suite()
        for element in ("f16", "bf16", "f64", "i32"):
            conv(suite, f"of_{element}", "1x3x6x7", "5x3x3x3", "1x5x4x5", [1, 1], [0, 0, 0, 0], [1, 1], element=element)
        conv(suite, "chain", "1x3x6x7", "5x3x3x3", "1x4x5x5", [1, 1], [0, 0, 0, 0], [1, 1], more="""%1 = transformer.unary relu %0 : tensor<1x5x4x5xf32>
             %r = transformer.transpose %1 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<1x5x4x5xf32>""")
        suite.check(self)


def pool(suite, name, kind, x, result, kernel, strides, pads, dilations, flags="", element="f32", **options):
    lists = {"kernel": kernel, "strides": strides, "pads": pads, "dilations": dilations}
    attributes = ", ".join(f"{key} = array<i64: {', '.join(map(str, values))}>" for key, values in lists.items())
    suite.add(name, f"x: {x}x{element}", f"%r = transformer.pool {kind} %x <{{{attributes}{flags}}}> : tensor<{x}x{element}>", f"{result}x{element}", **options)


class Pooling(unittest.TestCase):
    def test_windows(self):
        """Padding is never the largest; a mean counts what is there, or the padding too; a last window may stick out."""
        suite = Suite()
        for kind in ("max", "mean"):
            pool(suite, f"{kind}_plain", kind, "Bx3x8x9", "Bx3x4x4", [2, 2], [2, 2], [0, 0, 0, 0], [1, 1], B=[1, 2])
            pool(suite, f"{kind}_padded", kind, "1x3x8x9", "1x3x8x9", [3, 3], [1, 1], [1, 1, 1, 1], [1, 1])
            pool(suite, f"{kind}_dilated", kind, "1x3x8x9", "1x3x4x5", [3, 3], [1, 1], [0, 0, 0, 0], [2, 2])
            pool(suite, f"{kind}_ceiling", kind, "1x2x8x9", "1x2x5x3", [3, 3], [2, 3], [1, 0, 1, 2], [1, 1], ", ceil_mode")
            pool(suite, f"{kind}_line", kind, "1x4xT", "1x4x?", [3], [2], [1, 1], [1], T=[1, 2, 9, 600])
            pool(suite, f"{kind}_three_dims", kind, "1x2x4x5x6", "1x2x2x2x3", [2, 2, 2], [2, 2, 2], [0, 0, 0, 0, 0, 0], [1, 1, 1])
        pool(suite, "mean_with_padding", "mean", "1x3x8x9", "1x3x8x9", [3, 3], [1, 1], [1, 1, 1, 1], [1, 1], ", count_pad")
        pool(suite, "mean_ceiling_with_padding", "mean", "1x2x8x9", "1x2x5x3", [3, 3], [2, 3], [1, 0, 1, 2], [1, 1], ", ceil_mode, count_pad")
        suite.check(self)

    def test_element_types(self):
        suite = Suite()
        for element in ("f16", "bf16", "f64", "i8", "ui8", "i32"):
            pool(suite, f"max_{element}", "max", "1x3x6x7", "1x3x3x3", [2, 2], [2, 2], [0, 0, 0, 0], [1, 1], element=element)
        suite.check(self)


class Resizing(unittest.TestCase):
    def test_modes(self):
        """Every way to find a position, up and down, with a size known when it runs."""
        suite = Suite()
        nearest = [("asymmetric", "floor"), ("half_pixel", "round_prefer_floor"), ("half_pixel", "round_prefer_ceil"), ("align_corners", "ceil"), ("pytorch_half_pixel", "floor")]
        modes = [("nearest", *pair) for pair in nearest]
        modes += [(mode, c, "floor") for mode in ("linear", "cubic") for c in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric")]
        for mode, coordinates, rounding in modes:
            attributes = f'mode = "{mode}", coordinates = "{coordinates}", nearest_mode = "{rounding}", cubic_coefficient = -0.75 : f32'
            name = f"{mode}_{coordinates}_{rounding}"
            suite.add(f"up_{name}", "x: Bx2x4x5xf32", f"%r = transformer.resize %x [%B] <{{{attributes}, scales = array<f32: 1.0, 1.0, 2.0, 3.0>}}> : tensor<Bx2x4x5xf32> to tensor<Bx2x8x15xf32>", "Bx2x8x15xf32", B=[1, 2], same_bits=False)
            suite.add(f"down_{name}", "x: 1x2x9x7xf32, n: Nxf32", f"%r = transformer.resize %x [%N] <{{{attributes}, scales = array<f32: 1.0, 1.0, 0.0, 0.0>}}> : tensor<1x2x9x7xf32> to tensor<1x2xNx3xf32>", "1x2xNx3xf32",
                      N=[4, 1, 20] if coordinates != "pytorch_half_pixel" else [4, 20], same_bits=False)
        suite.check(self)

    def test_element_types(self):
        suite = Suite()
        for element in ("f16", "f64", "ui8", "i32"):
            suite.add(f"of_{element}", f"x: 1x2x4x{element}", f'%r = transformer.resize %x [] <{{mode = "nearest", coordinates = "asymmetric", nearest_mode = "floor", cubic_coefficient = -0.75 : f32, scales = array<f32: 1.0, 1.0, 2.0>}}> : tensor<1x2x4x{element}> to tensor<1x2x8x{element}>', f"1x2x8x{element}")
        suite.check(self)


if __name__ == "__main__":
    unittest.main(verbosity=1)
