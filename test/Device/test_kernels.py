#!/usr/bin/env python3
"""Runs kernels for GPUs on the CPU, thread by thread, against NumPy.

    test_kernels.py WORK-FOLDER [NAME ...]
"""

import pathlib
import sys

import numpy as np

from device import Module

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def check(work, source, inputs, expected, tolerance=1e-5, blocks=3, chip="sm_80"):
    results = [np.zeros(e.shape, e.dtype) for e in expected]
    record = Module(source, work, chip).run(inputs, results, blocks)
    assert record is None, f"the kernel records a failure: {record}"
    for result, e in zip(results, expected):
        np.testing.assert_allclose(result.astype(np.float64), e.astype(np.float64), rtol=tolerance, atol=tolerance)


def random(*shape, dtype=np.float32):
    return np.random.default_rng(sum(shape) + len(shape)).standard_normal(shape).astype(dtype)


def module(arguments, results, body):
    return (f"func.func @main({arguments}) -> ({results}) attributes {{transformer.entry}} {{\n{body}\n}}\n")


@case
def elementwise(work):
    x, y = random(37, 5), random(5)
    source = module("%x: tensor<?x5xf32>, %y: tensor<5xf32>", "tensor<?x5xf32>", """
      %0 = transformer.binary add %x, %y : tensor<?x5xf32>, tensor<5xf32>
      %1 = transformer.unary tanh %0 : tensor<?x5xf32>
      return %1 : tensor<?x5xf32>""")
    check(work, source, [x, y], [np.tanh(x + y)])


@case
def product_with_made_weights(work):
    """The right operand is made element by element, along the depth: few rows and many."""
    w, scale = np.arange(-40, 40).reshape(5, 16).astype(np.int8), random(5)
    source = module("%x: tensor<?x16xf32>, %w: tensor<5x16xi8>, %s: tensor<5xf32>", "tensor<?x5xf32>", """
      %0 = transformer.dequantize %w, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<5x16xi8>, tensor<5xf32> to tensor<5x16xf32>
      %1 = transformer.matmul %x, %0 <{transpose_b}> : tensor<?x16xf32>, tensor<5x16xf32>
      return %1 : tensor<?x5xf32>""")
    for rows in 1, 3, 21:
        x = random(rows, 16)
        check(work, source, [x, w, scale], [x @ (w * scale[:, None]).T], 1e-4)


@case
def rows_in_pieces(work):
    """Few rows of f16 and f32, 16 bytes at a time; the right operand along columns and along the depth; a last block of columns that is not full."""
    for kind, dtype, tolerance in ("f16", np.float16, 2e-3), ("f32", np.float32, 1e-4):
        for depth, columns in (96, 40), (512, 72):
            w = (random(depth, columns) / 16).astype(dtype)
            for transposed in False, True:
                right = np.ascontiguousarray(w.T) if transposed else w
                shape = f"tensor<{right.shape[0]}x{right.shape[1]}x{kind}>"
                source = module(f"%x: tensor<?x{depth}x{kind}>, %w: {shape}", f"tensor<?x{columns}x{kind}>", f"""
                  %0 = transformer.matmul %x, %w {"<{transpose_b}>" if transposed else ""} : tensor<?x{depth}x{kind}>, {shape}
                  return %0 : tensor<?x{columns}x{kind}>""")
                made = Module(source, pathlib.Path(work) / f"{kind}-{depth}-{transposed}")
                for rows in 1, 3, 8:
                    x, result = random(rows, depth).astype(dtype), np.zeros((rows, columns), dtype)
                    assert made.run([x, right], [result]) is None
                    expected = x.astype(np.float64) @ w.astype(np.float64)
                    np.testing.assert_allclose(result.astype(np.float64), expected, rtol=tolerance, atol=tolerance)


@case
def order_of_tiles(work):
    """More than eight rows of tiles, and a last group of them that is not full."""
    x, w = random(581, 16), random(16, 130)
    source = module("%x: tensor<?x16xf32>, %w: tensor<16x130xf32>", "tensor<?x130xf32>", """
      %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x130xf32>
      return %0 : tensor<?x130xf32>""")
    check(work, source, [x, w], [x @ w], 1e-4)


@case
def gather_out_of_range(work):
    source = module("%x: tensor<?x4xf32>, %i: tensor<?xi64>", "tensor<?x4xf32>", """
      %0 = transformer.gather %x, %i <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
      return %0 : tensor<?x4xf32>""")
    made = Module(source, work)
    x, good, bad = random(6, 4), np.array([5, -6, 0]), np.array([1, 6, 2])
    result = np.zeros((3, 4), np.float32)
    assert made.run([x, good], [result]) is None
    np.testing.assert_array_equal(result, x[good])
    record = made.run([x, bad], [result])
    # taken, kind: index, site, -, value, limit
    assert record is not None and list(record[[1, 2, 4, 6]]) == [1, 7, 6, 6], record


