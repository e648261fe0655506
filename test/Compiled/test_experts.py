#!/usr/bin/env python3
"""Compiled mixtures of experts against NumPy: rows around tiles (6), blocks (168) and panels (16), experts that nobody chose."""

import unittest

from program import V3_SHARED, V4, Suite

ROWS = [1, 2, 7, 13, 40, 200, 0]


def mixture(suite, name, experts=8, chosen=2, hidden=12, inner=20, width=18, element="f32", weights="", gate="none", activation="relu",
            biases=True, attributes="", transposed=False, constant="constant", ids="i64", **options):
    """Ids are any below the number of experts, the same one twice among them."""
    weight = weights or element
    wide = inner * (2 if gate in ("halves", "alternating") else 1)
    scale = "-0.5..0.5"
    options.setdefault("T", ROWS)
    arguments = [f"x: Tx{hidden}x{element}", f"e: Tx{chosen}x{ids} <{experts}", f"s: Tx{chosen}x{element} 0..1"]
    body, more = "", ""

    def weight_of(name, rows, columns):
        nonlocal body
        own = f"{experts}x{columns}x{rows}x{weight}" if transposed else f"{experts}x{rows}x{columns}x{weight}"
        arguments.append(f"{name}: {own} {constant} {scale}")
        if transposed:
            body += f"%{name}t = transformer.transpose %{name} <{{perm = array<i64: 0, 2, 1>}}> : tensor<{own}>\n"
        return f"%{name}{'t' if transposed else ''}", f"tensor<{experts}x{rows}x{columns}x{weight}>"

    first, first_type = weight_of("a", hidden, wide)
    second, second_type = weight_of("b", inner, width)
    if gate == "apart":
        up, up_type = weight_of("u", hidden, inner)
        more += f" up {up} : {up_type}"
    for bias, columns, name_of in (("p", wide, "first_bias"), ("v", inner, "up_bias"), ("q", width, "second_bias")):
        if biases and (bias != "v" or gate == "apart"):
            arguments.append(f"{bias}: {experts}x{columns}x{element} {constant} {scale}")
            more += f" {name_of} %{bias} : tensor<{experts}x{columns}x{element}>"
    inside = f"activation = #transformer<unary_kind {activation}>, gate = #transformer<expert_gate {gate}>" + attributes
    body += (f"%r = transformer.moe %x, %e, %s, {first}, {second}{more} <{{{inside}}}> : tensor<Tx{hidden}x{element}>, tensor<Tx{chosen}x{ids}>, "
             f"tensor<Tx{chosen}x{element}>, {first_type}, {second_type}")
    suite.add(name, ", ".join(arguments), body, f"Tx{width}x{element}", **options)


def packed(suite, name, bits=4, block=16, experts=6, chosen=2, hidden=32, inner=32, width=18, element="f32", scale="f32", gate="none", zeros=False,
           biases=False, constant="constant", **options):
    """Quantised weights; `block` rows share a scale, None: all of a column do."""
    options.setdefault("T", ROWS)
    options.setdefault("tolerance", 4)
    wide = inner * (2 if gate in ("halves", "alternating") else 1)
    arguments = [f"x: Tx{hidden}x{element}", f"e: Tx{chosen}xi64 <{experts}", f"s: Tx{chosen}x{element} 0..1"]
    ups, parameters = "", {"scales": "", "zeros": "", "bias": ""}

    def layer(name, kind, depth, columns):
        blocks = depth // (block or depth)
        types = {"": f"{experts}x{columns}x{depth * bits // 8}xui8", "scales": f"{experts}x{columns}x{blocks}x{scale}"}
        values = {"": "<256", "scales": "0..0.02"}
        if zeros:
            types["zeros"], values["zeros"] = f"{experts}x{columns}x{-(-blocks * bits // 8)}xui8", "<256"
        if biases:
            types["bias"], values["bias"] = f"{experts}x{columns}x{element}", "-0.5..0.5"
        for part, type_ in types.items():
            arguments.append(f"{name}{part}: {type_} {constant} {values[part]}")
            if part:
                parameters[part] += f" {kind}_{part} %{name}{part} : tensor<{type_}>"
        return f"tensor<{types['']}>"

    first = layer("a", "first", hidden, wide)
    if gate == "apart":
        ups = f" up %u : {layer('u', 'up', hidden, inner)}"
    second = layer("b", "second", inner, width)
    suite.add(
        name, ", ".join(arguments),
        f"%r = transformer.moe %x, %e, %s, %a, %b{ups}{parameters['bias']}{parameters['scales']}{parameters['zeros']} "
        f"<{{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate {gate}>}}> : tensor<Tx{hidden}x{element}>, tensor<Tx{chosen}xi64>, "
        f"tensor<Tx{chosen}x{element}>, {first}, {second}", f"Tx{width}x{element}", **options)


