"""Rules of random graphs: elementwise operators."""

import numpy as np
from graph_builder import ANY, BOOL, FLOAT, INTEGERS, MOST_ELEMENTS, NUMBERS, Unsuitable, rule, within

# Elementwise.

UNARY = {
    "Abs": {}, "Neg": {}, "Relu": {}, "Tanh": {}, "Sigmoid": {}, "Erf": {}, "Sin": {}, "Cos": {}, "Atan": {}, "Floor": {},
    "Ceil": {}, "Round": {}, "Sign": {}, "Softplus": {}, "Softsign": {}, "Identity": {}, "HardSwish": {}, "Mish": {},
    "Elu": {"alpha": 0.5}, "Selu": {}, "LeakyRelu": {"alpha": 0.25}, "HardSigmoid": {"alpha": 0.25, "beta": 0.5},
    "ThresholdedRelu": {"alpha": 0.75}, "Celu": {"alpha": 1.5}, "Gelu": {}, "IsNaN": {}, "IsInf": {},
}  # fmt: skip
SINCE = {"Gelu": 20, "HardSwish": 14, "Mish": 18}


@rule(8)
def unary(b):
    op = b.choice(op for op in UNARY if SINCE.get(op, 0) <= b.opset)
    attributes = UNARY[op] if b.chance(0.5) else {}
    if op == "Gelu" and b.chance(0.5):
        attributes = {"approximate": "tanh"}
    b.add(op, [b.pick((FLOAT,))], **attributes)


@rule(2)
def unary_of_few(b):
    op, low, high = b.choice(
        [
            ("Exp", -10, 10),
            ("Log", 0.01, 1e6),
            ("Sqrt", 0, 1e6),
            ("Reciprocal", 0.05, 1e6),
            ("Asin", -1, 1),
            ("Acos", -1, 1),
            ("Tan", -1, 1),
            ("Sinh", -5, 5),
            ("Cosh", -5, 5),
            ("Asinh", -5, 5),
            ("Atanh", -0.9, 0.9),
            ("Acosh", 1.1, 100),
        ]
    )
    value = b.pick((FLOAT,), where=within(-1e6, 1e6))
    if not within(low, high)(value):
        bounds = [b.constant(np.float32(max(low, -4))), b.constant(np.float32(min(high, 4)))]
        value = b.add("Clip", [value, *bounds], keep=False)
    b.add(op, [value])


@rule(1)
def unary_of_integers(b):
    op = b.choice(["Abs", "Neg", "Sign", "Identity", "BitwiseNot", "Relu"])
    if op == "BitwiseNot" and b.opset < 18 or op == "Relu" and b.opset < 14:
        raise Unsuitable
    b.add(op, [b.pick(INTEGERS)])


@rule(1)
def logic(b):
    value = b.pick((BOOL,))
    op = b.choice(["Not", "And", "Or", "Xor"])
    b.add(op, [value] if op == "Not" else [value, b.broadcastable(value)])


@rule(10)
def arithmetic(b):
    value = b.pick(NUMBERS, where=within(-1e6, 1e6))
    op = b.choice(["Add", "Sub", "Mul", "Min", "Max"])
    other = b.broadcastable(value)
    if not within(-1e6, 1e6)(other):
        raise Unsuitable
    b.add(op, [value, other] if b.chance(0.7) else [other, value])


@rule(2)
def division(b):
    value = b.pick(NUMBERS, where=within(-1e6, 1e6))
    op = b.choice(["Div", "Mod"])
    if op == "Mod" and value.type == FLOAT:
        other = b.broadcastable(value)
        if not within(0.25, 1e6)(other):
            other = b.constant(np.float32(b.random.randint(1, 9) / 4))
        b.add("Mod", [value, other], fmod=1)
        return
    other = b.broadcastable(value)
    if not np.all(other.data) or not within(-1e6, 1e6)(other):
        other = b.constant(np.asarray(b.choice([-3, -2, 2, 3, 5]), value.data.dtype))
    if op == "Div" and value.type != FLOAT and not np.all((value.data >= 0)) | bool(np.all(other.data > 0)):
        raise Unsuitable  # towards zero or not: the reference's own way
    b.add(op, [value, other])


@rule(1)
def power(b):
    value = b.pick((FLOAT,), where=within(-50, 50))
    exponent = b.choice([2.0, 3.0, 1.0, 0.0])
    if within(0.1, 50)(value):
        exponent = b.choice([0.5, -1.0, 1.5, 2.0, -0.5])
    b.add("Pow", [value, b.constant(np.float32(exponent))])


@rule(2)
def variadic(b):
    value = b.pick((FLOAT,), where=within(-1e6, 1e6))
    others = [b.broadcastable(value) for _ in range(b.random.randint(0, 2))]
    # Each broadcasts with the first; with one another they need not.
    try:
        if np.prod(np.broadcast_shapes(value.shape, *(o.shape for o in others))) > MOST_ELEMENTS:
            raise Unsuitable
    except ValueError:
        raise Unsuitable from None
    b.add(b.choice(["Sum", "Mean", "Max", "Min"]), [value, *others])


@rule(3)
def comparison(b):
    op = b.choice(["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"])
    value = b.pick(NUMBERS if op != "Equal" else ANY)
    b.add(op, [value, b.broadcastable(value)])


@rule(3)
def where(b):
    value = b.pick()
    condition, other = b.broadcastable(value, (BOOL,)), b.broadcastable(value)
    try:
        if np.prod(np.broadcast_shapes(value.shape, condition.shape, other.shape)) > MOST_ELEMENTS:
            raise Unsuitable
    except ValueError:
        raise Unsuitable from None
    b.add("Where", [condition, value, other] if b.chance(0.5) else [condition, other, value])


@rule(1)
def bits(b):
    if b.opset < 18:
        raise Unsuitable
    value = b.pick(INTEGERS)
    b.add(b.choice(["BitwiseAnd", "BitwiseOr", "BitwiseXor"]), [value, b.broadcastable(value)])


@rule(2)
def clip(b):
    value = b.pick(NUMBERS)
    dtype = value.data.dtype
    low, high = (b.constant(np.asarray(bound, dtype)) for bound in sorted(b.random.sample(range(-4, 5), 2)))
    b.add("Clip", [value, low if b.chance(0.8) else None, high if b.chance(0.8) else None])


@rule(2)
def prelu(b):
    value = b.pick((FLOAT,))
    slope = tuple(size if b.chance(0.5) else 1 for size in value.shape)
    b.add("PRelu", [value, b.fresh(FLOAT, slope[b.random.randint(0, len(slope)) :])])


@rule(4)
def cast(b):
    value = b.pick(where=within(-1e6, 1e6))
    b.add("Cast", [value], to=b.choice(ANY))
