"""A compiled model through its C interface (runtime/include/transom/transom.h), by ctypes and numpy alone.

Only what a benchmark needs: open, create a context, run bound inputs into the context's own outputs, on a state too.
"""

import ctypes
import pathlib
import re

import numpy as np

ABI_VERSION = 1
MAX_RANK = 12
ERROR_BYTES = 512
# ONNX TensorProto.DataType
DTYPES = {
    1: np.float32, 2: np.uint8, 3: np.int8, 4: np.uint16, 5: np.int16, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float16,
    11: np.float64, 12: np.uint32, 13: np.uint64,
}  # fmt: skip
CODES = {np.dtype(dtype): code for code, dtype in DTYPES.items()}


class ValueDesc(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("type", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("dims", ctypes.POINTER(ctypes.c_int64)),
        ("symbols", ctypes.POINTER(ctypes.c_int32)),
    ]


class Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("capacity_bytes", ctypes.c_size_t),
        ("strides", ctypes.c_void_p),
        ("type", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("shape", ctypes.c_int64 * MAX_RANK),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("reserved", ctypes.c_uint64),
    ]


class ContextOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("threads", ctypes.c_uint32),
        ("parallel_for", ctypes.c_void_p),
        ("parallel_for_user", ctypes.c_void_p),
        ("allocator", ctypes.c_void_p * 3),
        ("device", ctypes.c_char_p),
        ("stream", ctypes.c_void_p),
    ]


class StateOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("capacity", ctypes.c_int64),
        ("symbols", ctypes.POINTER(ctypes.c_int64)),
        ("allocator", ctypes.c_void_p * 3),
    ]


class StateDesc(ctypes.Structure):
    _fields_ = [
        ("value", ValueDesc),
        ("output", ctypes.c_char_p),
        ("kind", ctypes.c_int32),
        ("axis", ctypes.c_int32),
    ]


class ModelInfo(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("target_cpu", ctypes.c_char_p),
        ("target_features", ctypes.c_char_p),
        ("manifest", ctypes.c_char_p),
        ("weights_bytes", ctypes.c_uint64),
        ("num_inputs", ctypes.c_uint32),
        ("num_outputs", ctypes.c_uint32),
        ("num_symbols", ctypes.c_uint32),
        ("num_sites", ctypes.c_uint32),
        ("inputs", ctypes.POINTER(ValueDesc)),
        ("outputs", ctypes.POINTER(ValueDesc)),
        ("symbols", ctypes.POINTER(ctypes.c_char_p)),
        ("entry", ctypes.c_char_p),
        ("num_states", ctypes.c_uint32),
        ("num_lengths", ctypes.c_uint32),
        ("states", ctypes.POINTER(StateDesc)),
    ]


def function(result, *arguments):
    return ctypes.CFUNCTYPE(result, *arguments)


Status, Pointer = ctypes.c_int, ctypes.c_void_p
Sizes = ctypes.POINTER(ctypes.c_int64)


