#!/usr/bin/env python3
"""Runs kernels for GPUs on the CPU, thread by thread, against NumPy.

    test_kernels.py WORK-FOLDER [NAME ...]
"""

import os
import pathlib
import sys

import numpy as np

from cases import bits_of, case, check, main, module, random, value_of
from device import Module


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
def packed_weights(work):
    """Weights of 4 and 8 bits in blocks, of f16 and f32 inputs: one row, few, and tiles of tensor cores on both kinds of chips."""
    for bits, kind, dtype, tolerance, chip in (4, "f32", np.float32, 1e-4, "sm_80"), (8, "f16", np.float16, 1e-2, "sm_80"), (4, "f16", np.float16, 1e-2, "sm_90a"):
        depth, columns, block = 96, 136, 32
        codes, blocks = np.random.default_rng(bits).integers(0, 2**bits, (columns, depth)), depth // block
        scales = (np.abs(random(columns * blocks)) / 2**bits).astype(dtype)
        per_byte = 8 // bits
        packed = sum(codes[:, i::per_byte] << (i * bits) for i in range(per_byte)).astype(np.uint8).reshape(columns, blocks, block // per_byte)
        w = (codes - 2.0**(bits - 1)) * scales.astype(np.float64).reshape(columns, blocks).repeat(block, 1)
        shape = "x".join(map(str, packed.shape))
        source = module(f"%x: tensor<?x{depth}x{kind}>, %w: tensor<{shape}xui8>, %s: tensor<{len(scales)}x{kind}>", f"tensor<?x{columns}x{kind}>", f"""
          %0 = transformer.linear_nbits %x, %w, %s <{{bits = {bits} : i64, block_size = {block} : i64, k = {depth} : i64, n = {columns} : i64}}> : tensor<?x{depth}x{kind}>, tensor<{shape}xui8>, tensor<{len(scales)}x{kind}>
          return %0 : tensor<?x{columns}x{kind}>""")
        made = Module(source, work / f"{bits}-{kind}-{chip}", chip)
        for rows in 1, 5, 140:
            x, result = random(rows, depth).astype(dtype), np.zeros((rows, columns), dtype)
            assert made.run([x, packed, scales], [result]) is None
            np.testing.assert_allclose(result.astype(np.float64), x.astype(np.float64) @ w.T, rtol=tolerance, atol=tolerance * 4)


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
def split_depth(work):
    """Few tiles: the depth in parts, in all forms and on both kinds of chips, the parts not of one size. What follows the
    product is computed of the whole sum; any number of blocks gives the same bits; infinities are found again."""
    depth, width = 1600, 40
    for kind, dtype, tolerance, chip in ("f16", np.float16, 8e-3, "sm_80"), ("f32", np.float32, 1e-4, "sm_80"), ("f16", np.float16, 8e-3, "sm_90a"):
        for transposed in (False, True) if chip == "sm_80" else (False,):
            w, b, r = (random(depth, width) / 16).astype(dtype), random(width).astype(dtype), (random(width, 1)[:, 0] - 1).astype(dtype)
            right = np.ascontiguousarray(w.T) if transposed else w
            weight = f"tensor<{right.shape[0]}x{right.shape[1]}x{kind}>"
            source = module(f"%x: tensor<?x{depth}x{kind}>, %w: {weight}, %b: tensor<{width}x{kind}>, %r: tensor<{width}x{kind}>", f"tensor<?x{width}x{kind}>", f"""
              %0 = transformer.matmul %x, %w {"<{transpose_b}>" if transposed else ""} : tensor<?x{depth}x{kind}>, {weight}
              %1 = transformer.binary add %0, %b : tensor<?x{width}x{kind}>, tensor<{width}x{kind}>
              %2 = transformer.unary relu %1 : tensor<?x{width}x{kind}>
              %3 = transformer.binary add %2, %r : tensor<?x{width}x{kind}>, tensor<{width}x{kind}>
              return %3 : tensor<?x{width}x{kind}>""")
            made = Module(source, pathlib.Path(work) / f"{kind}-{chip}-{transposed}", chip)
            assert "transformer.splits = array<i64: 2, 2, 8>" in made.text
            for rows in 1, 5, 40, 128, 140:
                x = random(rows, depth).astype(dtype)
                expected = np.maximum(x.astype(np.float64) @ w.astype(np.float64) + b, 0) + r
                if kind == "f32" and rows > 1:
                    x[1, 7] = np.inf
                    with np.errstate(invalid="ignore"):
                        expected[1] = np.where(w[7] > 0, np.inf, r)
                results = [np.zeros((rows, width), dtype) for _ in range(2)]
                for result, blocks in zip(results, (3, 7)):
                    assert made.run([x, right, b, r], [result], blocks) is None
                assert results[0].tobytes() == results[1].tobytes()
                np.testing.assert_allclose(results[0].astype(np.float64), expected, rtol=tolerance, atol=tolerance)


@case
def measured_tiles(work):
    """What was measured for a product goes before the table: tiles of other shapes, other numbers of warps, all ways."""
    depth, width = 512, 136
    for chip, tiles in [
        ("sm_80", {"mma f16 rows=9..128 n=136 k=512": ["64x64 stages=4 warps=2x2 splits=2", "64x128 stages=3 warps=2x4 splits=2", "128x64 stages=3 warps=4x2 splits=2", "64x64 stages=3 warps=2x4"],
                   "mma f16 rows=129.. n=136 k=512": ["64x64 stages=4 warps=2x2", "64x128 stages=3 warps=2x4", "128x64 stages=3 warps=4x2", "128x128 stages=2 warps=2x4"],
                   "stream f16 rows=2..8 n=136 k=512": ["8x16 stages=8 warps=8x1", "8x32 stages=8 warps=8x1", "8x16 stages=4 warps=4x1", "8x16 stages=4 warps=8x1 splits=4"]}),
        ("sm_90a", {"pipelined f16 rows=129.. n=136 k=512": ["128x64 stages=6 warps=8x1", "128x256 stages=3 warps=8x1", "128x128 stages=6 warps=8x1"]}),
    ]:
        w = (random(depth, width) / 16).astype(np.float16)
        body = module(f"%x: tensor<?x{depth}xf16>, %w: tensor<{depth}x{width}xf16>", f"tensor<?x{width}xf16>", f"""
          %0 = transformer.linear %x, %w : tensor<?x{depth}xf16>, tensor<{depth}x{width}xf16>
          return %0 : tensor<?x{width}xf16>""")
        for number in range(max(map(len, tiles.values()))):
            chosen = {key: values[number] for key, values in tiles.items() if number < len(values)}
            listed = ", ".join(f'"{key}" = "{tile}"' for key, tile in chosen.items())
            source = f"module attributes {{transformer.tiles = {{{listed}}}}} {{\n{body}}}\n"
            made = Module(source, pathlib.Path(work) / f"{chip}-{number}", chip)
            for key, tile in chosen.items():
                assert f'transformer.tile = ["{key}", "{tile}"]' in made.text, (key, tile)
            for rows in 6, 100, 140:
                x, result = random(rows, depth).astype(np.float16), np.zeros((rows, width), np.float16)
                assert made.run([x, w], [result]) is None
                np.testing.assert_allclose(result.astype(np.float64), x.astype(np.float64) @ w.astype(np.float64), rtol=8e-3, atol=8e-3)


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
def products_as_precise_as_f32(work):
    """TF32 three times: sums of 256 terms to f32's last bits, in all orientations; once, on demand, to 11 bits."""
    for name, flags in ("plain", ()), ("turned", ("transpose_a", "transpose_b")):
        x, y = random(136, 256), random(256, 144)
        e = x.astype(np.float64) @ y.astype(np.float64)
        left, right = (x, y) if not flags else (np.ascontiguousarray(x.T), np.ascontiguousarray(y.T))
        kinds = [f"tensor<{m.shape[0]}x{m.shape[1]}xf32>" for m in (left, right)]
        source = module(f"%x: {kinds[0]}, %y: {kinds[1]}", "tensor<136x144xf32>", f"""
          %0 = transformer.matmul %x, %y {f'<{{{", ".join(flags)}}}>' if flags else ''} : {kinds[0]}, {kinds[1]}
          return %0 : tensor<136x144xf32>""")
        errors = {}
        for tf32 in False, True:
            result = np.zeros((136, 144), np.float32)
            assert Module(source, work / f"{name}-{tf32}", tf32=tf32).run([left, right], [result]) is None
            errors[tf32] = np.abs(result - e).max() / np.abs(e).max()
        assert errors[False] < 2e-6 and 2e-5 < errors[True] < 2e-3, errors


@case
def infinities(work):
    """What the split of a number cannot hold is found again: infinities, and NaN where a term is."""
    x, y = random(40, 64), random(64, 72)
    x[3, 5], x[7, 9], x[11, 1] = np.inf, -np.inf, np.nan
    y[5, 2], y[20, 4], y[9, 6] = 0, np.finfo(np.float32).max, 1
    with np.errstate(invalid="ignore"):
        e = x @ y
    source = module("%x: tensor<?x64xf32>, %y: tensor<64x72xf32>", "tensor<?x72xf32>", """
      %0 = transformer.matmul %x, %y : tensor<?x64xf32>, tensor<64x72xf32>
      return %0 : tensor<?x72xf32>""")
    check(work, source, [x, y], [e], 1e-4)


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
    """Hopper's products: right operands along columns and along the depth, ends of tiles and slices; brought by the copy
    engine, or, where the left operand is a view, by threads."""
    for name, flag in ("columns", ""), ("depth", "<{transpose_b}>"):
        for view in False, True:
            x, w = random(2, 140, 88, dtype=np.float16), random(2, 88, 200, dtype=np.float16)
            e = (x.astype(np.float32) @ w.astype(np.float32)).astype(np.float16)
            right = "2x88x200xf16"
            if flag:
                w, right = np.ascontiguousarray(w.transpose(0, 2, 1)), "2x200x88xf16"
            if view:
                x = np.ascontiguousarray(x.transpose(1, 0, 2))
            transposed = "%1 = transformer.transpose %x <{perm = array<i64: 1, 0, 2>}> : tensor<?x2x88xf16>" if view else ""
            source = module(f"%x: tensor<{'?x2' if view else '2x?'}x88xf16>, %w: tensor<{right}>", "tensor<2x?x200xf16>", f"""
              {transposed}
              %0 = transformer.matmul {"%1" if view else "%x"}, %w {flag} : tensor<2x?x88xf16>, tensor<{right}>
              return %0 : tensor<2x?x200xf16>""")
            made = Module(source, work / f"{name}-{view}", "sm_90a")
            assert ("bulk.tensor" in made.text) != view
            result = np.zeros(e.shape, e.dtype)
            assert made.run([x, w], [result]) is None
            np.testing.assert_allclose(result.astype(np.float64), e.astype(np.float64), rtol=1e-2, atol=1e-2)


@case
def pipelined(work):
    """More slices than stages and several tiles a block: stages are used again, and by the next tile; bf16 and wide tiles;
    all rows of several batches as one matrix. A stage that is written while it is read, or read before it is there, shows."""
    for kind, depth, width, blocks in ("f16", 520, 136, 1), ("f16", 72, 264, 2), ("bf16", 200, 520, 1):
        stored, value = (bits_of, value_of) if kind == "bf16" else (lambda x: x.astype(np.float16), np.asarray)
        x, w, b = stored(random(2, 150, depth)), stored(random(depth, width) / 16), stored(random(width))
        e = np.maximum(value(x).astype(np.float64) @ value(w).astype(np.float64) + value(b).astype(np.float64), 0)
        source = module(f"%x: tensor<?x?x{depth}x{kind}>, %w: tensor<{depth}x{width}x{kind}>, %b: tensor<{width}x{kind}>", f"tensor<?x?x{width}x{kind}>", f"""
          %0 = transformer.linear %x, %w bias %b : tensor<{width}x{kind}> <{{activation = #transformer<unary_kind relu>}}> : tensor<?x?x{depth}x{kind}>, tensor<{depth}x{width}x{kind}>
          return %0 : tensor<?x?x{width}x{kind}>""")
        made, result = Module(source, work / f"{kind}-{depth}", "sm_90a"), np.zeros(e.shape, x.dtype)
        assert "nvvm.setmaxregister" in made.text
        assert made.run([x, w, b], [result], blocks) is None
        np.testing.assert_allclose(value(result).astype(np.float64), e, rtol=2e-2, atol=2e-2)


@case
def stage_that_is_not_waited_for(work):
    """Without the wait for a stage that has been read, copies replace what is still to be multiplied, or what arrives is
    counted twice: other numbers, or an end by the emulator, in a process of its own."""
    x, w = random(140, 640, dtype=np.float16), random(640, 136, dtype=np.float16)
    e = x.astype(np.float32) @ w.astype(np.float32)
    source = module("%x: tensor<?x640xf16>, %w: tensor<640x136xf16>", "tensor<?x136xf16>", """
      %0 = transformer.linear %x, %w : tensor<?x640xf16>, tensor<640x136xf16>
      return %0 : tensor<?x136xf16>""")

    def unwaited(text):
        """The first wait of the producer's loop, which is the one before it announces bytes."""
        lines = text.splitlines()
        announced = next(i for i, line in enumerate(lines) if "arrive.expect_tx" in line)
        at = max(i for i in range(announced) if "try_wait.parity" in lines[i])
        return "\n".join(lines[:at] + lines[at + 1:])

    for edit, is_right in (lambda text: text, True), (unwaited, False):
        made = Module(source, work / str(is_right), "sm_90a", edit=edit)
        result = np.zeros((140, 136), np.float16)
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            made.run([x, w], [result], 1)
            os._exit(0 if np.allclose(result.astype(np.float32), e, rtol=1e-2, atol=5e-2) else 1)
        assert (os.waitpid(child, 0)[1] == 0) == is_right


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


def reference_convolution(x, w, strides, dilations, pads, group):
    x, w = x.astype(np.float64), w.astype(np.float64)
    spatial = x.ndim - 2
    x = np.pad(x, [(0, 0), (0, 0)] + [(pads[i], pads[spatial + i]) for i in range(spatial)])
    reach = [(k - 1) * d + 1 for k, d in zip(w.shape[2:], dilations)]
    out = [(size - r) // s + 1 for size, r, s in zip(x.shape[2:], reach, strides)]
    result = np.zeros((x.shape[0], w.shape[0], *out))
    per_group, inputs = w.shape[0] // group, w.shape[1]
    for tap in np.ndindex(*w.shape[2:]):
        window = x[(slice(None), slice(None)) + tuple(slice(t * d, t * d + (o - 1) * s + 1, s) for t, d, o, s in zip(tap, dilations, out, strides))]
        for g in range(group):
            part = w[(slice(g * per_group, (g + 1) * per_group), slice(None)) + tap]
            result[:, g * per_group:(g + 1) * per_group] += np.einsum("mc,nc...->nm...", part, window[:, g * inputs:(g + 1) * inputs])
    return result


@case
def convolution(work):
    """Products of several groups with padding, strides and dilations; a channel a group; both kinds of chips."""
    for name, x, w, strides, dilations, pads, group, chip in [
        ("plane", (2, 6, 13, 11), (24, 3, 3, 2), (2, 1), (1, 2), (1, 0, 2, 1), 2, "sm_80"),
        ("line", (2, 20, 150), (136, 20, 3), (1,), (2,), (2, 2), 1, "sm_90a"),
        ("depthwise", (1, 5, 40), (5, 1, 4), (1,), (1,), (3, 0), 5, "sm_80"),
        ("solid", (1, 2, 5, 6, 7), (9, 2, 2, 3, 2), (1, 2, 1), (1, 1, 1), (0, 1, 0, 1, 0, 1), 1, "sm_80"),
    ]:
        kind, dtype, tolerance = ("f16", np.float16, 2e-2) if name == "line" else ("f32", np.float32, 1e-4)
        data, weight, bias = random(*x).astype(dtype), random(*w).astype(dtype), random(w[0]).astype(dtype)
        e = reference_convolution(data, weight, strides, dilations, pads, group) + bias.reshape(-1, *[1] * (len(x) - 2)).astype(np.float64)
        shape = lambda dims: "x".join(map(str, dims)) + f"x{kind}"
        result, array = f"tensor<{shape(e.shape)}>", lambda values: f"array<i64: {', '.join(map(str, values))}>"
        source = module(f"%x: tensor<{shape(x)}>, %w: tensor<{shape(w)}>, %b: tensor<{w[0]}x{kind}>", result, f"""
          %0 = transformer.conv %x, %w bias %b : tensor<{w[0]}x{kind}> <{{dilations = {array(dilations)}, group = {group} : i64, pads = {array(pads)}, strides = {array(strides)}}}> : tensor<{shape(x)}>, tensor<{shape(w)}>
          return %0 : {result}""")
        check(work / name, source, [data, weight, bias], [e.astype(dtype)], tolerance, chip=chip)


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


if __name__ == "__main__":
    sys.exit(main())
