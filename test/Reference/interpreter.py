"""Runs a function of the transformer dialect on arrays: sizes as ints, control flow, and meaning.py for the rest."""

import numpy as np
from meaning import evaluate

INDEX = {
    "addi": lambda a, b: a + b, "subi": lambda a, b: a - b, "muli": lambda a, b: a * b,
    "divsi": lambda a, b: int(a / b), "floordivsi": lambda a, b: a // b, "ceildivsi": lambda a, b: -(-a // b),
    "remsi": lambda a, b: a - b * int(a / b), "minsi": min, "maxsi": max, "andi": lambda a, b: a & b, "ori": lambda a, b: a | b,
    "xori": lambda a, b: a ^ b, "divui": lambda a, b: a // b, "remui": lambda a, b: a % b, "minui": min, "maxui": max,
}  # fmt: skip
# arith.cmpi's predicates: eq, ne, slt, sle, sgt, sge, ult, ule, ugt, uge.
PREDICATES = ["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__lt__", "__le__", "__gt__", "__ge__"]


class SizesDiffer(Exception):
    pass


def run_if(op, values, scope):
    return run_block(op.regions[0 if bool(values[0].reshape(-1)[0]) else 1], [], scope)


def run_loop(op, values, scope):
    has_count, has_condition, _ = op.attrs["operandSegmentSizes"]
    count = int(values[0].reshape(-1)[0]) if has_count else 2**63 - 1
    go = bool(values[has_count].reshape(-1)[0]) if has_condition else True
    carried, scans, i = values[has_count + has_condition :], [], 0
    while go and i < count:
        first, *rest = run_block(op.regions[0], [np.array(i, np.int64), np.array(go), *carried], scope)
        go = bool(first.reshape(-1)[0])
        scans.append(rest[len(carried) :])
        carried, i = rest[: len(carried)], i + 1
    if not scans and len(op.types) > len(carried):
        raise ValueError("a loop without iterations has scan outputs of unknown shape")
    return [*carried, *(np.stack(parts) for parts in zip(*scans))] if scans else carried


def run_op(op, scope):
    values = [scope[name] for name in op.operands]
    dialect, _, name = op.name.partition(".")
    if op.name == "transformer.if":
        return run_if(op, values, scope)
    if op.name == "transformer.loop":
        return run_loop(op, values, scope)
    if op.name == "transformer.check_sizes":
        a, b = values
        if a != b and not ("broadcast" in op.attrs and 1 in (a, b)):
            raise SizesDiffer(f"sizes {a} and {b} differ")
        return []
    if op.name == "tensor.dim":
        return [values[0].shape[values[1]]]
    if dialect == "arith":
        if name == "constant":
            return [op.attrs["value"]]
        if name == "select":
            return [values[1] if values[0] else values[2]]
        if name == "cmpi":
            return [getattr(values[0], PREDICATES[op.attrs["predicate"]])(values[1])]
        if name in ("index_cast", "index_castui", "extui", "extsi"):
            return [int(values[0])]
        return [INDEX[name](*values)]
    return evaluate(name, values, op.attrs, op.types)


def run_block(block, arguments, outer):
    scope = {**outer, **dict(zip(block.arguments, arguments))}
    for op in block.ops:
        if op.name in ("func.return", "transformer.yield"):
            return [scope[name] for name in op.operands]
        try:
            results = run_op(op, scope)
        except (SizesDiffer, RecursionError):
            raise
        except Exception as error:
            error.add_note(f"in {op.name} {op.results} {[k for k in op.operands]}")
            raise
        scope.update(zip(op.results, results))
    raise ValueError("a block without end")


def run_function(function, inputs):
    """Results by name, for inputs by name."""
    names = [attrs["transformer.name"] for attrs in function.attrs["arg_attrs"]]
    results = run_block(function.regions[0], [inputs[name] for name in names], {})
    return dict(zip((attrs["transformer.name"] for attrs in function.attrs["res_attrs"]), results))
