"""What the cases of kernels for GPUs share: they are named, run one after the other, and compared with NumPy."""

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


def bits_of(array):
    """bf16, to nearest even."""
    words = array.astype(np.float32).view(np.uint32)
    return ((words + 0x7FFF + (words >> 16 & 1)) >> 16).astype(np.uint16)


def value_of(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32)


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

