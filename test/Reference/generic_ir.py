"""Reads MLIR's generic textual form (`--mlir-print-op-generic`) with weights, into plain Python objects.

Only what a module of the transformer dialect holds: ops with operands, attributes and regions, blocks with arguments,
dense and dense_resource constants as arrays.
"""

import re
from dataclasses import dataclass, field

import numpy as np
from small_floats import FORMATS, numbers

# bf16 and smaller floats have no NumPy type: their values live in float32.
DTYPES = {
    "f64": np.float64, "f32": np.float32, "f16": np.float16, "bf16": np.float32,
    "i1": np.bool_, "i2": np.int8, "i4": np.int8, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "index": np.int64,
    "ui2": np.uint8, "ui4": np.uint8, "ui8": np.uint8, "ui16": np.uint16, "ui32": np.uint32, "ui64": np.uint64,
    **dict.fromkeys(FORMATS, np.float32),
}  # fmt: skip


@dataclass(frozen=True)
class Tensor:
    """tensor<4x?xf32>: -1 where a dim is dynamic."""

    shape: tuple
    element: str


@dataclass
class Op:
    name: str
    operands: list
    attrs: dict
    regions: list = field(default_factory=list)
    results: list = field(default_factory=list)
    types: list = field(default_factory=list)


@dataclass
class Block:
    arguments: list
    ops: list


def from_bytes(data, tensor):
    shape = tensor.shape
    count = int(np.prod(shape))
    if tensor.element == "bf16":
        wide = np.frombuffer(data, np.uint16).astype(np.uint32) << 16
        return spread(wide.view(np.float32), shape)
    if tensor.element in ("i2", "i4", "ui2", "ui4", *FORMATS):
        codes = np.frombuffer(data, np.uint8)
        bits = 8 if tensor.element.startswith("f8") else 4 if "4" in tensor.element else 2
        if len(codes) < count:  # several share a byte, the first one in its low bits; MLIR's own text has a byte each
            codes = (codes[:, None] >> np.arange(0, 8, bits) & (1 << bits) - 1).reshape(-1)[:count]
        if tensor.element in FORMATS:
            return spread(numbers(tensor.element)[codes].astype(np.float32), shape)
        return spread(narrow(codes.astype(np.int64), tensor.element), shape)
    if tensor.element == "i1" and len(data) != count:
        return np.unpackbits(np.frombuffer(data, np.uint8), count=count, bitorder="little").astype(bool).reshape(shape)
    return spread(np.frombuffer(data, DTYPES[tensor.element]), shape)


def narrow(values, element):
    """Whole numbers as those of 2 or 4 bits."""
    bits = 4 if "4" in element else 2
    low = values & (1 << bits) - 1
    return (low - ((low >> (bits - 1) & 1) << bits if element[0] == "i" else 0)).astype(DTYPES[element])


def spread(values, shape):
    """One value stands for all."""
    count = int(np.prod(shape))
    return np.broadcast_to(values, count).reshape(shape) if values.size == 1 else values.reshape(shape)


class Resource:
    """A dense_resource until the section with its bytes is read."""

    def __init__(self, key, tensor):
        self.key, self.tensor = key, tensor


TOKEN = re.compile(
    r'\s*(?://[^\n]*\n\s*)*("(?:[^"\\]|\\.)*"|%[\w$.-]+(?:[:#]\d+)?|\^[\w$.-]+|@(?:[\w$.-]+|"[^"]*")|#[\w$.-]+'
    r"|->|-?\d[\w.+-]*|-?[A-Za-z_][\w$.-]*|\{-#|#-\}|[^\s])"
)