class Experts(unittest.TestCase):
    def test_rows(self):
        """One choice or several, all of them, one expert alone; rows that fill a block and more."""
        suite = Suite()
        for chosen in (1, 2, 3, 8):
            mixture(suite, f"chosen_{chosen}", chosen=chosen, tolerance=2)
        mixture(suite, "one_expert", experts=1, chosen=1, tolerance=2)
        mixture(suite, "many_experts", experts=70, chosen=4, tolerance=2)
        mixture(suite, "all_the_same", given={"e": 3}, tolerance=2)
        mixture(suite, "no_biases", biases=False, tolerance=2)
        suite.check(self, threads=(1, 2, 3, 5))

    def test_sizes(self):
        """Widths below, at and above panels; depths of several passes."""
        suite = Suite()
        for hidden, inner, width in ((1, 1, 1), (16, 16, 16), (5, 33, 17), (64, 128, 70), (500, 700, 31)):
            mixture(suite, f"sizes_{hidden}_{inner}_{width}", hidden=hidden, inner=inner, width=width, tolerance=8, T=[1, 9, 130])
        suite.check(self)

    def test_gates(self):
        """A gate of its own weight, or of the same as what it lets through; clamped, scaled and moved as well."""
        suite = Suite()
        for gate in ("apart", "halves", "alternating"):
            mixture(suite, f"{gate}_silu", gate=gate, activation="silu", tolerance=4)
            mixture(suite, f"{gate}_gelu", gate=gate, activation="gelu", inner=70, biases=False, tolerance=4)
            mixture(suite, f"{gate}_moved", gate=gate, activation="silu", attributes=", alpha = 1.702 : f32, beta = 1.0 : f32, limit = 0.75 : f32", tolerance=4)
        suite.check(self)

    def test_weights(self):
        """Transposed constants; values that the kernel packs; 16 bits under f32 and alone; ids of 32 bits."""
        suite = Suite()
        mixture(suite, "transposed", transposed=True, gate="apart", activation="silu", tolerance=4)
        mixture(suite, "values", constant="", gate="apart", activation="silu", tolerance=4)
        mixture(suite, "values_transposed", constant="", transposed=True, gate="halves", activation="silu", tolerance=4)
        mixture(suite, "narrow_weights", weights="bf16", tolerance=2)
        mixture(suite, "narrow_values", weights="f16", constant="", tolerance=2)
        mixture(suite, "small_ids", ids="i32", tolerance=2)
        for element in ("f16", "bf16"):
            mixture(suite, element, element=element, gate="apart", activation="silu", tolerance=2)
        suite.check(self)

    def test_quantised(self):
        """Weights of 2, 4 and 8 bits: blocks that passes over the depth begin inside, one scale a column, zero points; values and f16 as well."""
        suite = Suite()
        for bits in (2, 4, 8):
            packed(suite, f"bits_{bits}", bits=bits)
            packed(suite, f"bits_{bits}_zeros", bits=bits, zeros=True, hidden=48, block=16, gate="halves")
        packed(suite, "passes", hidden=800, inner=640, block=160, width=33, zeros=True, T=[1, 9, 130], tolerance=8)
        packed(suite, "columns", hidden=40, inner=24, block=None, gate="apart")
        packed(suite, "alternating", gate="alternating", biases=True)
        packed(suite, "values", constant="", zeros=True, gate="apart")
        packed(suite, "small_blocks", bits=8, block=2, hidden=6, inner=10, width=1)
        packed(suite, "f16", element="f16")
        packed(suite, "f16_scales", scale="f16", zeros=True)
        suite.check(self, threads=(1, 2, 3))

    def test_quantised_wide(self):
        """Panels of 64 columns, of four tiles side by side where AVX2 reads them."""
        for cpu in (V3_SHARED, V4):
            if cpu.runs_here():
                suite = Suite()
                packed(suite, "wide", width=70, inner=96, hidden=800, zeros=True, gate="apart", tolerance=8)
                packed(suite, "wide_values", width=70, inner=96, hidden=64, constant="", tolerance=4)
                suite.check(self, cpu=cpu)

    def test_shared_panels(self):
        """Panels of four tiles side by side, where AVX-512 reads the weights too."""
        suite = Suite()
        mixture(suite, "shared", width=70, inner=100, hidden=110, gate="apart", activation="silu", tolerance=4)
        suite.check(self, cpu=V3_SHARED)

    @unittest.skipUnless(V4.runs_here(), "the CPU has no AVX-512")
    def test_wide_vectors(self):
        suite = Suite()
        mixture(suite, "wide", width=70, inner=100, hidden=110, gate="apart", activation="silu", tolerance=4)
        suite.check(self, cpu=V4)

    def test_what_is_around(self):
        """Tokens that are moved about and ids that are computed; another sum follows."""
        suite = Suite()
        suite.add(
            "around", "x: 12xTxf32, e: Tx2xi64 <4, s: Tx2xf32, a: 4x12x20xf32 constant, b: 4x20x12xf32 constant",
            """%three = transformer.constant dense<3> : tensor<i64>
            %t = transformer.transpose %x <{perm = array<i64: 1, 0>}> : tensor<12xTxf32>
            %i = transformer.binary sub %three, %e : tensor<i64>, tensor<Tx2xi64>
            %m = transformer.moe %t, %i, %s, %a, %b <{activation = #transformer<unary_kind gelu>}> : tensor<Tx12xf32>, tensor<Tx2xi64>, tensor<Tx2xf32>, tensor<4x12x20xf32>, tensor<4x20x12xf32>
            %r = transformer.binary add %m, %t : tensor<Tx12xf32>, tensor<Tx12xf32>""",
            "Tx12xf32", T=[1, 5, 30], tolerance=4)
        suite.check(self)

    def test_no_such_expert(self):
        """An expert that there is not ends the run, whoever asks for it."""
        suite = Suite()
        mixture(suite, "above", given={"e": 8}, T=[3], fails=("index", 8, 8))
        mixture(suite, "below", given={"e": -1}, T=[3], fails=("index", -1, 8))
        suite.check(self)


if __name__ == "__main__":
    unittest.main(verbosity=1)
