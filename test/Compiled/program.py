"""Compiles functions of the transformer dialect for the CPU, runs them and compares them with NumPy.

A `Suite` is a table of cases. All of them become one module, which goes through the stages `kernels`, `cpu` and `llvm`
into one library; runtime.c runs its programs. What is expected is what test/Reference makes of the same text.

A case's types may have dims of one capital letter: sizes that are known when it runs. `%S` is such a size in its body.

    suite.add("name", "x: Sx16xf32, w: 16x8xf32 constant", "%r = transformer.linear %x, %w : tensor<Sx16xf32>, tensor<16x8xf32>",
              "Sx8xf32", S=[0, 1, 7])
"""

import ctypes
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import typing
import zlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin"))
LLVM = pathlib.Path("/usr/lib/llvm-22/bin")
sys.path.insert(0, str(ROOT / "test/Reference"))

from generic_ir import DTYPES, read_module  # noqa: E402
from interpreter import run_block  # noqa: E402
from meaning import round_to  # noqa: E402

# As the stages `kernels` and `cpu` are, with what comes first in models with caches.
STAGES = ("builtin.module({first}func.func(lower-rounded-attention,fuse-integer-products),cse,outline-kernels{{{outline}}},cse,"
          "lower-kernels-to-cpu{{{lower}}},lower-host-program,canonicalize,cse,loop-invariant-code-motion)")


class CPU(typing.NamedTuple):
    """What kernels are written for: options of outline-kernels and lower-kernels-to-cpu; what a machine needs to run them."""

    name: str
    outline: str
    lower: str
    flags: tuple = ()

    def runs_here(self):
        here = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        return set(self.flags) <= set(here[1].split())


V3 = CPU("x86-64-v3", "panel-columns=16 staged-bytes=2", "vector-bits=256")
V4 = CPU("x86-64-v4", "panel-columns=64 staged-bytes=2", "vector-bits=512", ("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd"))
CASCADELAKE = CPU("cascadelake", "panel-columns=64 staged-bytes=1", "vector-bits=512 byte-dots", (*V4.flags, "avx512_vnni"))
ALDERLAKE = CPU("alderlake", "panel-columns=16 staged-bytes=1", "vector-bits=256 byte-dots", ("avx_vnni",))
# The narrow ones in a library where AVX-512 reads the weights too.
V3_SHARED = V3._replace(outline=f"{V3.outline} weight-columns=64")
ALDERLAKE_SHARED = ALDERLAKE._replace(outline=f"{ALDERLAKE.outline} weight-columns=64")
KINDS = {1: "index", 2: "shape", 3: "divide", 4: "memory", 5: "limit"}
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, np.inf, -np.inf, np.nan, 1e-7, 300.0]
# Relative to the largest magnitude of a result: sums in another order; a fused chain rounds once where NumPy does often.
TOLERANCES = {"f64": 1e-12, "f32": 1e-5, "f16": 3e-3, "bf16": 2e-2}

i32, i64, pointer = ctypes.c_int32, ctypes.c_int64, ctypes.c_void_p


class ValueDesc(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("type", i32), ("rank", i32), ("dims", ctypes.POINTER(i64)), ("symbols", ctypes.POINTER(i32))]


class StateDesc(ctypes.Structure):
    _fields_ = [("value", ValueDesc), ("output", ctypes.c_char_p), ("kind", i32), ("axis", i32)]


class Site(ctypes.Structure):
    _fields_ = [("node", ctypes.c_char_p), ("op", ctypes.c_char_p)]


class ProgramDesc(ctypes.Structure):
    """TransomProgram of transom/program.h."""


