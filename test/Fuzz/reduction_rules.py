"""Rules of random graphs: reductions, norms, products and windows."""

import numpy as np
from graph_builder import FLOAT, INT64, NUMBERS, Unsuitable, axis_of, not_empty, rule, within

# Reductions.


@rule(6)
def reduction(b):
    op = b.choice(["Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSumExp"])
    # Of int32 the reference makes int64 of some.
    types = (FLOAT,) if op in ("Mean", "L2", "LogSumExp") else (FLOAT, INT64) if op == "SumSquare" else NUMBERS
    value = b.pick(types, where=within(-30, 30) if op in ("Prod", "LogSumExp") else within(-1e4, 1e4))
    rank = value.rank
    axes = sorted(b.random.sample(range(rank), b.random.randint(0, rank)))
    reduced = axes or range(rank)
    if any(value.shape[axis] == 0 for axis in reduced) and op not in ("Sum", "Prod", "L1", "SumSquare"):
        raise Unsuitable
    if op == "Prod" and np.prod([value.shape[axis] for axis in reduced]) > 8:
        raise Unsuitable
    axes = [axis - rank if b.chance(0.3) else axis for axis in axes]
    keep = {"keepdims": b.random.randint(0, 1)} if b.chance(0.7) else {}
    if op == "Sum" or b.opset >= 18:
        keep |= {"noop_with_empty_axes": 1} if not axes and b.chance(0.2) else {}
        b.add("Reduce" + op, [value, b.sizes(axes)] if axes or b.chance(0.3) else [value], **keep)
    else:
        b.add("Reduce" + op, [value], **keep, **({"axes": axes} if axes else {}))


@rule(2)
def arg_reduction(b):
    value = b.pick(NUMBERS, rank=lambda rank: rank > 0, where=not_empty)
    attributes = {"select_last_index": 1} if b.chance(0.3) else {}
    b.add(
        b.choice(["ArgMax", "ArgMin"]),
        [value],
        axis=axis_of(b, value.rank),
        keepdims=b.random.randint(0, 1),
        **attributes,
    )


@rule(1)
def top_k(b):
    value = b.pick(NUMBERS, rank=lambda rank: rank > 0, where=not_empty)
    axis = axis_of(b, value.rank)
    count = b.sizes([b.random.randint(0, value.shape[axis])])
    b.add("TopK", [value, count], 2, axis=axis, largest=b.random.randint(0, 1))


@rule(1)
def cumulative_sum(b):
    value = b.pick(NUMBERS, rank=lambda rank: rank > 0, where=within(-1e4, 1e4))
    axis = b.constant(np.asarray(axis_of(b, value.rank), b.choice([np.int64, np.int32])))
    b.add("CumSum", [value, axis], exclusive=b.random.randint(0, 1), reverse=b.random.randint(0, 1))


@rule(3)
def softmax(b):
    value = b.pick((FLOAT,), rank=lambda rank: rank > 0, where=lambda v: not_empty(v) and within(-80, 80)(v))
    b.add(b.choice(["Softmax", "LogSoftmax", "Softmax", "Hardmax"]), [value], axis=axis_of(b, value.rank))


@rule(3)
def norm(b):
    value = b.pick((FLOAT,), rank=lambda rank: rank > 0, where=lambda v: not_empty(v) and within(-1e3, 1e3)(v))
    if b.opset < 17:
        raise Unsuitable
    axis = axis_of(b, value.rank)
    shape = value.shape[axis:]
    scale, bias = b.fresh(FLOAT, shape, 1, 3), b.fresh(FLOAT, shape)
    b.add("LayerNormalization", [value, scale, bias] if b.chance(0.7) else [value, scale], axis=axis, epsilon=1e-3)


# Products and windows.


@rule(5)
def product(b):
    value = b.pick((FLOAT,), rank=lambda rank: rank > 0, where=within(-1e3, 1e3))
    k, n = value.shape[-1], b.size()
    kind = b.choice(["matrix", "batched", "vector"])
    if kind == "vector":
        shape = (k,)
    elif kind == "matrix" or value.rank < 3:
        shape = (k, n)
    else:
        shape = (*(b.choice([1, size]) for size in value.shape[:-2]), k, n)
    b.add("MatMul", [value, b.fresh(FLOAT, shape)])


