#!/usr/bin/env python3
"""Compiled host programs against NumPy: branches, loops, sizes that depend on data, the arena, states.

Threads that miss a barrier, a slot that two living values share, a loop that reads what it has just written: all of
these give other numbers than expected on several threads, or NaN, which fills all memory at the start.
"""

import tempfile
import unittest

import numpy as np
from program import Library, Refused, RunFailed, Suite

THREADS = (1, 2, 5)


class Control(unittest.TestCase):
    def test_branches(self):
        """One way is taken; results are of the way's size; a branch in a branch."""
        suite = Suite()
        for taken in (False, True):
            suite.add(
                f"if_{taken}", "c: i1, x: Sx16xf32",
                """%0 = transformer.if %c : tensor<i1> -> tensor<Sx16xf32> {
                   %1 = transformer.unary exp %x : tensor<Sx16xf32>
                   %2 = transformer.softmax %1 <{axis = 1 : i64}> : tensor<Sx16xf32>
                   transformer.yield %2 : tensor<Sx16xf32>
                   } else {
                   %3 = transformer.unary neg %x : tensor<Sx16xf32>
                   transformer.yield %3 : tensor<Sx16xf32>
                   }
                   %r = transformer.binary add %0, %x : tensor<Sx16xf32>, tensor<Sx16xf32>""",
                "Sx16xf32", S=[1, 9], given={"c": np.array(taken)})
            suite.add(
                f"sizes_{taken}", "c: i1, x: Sxf32",
                """%two = arith.constant 2 : index
                   %twice = arith.muli %S, %two : index
                   %0 = transformer.if %c : tensor<i1> -> tensor<?xf32> {
                   %1 = transformer.tile %x[%twice] : tensor<Sxf32> to tensor<?xf32>
                   transformer.yield %1 : tensor<?xf32>
                   } else {
                   transformer.yield %x : tensor<Sxf32>
                   }
                   %r = transformer.unary neg %0 : tensor<?xf32>""",
                "?xf32", S=[1, 9], given={"c": np.array(taken)})
        suite.check(self, THREADS)

    def test_loops(self):
        """A number of iterations, a condition, both, none; carried values of growing size; what an iteration gathers."""
        suite = Suite()
        for count in (0, 1, 2, 7):
            suite.add(
                f"count_{count}", "n: i64, x: Sx4xf32",
                """%r = transformer.loop count %n : tensor<i64> (%x) : (tensor<Sx4xf32>) -> (tensor<Sx4xf32>) {
                   ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<Sx4xf32>):
                   %w = transformer.binary add %v, %x : tensor<Sx4xf32>, tensor<Sx4xf32>
                   %y = transformer.softmax %w <{axis = 0 : i64}> : tensor<Sx4xf32>
                   transformer.yield %c, %y : tensor<i1>, tensor<Sx4xf32>
                   }""",
                "Sx4xf32", S=[1, 5], given={"n": np.array(count)})
        suite.add(
            "exchange", "n: i64 4..9, x: 5xf32, y: 5xf32",
            """%r0, %r1 = transformer.loop count %n : tensor<i64> (%x, %y) : (tensor<5xf32>, tensor<5xf32>) -> (tensor<5xf32>, tensor<5xf32>) {
               ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<5xf32>, %w: tensor<5xf32>):
               %s = transformer.binary add %v, %w : tensor<5xf32>, tensor<5xf32>
               transformer.yield %c, %w, %s : tensor<i1>, tensor<5xf32>, tensor<5xf32>
               }""",
            "5xf32, 5xf32")
        suite.add(
            "gathered", "n: i64 3..6, x: Sxf32",
            """%r0, %r1 = transformer.loop count %n : tensor<i64> (%x) : (tensor<Sxf32>) -> (tensor<Sxf32>, tensor<?xSxf32>) {
               ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<Sxf32>):
               %w = transformer.binary add %v, %v : tensor<Sxf32>, tensor<Sxf32>
               %f = transformer.cast %i : tensor<i64> to tensor<f32>
               %g = transformer.binary mul %v, %f : tensor<Sxf32>, tensor<f32>
               transformer.yield %c, %w, %g : tensor<i1>, tensor<Sxf32>, tensor<Sxf32>
               }""",
            "Sxf32, ?xSxf32", S=[1, 6])
        suite.add(
            "until_small", "x: 3xf32 5.0..9.0",
            """%t = transformer.constant dense<true> : tensor<i1>
               %h = transformer.constant dense<0.5> : tensor<f32>
               %one = transformer.constant dense<1.0> : tensor<f32>
               %r = transformer.loop while %t : tensor<i1> (%x) : (tensor<3xf32>) -> (tensor<3xf32>) {
               ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<3xf32>):
               %w = transformer.binary mul %v, %h : tensor<3xf32>, tensor<f32>
               %m = transformer.reduce max %w <{axes = array<i64: 0>}> : tensor<3xf32>
               %d = transformer.compare gt %m, %one : tensor<f32>, tensor<f32>
               transformer.yield %d, %w : tensor<i1>, tensor<3xf32>
               }""",
            "3xf32")
        suite.add(
            "grows", "n: i64 3..4, x: Sxf32",
            """%r = transformer.loop count %n : tensor<i64> (%x) : (tensor<?xf32>) -> (tensor<?xf32>) {
               ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<?xf32>):
               %w = transformer.concat %v, %v <{axis = 0 : i64}> : tensor<?xf32>, tensor<?xf32>
               %y = transformer.unary neg %w : tensor<?xf32>
               transformer.yield %c, %y : tensor<i1>, tensor<?xf32>
               }""",
            "?xf32", S=[1, 3, 40])
        suite.add(
            "in_a_loop", "n: i64 2..4, m: i64 1..4, x: 4xf32",
            """%r = transformer.loop count %n : tensor<i64> (%x) : (tensor<4xf32>) -> (tensor<4xf32>) {
               ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<4xf32>):
               %w = transformer.loop count %m : tensor<i64> (%v) : (tensor<4xf32>) -> (tensor<4xf32>) {
               ^bb0(%j: tensor<i64>, %d: tensor<i1>, %u: tensor<4xf32>):
               %s = transformer.binary sub %x, %u : tensor<4xf32>, tensor<4xf32>
               transformer.yield %d, %s : tensor<i1>, tensor<4xf32>
               }
               %y = transformer.binary add %w, %v : tensor<4xf32>, tensor<4xf32>
               transformer.yield %c, %y : tensor<i1>, tensor<4xf32>
               }""",
            "4xf32")
        suite.check(self, THREADS)