ProgramDesc._fields_ = [
    ("version", ctypes.c_uint32), ("struct_size", ctypes.c_uint32), ("name", ctypes.c_char_p), ("target_cpu", ctypes.c_char_p),
    ("target_features", ctypes.c_char_p), ("num_inputs", ctypes.c_uint32), ("num_outputs", ctypes.c_uint32),
    ("num_symbols", ctypes.c_uint32), ("num_sites", ctypes.c_uint32), ("inputs", ctypes.POINTER(ValueDesc)),
    ("outputs", ctypes.POINTER(ValueDesc)), ("symbols", ctypes.POINTER(ctypes.c_char_p)), ("sites", ctypes.POINTER(Site)),
    ("weights_bytes", ctypes.c_uint64), ("weights", pointer), ("weights_file", ctypes.c_char_p), ("weights_offset", ctypes.c_uint64),
    ("weights_sha256", ctypes.c_char_p), ("manifest", ctypes.c_char_p), ("prepare", ctypes.CFUNCTYPE(i64, pointer, pointer)),
    ("run", pointer), ("entry", ctypes.c_char_p), ("num_states", ctypes.c_uint32), ("num_lengths", ctypes.c_uint32),
    ("states", ctypes.POINTER(StateDesc)), ("windows", ctypes.POINTER(i64)), ("lengths", ctypes.POINTER(i32)),
    ("next", ctypes.POINTER(ProgramDesc)), ("device_runtime", pointer), ("devices", pointer), ("num_devices", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
    ("device_chips", ctypes.c_char_p),
]  # fmt: skip


class LibraryDesc(ctypes.Structure):
    _fields_ = [("api", pointer), ("programs", ctypes.POINTER(ctypes.POINTER(ProgramDesc))), ("num_programs", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]


ELEMENTS = {1: "f32", 2: "ui8", 3: "i8", 4: "ui16", 5: "i16", 6: "i32", 7: "i64", 9: "i1", 10: "f16", 11: "f64", 12: "ui32", 13: "ui64", 16: "bf16"}


class RunFailed(Exception):
    """A kernel or the host program reported a failure."""

    def __init__(self, kind, value, limit, op):
        super().__init__(f"{kind}: {value}, {limit} in {op}")
        self.kind, self.value, self.limit, self.op = kind, value, limit, op


class Refused(Exception):
    """`prepare` says that sizes overflow or are negative."""


def call(*command, text=None):
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(str(part) for part in command)}: {done.stderr[-3000:]}")
    return done.stdout


def to_storage(array, element):
    """The bytes of elements; bf16 lives in float32 in NumPy."""
    if element == "bf16":
        return (np.ascontiguousarray(array, np.float32).view(np.uint32) >> 16).astype(np.uint16)
    return np.ascontiguousarray(array, DTYPES[element])


def from_storage(data, element, shape):
    if element == "bf16":
        return (np.frombuffer(data, np.uint16).astype(np.uint32) << 16).view(np.float32).reshape(shape)
    if element == "i1":
        found = np.frombuffer(data, np.uint8)
        assert (found <= 1).all(), "a bool is neither 0 nor 1"
        return found.astype(bool).reshape(shape)
    return np.frombuffer(data, DTYPES[element]).reshape(shape).copy()


def width_of(element):
    return 2 if element == "bf16" else DTYPES[element]().itemsize


class Library:
    """The programs of a module, by the names of its entry functions."""

    def __init__(self, text, work, first="", cpu=V3):
        work = pathlib.Path(work)
        stages = STAGES.format(first=first, outline=cpu.outline, lower=cpu.lower)
        (work / "cpu.mlir").write_text(call(TOOLS / "transom-opt", "-", f"--pass-pipeline={stages}", text=text))
        (work / "program.ll").write_text(call(TOOLS / "transom-translate", f"--emit-llvm={cpu.name}", work / "cpu.mlir"))
        call(LLVM / "llc", "-O3", "--relocation-model=pic", "--filetype=obj", work / "program.ll", "-o", work / "program.o")
        call(LLVM / "clang", "-O1", "-shared", "-fPIC", "-Wall", "-Werror", f"-I{ROOT / 'runtime/include'}", "-fuse-ld=lld",
             work / "program.o", pathlib.Path(__file__).with_name("runtime.c"), "-o", work / "program.so", "-lpthread", "-lm")
        self.code = ctypes.CDLL(str(work / "program.so"))
        for name, result in (("guarded", pointer), ("new_run", pointer), ("failure_of", ctypes.POINTER(i64)), ("allocations_of", i64),
                             ("dims_of", ctypes.POINTER(i64)), ("output_of", pointer), ("program_library", ctypes.POINTER(LibraryDesc))):
            getattr(self.code, name).restype = result
        self.programs, at = {}, self.code.program_library().contents.programs[0]
        while at:
            self.programs[at.contents.entry.decode()] = at.contents
            at = at.contents.next

    def fill(self, data):
        """Guarded memory with these bytes; gives pointer and size."""
        place = self.code.guarded(i64(len(data)))
        ctypes.memmove(place, data, len(data))
        return place, len(data)

    def run(self, name, arrays, threads=1, states=(), lengths=()):
        """The outputs of entry function `name`. `states` are (memory from `fill`, shape); what is asked of the run lies in `self.last`."""
        program, code = self.programs[name], self.code
        symbols = (i64 * max(1, program.num_symbols))()
        shapes = [(program.inputs[i], array.shape) for i, array in enumerate(arrays)]
        shapes += [(program.states[i].value, shape) for i, (_, shape) in enumerate(states)]
        for desc, shape in shapes:
            assert desc.rank == len(shape), (name, desc.name, shape)
            for d in range(desc.rank):
                if desc.symbols[d] >= 0:
                    symbols[desc.symbols[d]] = shape[d]
                else:
                    assert desc.dims[d] == shape[d], (name, desc.name, shape)
        for i, length in enumerate(lengths):
            symbols[program.lengths[i]] = length
        ranks = [program.outputs[i].rank for i in range(program.num_outputs)]
        told = (i64 * (sum(ranks) + 1))()
        workspace = program.prepare(ctypes.cast(symbols, pointer), ctypes.cast(told, pointer))
        if workspace < 0:
            raise Refused(name)
        assert workspace % 64 == 0, "the workspace is not a whole number of lines"
        memory = []

        def guarded(size):
            memory.append((code.guarded(i64(size)), size))
            return memory[-1][0]

        inputs = (pointer * max(1, len(arrays)))()
        for i, array in enumerate(arrays):
            place, size = self.fill(to_storage(array, ELEMENTS[program.inputs[i].type]).tobytes())
            memory.append((place, size))
            inputs[i] = place
        outputs, dims, at = (pointer * max(1, len(ranks)))(), [], 0
        for i, rank in enumerate(ranks):
            dims.append([told[at + d] for d in range(rank)])
            at += rank
            if all(dim >= 0 for dim in dims[-1]):
                outputs[i] = guarded(int(np.prod(dims[-1], dtype=np.int64)) * width_of(ELEMENTS[program.outputs[i].type]))
        late = (i32 * max(1, len(ranks)))(*[rank if -1 in dims[i] else 0 for i, rank in enumerate(ranks)])
        run = pointer(code.new_run(i32(threads), late, i32(len(ranks))))
        own = (pointer * max(1, len(states)))(*[place for (place, _), _ in states])
        following = (pointer * max(1, len(states)))(*[guarded(size) for (_, size), _ in states])
        frame = (pointer * 8)(
            ctypes.cast(inputs, pointer), ctypes.cast(outputs, pointer), ctypes.cast(symbols, pointer), guarded(workspace),
            program.weights, run, ctypes.cast(own, pointer), ctypes.cast(following, pointer))
        code.begin_case(f"{name} {[a.shape for a in arrays]}".encode())
        code.run_team(pointer(program.run), frame, i64(threads))
        failure, results = code.failure_of(run), []
        failed = failure[0], failure[1], failure[2], failure[3]
        for i, rank in enumerate(ranks) if not failed[0] else ():
            element, place = ELEMENTS[program.outputs[i].type], outputs[i]
            if not place and late[i]:
                dims[i] = [code.dims_of(run, i32(i))[d] for d in range(rank)]
                place = code.output_of(run, i32(i))
            count = int(np.prod(dims[i], dtype=np.int64)) * width_of(element)
            results.append(from_storage(ctypes.string_at(place, count), element, dims[i]))
        self.last = {"workspace": workspace, "allocations": code.allocations_of(run), "next": list(following), "length": told[sum(ranks)]}
        code.end_run(run)
        for place, size in memory:
            if not states:
                code.release(pointer(place), i64(size))
        if failed[0]:
            raise RunFailed(KINDS[failed[0]], failed[2], failed[3], program.sites[failed[1]].op.decode())
        return results


# -- Cases --------------------------------------------------------------------------------------------------------------


def opened(text):
    """Types with a `?` for each letter."""
    return re.sub(r"(?<=[<x])[A-Z](?=x)", "?", text)


def type_text(type_):
    return opened(f"tensor<{type_}>")


def literal(array, element):
    """A constant; as bytes, so that nothing is lost."""
    shape = "x".join(str(dim) for dim in array.shape)
    type_ = f"tensor<{shape + 'x' if shape else ''}{element}>"
    if not array.size:
        return f"dense<> : {type_}"
    if element == "i1":
        nested = str(array.tolist()).replace("True", "true").replace("False", "false")
        return f"dense<{nested}> : {type_}"
    return f'dense<"0x{to_storage(array, element).tobytes().hex().upper()}"> : {type_}'


class Argument:
    """`x: 2xSxf32`, with what its elements are: `special`, `<9` (below), `-3..9`, `positive`, `constant` (a weight)."""

    def __init__(self, text):
        head, _, self.options = text.strip().partition(" ")
        self.name = head.rstrip(":")
        self.type, _, self.options = self.options.partition(" ")
        *self.dims, self.element = self.type.split("x")

    def shape(self, sizes):
        return tuple(sizes[dim] if dim.isupper() else int(dim) for dim in self.dims)

    def values(self, sizes, random):
        shape, element = self.shape(sizes), self.element
        dtype, options = DTYPES[element], self.options.split()
        span = next((o for o in options if ".." in o or o.startswith("<")), None)
        count = int(np.prod(shape, dtype=np.int64))
        if element == "i1":
            return random.random(shape) < 0.6
        if np.issubdtype(dtype, np.integer):
            info = np.iinfo(dtype)
            if "special" in options:
                ends = [info.min, info.max, 0, 1, info.max // 2, info.max - 1]
                return np.resize(np.array(ends, dtype), count).reshape(shape)
            low, high = (0, int(span[1:])) if span and span[0] == "<" else (int(x) for x in span.split("..")) if span else (max(info.min, -9), 10)
            return random.integers(low, high, shape).astype(dtype)
        numbers = random.standard_normal(count)
        if "special" in options:
            numbers[: len(SPECIAL)] = SPECIAL[:count]
        elif "positive" in options:
            numbers = np.abs(numbers) + 0.1
        elif span:
            low, high = map(float, span.split(".."))
            numbers = random.uniform(low, high, count)
        return np.asarray(round_to(numbers.reshape(shape), element))


class Case:
    def __init__(self, name, arguments, body, results, options):
        self.name, self.arguments = name, [Argument(text) for text in arguments.split(",") if text.strip()]
        self.tolerance = options.pop("tolerance", 1)
        self.fails = options.pop("fails", None)
        self.given = options.pop("given", {})
        # Where a loop's first rows are other code than the rest, LLVM joins other products and sums into one instruction.
        self.same_bits = options.pop("same_bits", True)
        self.body, self.results = body, [result.strip() for result in results.split(",")]
        count = max([len(values) for values in options.values()], default=1)
        assert all(len(values) in (1, count) for values in options.values()), name
        self.sizes = [{letter: values[i % len(values)] for letter, values in options.items()} for i in range(count)]

    def arrays(self, argument, sizes):
        seed = zlib.crc32(f"{self.name} {argument.name}".encode()) + sum(sizes.values())
        made = argument.values(sizes, np.random.default_rng(seed))
        if argument.name in self.given:
            made = np.asarray(round_to(np.broadcast_to(self.given[argument.name], made.shape), argument.element))
        return made

    def text(self):
        lines, inputs, letters = [], [], {}
        for argument in self.arguments:
            if "constant" in argument.options.split():
                lines.append(f"%{argument.name} = transformer.constant {literal(self.arrays(argument, {}), argument.element)}")
                continue
            names = ", ".join(f'"{dim if dim.isupper() else ""}"' for dim in argument.dims)
            inputs.append(f'%{argument.name}: {type_text(argument.type)} {{transformer.name = "{argument.name}", transformer.dims = [{names}]}}')
            for d, dim in enumerate(argument.dims):
                if dim.isupper() and dim not in letters:
                    letters[dim] = (f"%{dim}_at = arith.constant {d} : index\n"
                                    f"%{dim} = tensor.dim %{argument.name}, %{dim}_at : {type_text(argument.type)}")
        lines += letters.values()
        returned = re.findall(r"^\s*(?:%\w+, )*%r\d? =|^\s*%r0, %r1 =", self.body, re.M)
        assert returned, f"{self.name} gives no %r"
        names = ["%r"] if len(self.results) == 1 else [f"%r{i}" for i in range(len(self.results))]
        types = ", ".join(type_text(result) for result in self.results)
        lines += [opened(self.body), f"return {', '.join(names)} : {types}"]
        body = "\n  ".join(line.strip() for line in "\n".join(lines).splitlines())
        return f"func.func @{self.name}({', '.join(inputs)}) -> ({types}) attributes {{transformer.entry}} {{\n  {body}\n}}\n"


class Suite:
    def __init__(self):
        self.cases = {}

    def add(self, name, arguments, body, results, **options):
        assert name not in self.cases, name
        self.cases[name] = Case(name, arguments, body, results, options)

    def check(self, test, threads=(1, 3), cpu=V3):
        """Compiles all cases for a CPU and runs them, on several threads too: the same bits come out."""
        text = "".join(case.text() for case in self.cases.values())
        # The reference reads what was written, before any pass.
        functions = read_module(call(TOOLS / "transom-opt", "-", "--mlir-print-op-generic", text=text))
        with tempfile.TemporaryDirectory() as work:
            if keep := os.environ.get("TRANSOM_KEEP"):
                pathlib.Path(keep, "in.mlir").write_text(text)
                work = keep
            library = Library(text, work, cpu=cpu)
            for name, case in self.cases.items():
                for sizes in case.sizes:
                    with test.subTest(name, **sizes):
                        self.compare(test, library, functions[name], case, sizes, threads)

    @staticmethod
    def compare(test, library, function, case, sizes, threads):
        arrays = [case.arrays(argument, sizes) for argument in case.arguments if "constant" not in argument.options.split()]
        if case.fails:
            for count in threads:
                with test.assertRaises(RunFailed) as raised:
                    library.run(case.name, arrays, count)
                test.assertEqual((raised.exception.kind, raised.exception.value, raised.exception.limit), case.fails)
            return
        with np.errstate(all="ignore"):
            wanted = run_block(function.regions[0], arrays, {})
        first = None
        for count in threads:
            results = library.run(case.name, arrays, count)
            for result, want, type_ in zip(results, wanted, case.results, strict=True):
                agree(result, np.asarray(want), type_.split("x")[-1], case.tolerance)
            if first is not None and case.same_bits:
                for result, other in zip(results, first):
                    np.testing.assert_array_equal(result.view(np.uint8) if result.ndim else result, other.view(np.uint8) if other.ndim else other,
                                                  "the number of threads changes a result")
            first = results


def agree(result, want, element, factor=1):
    assert result.shape == want.shape, f"{result.shape} where {want.shape} is expected"
    if not result.size:
        return
    if element not in TOLERANCES:
        np.testing.assert_array_equal(result, want)
        return
    result, want = result.astype(np.float64), want.astype(np.float64)
    finite = want[np.isfinite(want)]
    bound = TOLERANCES[element] * factor * max(1.0, float(np.abs(finite).max()) if finite.size else 1.0)
    np.testing.assert_allclose(result, want, rtol=TOLERANCES[element] * factor, atol=bound)