@rule(2)
def gemm(b):
    value = b.pick((FLOAT,), rank=lambda rank: rank == 2, where=within(-1e3, 1e3))
    trans_a, trans_b = b.random.randint(0, 1), b.random.randint(0, 1)
    m, k = value.shape[::-1] if trans_a else value.shape
    n = b.size()
    inputs = [value, b.fresh(FLOAT, (n, k) if trans_b else (k, n))]
    if b.chance(0.6):
        inputs.append(b.fresh(FLOAT, b.choice([(m, n), (n,), (1, n), (m, 1), ()])))
    factors = {"alpha": 0.5, "beta": 2.0} if b.chance(0.4) else {}
    b.add("Gemm", inputs, transA=trans_a, transB=trans_b, **factors)


@rule(1)
def einsum(b):
    value = b.pick((FLOAT,), rank=lambda rank: rank == 3, where=within(-1e3, 1e3))
    i, j, k = value.shape
    n = b.size()
    text, shape = b.choice(
        [("bij,bjk->bik", (i, k, n)), ("bij,bkj->bki", (i, n, k)), ("abc,cd->abd", (k, n)), ("abc,abc->ab", (i, j, k))]
    )
    b.add("Einsum", [value, b.fresh(FLOAT, shape)], equation=text)


@rule(2)
def convolution(b):
    value = b.pick((FLOAT,), rank=lambda rank: rank in (3, 4), where=lambda v: not_empty(v) and within(-1e3, 1e3)(v))
    spatial = value.rank - 2
    kernel = [b.random.randint(1, 3) for _ in range(spatial)]
    pads = [b.random.randint(0, 1) for _ in range(2 * spatial)]
    strides = [b.random.randint(1, 2) for _ in range(spatial)]
    room = [size + pads[i] + pads[i + spatial] - kernel[i] for i, size in enumerate(value.shape[2:])]
    if min(room) < 0:
        raise Unsuitable
    if b.chance(0.6):
        channels = b.random.randint(1, 4)
        inputs = [value, b.constant(b.array(FLOAT, (channels, value.shape[1], *kernel)))]
        if b.chance(0.5):
            inputs.append(b.constant(b.array(FLOAT, (channels,))))
        b.add("Conv", inputs, kernel_shape=kernel, pads=pads, strides=strides)
        return
    op = b.choice(["MaxPool", "AveragePool"])
    if op == "MaxPool":
        # The reference takes the pads of MaxPool in another order: all are one.
        pads = [pads[0]] * (2 * spatial)
    room = [size + pads[i] + pads[i + spatial] - kernel[i] for i, size in enumerate(value.shape[2:])]
    if min(room) < 0 or any(pad >= size for pad, size in zip(pads, kernel * 2)):
        raise Unsuitable
    b.add(op, [value], kernel_shape=kernel, pads=pads, strides=strides)


@rule(1)
def global_pool(b):
    # Of three dims the reference's GlobalMaxPool loses one.
    op, ranks = b.choice([("GlobalAveragePool", (3, 4)), ("GlobalMaxPool", (4,))])
    b.add(
        op, [b.pick((FLOAT,), rank=lambda rank: rank in ranks, where=lambda v: not_empty(v) and within(-1e3, 1e3)(v))]
    )


@rule(1)
def blocks(b):
    block = b.random.randint(1, 2)
    if b.chance(0.5):
        value = b.fresh(FLOAT, (b.size(), b.random.randint(0, 2) * block * block, b.size(), b.size()))
        b.add("DepthToSpace", [value], blocksize=block, mode=b.choice(["DCR", "CRD"]))
    else:
        value = b.fresh(FLOAT, (b.size(), b.size(), b.random.randint(0, 3) * block, b.random.randint(0, 3) * block))
        b.add("SpaceToDepth", [value], blocksize=block)


@rule(1)
def quantised(b):
    if b.opset < 19:  # the reference has no older one
        raise Unsuitable
    value = b.pick((FLOAT,), where=within(-1e3, 1e3))
    scale = b.constant(np.float32(b.choice([0.5, 0.25, 2.0])))
    zero = b.constant(np.asarray(b.random.randint(0, 9), b.choice([np.uint8, np.int8])))
    stored = b.add("QuantizeLinear", [value, scale, zero], keep=False)
    b.add("DequantizeLinear", [stored, scale, zero])
