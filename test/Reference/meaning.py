"""What each op of the transformer dialect computes, in NumPy: clear, not fast.

An op's function takes its operands (arrays, ints for sizes), its attributes and result types, and gives the results.
Sums are made in float64, results rounded to their type.
"""

import math

import numpy as np
from generic_ir import DTYPES, Tensor, narrow
from small_floats import FORMATS, cast_small, round_small

DYNAMIC = -(2**63)


def round_to(value, element):
    """`value` as elements of that type; bf16 rounds to nearest even in float32."""
    if element in FORMATS:
        # E5M2 has infinities, which only bits can be.
        return np.where(np.isinf(value), value, round_small(value, element)).astype(np.float32)
    if element in ("i2", "i4", "ui2", "ui4"):
        return narrow(np.asarray(value).astype(np.int64), element)
    if element != "bf16":
        return np.asarray(value).astype(DTYPES[element])
    wide = np.asarray(value).astype(np.float32)
    bits = wide.view(np.uint32).astype(np.uint64)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16 << 16).astype(np.uint32).view(np.float32)
    return np.where(np.isnan(wide), wide, rounded)


def wide(value):
    return value.astype(np.float64) if value.dtype.kind == "f" else value


erf = np.vectorize(math.erf, otypes=[np.float64])


def sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


UNARY = {
    "abs": np.abs, "neg": lambda x: -x, "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x),
    "reciprocal": lambda x: 1 / x, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos,
    "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "erf": lambda x: erf(x) if x.size else x, "tanh": np.tanh, "sigmoid": sigmoid, "softplus": lambda x: np.logaddexp(0, x),
    "ceil": np.ceil, "floor": np.floor, "round": np.round, "sign": np.sign, "not": np.invert, "isnan": np.isnan,
    "isinf": np.isinf, "relu": lambda x: np.maximum(x, 0), "identity": lambda x: x, "silu": lambda x: x * sigmoid(x),
    "quick_gelu": lambda x: x * sigmoid(1.702 * x), "relu_squared": lambda x: np.maximum(x, 0) ** 2,
    "gelu": lambda x: x * 0.5 * (1 + (erf(x / math.sqrt(2)) if x.size else x)),
    "gelu_tanh": lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
}  # fmt: skip


def divide(a, b):
    if a.dtype.kind == "f":
        return a / b
    quotient = np.abs(a) // np.abs(b)
    return np.where((a < 0) ^ (b < 0), -quotient, quotient) if a.dtype.kind == "i" else quotient