class Api(ctypes.Structure):
    _fields_ = [
        ("abi_version", ctypes.c_uint32),
        ("struct_size", ctypes.c_uint32),
        ("open", function(Status, Pointer, Pointer, ctypes.POINTER(Pointer), ctypes.c_char_p, ctypes.c_size_t)),
        ("close", function(None, Pointer)),
        ("info", function(ctypes.POINTER(ModelInfo), Pointer)),
        ("workspace_bytes", function(Status, Pointer, Sizes, Sizes)),
        ("output_dims", function(Status, Pointer, Sizes, ctypes.c_uint32, Sizes)),
        (
            "context_create",
            function(
                Status, Pointer, ctypes.POINTER(ContextOptions), ctypes.POINTER(Pointer), ctypes.c_char_p, ctypes.c_size_t
            ),
        ),
        ("context_destroy", function(None, Pointer)),
        ("reserve", function(Status, Pointer, Sizes)),
        (
            "run",
            function(Status, Pointer, ctypes.POINTER(Tensor), ctypes.c_uint32, ctypes.POINTER(Tensor), ctypes.c_uint32),
        ),
        ("cancel", function(ctypes.c_int32, Pointer)),
        ("error", function(ctypes.c_char_p, Pointer)),
        ("trim", function(Status, Pointer)),
        ("threads", function(ctypes.c_uint32, Pointer)),
        ("profile_enable", function(Status, Pointer, ctypes.c_int32)),
        ("profile_read", function(ctypes.c_uint32, Pointer, Pointer, ctypes.c_uint32)),
        (
            "entry",
            function(Status, Pointer, ctypes.c_char_p, ctypes.POINTER(Pointer), ctypes.c_char_p, ctypes.c_size_t),
        ),
        (
            "state_create",
            function(Status, Pointer, ctypes.POINTER(StateOptions), ctypes.POINTER(Pointer), ctypes.c_char_p, ctypes.c_size_t),
        ),
        ("state_destroy", function(None, Pointer)),
        ("state_fork", function(Status, Pointer, ctypes.POINTER(Pointer))),
        ("state_reset", function(Status, Pointer)),
        ("state_truncate", function(Status, Pointer, ctypes.c_int64)),
        ("state_length", function(ctypes.c_int64, Pointer)),
        ("state_capacity", function(ctypes.c_int64, Pointer)),
        ("state_tensor", function(Status, Pointer, ctypes.c_uint32, ctypes.POINTER(Tensor), Sizes)),
        ("state_write", function(Status, Pointer, ctypes.c_uint32, ctypes.POINTER(Tensor))),
        ("state_error", function(ctypes.c_char_p, Pointer)),
        (
            "run_state",
            function(
                Status, Pointer, Pointer, ctypes.POINTER(Tensor), ctypes.c_uint32, ctypes.POINTER(Tensor), ctypes.c_uint32
            ),
        ),
    ]