class Parser:
    def __init__(self, text):
        self.text, self.at = text, 0
        self.peeked = None

    # -- Tokens ------------------------------------------------------------------------------------------------------
    def peek(self):
        if self.peeked is None:
            match = TOKEN.match(self.text, self.at)
            self.peeked = (match.group(1), match.end()) if match else (None, self.at)
        return self.peeked[0]

    def next(self):
        token = self.peek()
        self.at, self.peeked = self.peeked[1], None
        return token

    def accept(self, token):
        if self.peek() == token:
            return self.next()
        return None

    def expect(self, token):
        found = self.next()
        if found != token:
            raise SyntaxError(f"expected {token!r}, found {found!r} at {self.text[max(0, self.at - 80):self.at + 40]!r}")

    def until_close(self):
        """The raw text up to the '>' that closes an open '<'."""
        assert self.peeked is None
        start, depth, quoted = self.at, 1, False
        while depth:
            char = self.text[self.at]
            if char == '"':
                quoted = not quoted
            elif not quoted and char in "<>" and self.text[self.at - 1 : self.at + 1] != "->":
                depth += 1 if char == "<" else -1
            self.at += 1
        return self.text[start : self.at - 1]

    def list_of(self, item, close):
        items = []
        while not self.accept(close):
            items.append(item())
            self.accept(",")
        return items

    # -- Types and attributes ----------------------------------------------------------------------------------------
    def type(self):
        token = self.next()
        if token == "(":
            inputs = self.list_of(self.type, ")")
            self.expect("->")
            return inputs, self.types()
        if token == "tensor":
            self.expect("<")
            *dims, element = self.until_close().split("x")
            return Tensor(tuple(-1 if dim == "?" else int(dim) for dim in dims), element)
        return token

    def types(self):
        if self.accept("("):
            return self.list_of(self.type, ")")
        return [self.type()]

    def attribute(self):
        token = self.next()
        if token.startswith('"'):
            return token[1:-1]
        if token == "[":
            return self.list_of(self.attribute, "]")
        if token == "{":
            return self.dictionary("}")
        if token == "dense":
            return self.dense()
        if token == "dense_resource":
            self.expect("<")
            key = self.until_close().strip('"')
            self.expect(":")
            return Resource(key, self.type())
        if token == "array":
            self.expect("<")
            body = self.until_close()
            values = body.partition(":")[2]
            return [number(value) for value in values.split(",")] if values else []
        if token.startswith("#transformer"):
            self.expect("<")
            return self.until_close().split()[1]
        if token.startswith("@"):
            return token[1:].strip('"')
        if token in ("true", "false"):
            return token == "true"
        if re.match(r"-?\d|-?(inf|nan)\b", token):
            if self.accept(":"):
                return number(token, self.type())
            return number(token)
        if token in ("unit", "loc"):
            return True
        # A type.
        self.peeked = (token, self.at)
        return self.type()

    def dense(self):
        self.expect("<")
        body = self.until_close()
        self.expect(":")
        tensor = self.type()
        if body.startswith('"0x'):
            return from_bytes(bytes.fromhex(body[3:-1]), tensor)
        values = re.findall(r"true|false|0x[0-9A-Fa-f]+|-?(?:\d[\d.]*(?:[eE][+-]?\d+)?|inf|nan)", body)
        numbers, dtype = [number(value, tensor.element) for value in values], DTYPES[tensor.element]
        # Left to itself, NumPy makes floats of integers that are large and small ones together.
        array = np.array(numbers, dtype) if np.issubdtype(dtype, np.integer) else np.array(numbers).astype(dtype)
        return spread(array, tensor.shape)

    def dictionary(self, close):
        attrs = {}
        while not self.accept(close):
            name = self.next().strip('"')
            attrs[name] = self.attribute() if self.accept("=") else True
            self.accept(",")
        return attrs

    # -- Ops ---------------------------------------------------------------------------------------------------------
    def op(self):
        results = []
        while self.peek().startswith("%"):
            name, _, count = self.next().partition(":")
            results += [f"{name}#{i}" for i in range(int(count))] if count else [name]
            self.accept(",")
        if results:
            self.expect("=")
        op = Op(self.next().strip('"'), [], {}, results=results)
        self.expect("(")
        op.operands = self.list_of(self.next, ")")
        if self.accept("<"):
            self.expect("{")
            op.attrs.update(self.dictionary("}"))
            self.expect(">")
        if self.accept("("):
            op.regions = self.list_of(self.region, ")")
        if self.accept("{"):
            op.attrs.update(self.dictionary("}"))
        self.expect(":")
        op.types = self.type()[1]
        return op

    def region(self):
        self.expect("{")
        block = Block([], [])
        if self.peek().startswith("^"):
            self.next()
            if self.accept("("):
                block.arguments = [name for name, _ in self.list_of(self.argument, ")")]
            self.expect(":")
        while not self.accept("}"):
            block.ops.append(self.op())
        return block

    def argument(self):
        name = self.next()
        self.expect(":")
        return name, self.type()


def number(text, element="f32"):
    if text in ("true", "false"):
        return text == "true"
    if text.startswith("0x"):
        bits = int(text, 16)
        if element == "f32":
            return np.array([bits], np.uint32).view(np.float32)[0]
        if element == "f16":
            return np.array([bits], np.uint16).view(np.float16)[0]
        if element == "bf16":
            return np.array([bits << 16], np.uint32).view(np.float32)[0]
        if element in FORMATS:
            return numbers(element)[bits]
        return np.array([bits], np.uint64).view(np.float64)[0] if element == "f64" else bits
    if re.fullmatch(r"-?\s*\d+", text.strip()):
        return int(text)
    return {"true": True, "false": False}.get(text.strip()) if text.strip() in ("true", "false") else float(text)


BLOB = re.compile(r'^\s*("(?:[^"\\]|\\.)*"|[\w$.:/-]+): "0x([0-9A-Fa-f]*)"', re.MULTILINE)


def read_module(text, elided=None):
    """The functions of a module by name, resources filled in; `elided` gives those without bytes, by key and type."""
    body, _, section = text.partition("{-#")
    blobs = {match.group(1).strip('"'): match.group(2) for match in BLOB.finditer(section)}

    def fill(op):
        for key, value in op.attrs.items():
            if isinstance(value, Resource) and value.key not in blobs and elided:
                op.attrs[key] = elided(value.key, value.tensor)
            elif isinstance(value, Resource):
                # The first four bytes say the alignment.
                op.attrs[key] = from_bytes(bytes.fromhex(blobs[value.key])[4:], value.tensor)
        for region in op.regions:
            for inner in region.ops:
                fill(inner)

    module = Parser(body).op()
    functions = {}
    for function in module.regions[0].ops:
        fill(function)
        functions[function.attrs["sym_name"]] = function
    return functions
