"""Rules of random graphs: what moves elements, and reads or writes them by index."""

import numpy as np
from graph_builder import (
    BOOL,
    FLOAT,
    INT32,
    INT64,
    INTEGERS,
    MOST_ELEMENTS,
    NUMBERS,
    Unsuitable,
    axis_of,
    not_empty,
    rule,
)
from onnx import helper

# Movement.


@rule(6)
def reshape(b):
    value = b.pick()
    factors, rest = [], value.data.size
    for _ in range(b.random.randint(0, 3)):
        divisors = [d for d in range(1, rest + 1) if rest % d == 0] or [0, 1, 2]
        factors.append(b.choice(divisors))
        rest = rest // factors[-1] if factors[-1] else 0
    target = [*factors, rest]
    if value.data.size == 1 and b.chance(0.3):
        target = []
    b.random.shuffle(target)
    if int(np.prod(target)) != value.data.size:
        raise Unsuitable
    if value.data.size and target and b.chance(0.6):
        for i, size in enumerate(target):
            if i < value.rank and value.shape[i] == size and b.chance(0.5):
                target[i] = 0  # as in the input
        free = [i for i, size in enumerate(target) if size > 0]
        if free:
            target[b.choice(free)] = -1
        b.add("Reshape", [value, b.sizes(target)])
    elif 0 in target:
        if b.opset < 14:
            raise Unsuitable
        b.add("Reshape", [value, b.shape_of(target)], allowzero=1)
    else:
        b.add("Reshape", [value, b.shape_of(target)])


@rule(5)
def transpose(b):
    value = b.pick(rank=lambda rank: rank > 1)
    perm = b.random.sample(range(value.rank), value.rank)
    b.add("Transpose", [value], **({"perm": perm} if b.chance(0.9) else {}))


@rule(2)
def flatten(b):
    value = b.pick(where=not_empty)  # of an empty tensor the reference's reshape has no -1
    b.add("Flatten", [value], axis=b.random.randint(-value.rank, value.rank))


@rule(3)
def squeeze(b):
    value = b.pick(where=lambda v: 1 in v.shape)
    axes = [i for i, size in enumerate(value.shape) if size == 1 and b.chance(0.7)]
    # Without axes, only dims that are known are taken.
    b.add("Squeeze", [value, b.sizes(axes)] if axes or b.chance(0.9) else [value])


@rule(3)
def unsqueeze(b):
    value = b.pick(rank=lambda rank: rank < 4)
    count = b.random.randint(1, 2)
    rank = value.rank + count
    axes = b.random.sample(range(rank), count)
    b.add("Unsqueeze", [value, b.sizes([axis - rank if b.chance(0.3) else axis for axis in axes])])


@rule(3)
def expand(b):
    value = b.pick()
    target = [b.choice([size, 1]) if size != 1 else b.size() for size in value.shape]
    if b.chance(0.4):
        target = [b.size(), *target]
    if target and b.chance(0.2):
        target = target[1:]
    if np.prod(np.broadcast_shapes(value.shape, tuple(target))) > MOST_ELEMENTS:
        raise Unsuitable
    b.add("Expand", [value, b.shape_of(target)])


@rule(2)
def tile(b):
    value = b.pick(rank=lambda rank: rank > 0)
    repeats = [b.choice([1, 1, 2, 3, 0]) for _ in value.shape]
    if value.data.size * np.prod(repeats) > MOST_ELEMENTS:
        raise Unsuitable
    b.add("Tile", [value, b.shape_of(repeats)])


@rule(5)
def concat(b):
    value = b.pick(rank=lambda rank: rank > 0)
    axis = b.random.randrange(value.rank)

    def fits(other):
        return (other.rank == value.rank and other.type == value.type
                and all(i == axis or a == c for i, (a, c) in enumerate(zip(value.shape, other.shape))))  # fmt: skip

    parts = [value]
    for _ in range(b.random.randint(1, 3)):
        found = [v for v in b.values if fits(v)]
        shape = tuple(b.size() if i == axis else size for i, size in enumerate(value.shape))
        parts.append(b.choice(found) if found and b.chance(0.5) else b.fresh(value.type, shape))
    b.random.shuffle(parts)
    if sum(part.data.size for part in parts) > MOST_ELEMENTS:
        raise Unsuitable
    b.add("Concat", parts, axis=axis - value.rank if b.chance(0.3) else axis)