class Library(ctypes.Structure):
    _fields_ = [
        ("api", ctypes.POINTER(Api)),
        ("programs", ctypes.c_void_p),
        ("num_programs", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class ModelError(Exception):
    """The runtime's own message."""


def library_of(path):
    """What the one exported function of libNAME.so returns; a NAME that is no C identifier has _ for other characters."""
    shared = ctypes.CDLL(str(path))
    name = pathlib.Path(path).name.removeprefix("lib").removesuffix(".so")
    entry = getattr(shared, re.sub(r"\W", "_", name) + "_library")
    entry.restype = ctypes.POINTER(Library)
    return entry()


def tensor_of(array):
    """A tensor over a C-contiguous array, which has to outlive it."""
    if not array.flags.c_contiguous:
        raise ModelError("inputs have to be C-contiguous")
    tensor = Tensor(data=array.ctypes.data, type=CODES[array.dtype], rank=array.ndim)
    tensor.shape[: array.ndim] = array.shape
    return tensor


class CompiledModel:
    """One entry point of a library: "main" is the ONNX signature, "step" the one on states."""

    def __init__(self, path, entry="main"):
        self.library = library_of(path)
        self.api = self.library.contents.api.contents
        if self.api.abi_version != ABI_VERSION:
            raise ModelError(f"{path} has ABI version {self.api.abi_version}, this reads {ABI_VERSION}")
        self.handle, message = Pointer(), ctypes.create_string_buffer(ERROR_BYTES)
        if self.api.open(self.library, None, ctypes.byref(self.handle), message, ERROR_BYTES) != 0:
            raise ModelError(message.value.decode())
        if entry != "main":
            main, self.handle = self.handle, Pointer()
            if self.api.entry(main, entry.encode(), ctypes.byref(self.handle), message, ERROR_BYTES) != 0:
                raise ModelError(message.value.decode())
        self.info = self.api.info(self.handle).contents
        self.input_names = [self.info.inputs[i].name.decode() for i in range(self.info.num_inputs)]
        self.output_names = [self.info.outputs[i].name.decode() for i in range(self.info.num_outputs)]
        self.state_names = [self.info.states[i].value.name.decode() for i in range(self.info.num_states)]
        self.version = self.info.target_cpu.decode()

    def context(self, threads, device=None):
        return Context(self, threads, device)

    def state(self, capacity, arrays):
        """A state with room for so many rows; `arrays` by name say what its other dims are."""
        return State(self, capacity, arrays)

    def symbols(self, arrays):
        """The values of the named dims, from arrays of inputs and states by name; 1 where none says."""
        sizes = (ctypes.c_int64 * max(self.info.num_symbols, 1))(*[1] * self.info.num_symbols)
        values = [self.info.inputs[i] for i in range(self.info.num_inputs)]
        values += [self.info.states[i].value for i in range(self.info.num_states)]
        for value in values:
            shape = arrays[value.name.decode()].shape if value.name.decode() in arrays else ()
            for axis, size in enumerate(shape):
                if value.symbols[axis] >= 0:
                    sizes[value.symbols[axis]] = size
        return sizes

    def workspace_bytes(self, arrays):
        """Bytes of workspace that a run of these inputs takes."""
        size = ctypes.c_int64()
        if self.api.workspace_bytes(self.handle, self.symbols(arrays), ctypes.byref(size)) != 0:
            raise ModelError("the workspace's size is not known")
        return size.value


class State:
    """Caches that stay where they are between runs."""

    def __init__(self, model, capacity, arrays):
        self.model, self.handle = model, Pointer()
        options = StateOptions(struct_size=ctypes.sizeof(StateOptions), capacity=capacity, symbols=model.symbols(arrays))
        message = ctypes.create_string_buffer(ERROR_BYTES)
        create = model.api.state_create
        if create(model.handle, ctypes.byref(options), ctypes.byref(self.handle), message, ERROR_BYTES) != 0:
            raise ModelError(message.value.decode())

    def close(self):
        self.model.api.state_destroy(self.handle)

    def write(self, arrays):
        """Sets all states, by name, to copies of these arrays."""
        for index, name in enumerate(self.model.state_names):
            self.check(self.model.api.state_write(self.handle, index, ctypes.byref(tensor_of(arrays[name]))))

    def truncate(self, length):
        self.check(self.model.api.state_truncate(self.handle, length))

    def check(self, status):
        if status != 0:
            raise ModelError(self.model.api.state_error(self.handle).decode())


class Context:
    """Workspace and threads; for one thread at a time."""

    def __init__(self, model, threads, device=None):
        self.model, self.handle = model, Pointer()
        options = ContextOptions(struct_size=ctypes.sizeof(ContextOptions), threads=threads)
        options.device = device.encode() if device else None
        message = ctypes.create_string_buffer(ERROR_BYTES)
        create = model.api.context_create
        if create(model.handle, ctypes.byref(options), ctypes.byref(self.handle), message, ERROR_BYTES) != 0:
            raise ModelError(message.value.decode())

    def bind(self, arrays, state=None):
        """Inputs in the signature's order, read in place by every run; C-contiguous."""
        self.arrays, self.state = arrays, state
        self.inputs = (Tensor * len(arrays))(*(tensor_of(array) for array in arrays))
        self.results = (Tensor * self.model.info.num_outputs)()

    def run(self):
        # Null data: outputs in the context's memory.
        for tensor in self.results:
            tensor.data = None
        api, rest = self.model.api, (self.inputs, len(self.inputs), self.results, len(self.results))
        status = api.run_state(self.handle, self.state.handle, *rest) if self.state else api.run(self.handle, *rest)
        if status != 0:
            raise ModelError(api.error(self.handle).decode())

    def outputs(self):
        """Copies of the last run's outputs."""
        arrays = []
        for tensor in self.results:
            dtype = np.dtype(DTYPES[tensor.type])
            shape = tuple(tensor.shape[: tensor.rank])
            size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
            data = ctypes.string_at(tensor.data, size) if size else b""
            arrays.append(np.frombuffer(data, dtype).reshape(shape))
        return arrays