BINARY = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": divide, "pow": np.power, "mod": np.mod, "fmod": np.fmod,
    "min": np.minimum, "max": np.maximum, "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
    "shl": np.left_shift, "shr": np.right_shift,
}  # fmt: skip
COMPARE = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal
}  # fmt: skip
REDUCE = {"sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min, "prod": np.prod}
NEUTRAL = {"max": -np.inf, "min": np.inf}


def operands_in_segments(values, attrs):
    """The operands by segment, each None, one value or a list (more than one, or index operands)."""
    groups, at = [], 0
    for size in attrs["operandSegmentSizes"]:
        groups.append(values[at : at + size])
        at += size
    return groups


def optional(group):
    return group[0] if group else None


def sized(type_, dims):
    dims = iter(dims)
    return tuple(next(dims) if dim < 0 else dim for dim in type_.shape)


def swap(x):
    return np.swapaxes(x, -1, -2)


def softmax(x, axis, log=False):
    with np.errstate(invalid="ignore"):
        shifted = x - x.max(axis=axis, keepdims=True) if x.size else x
    total = np.exp(shifted).sum(axis=axis, keepdims=True)
    return shifted - np.log(total) if log else np.exp(shifted) / total


def reduce(values, attrs, types):
    x, kind, axes = wide(values[0]), attrs["kind"], tuple(attrs["axes"])
    options = {"initial": NEUTRAL[kind]} if kind in NEUTRAL and x.dtype.kind == "f" else {}
    return REDUCE[kind](x, axis=axes, keepdims="keepdims" in attrs, **options)


def arg_reduce(values, attrs, types):
    x, axis = values[0], attrs["axis"]
    find = np.argmax if attrs["kind"] == "max" else np.argmin
    if "select_last" in attrs:
        result = x.shape[axis] - 1 - find(np.flip(x, axis), axis=axis, keepdims=True)
    else:
        result = find(x, axis=axis, keepdims=True)
    return result if "keepdims" in attrs else result.squeeze(axis)


def cumsum(values, attrs, types):
    x, axis = wide(values[0]), attrs["axis"]
    if "reverse" in attrs:
        x = np.flip(x, axis)
    result = np.cumsum(x, axis=axis)
    if "exclusive" in attrs:
        result = result - x
    return np.flip(result, axis) if "reverse" in attrs else result


def topk(values, attrs, types):
    x, axis = values[0], attrs["axis"]
    k = types[0].shape[axis] if types[0].shape[axis] >= 0 else values[1]
    order = np.argsort(-wide(x) if attrs["largest"] else x, axis=axis, kind="stable")
    indices = np.take(order, np.arange(k), axis=axis)
    return np.take_along_axis(x, indices, axis=axis), indices


def slice_(values, attrs, types):
    (x,), starts, dims = operands_in_segments(values, attrs)
    starts = iter(starts)
    starts = [next(starts) if start == DYNAMIC else start for start in attrs["static_starts"]]
    for axis, (start, size, step) in enumerate(zip(starts, sized(types[0], dims), attrs["steps"])):
        indices = start + step * np.arange(size)
        assert ((indices >= 0) & (indices < x.shape[axis])).all(), "a slice leaves its input"
        x = np.take(x, indices, axis=axis)
    return x


def pad(values, attrs, types):
    (x,), value, lows, dims = operands_in_segments(values, attrs)
    lows = iter(lows)
    lows = [next(lows) if low == DYNAMIC else low for low in attrs["static_low"]]
    sizes = sized(types[0], dims)
    amounts = [(low, size - low - dim) for low, size, dim in zip(lows, sizes, x.shape)]
    x = x[tuple(slice(max(0, -low), dim - max(0, -high)) for (low, high), dim in zip(amounts, x.shape))]
    widths = [(max(0, low), max(0, high)) for low, high in amounts]
    mode = attrs["mode"]
    options = {"constant_values": value[0] if value else 0} if mode == "constant" else {}
    return np.pad(x, widths, mode=mode, **options)


def gather_nd(values, attrs, types):
    x, indices, batch = values[0], values[1], attrs["batch_dims"]
    if batch == 0:
        return x[tuple(np.moveaxis(indices, -1, 0))]
    flat = x.reshape(-1, *x.shape[batch:])
    picks = indices.reshape(-1, *indices.shape[batch:])
    parts = [row[tuple(np.moveaxis(pick, -1, 0))] for row, pick in zip(flat, picks)]
    return np.stack(parts).reshape(*x.shape[:batch], *parts[0].shape)


COMBINE = {"add": np.add.at, "mul": np.multiply.at, "min": np.minimum.at, "max": np.maximum.at}


def scatter(target, where, updates, kind):
    if kind == "set":
        target[where] = updates
    else:
        COMBINE[kind](target, where, updates)
    return target


def scatter_elements(values, attrs, types):
    x, indices, updates = values
    where = list(np.indices(indices.shape))
    where[attrs["axis"]] = indices
    return scatter(x.copy(), tuple(where), updates, attrs["kind"])


def scatter_nd(values, attrs, types):
    x, indices, updates = values
    return scatter(x.copy(), tuple(np.moveaxis(indices, -1, 0)), updates, attrs["kind"])


def trilu(values, attrs, types):
    k = values[1] if len(values) > 1 else 0
    return np.triu(values[0], k) if "upper" in attrs else np.tril(values[0], k)


def along(param, x, axis, block):
    """A scale or zero point stretched over x: one, per axis, or per block of an axis."""
    if param.ndim == 0 or param.size == 1:
        return param.reshape(())
    if block:
        return np.take(np.repeat(param, block, axis=axis), np.arange(x.shape[axis]), axis=axis)
    return param.reshape([-1 if i == axis else 1 for i in range(x.ndim)])


def quantize(values, attrs, types):
    x, scale, *zero = values
    axis, block = attrs["axis"], attrs["block_size"]
    result = np.round(x.astype(np.float32) / along(scale, x, axis, block).astype(np.float32))
    if zero:
        result = result + along(zero[0], x, axis, block).astype(np.float64)
    if types[0].element in FORMATS:
        return cast_small(x.astype(np.float32) / along(scale, x, axis, block).astype(np.float32), types[0].element)
    ends = {"i2": (-2, 1), "i4": (-8, 7), "ui2": (0, 3), "ui4": (0, 15)}
    if types[0].element in ends:
        low, high = ends[types[0].element]
    else:
        low, high = np.iinfo(DTYPES[types[0].element]).min, np.iinfo(DTYPES[types[0].element]).max
    return np.clip(result, low, high)


def dequantize(values, attrs, types):
    x, scale, *zero = values
    axis, block = attrs["axis"], attrs["block_size"]
    centred = x.astype(np.float64) - (along(zero[0], x, axis, block).astype(np.float64) if zero else 0)
    return centred * along(scale, x, axis, block)


def matmul(values, attrs, types):
    a = swap(values[0]) if "transpose_a" in attrs else values[0]
    b = swap(values[1]) if "transpose_b" in attrs else values[1]
    return np.matmul(wide(a), wide(b))


def matmul_integer(values, attrs, types):
    a, b, a_zero, b_zero = operands_in_segments(values, attrs)
    a, b = a[0].astype(np.int64), b[0].astype(np.int64)
    if a_zero:
        zero = a_zero[0].astype(np.int64)
        a = a - (zero[..., None] if zero.ndim == 1 and zero.size > 1 else zero.reshape((1,) * zero.ndim) if zero.size == 1 else zero)
    if b_zero:
        b = b - b_zero[0].astype(np.int64)
    return np.matmul(a, b)


def windows(x, kernel, strides, pads, dilations, sizes, fill):
    """[N, C, out..., kernel...]: what each window reads, `fill` in the padding."""
    spatial = len(kernel)
    need = [(o - 1) * s + (k - 1) * d + 1 for o, s, k, d in zip(sizes, strides, kernel, dilations)]
    after = [max(0, n - p - i) for n, p, i in zip(need, pads, x.shape[2:])]
    x = np.pad(x, [(0, 0), (0, 0), *zip(pads[:spatial], after)], constant_values=fill)
    for axis in range(spatial):
        at = np.arange(sizes[axis])[:, None] * strides[axis] + np.arange(kernel[axis]) * dilations[axis]
        # The window's dim goes behind all others.
        x = np.moveaxis(np.take(x, at, axis=2 + axis), 3 + axis, -1)
    return x


def out_sizes(x, kernel, attrs):
    spatial, pads, ceil = len(kernel), attrs["pads"], "ceil_mode" in attrs
    for i in range(spatial):
        size, stride = x.shape[2 + i], attrs["strides"][i]
        room = size + pads[i] + pads[i + spatial] - attrs["dilations"][i] * (kernel[i] - 1) - 1
        out = (-(-room // stride) if ceil else room // stride) + 1
        # A window starts inside the input or its left padding.
        yield out - 1 if ceil and (out - 1) * stride >= size + pads[i] else out


def conv(values, attrs, types):
    x, weight, *bias = map(wide, values)
    kernel, group = weight.shape[2:], attrs["group"]
    sizes = list(out_sizes(x, kernel, attrs))
    read = windows(x, kernel, attrs["strides"], attrs["pads"], attrs["dilations"], sizes, 0)
    parts = zip(np.split(read, group, axis=1), np.split(weight, group, axis=0))
    axes = [1, *range(2 + len(kernel), 2 + 2 * len(kernel))], [1, *range(2, 2 + len(kernel))]
    result = np.concatenate([np.moveaxis(np.tensordot(a, w, axes), -1, 1) for a, w in parts], axis=1)
    return result + bias[0].reshape(-1, *[1] * len(kernel)) if bias else result


def pool(values, attrs, types):
    x, kernel = wide(values[0]), attrs["kernel"]
    sizes, spatial = list(out_sizes(x, kernel, attrs)), len(kernel)
    options = kernel, attrs["strides"], attrs["pads"], attrs["dilations"], sizes
    axes = tuple(range(-spatial, 0))
    if attrs["kind"] == "max":
        return windows(x, *options, -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min).max(axis=axes)
    counted = np.ones_like(x)
    if "count_pad" in attrs:
        # Padding counts, what a rounded-up size reads beyond it does not.
        pads = list(zip(attrs["pads"][:spatial], attrs["pads"][spatial:]))
        counted = np.pad(counted, [(0, 0), (0, 0), *pads], constant_values=1)
        total = windows(counted, kernel, attrs["strides"], [0] * 2 * spatial, attrs["dilations"], sizes, 0)
    else:
        total = windows(counted, *options, 0)
    return windows(x, *options, 0).sum(axis=axes) / total.sum(axis=axes)


def resize_weights(size, out, scale, attrs):
    """The matrix [out, size] that one dim is multiplied with."""
    at, half = np.arange(out, dtype=np.float32), np.float32(0.5)
    scale = np.float32(scale if scale > 0 else out / size)
    half_pixel = (at + half) / scale - half
    x = {
        "half_pixel": lambda: half_pixel,
        "asymmetric": lambda: at / scale,
        "pytorch_half_pixel": lambda: half_pixel if out > 1 else at * 0,
        "align_corners": lambda: at * np.float32(size - 1) / np.float32(max(out - 1, 1)),
        "half_pixel_symmetric": lambda: np.float32(size) * half * (1 - np.float32(out) / (scale * np.float32(size))) + half_pixel,
    }[attrs["coordinates"]]()
    if attrs["mode"] == "nearest":
        to = {
            "floor": np.floor, "ceil": np.ceil, "round_prefer_floor": lambda x: np.ceil(x - half),
            "round_prefer_ceil": lambda x: np.floor(x + half),
        }[attrs["nearest_mode"]]  # fmt: skip
        taps = [(to(x), np.ones(out))]
    elif attrs["mode"] == "linear":
        x = np.clip(x, 0, size - 1)
        taps = [(np.floor(x), 1 - (x - np.floor(x))), (np.floor(x) + 1, x - np.floor(x))]
    else:
        a, floor = attrs["cubic_coefficient"], np.floor(x)
        t = (x - floor).astype(np.float64)
        near, far = lambda d: ((a + 2) * d - (a + 3)) * d * d + 1, lambda d: ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        taps = [(floor - 1, far(t + 1)), (floor, near(t)), (floor + 1, near(1 - t)), (floor + 2, far(2 - t))]
    matrix = np.zeros((out, size))
    for position, weight in taps:
        np.add.at(matrix, (np.arange(out), np.clip(position, 0, size - 1).astype(int)), weight)
    return matrix


def resize(values, attrs, types):
    x, *dims = values
    result = wide(x)
    for axis, (out, scale) in enumerate(zip(sized(types[0], dims), attrs["scales"])):
        if out == x.shape[axis] and (scale == 1 or scale <= 0):
            continue
        matrix = resize_weights(x.shape[axis], out, scale, attrs)
        result = np.moveaxis(np.tensordot(matrix, result, (1, axis)), 0, axis)
    return result


# -- Model layer ---------------------------------------------------------------------------------------------------------
def linear(values, attrs, types):
    x, weight, bias, residual = map(optional, operands_in_segments(values, attrs))
    result = np.matmul(wide(x), wide(weight))
    if bias is not None:
        result = result + bias
    result = UNARY[attrs.get("activation", "identity")](result)
    return result if residual is None else result + residual


def linear_nbits(values, attrs, types):
    x, weight, scales, zeros, bias = map(optional, operands_in_segments(values, attrs))
    bits, block, k, n = attrs["bits"], attrs["block_size"], attrs["k"], attrs["n"]
    blocks = -(-k // block)

    def unpack(packed, count):
        per_byte = 8 // bits
        shifts = np.arange(per_byte) * bits
        values_ = (packed.reshape(n, -1)[..., None] >> shifts) & (2**bits - 1)
        return values_.reshape(n, -1)[:, :count]

    levels = unpack(weight, blocks * block).astype(np.float64).reshape(n, blocks, block)
    if zeros is None:
        offset = float(2 ** (bits - 1))
    elif zeros.dtype == np.uint8:
        offset = unpack(zeros, blocks).astype(np.float64)[..., None]
    else:
        offset = zeros.astype(np.float64).reshape(n, blocks, 1)
    matrix = ((levels - offset) * scales.astype(np.float64).reshape(n, blocks, 1)).reshape(n, -1)[:, :k]
    result = np.matmul(wide(x), matrix.T)
    return result if bias is None else result + bias


def layer_norm(values, attrs, types):
    x, scale, bias = map(optional, operands_in_segments(values, attrs))
    x = wide(x)
    axes = tuple(range(attrs["axis"], x.ndim))
    centred = x - x.mean(axis=axes, keepdims=True)
    result = centred / np.sqrt((centred**2).mean(axis=axes, keepdims=True) + attrs["epsilon"])
    result = result if scale is None else result * scale
    return result if bias is None else result + bias


def rms_norm(values, attrs, types):
    x = wide(values[0])
    axes = tuple(range(attrs["axis"], x.ndim))
    result = x / np.sqrt((x**2).mean(axis=axes, keepdims=True) + attrs["epsilon"])
    return result * values[1] if len(values) > 1 else result


def rope(values, attrs, types):
    x, cos, sin = map(wide, values)
    width = attrs["rotary_dim"]
    rotated, rest = x[..., :width], x[..., width:]
    interleaved = "interleaved" in attrs
    if interleaved:
        pairs = rotated[..., 0::2], rotated[..., 1::2]
    else:
        pairs = rotated[..., : width // 2], rotated[..., width // 2 :]

    def factors(table):
        if table.shape[-1] == width // 2:
            return table, table
        return (table[..., 0::2], table[..., 1::2]) if interleaved else (table[..., : width // 2], table[..., width // 2 :])

    (cos1, cos2), (sin1, sin2) = factors(cos), factors(sin)
    parts = pairs[0] * cos1 - pairs[1] * sin1, pairs[1] * cos2 + pairs[0] * sin2
    if interleaved:
        turned = np.stack(parts, axis=-1).reshape(*parts[0].shape[:-1], width)
    else:
        turned = np.concatenate(parts, axis=-1)
    return np.concatenate([turned, rest], axis=-1)


def rounded(x, rounding):
    if rounding is None:
        return x
    step, low, high = rounding
    return step * np.clip(np.round(x / step), low, high)


def attention(values, attrs, types):
    query, key, value, bias, mask, lengths, slopes, sinks = map(optional, operands_in_segments(values, attrs))
    q, k, v = wide(query), wide(key), wide(value)
    group = q.shape[1] // k.shape[1]
    k, v = np.repeat(k, group, axis=1), np.repeat(v, group, axis=1)
    rows, keys = q.shape[2], k.shape[2]
    scores = attrs["scale"] * rounded(np.matmul(q, swap(k)), attrs.get("score_rounding"))
    cap = attrs.get("softcap", 0.0)
    if cap:
        scores = cap * np.tanh(scores / cap)
    # As wide as kernels have them: a large number in the bias swallows a score.
    scores = scores.astype(np.float64 if query.dtype == np.float64 else np.float32)
    if bias is not None:
        scores = scores + bias
    at = np.arange(keys)
    if slopes is not None:
        scores = scores + slopes[:, None, None] * at
    causal = attrs.get("causal", "none")
    # Aligned bottom-right, the last query stands at the last key that there is.
    last = keys if lengths is None else lengths.astype(np.int64).reshape(-1, 1, 1, 1)
    position = np.arange(rows)[:, None] + (last - rows if causal == "bottom_right" else 0)
    seen = np.ones(scores.shape, bool)
    if causal != "none":
        seen &= at <= position
    left, right = attrs.get("window_left", -1), attrs.get("window_right", -1)
    if left >= 0:
        seen &= at >= position - left
    if right >= 0:
        seen &= at <= position + right
    if mask is not None:
        seen &= mask
    if lengths is not None:
        seen &= at < last
    scores = np.where(seen, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True, initial=-np.inf)
    if sinks is not None:
        top = np.maximum(top, sinks.reshape(-1, 1, 1))
    top = np.where(np.isfinite(top), top, 0)
    weights = np.exp(scores - top)
    total = weights.sum(axis=-1, keepdims=True)
    if sinks is not None:
        total = total + np.exp(sinks.reshape(-1, 1, 1) - top)
    return np.matmul(rounded(weights / np.where(total == 0, 1, total), attrs.get("probability_rounding")), v)


def linear_attention(values, attrs, types):
    query, key, value, state, sums = map(optional, operands_in_segments(values, attrs))
    q, k, v = wide(query), wide(key), wide(value)
    epsilon, reads = attrs.get("epsilon"), attrs["reads"]
    state = np.zeros((*q.shape[:2], q.shape[3], v.shape[3])) if state is None else wide(state)
    sums = np.zeros((*q.shape[:2], q.shape[3])) if sums is None else wide(sums)

    def read(features, state, sums):
        if epsilon is None:
            return features @ state
        return (features @ state) / (features @ sums[..., None] + epsilon)

    if "delta" in attrs:
        v = v - read(k, state, sums)
    new_state, new_sums = state + swap(k) @ v, sums + k.sum(axis=2)
    if reads == "causal":
        seen = np.tril(q @ swap(k))
        result = seen @ v + q @ state
        if epsilon is not None:
            result = result / (seen.sum(axis=-1, keepdims=True) + q @ sums[..., None] + epsilon)
    else:
        result = read(q, state, sums) if reads == "before" else read(q, new_state, new_sums)
    return result, new_state, new_sums


def moe(values, attrs, types):
    tokens, experts, weights, first, second, *others = operands_in_segments(values, attrs)
    up, first_bias, up_bias, second_bias, first_scales, up_scales, second_scales, first_zeros, up_zeros, second_zeros = map(optional, others)
    x, ids, shares = wide(tokens[0]), experts[0], wide(weights[0])
    gate_kind, limit, alpha = attrs.get("gate", "none"), attrs.get("limit"), attrs.get("alpha", 1.0)

    def numbers(packed, bits):
        """[E, N, bytes] as [E, N, numbers], the lowest bits first."""
        parts = (packed[..., None].astype(np.int64) >> (np.arange(8 // bits) * bits)) & (2**bits - 1)
        return parts.reshape(*packed.shape[:2], -1)

    def matrix(weight, scales, zeros, depth):
        if scales is None:
            return wide(weight)
        bits, block = weight.shape[2] * 8 // depth, depth // scales.shape[2]
        zero = 2 ** (bits - 1) if zeros is None else np.repeat(numbers(zeros, bits)[..., : scales.shape[2]], block, axis=2)
        return np.swapaxes((numbers(weight, bits) - zero) * np.repeat(wide(scales), block, axis=2), 1, 2)

    def layer(x, expert, weight, bias, scales, zeros):
        y = np.einsum("tk,tkn->tn", x, matrix(weight, scales, zeros, x.shape[1])[expert])
        return y if bias is None else y + wide(bias)[expert]

    result = np.zeros((x.shape[0], second[0].shape[2 if second_scales is None else 1]))
    for choice in range(ids.shape[1]):
        expert = ids[:, choice]
        gate = layer(x, expert, first[0], first_bias, first_scales, first_zeros)
        if gate_kind == "apart":
            through = layer(x, expert, up, up_bias, up_scales, up_zeros)
        elif gate_kind == "halves":
            gate, through = np.split(gate, 2, axis=1)
        elif gate_kind == "alternating":
            gate, through = gate[:, 0::2], gate[:, 1::2]
        if limit is not None:
            gate, through = np.minimum(gate, limit), np.clip(through, -limit, limit)
        inner = gate * UNARY["sigmoid"](alpha * gate) if alpha != 1 else UNARY[attrs.get("activation", "identity")](gate)
        if gate_kind != "none":
            inner = inner * (through + attrs.get("beta", 0.0))
        result += shares[:, choice : choice + 1] * layer(inner, expert, second[0], second_bias, second_scales, second_zeros)
    return result


def kv_write(values, attrs, types):
    cache, update, *start = values
    axis, result = attrs["axis"], cache.copy()
    for batch in range(cache.shape[0]):
        first = int(start[0][batch]) if start else 0
        rows = first + np.arange(update.shape[axis])
        if "circular" in attrs:
            rows %= cache.shape[axis]
        where = [slice(None)] * (cache.ndim - 1)
        where[axis - 1] = rows
        result[batch][tuple(where)] = update[batch]
    return result


def compare(values, attrs, types):
    return COMPARE[attrs["kind"]](*values)


def cast(values, attrs, types):
    (x,), element = values, types[0].element
    if element == "i1":
        return x != 0
    if element in FORMATS:
        return cast_small(x, element)
    # NumPy warns where a float does not fit; the dialect leaves that open.
    with np.errstate(invalid="ignore"):
        return np.trunc(x) if x.dtype.kind == "f" and element[0] in "iu" else x


def bitcast(values, attrs, types):
    (x,), element = values, types[0].element
    # bf16 lives in the upper half of f32.
    is_half = DTYPES[element]().itemsize == 2 or element == "bf16"
    if x.dtype == np.float32 and is_half:
        x = (x.view(np.uint32) >> 16).astype(np.uint16)
    if element == "bf16":
        return (x.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    return x.view(DTYPES[element])


def range_(values, attrs, types):
    start, delta, *dims = values
    return start + np.arange(sized(types[0], dims)[0], dtype=start.dtype) * delta


MEANINGS = {
    "constant": lambda v, a, t: a["value"],
    "unary": lambda v, a, t: UNARY[a["kind"]](wide(v[0])),
    "binary": lambda v, a, t: BINARY[a["kind"]](wide(v[0]), wide(v[1])),
    "compare": compare,
    "select": lambda v, a, t: np.where(*v),
    "cast": cast,
    "bitcast": bitcast,
    "matmul": matmul,
    "matmul_integer": matmul_integer,
    "conv": conv,
    "pool": pool,
    "resize": resize,
    "reduce": reduce,
    "arg_reduce": arg_reduce,
    "softmax": lambda v, a, t: softmax(wide(v[0]), a["axis"], "log" in a),
    "cumsum": cumsum,
    "topk": topk,
    "reshape": lambda v, a, t: v[0].reshape(sized(t[0], v[1:])),
    "broadcast_to": lambda v, a, t: np.broadcast_to(v[0], sized(t[0], v[1:])),
    "tile": lambda v, a, t: np.tile(v[0], [n // m if m else 1 for n, m in zip(sized(t[0], v[1:]), v[0].shape)]),
    "transpose": lambda v, a, t: np.transpose(v[0], a["perm"]),
    "slice": slice_,
    "concat": lambda v, a, t: np.concatenate(v, axis=a["axis"]),
    "pad": pad,
    "gather": lambda v, a, t: np.take(v[0], v[1], axis=a["axis"]),
    "gather_elements": lambda v, a, t: np.take_along_axis(v[0], v[1], axis=a["axis"]),
    "gather_nd": gather_nd,
    "scatter_elements": scatter_elements,
    "scatter_nd": scatter_nd,
    "trilu": trilu,
    "range": range_,
    "nonzero": lambda v, a, t: np.stack(np.nonzero(v[0])),
    "quantize": quantize,
    "dequantize": dequantize,
    "from_index": lambda v, a, t: np.array(v, np.int64).reshape(t[0].shape),
    "to_index": lambda v, a, t: int(v[0].flat[a["position"]]),
    "linear": linear,
    "linear_nbits": linear_nbits,
    "layer_norm": layer_norm,
    "rms_norm": rms_norm,
    "rope": rope,
    "attention": attention,
    "linear_attention": linear_attention,
    "moe": moe,
    "glu": lambda v, a, t: UNARY[a["activation"]](wide(v[0])) * wide(v[1]),
    "kv_write": kv_write,
}


def evaluate(name, values, attrs, types):
    """The results of transformer.`name`, checked against their types."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        results = MEANINGS[name](values, attrs, types)
        results = results if isinstance(results, tuple) else (results,)
        results = [round_to(r, t.element) if isinstance(t, Tensor) else r for r, t in zip(results, types)]
    for result, type_ in zip(results, types):
        if isinstance(type_, Tensor):
            fits = len(result.shape) == len(type_.shape) and all(d in (-1, s) for d, s in zip(type_.shape, result.shape))
            assert fits, f"{name} gives {result.shape} for {type_.shape}"
    return results