@rule(3)
def split(b):
    value = b.pick(rank=lambda rank: rank > 0)
    axis = axis_of(b, value.rank)
    size = value.shape[axis]
    count = b.random.randint(1, 3)
    if b.opset >= 18 and b.chance(0.5):
        # The last part is the smaller one, and not negative.
        if size < count or size - (count - 1) * -(-size // count) < 0:
            raise Unsuitable
        b.add("Split", [value], count, axis=axis, num_outputs=count)
        return
    cuts = sorted(b.random.randint(0, size) for _ in range(count - 1))
    sizes = [end - start for start, end in zip([0, *cuts], [*cuts, size])]
    b.add("Split", [value, b.sizes(sizes)], count, axis=axis)


@rule(7)
def slices(b):
    value = b.pick(rank=lambda rank: rank > 0)
    axes = b.random.sample(range(value.rank), b.random.randint(1, value.rank))
    starts, ends, steps = [], [], []
    for axis in axes:
        size = value.shape[axis]
        ends.append(b.choice([b.random.randint(-size - 2, size + 2), 2**63 - 1, -(2**63), size]))
        steps.append(b.choice([1, 1, 1, 2, 3, -1, -2]))
        # Backwards from before the first element: the spec begins with it, and the reference, as NumPy, with none.
        starts.append(b.random.randint(-size - 2 if steps[-1] > 0 else -size, size + 2))
    axes = [axis - value.rank if b.chance(0.3) else axis for axis in axes]
    parts = [b.sizes(starts), b.sizes(ends), b.sizes(axes), b.sizes(steps)]
    b.add("Slice", [value, *(parts if any(step != 1 for step in steps) or b.chance(0.5) else parts[:3])])


@rule(3)
def pad(b):
    value = b.pick(NUMBERS, rank=lambda rank: rank > 0)
    mode = b.choice(["constant", "constant", "edge", "reflect"])
    before, after = [], []
    for size in value.shape:
        most = {"constant": 2, "edge": 2 if size else 0, "reflect": max(size - 1, 0)}[mode]
        before.append(b.random.randint(0, most) if b.chance(0.6) else 0)
        after.append(b.random.randint(0, most) if b.chance(0.6) else 0)
    if value.data.size == 0 and mode != "constant":
        raise Unsuitable
    fill = (
        [b.constant(np.asarray(b.random.randint(-3, 3), value.data.dtype))]
        if mode == "constant" and b.chance(0.7)
        else []
    )
    b.add("Pad", [value, b.shape_of(before + after), *fill], mode=mode)


@rule(3)
def trilu(b):
    value = b.pick(NUMBERS, rank=lambda rank: rank > 1)
    if b.opset < 14:
        raise Unsuitable
    k = [b.constant(np.asarray(b.random.randint(-2, 2), np.int64))] if b.chance(0.7) else []
    b.add("Trilu", [value, *k], upper=b.random.randint(0, 1))


# Reading and writing by index.


def indices(b, shape, size, type_=None):
    """An input or a constant of whole numbers, below `size` and not below -size."""
    if size == 0 and np.prod(shape) > 0:
        raise Unsuitable
    return b.fresh(type_ or b.choice(INTEGERS), shape, -size, size - 1)


@rule(4)
def gather(b):
    value = b.pick(rank=lambda rank: rank > 0)
    axis = axis_of(b, value.rank)
    b.add("Gather", [value, indices(b, b.shape(b.random.randint(0, 2)), value.shape[axis])], axis=axis)


@rule(1)
def gather_elements(b):
    value = b.pick(rank=lambda rank: rank > 0)
    axis = b.random.randrange(value.rank)
    # The spec allows smaller dims beside the axis; the reference does not.
    shape = tuple(b.size() if i == axis else size for i, size in enumerate(value.shape))
    b.add("GatherElements", [value, indices(b, shape, value.shape[axis])], axis=axis)


@rule(1)
def gather_nd(b):
    value = b.pick(rank=lambda rank: rank > 0, where=not_empty)
    depth = b.random.randint(1, value.rank)
    index = [b.data.integers(-size, size, (3, 1)) for size in value.shape[:depth]]
    b.add("GatherND", [value, b.constant(np.concatenate(index, axis=1).astype(np.int64))])


@rule(1)
def scatter(b):
    value = b.pick((FLOAT, INT64), rank=lambda rank: rank > 0, where=not_empty)
    axis = b.random.randrange(value.rank)
    # No place twice: which of two writes is last is nobody's promise.
    count = b.random.randint(1, value.shape[axis])
    shape = tuple(count if i == axis else size for i, size in enumerate(value.shape))
    index = np.broadcast_to(
        b.data.permutation(value.shape[axis])[:count].reshape([-1 if i == axis else 1 for i in range(value.rank)]),
        shape,
    )
    updates = b.fresh(value.type, shape)
    if b.opset < 18 or b.chance(0.5):
        b.add("ScatterElements", [value, b.constant(index.astype(np.int64)), updates], axis=axis)
    else:
        b.add(
            "ScatterElements",
            [value, b.constant(index.astype(np.int64)), updates],
            axis=axis,
            reduction=b.choice(["add", "mul", "min", "max"]),
        )


@rule(1)
def one_hot(b):
    depth = b.random.randint(1, 5)
    index = b.fresh(INT64, b.shape(b.random.randint(1, 2)), -depth, depth - 1)
    values = b.constant(np.array([0, 1], b.choice([np.float32, np.int64])))
    b.add("OneHot", [index, b.constant(np.asarray(depth, np.int64)), values], axis=b.choice([-1, 0]))


@rule(1)
def non_zero(b):
    b.add("NonZero", [b.pick(where=lambda v: v.rank > 0)])


@rule(1)
def filled(b):
    type_ = b.choice((FLOAT, INT64, BOOL))
    shape = b.shape(b.random.randint(0, 3))
    b.add("ConstantOfShape", [b.shape_of(shape)], value=helper.make_tensor("value", type_, [1], [1]))


@rule(1)
def count_up(b):
    start, limit, delta = b.random.randint(-3, 3), b.random.randint(-3, 9), b.choice([1, 2, 3, -1])
    dtype = b.choice([np.int64, np.float32, np.int32])
    b.add("Range", [b.constant(np.asarray(number, dtype)) for number in (start, limit, delta)])


@rule(2)
def sizes_as_data(b):
    value = b.pick()
    shape = b.add(b.choice(["Shape", "Size"]), [value])
    if b.chance(0.5):
        b.add("Cast", [shape], to=b.choice((FLOAT, INT32)))