@case
def layer_norm(work):
    for name, shape, kind in [("short", (5, 100), "?x100"), ("held", (3, 700), "?x700"), ("dynamic", (4, 300), "?x?")]:
        x = random(*shape)
        scale = random(shape[1])
        vector = "?" if kind == "?x?" else str(shape[1])
        e = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5) * scale
        source = module(f"%x: tensor<{kind}xf32>, %s: tensor<{vector}xf32>", f"tensor<{kind}xf32>", f"""
          %0 = transformer.layer_norm %x scale %s : tensor<{vector}xf32> <{{axis = 1 : i64, epsilon = 1.0e-05 : f32}}> : tensor<{kind}xf32>
          return %0 : tensor<{kind}xf32>""")
        check(work / name, source, [x, scale], [e.astype(np.float32)], 1e-4)


@case
def softmax(work):
    for axis in 0, 1, 2:
        x = random(3, 70, 4)
        e = np.exp(x - x.max(axis, keepdims=True))
        source = module("%x: tensor<?x?x4xf32>", "tensor<?x?x4xf32>", f"""
          %0 = transformer.softmax %x <{{axis = {axis} : i64}}> : tensor<?x?x4xf32>
          return %0 : tensor<?x?x4xf32>""")
        check(work / str(axis), source, [x], [e / e.sum(axis, keepdims=True)], 1e-5)


@case
def reduce(work):
    x = (random(4, 50, 3) * 100).astype(np.int64)
    for axis, kind, result in [(2, "?x?", x.sum(2)), (1, "?x3", x.sum(1)), (0, "?x3", x.sum(0))]:
        source = module("%x: tensor<?x?x3xi64>", f"tensor<{kind}xi64>", f"""
          %0 = transformer.reduce sum %x <{{axes = array<i64: {axis}>}}> : tensor<?x?x3xi64>
          return %0 : tensor<{kind}xi64>""")
        check(work / str(axis), source, [x], [result])


@case
def linear_f32(work):
    """All three forms, and both sizes of tiles."""
    for width in 70, 1100:
        w, b = random(37, width), random(width)
        source = module(f"%x: tensor<?x37xf32>, %w: tensor<37x{width}xf32>, %b: tensor<{width}xf32>", f"tensor<?x{width}xf32>", f"""
          %0 = transformer.linear %x, %w bias %b : tensor<{width}xf32> <{{activation = #transformer<unary_kind relu>}}> : tensor<?x37xf32>, tensor<37x{width}xf32>
          return %0 : tensor<?x{width}xf32>""")
        for rows in 1, 5, 133:
            x = random(rows, 37)
            check(work / f"{width}-{rows}", source, [x, w, b], [np.maximum(x @ w + b, 0)], 1e-4)


@case
def linear_f16(work):
    """mma.sync with copies ahead; a depth that is no multiple of a slice's."""
    for depth, width in [(72, 136), (40, 48)]:
        w = random(depth, width, dtype=np.float16)
        source = module(f"%x: tensor<?x{depth}xf16>, %w: tensor<{depth}x{width}xf16>", f"tensor<?x{width}xf16>", f"""
          %0 = transformer.linear %x, %w : tensor<?x{depth}xf16>, tensor<{depth}x{width}xf16>
          return %0 : tensor<?x{width}xf16>""")
        for rows in 3, 150:
            x = random(rows, depth, dtype=np.float16)
            e = x.astype(np.float32) @ w.astype(np.float32)
            check(work / f"{width}-{rows}", source, [x, w], [e.astype(np.float16)], 4e-3)


@case
def linear_wgmma(work):
    """Hopper's products: right operands along columns and along the depth, ends of tiles and slices."""
    for name, flag in [("columns", ""), ("depth", "<{transpose_b}>")]:
        x, w = random(2, 140, 88, dtype=np.float16), random(2, 88, 200, dtype=np.float16)
        e = (x.astype(np.float32) @ w.astype(np.float32)).astype(np.float16)
        right = "2x88x200xf16"
        if flag:
            w, right = np.ascontiguousarray(w.transpose(0, 2, 1)), "2x200x88xf16"
        source = module(f"%x: tensor<2x?x88xf16>, %w: tensor<{right}>", "tensor<2x?x200xf16>", f"""
          %0 = transformer.matmul %x, %w {flag} : tensor<2x?x88xf16>, tensor<{right}>
          return %0 : tensor<2x?x200xf16>""")
        check(work / name, source, [x, w], [e], 1e-2, chip="sm_90a")


@case
def wait_that_is_too_short(work):
    """The emulator does copies no sooner than they are waited for: one group less to wait for gives other numbers."""
    x, w = random(70, 256, dtype=np.float16), random(256, 128, dtype=np.float16)
    e = x.astype(np.float32) @ w.astype(np.float32)
    source = module("%x: tensor<?x256xf16>, %w: tensor<256x128xf16>", "tensor<?x128xf16>", """
      %0 = transformer.linear %x, %w : tensor<?x256xf16>, tensor<256x128xf16>
      return %0 : tensor<?x128xf16>""")

    for groups, is_right in (1, True), (2, False):
        made = Module(source, work / str(groups), edit=lambda text: text.replace("wait.group 1", f"wait.group {groups}"))
        assert "nvvm.cp.async.wait.group 1" in made.text
        result = np.zeros((70, 128), np.float16)
        assert made.run([x, w], [result]) is None
        assert np.allclose(result.astype(np.float32), e, rtol=1e-2, atol=1e-2) == is_right, groups


