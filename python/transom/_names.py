"""Element types: TransomType (ONNX's TensorProto.DataType) to names and NumPy's types."""

from __future__ import annotations

import importlib
import re
from typing import Any

import numpy as np

TYPE_NAMES = {
    1: "f32", 2: "u8", 3: "i8", 4: "u16", 5: "i16", 6: "i32", 7: "i64", 9: "bool", 10: "f16", 11: "f64", 12: "u32", 13: "u64",
    16: "bf16", 17: "f8e4m3fn", 18: "f8e4m3fnuz", 19: "f8e5m2", 20: "f8e5m2fnuz", 21: "u4", 22: "i4",
    23: "f4e2m1fn", 24: "f8e8m0fnu", 25: "u2", 26: "i2",
}  # fmt: skip
TYPE_CODES = {name: code for code, name in TYPE_NAMES.items()}
_NUMPY = {
    "f32": "float32", "u8": "uint8", "i8": "int8", "u16": "uint16", "i16": "int16", "i32": "int32", "i64": "int64",
    "bool": "bool", "f16": "float16", "f64": "float64", "u32": "uint32", "u64": "uint64",
}  # fmt: skip
# Types that NumPy lacks: ml_dtypes' name, and the NumPy type of the raw bits.
_EXTENDED = {
    "bf16": ("bfloat16", "uint16"),
    "f8e4m3fn": ("float8_e4m3fn", "uint8"),
    "f8e4m3fnuz": ("float8_e4m3fnuz", "uint8"),
    "f8e5m2": ("float8_e5m2", "uint8"),
    "f8e5m2fnuz": ("float8_e5m2fnuz", "uint8"),
    "f8e8m0fnu": ("float8_e8m0fnu", "uint8"),
}
# Elements that share a byte: their bits, and ml_dtypes' name for an array with a byte each.
PACKED = {"u2": (2, "uint2"), "i2": (2, "int2"), "u4": (4, "uint4"), "i4": (4, "int4"), "f4e2m1fn": (4, "float4_e2m1fn")}


def numpy_type(name: str) -> np.dtype[Any]:
    """NumPy's type; for bf16 and f8 that of ml_dtypes, or the raw bits' where that package is missing."""
    if name in _NUMPY:
        return np.dtype(_NUMPY[name])
    if name not in _EXTENDED:
        raise TypeError(f"arrays of {name} have no type in NumPy")
    extended, raw = _EXTENDED[name]
    try:
        return np.dtype(getattr(importlib.import_module("ml_dtypes"), extended))
    except ImportError:
        return np.dtype(raw)


def elements(data: np.ndarray[Any, Any], code: int, shape: list[int]) -> np.ndarray[Any, Any]:
    """An array of a model's bytes; those of less than a byte get one each, of ml_dtypes' type or as raw bits."""
    name = TYPE_NAMES[code]
    if name not in PACKED:
        return data.view(numpy_type(name)).reshape(shape)
    width, extended = PACKED[name]
    parts = data[:, None] >> np.arange(0, 8, width, dtype=np.uint8) & (1 << width) - 1
    raw = parts.reshape(-1)[: int(np.prod(shape))].reshape(shape)
    try:
        return raw.view(getattr(importlib.import_module("ml_dtypes"), extended))
    except (ImportError, AttributeError):  # or one of before it had the type
        return raw


def raw_bits(array: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], int] | None:
    """A view of ml_dtypes' elements as whole numbers, and their TransomType; None for any other type."""
    for code, name in TYPE_NAMES.items():
        if name in _EXTENDED and array.dtype.name == _EXTENDED[name][0]:
            return array.view(_EXTENDED[name][1]), code
    return None


def as_floats(array: np.ndarray[Any, Any], name: str) -> np.ndarray[Any, Any]:
    """Elements of a type of a model in f64; the raw bits of bf16 too, as numpy_type gives them without ml_dtypes."""
    if name == "bf16" and array.dtype.kind == "u":
        array = (array.astype(np.uint32) << 16).view(np.float32)
    elif name in _EXTENDED and array.dtype.kind == "u":
        raise TypeError(f"numbers of {name} need the package ml_dtypes: pip install ml_dtypes")
    return array.astype(np.float64)


def identifier(name: str) -> str:
    """As the compiler makes C fields of ONNX names, where a manifest does not say."""
    text = re.sub(r"\W", "_", name, flags=re.ASCII)
    return "_" + text if not text or text[0].isdigit() else text