class Sizes(unittest.TestCase):
    def test_sizes_that_depend_on_data(self):
        """Memory comes from the runtime once the size has been read; views and later kernels take it."""
        suite = Suite()
        suite.add(
            "chosen_rows", "x: Sx3xf32, k: Sxi1",
            """%0 = transformer.nonzero %k : tensor<Sxi1>
               %1 = transformer.transpose %0 <{perm = array<i64: 1, 0>}> : tensor<1x?xi64>
               %2 = transformer.gather_nd %x, %1 <{batch_dims = 0 : i64}> : tensor<Sx3xf32>, tensor<?x1xi64>
               %3 = transformer.softmax %2 <{axis = 1 : i64}> : tensor<?x3xf32>
               %r = transformer.binary mul %3, %2 : tensor<?x3xf32>, tensor<?x3xf32>""",
            "?x3xf32", S=[1, 9, 40])
        suite.add(
            "to_shape", "x: 24xf32, n: 2xi64",
            """%a = transformer.to_index %n <{position = 0 : i64}> : tensor<2xi64>
               %b = transformer.to_index %n <{position = 1 : i64}> : tensor<2xi64>
               %0 = transformer.unary neg %x : tensor<24xf32>
               %1 = transformer.reshape %0 [%a, %b] : tensor<24xf32> to tensor<?x?xf32>
               %r = transformer.softmax %1 <{axis = 1 : i64}> : tensor<?x?xf32>""",
            "?x?xf32", given={"n": np.array([4, 6])})
        suite.check(self, THREADS)

    def test_checks(self):
        """Sizes that have to be equal, or one, are compared before anything runs; a wrong one is named."""
        suite = Suite()
        body = """transformer.check_sizes %S, %T{broadcast}
                  %r = transformer.binary sub %x, %y : tensor<Sxf32>, tensor<Txf32>"""
        suite.add("equal", "x: Sxf32, y: Txf32", body.format(broadcast=""), "?xf32", S=[3], T=[3])
        suite.add("unequal", "x: Sxf32, y: Txf32", body.format(broadcast=""), "?xf32", S=[3], T=[4], fails=("shape", 3, 4))
        suite.add("one", "x: Sxf32, y: Txf32", body.format(broadcast=" <{broadcast}>"), "?xf32", S=[3, 1, 4], T=[1, 3, 4])
        suite.add("neither", "x: Sxf32, y: Txf32", body.format(broadcast=" <{broadcast}>"), "?xf32", S=[3], T=[4], fails=("shape", 3, 4))
        suite.check(self, THREADS)

    def test_arithmetic_of_sizes(self):
        """As arith has it: floors, ceilings, remainders, also of sizes that are zero."""
        suite = Suite()
        suite.add(
            "sizes", "x: Sxf32, y: Txf32",
            """%c3 = arith.constant 3 : index
               %a = arith.addi %S, %T : index
               %b = arith.subi %S, %T : index
               %d = arith.floordivsi %b, %c3 : index
               %e = arith.ceildivsi %b, %c3 : index
               %f = arith.remsi %a, %c3 : index
               %g = arith.minsi %S, %T : index
               %h = arith.maxsi %b, %f : index
               %r = transformer.from_index %a, %b, %d, %e, %f, %g, %h : tensor<7xi64>""",
            "7xi64", S=[0, 1, 7, 3], T=[0, 5, 2, 11])
        suite.check(self, THREADS)


