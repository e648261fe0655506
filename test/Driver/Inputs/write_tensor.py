"""Writes a float tensor without numpy or onnx: write_tensor.py FILE NAME DIM,DIM VALUE...; FILE ends in .pb or .npy."""

import struct
import sys


def varint(value):
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    return bytes(encoded + bytes([value]))


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def main():
    path, name, dims, *values = sys.argv[1:]
    dims = [int(dim) for dim in dims.split(",") if dim]
    data = struct.pack(f"<{len(values)}f", *map(float, values))
    if path.endswith(".pb"):
        # TensorProto: dims 1, data_type 2 (FLOAT is 1), name 8, raw_data 9
        content = b"".join(varint(1 << 3) + varint(dim) for dim in dims)
        content += varint(2 << 3) + varint(1) + field(8, name.encode()) + field(9, data)
    else:
        header = str({"descr": "<f4", "fortran_order": False, "shape": tuple(dims)}).encode()
        header = header.ljust(117) + b"\n"
        content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data
    with open(path, "wb") as file:
        file.write(content)


main()