@case
def matmul_f16(work):
    """All orientations of lines, and operands that no copy can bring."""
    for name, depth, a, b in [("plain", 64, "", ""), ("tb", 64, "", "transpose_b"), ("ta", 64, "transpose_a", ""), ("odd", 35, "", "")]:
        x, y = random(2, 150, depth, dtype=np.float16), random(2, depth, 140, dtype=np.float16)
        if name == "ta":
            x = random(2, 152, depth, dtype=np.float16)
        e = (x.astype(np.float32) @ y.astype(np.float32)).astype(np.float16)
        left, right = f"2x?x{depth}xf16", f"2x{depth}x?xf16"
        if a:
            x, left = np.ascontiguousarray(x.transpose(0, 2, 1)), f"2x{depth}x152xf16"
        if b:
            y, right = np.ascontiguousarray(y.transpose(0, 2, 1)), f"2x?x{depth}xf16"
        flags = ", ".join(f for f in (a, b) if f)
        out = "2x152x?xf16" if a else "2x?x?xf16"
        source = module(f"%x: tensor<{left}>, %y: tensor<{right}>", f"tensor<{out}>", f"""
          %0 = transformer.matmul %x, %y {f'<{{{flags}}}>' if flags else ''} : tensor<{left}>, tensor<{right}>
          return %0 : tensor<{out}>""")
        check(work / name, source, [x, y], [e], 1e-2)


def reference_attention(q, k, v, scale, causal):
    heads, group = q.shape[1], q.shape[1] // k.shape[1]
    k, v = k.repeat(group, 1), v.repeat(group, 1)
    s = q @ k.transpose(0, 1, 3, 2) * scale
    if causal:
        rows, columns = s.shape[2:]
        s = np.where(np.arange(columns) <= np.arange(rows)[:, None] + columns - rows, s, -np.inf)
    e = np.exp(s - s.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)) @ v


@case
def attention(work):
    """Blocks of queries; one query and a few, whose keys are split."""
    for width, causal in [(20, True), (64, False)]:
        kind = f"?x4x?x{width}xf32"
        key = f"?x2x?x{width}xf32"
        flag = ", causal = #transformer<causal_kind bottom_right>" if causal else ""
        source = module(f"%q: tensor<{kind}>, %k: tensor<{key}>, %v: tensor<{key}>", f"tensor<{kind}>", f"""
          %0 = transformer.attention %q, %k, %v <{{scale = 2.5e-01 : f32{flag}}}> : tensor<{kind}>, tensor<{key}>, tensor<{key}>
          return %0 : tensor<{kind}>""")
        for queries in 1, 5, 45:
            q, k, v = random(2, 4, queries, width), random(2, 2, 77, width), random(2, 2, 77, width) + 1
            e = reference_attention(q, k, v, 0.25, causal)
            check(work / f"{width}-{queries}", source, [q, k, v], [e.astype(np.float32)], 1e-4)


@case
def kv_write(work):
    cache, new, at = random(2, 3, 16, 4), random(2, 3, 5, 4), np.array([2, 11])
    e = cache.copy()
    for i, start in enumerate(at):
        e[i, :, start:start + 5] = new[i]
    source = module("%c: tensor<?x3x16x4xf32>, %n: tensor<?x3x?x4xf32>, %at: tensor<?xi64>", "tensor<?x3x16x4xf32>", """
      %0 = transformer.kv_write %c, %n at %at : tensor<?xi64> <{axis = 2 : i64}> : tensor<?x3x16x4xf32>, tensor<?x3x?x4xf32>
      return %0 : tensor<?x3x16x4xf32>""")
    check(work, source, [cache, new, at], [e])


@case
def scatter_elements(work):
    """Two parts: all copies are done before any update."""
    x, u = random(9, 4), random(3, 4)
    i = np.array([[0, 8, 2, 3], [4, 1, -1, 0], [0, 8, 5, 5]])
    e = x.copy()
    for r in range(3):
        for c in range(4):
            e[i[r, c], c] += u[r, c]
    source = module("%x: tensor<?x4xf32>, %i: tensor<?x4xi64>, %u: tensor<?x4xf32>", "tensor<?x4xf32>", """
      %0 = transformer.scatter_elements add %x, %i, %u <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
      return %0 : tensor<?x4xf32>""")
    check(work, source, [x, i, u], [e])


def main():
    work = pathlib.Path(sys.argv[1])
    failed = 0
    for name in sys.argv[2:] or CASES:
        try:
            CASES[name](work / name)
            print(f"ok {name}")
        except Exception as problem:  # every case is to be heard of
            failed += 1
            text = getattr(problem, "stderr", None) or str(problem)
            print(f"FAILED {name}: {type(problem).__name__}: {text.strip()[:1500]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