class Memory(unittest.TestCase):
    def compiled(self, text, first=""):
        self.work = tempfile.TemporaryDirectory()
        self.addCleanup(self.work.cleanup)
        return Library(text, self.work.name, first)

    def test_values_that_die_give_their_memory_away(self):
        """Twelve values one after the other lie in two slots, and give the right result."""
        lines = [f"%{i + 1} = transformer.softmax %{i} <{{axis = 1 : i64}}> : tensor<?x64xf32>" for i in range(12)]
        text = ('func.func @line(%0: tensor<?x64xf32> {transformer.name = "x", transformer.dims = ["S", ""]}) -> tensor<?x64xf32> '
                "attributes {transformer.entry} {\n" + "\n".join(lines).replace("%0 <", "%0 <") + "\nreturn %12 : tensor<?x64xf32>\n}\n")
        library = self.compiled(text.replace("%0", "%x").replace("%", "%v").replace("%vx", "%x"))
        x = np.random.default_rng(1).standard_normal((10, 64)).astype(np.float32)
        want = x.astype(np.float64)
        for _ in range(12):
            e = np.exp(want - want.max(1, keepdims=True))
            want = e / e.sum(1, keepdims=True)
        for threads in THREADS:
            (got,) = library.run("line", [x], threads)
            np.testing.assert_allclose(got, want, rtol=1e-5)
        self.assertEqual(library.last["workspace"], 2 * 10 * 64 * 4)
        self.assertEqual(library.last["allocations"], 0)

    def test_values_that_live_long_keep_theirs(self):
        """The first of three is read at the end: no later one lies on it."""
        library = self.compiled("""
          func.func @long(%x: tensor<?x16xf32> {transformer.name = "x", transformer.dims = ["S", ""]}) -> tensor<?x16xf32> attributes {transformer.entry} {
            %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<?x16xf32>
            %1 = transformer.softmax %0 <{axis = 1 : i64}> : tensor<?x16xf32>
            %2 = transformer.softmax %1 <{axis = 1 : i64}> : tensor<?x16xf32>
            %3 = transformer.concat %2, %0 <{axis = 0 : i64}> : tensor<?x16xf32>, tensor<?x16xf32>
            %n = arith.constant 1 : index
            %4 = transformer.slice %3[] [%n] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x16xf32> to tensor<?x16xf32>
            %5 = transformer.binary sub %2, %0 : tensor<?x16xf32>, tensor<?x16xf32>
            return %5 : tensor<?x16xf32>
          }""")
        x = np.random.default_rng(2).standard_normal((3, 16)).astype(np.float32) * 4
        e = np.exp(x - x.max(1, keepdims=True))
        first = e / e.sum(1, keepdims=True)
        last = first
        for _ in range(2):
            e = np.exp(last - last.max(1, keepdims=True))
            last = e / e.sum(1, keepdims=True)
        for threads in THREADS:
            (got,) = library.run("long", [x], threads)
            np.testing.assert_allclose(got, last - first, rtol=1e-4, atol=1e-6)

    def test_sizes_without_end_are_refused(self):
        """What does not fit into 64 bits is found before memory is asked for."""
        library = self.compiled("""
          func.func @large(%x: tensor<?xf32> {transformer.name = "x", transformer.dims = ["S"]}, %y: tensor<?xf32> {transformer.name = "y", transformer.dims = ["T"]}) -> tensor<?xf32> attributes {transformer.entry} {
            %c0 = arith.constant 0 : index
            %s = tensor.dim %x, %c0 : tensor<?xf32>
            %t = tensor.dim %y, %c0 : tensor<?xf32>
            %n = arith.subi %s, %t : index
            %0 = transformer.slice %x[] [%n] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
            %1 = transformer.unary exp %0 : tensor<?xf32>
            return %1 : tensor<?xf32>
          }""")
        (got,) = library.run("large", [np.zeros(5, np.float32), np.zeros(2, np.float32)])
        np.testing.assert_array_equal(got, np.ones(3))
        with self.assertRaises(Refused):
            library.run("large", [np.zeros(2, np.float32), np.zeros(5, np.float32)])

    def test_programs_share_kernels_and_weights(self):
        """Two entry functions: one copy of the weight, whose image both read."""
        function = """func.func @{name}(%x: tensor<?x9xf32> {{transformer.name = "x", transformer.dims = ["S", ""]}}) -> tensor<?x9xf32> attributes {{transformer.entry}} {{
            %w = transformer.constant dense<0.25> : tensor<9x9xf32>
            %0 = transformer.linear %x, %w : tensor<?x9xf32>, tensor<9x9xf32>
            {more}
          }}"""
        library = self.compiled(function.format(name="one", more="return %0 : tensor<?x9xf32>") + function.format(
            name="two", more="%1 = transformer.unary neg %0 : tensor<?x9xf32>\nreturn %1 : tensor<?x9xf32>"))
        x = np.arange(18, dtype=np.float32).reshape(2, 9)
        want = np.repeat(x.sum(1, keepdims=True) * 0.25, 9, axis=1)
        np.testing.assert_allclose(library.run("one", [x])[0], want)
        np.testing.assert_allclose(library.run("two", [x])[0], -want)
        # A panel of 16 columns for 9.
        self.assertEqual(library.programs["one"].weights_bytes, 9 * 16 * 4)
        self.assertEqual(library.programs["two"].weights_bytes, 9 * 16 * 4)

    def test_a_failed_run_names_the_operator(self):
        library = self.compiled("""
          func.func @named(%x: tensor<4xf32> {transformer.name = "x", transformer.dims = [""]}, %i: tensor<2xi64> {transformer.name = "i", transformer.dims = [""]}) -> tensor<2xf32> attributes {transformer.entry} {
            %0 = transformer.unary exp %x : tensor<4xf32> loc("first"("Exp"))
            %1 = transformer.gather %0, %i <{axis = 0 : i64}> : tensor<4xf32>, tensor<2xi64> loc("rows"("Gather"))
            return %1 : tensor<2xf32>
          }""")
        with self.assertRaises(RunFailed) as raised:
            library.run("named", [np.zeros(4, np.float32), np.array([0, 9])])
        self.assertEqual((raised.exception.kind, raised.exception.value, raised.exception.limit, raised.exception.op), ("index", 9, 4, "Gather"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
