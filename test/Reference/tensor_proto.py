"""Reads an ONNX TensorProto file into its name and an array; needs no ONNX package."""

import numpy as np

# ONNX TensorProto.DataType to what it is stored as.
STORED = {1: "f4", 2: "u1", 3: "i1", 4: "u2", 5: "i2", 6: "i4", 7: "i8", 9: "?", 10: "f2", 11: "f8", 12: "u4", 13: "u8", 16: "u2"}
BFLOAT16 = 16


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            value, at = data[at : at + size], at + size
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            raise ValueError(f"wire type {kind} of a tensor's field")
        yield key >> 3, value


def packed(value):
    """The varints of a repeated field, packed or one."""
    if isinstance(value, int):
        return [value]
    values, at = [], 0
    while at < len(value):
        number, at = varint(value, at)
        values.append(number)
    return values


def read_tensor(path):
    data = path.read_bytes()
    dims, kind, name, raw, typed = [], 0, "", None, []
    floats = b""
    for number, value in fields(data):
        if number == 1:
            dims += packed(value)
        elif number == 2:
            kind = value
        elif number in (4, 10):  # float_data, double_data
            floats += value
        elif number in (5, 7, 11):  # int32_data, int64_data, uint64_data
            typed += packed(value)
        elif number == 8:
            name = value.decode()
        elif number == 9:
            raw = value
    stored = STORED[kind]
    if raw is not None:
        array = np.frombuffer(raw, stored)
    elif floats:
        array = np.frombuffer(floats, stored)
    else:
        # Negative numbers are stored as 64-bit two's complement; small floats as their bits.
        array = np.array(typed, np.uint64).astype(np.int64).astype("u2" if stored == "f2" else stored).view(stored)
    if kind == BFLOAT16:
        array = (array.astype(np.uint32) << 16).view(np.float32)
    return name, array.reshape(dims)
