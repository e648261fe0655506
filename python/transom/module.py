"""A compiled model that can be called."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional, Union

import numpy as np

from . import _native
from ._errors import Error, SignatureError
from ._names import PACKED, TYPE_CODES, TYPE_NAMES, elements, identifier, numpy_type, raw_bits
from .trace import Call, Lanes, document

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Context", "DeviceArray", "Module", "Profile", "ProfileEntry", "Value"]

Dim = Optional[Union[int, str]]
#: Anything with __dlpack__, the buffer protocol or the array protocol; lists and numbers become arrays of the input's type.
ArrayLike = Any


@dataclasses.dataclass(frozen=True)
class Value:
    """One input or output: its ONNX name, its name in C and Python, element type, and dims (a size, a name, or None)."""

    name: str
    field: str
    type: str
    dims: tuple[Dim, ...]

    def __str__(self) -> str:
        return f"{self.name}: {self.type}[{', '.join('?' if dim is None else str(dim) for dim in self.dims)}]"


@dataclasses.dataclass(frozen=True)
class ProfileEntry:
    """Time spent in one node of the ONNX model."""

    node: str
    op: str
    calls: int
    seconds: float


class DeviceArray:
    """A result in the memory of a GPU: ``torch.from_dlpack(array)``, or what other libraries have, takes it without a copy."""

    def __init__(self, native: _native.DeviceArray) -> None:
        self._native = native

    @property
    def shape(self) -> tuple[int, ...]:
        return self._native.shape

    @property
    def type(self) -> str:
        """Of an element: "f32", "bf16", ..."""
        return TYPE_NAMES[self._native.type]

    @property
    def device(self) -> str:
        """ "cuda:N"."""
        return f"cuda:{self._native.device}"

    def __dlpack__(self, *, stream: int | None = None, **options: Any) -> Any:
        # Runs have ended when they return: there is nothing for the stream to wait for.
        return self._native.exchange()

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, self._native.device

    def __repr__(self) -> str:
        return f"<transom.DeviceArray {self.type}{list(self.shape)} on {self.device}>"


class Profile:
    """Filled in when its `with` block ends; prints as a table, the costliest node first."""

    entries: list[ProfileEntry]
    missed: int  #: events that the trace, if there is one, had no room for

    def __init__(self) -> None:
        self.entries = []
        self.missed = 0

    @property
    def seconds(self) -> float:
        return sum(entry.seconds for entry in self.entries)

    def __str__(self) -> str:
        total = self.seconds or 1.0
        lines = ["        us  share   calls  operator and node"]
        for entry in self.entries:
            share = 100 * entry.seconds / total
            lines.append(f"{1e6 * entry.seconds:10.1f} {share:5.1f}% {entry.calls:7}  {entry.op} {entry.node}")
        return "\n".join(lines)


def _find_library(path: pathlib.Path) -> pathlib.Path:
    """The library of a package folder, or the library itself."""
    if not path.exists():
        raise FileNotFoundError(f"'{path}' does not exist")
    if not path.is_dir():
        if not re.fullmatch(r"lib[A-Za-z_]\w*\.so", path.name):
            raise Error(f"'{path}' is not named libNAME.so, as the library of a compiled model is")
        return path
    libraries = sorted(file for file in path.iterdir() if re.fullmatch(r"lib[A-Za-z_]\w*\.so", file.name))
    if not libraries:
        raise Error(f"'{path}' holds no compiled model (libNAME.so)")
    if len(libraries) > 1:
        names = ", ".join(library.name[3:-3] for library in libraries)
        raise Error(f"'{path}' holds several models ({names}); name the library itself")
    return libraries[0]


class Module:
    """A compiled model: ``module(ids, mask)`` or ``module(input_ids=ids, attention_mask=mask)``.

    Arguments are read in place. Results come in the model's order as a named tuple of new NumPy arrays, which the model writes
    to directly; ``out=`` takes arrays of yours instead. Any number of threads may call a module: each call in progress has a
    context (workspace and threads) of its own, kept for later calls.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        threads: int = 0,
        device: str | None = None,
        weights: str | os.PathLike[str] | ArrayLike | None = None,
        preload: bool = False,
        lock: bool = False,
        verify: bool = False,
    ) -> None:
        """Opens a package folder or its libNAME.so.

        threads: of each context; 0 is one a core. device: "cpu", "cuda:N", or "auto" for a GPU where there is one; default: the CPU,
        or a GPU where the library is for GPUs alone. There, arrays of that GPU with __dlpack__ are read and written (``out=``) where
        they lie, and where an argument is one, results are DeviceArrays; other arrays are copied there and back. weights: the weights file where it is not beside the library, or its contents
        in memory (64-byte aligned, kept alive by the module). preload: read all weights now. lock: and keep them in memory.
        verify: check their SHA-256.
        """
        self.path = _find_library(pathlib.Path(path)).resolve()
        flags = preload * _native.LOAD_PRELOAD | lock * _native.LOAD_LOCK | verify * _native.LOAD_VERIFY
        file = os.fspath(weights) if isinstance(weights, (str, os.PathLike)) else None
        data = None if file is not None else weights
        model = _native.Model(str(self.path), self.path.name[3:-3] + "_library", flags, file, data)
        self._describe(model, json.loads(model.manifest) if model.manifest else {}, threads, device)

    def _describe(self, model: _native.Model, signature: dict[str, Any], threads: int, device: str | None) -> None:
        self._model = model
        self._threads = threads
        self._device = device
        self._lock = threading.Lock()
        self._free: list[Context] = []
        self._busy: list[Context] = []
        self._profiling = False
        self._tracing = 0  # events a thread
        self._keep: Any = None  # a temporary folder that goes with the module
        #: For generation: what makes tokens of text (or the path of a tokenizer.json), and tokens that end a text.
        self.tokenizer: Any = None
        self.eos: int | Sequence[int] | None = None

        self.name: str = self._model.name
        self.info: dict[str, Any] = signature
        self.dims: tuple[str, ...] = tuple(self._model.symbols)
        self.inputs = self._values("inputs", self._model.inputs)
        self.outputs = self._values("outputs", self._model.outputs)
        self.cpu: str = self._model.target_cpu  #: whose code was chosen, of info["cpus"]
        self._result = _result_type(self.name, self.outputs)
        self._input_index = _index(self.inputs)
        self._output_index = _index(self.outputs)

    def _values(self, key: str, described: Sequence[tuple[str, int, list[Dim]]]) -> tuple[Value, ...]:
        fields = {value["name"]: value["field"] for value in self.info.get(key, [])}
        return tuple(
            Value(name, fields.get(name, identifier(name)), TYPE_NAMES[code], tuple(dims)) for name, code, dims in described
        )

    def __repr__(self) -> str:
        inputs, outputs = (", ".join(map(str, values)) for values in (self.inputs, self.outputs))
        return f"<transom.Module {self.name} ({inputs}) -> ({outputs}) for {self.cpu}>"

    def __call__(self, *args: ArrayLike, out: Any = None, **kwargs: ArrayLike) -> Any:
        """Runs the model once; see the class. Inputs whose names are no Python identifiers: `module(**{"past.0": x})`."""
        with self._context() as context:
            return context(*args, out=out, **kwargs)

    def session(
        self, capacity: int = 2048, *, threads: int | None = None, fixed: Mapping[str, ArrayLike] | None = None, **dims: int
    ) -> Session:
        """A decoder whose caches stay where they are between calls, with room for `capacity` tokens; see Session.

        fixed: inputs that are the same for all steps, such as what an encoder gave. dims: those of the caches other than the tokens'
        (batch_size, ...), where they are not those of `fixed`; 1 where nothing says.
        """
        from .session import Session

        return Session(self, capacity, self._threads if threads is None else threads, dims, fixed)

    def generate(self, prompt: Any, *, max_new_tokens: int = 128, **options: Any) -> Any:
        """What the decoder says after the prompt, in a session of its own; prompt and options as for Session.generate."""
        return self._session_for(prompt, max_new_tokens, options).generate(prompt, max_new_tokens=max_new_tokens, **options)

    def stream(self, prompt: Any, *, max_new_tokens: int = 128, **options: Any) -> Iterator[Any]:
        """`generate`, piece by piece as they come; see Session.stream."""
        return self._session_for(prompt, max_new_tokens, options).stream(prompt, max_new_tokens=max_new_tokens, **options)

    def _session_for(self, prompt: Any, max_new_tokens: int, options: Mapping[str, Any]) -> Session:
        from . import generation
        from .step_inputs import token_input

        tokenizer = generation.as_tokenizer(options.get("tokenizer", self.tokenizer))
        tokens = generation.Prompt.of(prompt, tokenizer, None).tokens
        batch = token_input(self.inputs).dims[0]
        dims = {batch: len(tokens)} if isinstance(batch, str) else {}
        return self.session(max(tokens.shape[1] + max_new_tokens, 1), **dims)

    def _entry(self, name: str) -> Module:
        """Another entry point, as a module of its own that shares the weights."""
        if self.info.get("entry") == name:
            return self
        signature = next((entry for entry in self.info.get("other_entries", []) if entry["entry"] == name), {})
        module = object.__new__(Module)
        module.path = self.path
        module._describe(self._model.entry(name), signature, self._threads, self._device)
        module._keep = self._keep
        return module

    def context(self, threads: int | None = None) -> Context:
        """A context of your own: for one thread at a time, with `reserve` and `cancel`. None: the module's thread count."""
        return Context(self, self._threads if threads is None else threads)

    def workspace_bytes(self, **dims: int) -> int:
        """Bytes of workspace that a run with these dims takes."""
        return self._model.workspace_bytes(self._sizes(dims))

    def output_shapes(self, **dims: int) -> dict[str, tuple[int | None, ...]]:
        """The outputs' shapes for these dims; None where only the data tells."""
        sizes = self._sizes(dims)
        shapes = {}
        for i, output in enumerate(self.outputs):
            shapes[output.name] = tuple(None if dim < 0 else dim for dim in self._model.output_dims(sizes, i))
        return shapes

    def cancel(self) -> int:
        """Stops the calls in progress, from any thread; they raise transom.Cancelled. Returns how many there were."""
        with self._lock:
            return sum(context.cancel() for context in self._busy)

    @contextlib.contextmanager
    def profile(self, trace: str | os.PathLike[str] | None = None, *, events: int = 1 << 16) -> Iterator[Profile]:
        """Measures the calls made in a `with` block: ``with module.profile() as profile: module(x)``, then ``print(profile)``.

        trace: a file for what each thread did when, which chrome://tracing and ui.perfetto.dev show; events: how many of each
        context's threads it keeps, of 32 bytes each. `profile.missed` says how many there were beyond that.
        """
        profile = Profile()
        with self._lock:
            if self._busy or self._profiling:
                raise Error("a call or another profile is in progress", "busy")
            self._profiling = True
            self._tracing = events if trace is not None else 0
            # Contexts that ran before start at nought.
            for context in self._free:
                context._measure()
        try:
            yield profile
        finally:
            with self._lock:
                self._profiling = False
                self._tracing = 0
                totals: dict[tuple[str, str], list[int]] = collections.defaultdict(lambda: [0, 0])
                for context in self._free:
                    for node, op, calls, nanoseconds in context._native.profile():
                        totals[node, op][0] += calls
                        totals[node, op][1] += nanoseconds
                if trace is not None:
                    profile.missed = self._write_trace(pathlib.Path(trace))
                for context in self._free:
                    context._measure()
            entries = [ProfileEntry(*place, calls, time / 1e9) for place, (calls, time) in totals.items()]
            profile.entries = sorted(entries, key=lambda entry: -entry.seconds)

    def _write_trace(self, path: pathlib.Path) -> int:
        """What the free contexts have recorded; returns how many events had no room."""
        lanes = []
        missed = 0
        for context in self._free:
            recorded, left = context._native.trace()
            missed += left
            if recorded:
                name = self.name if not lanes else f"{self.name}, context {len(lanes) + 1}"
                lanes.append(Lanes(name, context.device, recorded, context._calls or []))
        path.write_text(json.dumps(document(self.name, self.cpu, self.info.get("places", []), lanes), indent=1))
        return missed

    @contextlib.contextmanager
    def _context(self) -> Iterator[Context]:
        with self._lock:
            context = self._free.pop() if self._free else None
            if context is None:
                context = self.context()
                context._measure()
            self._busy.append(context)
        try:
            yield context
        finally:
            with self._lock:
                self._busy.remove(context)
                self._free.append(context)

    def _sizes(self, dims: Mapping[str, int]) -> list[int]:
        wrong = [name for name in dims if name not in self.dims]
        missing = [name for name in self.dims if name not in dims]
        if wrong or missing:
            problems = [f"the model has no dim '{name}'" for name in wrong] + [f"dim '{name}' is missing" for name in missing]
            raise SignatureError(f"{'; '.join(problems)}; it has {', '.join(self.dims) or 'none'}", "signature")
        return [dims[name] for name in self.dims]

    def _bind(self, args: Sequence[ArrayLike], kwargs: Mapping[str, ArrayLike]) -> list[ArrayLike]:
        """Arguments in the signature's order; all that is wrong with them in one error."""
        names = ", ".join(value.name for value in self.inputs)
        problems = []
        if len(args) > len(self.inputs):
            problems.append(f"{len(args)} inputs are given where the model has {len(self.inputs)}")
        bound: list[ArrayLike] = list(args[: len(self.inputs)])
        bound += [None] * (len(self.inputs) - len(bound))
        for name, array in kwargs.items():
            index = self._input_index.get(name)
            if index is None:
                problems.append(f"the model has no input '{name}'")
            elif bound[index] is not None:
                problems.append(f"input '{name}' is given twice")
            else:
                bound[index] = array
        missing = [value.name for value, array in zip(self.inputs, bound) if array is None]
        problems += [f"input '{name}' is missing" for name in missing]
        if problems:
            raise SignatureError(f"{self.name}: {'; '.join(problems)} (inputs: {names})", "signature")
        return bound


class Context:
    """Workspace and threads for runs of a module; one thread at a time uses it, `cancel` apart."""

    def __init__(self, module: Module, threads: int = 0) -> None:
        self.module = module
        self._native = module._model.context(threads, module._device)
        self._calls: list[Call] | None = None  # while they are traced

    def _measure(self) -> None:
        """Starts or stops what the module's profile wants."""
        self._native.enable_profile(self.module._profiling)
        if self._calls is not None or self.module._tracing:
            self._native.enable_trace(self.module._tracing)
        self._calls = [] if self.module._tracing else None

    def __call__(self, *args: ArrayLike, out: Any = None, **kwargs: ArrayLike) -> Any:
        """As Module.__call__."""
        return self._run(args, kwargs, out, None)

    def _run(self, args: Sequence[ArrayLike], kwargs: Mapping[str, ArrayLike], out: Any, state: _native.State | None) -> Any:
        module = self.module
        arguments = [
            _readable(array, value) for array, value in zip(module._bind(args, kwargs), module.inputs)
        ]
        given = [array for array, _ in arguments]
        results = self._outputs(given, out, any(_gpu_of(array) is not None for array in given))
        targets = [None if array is None else _writable(array, v) for array, v in zip(results, module.outputs)]
        begin = time.monotonic_ns()
        try:
            made = self._native.run(
                [self._exchanged(pair, value) for pair, value in zip(arguments, module.inputs)],
                [None if pair is None else self._exchanged(pair, value) for pair, value in zip(targets, module.outputs)],
                state,
            )
        except TypeError as error:
            raise SignatureError(self._refused(arguments, targets), "signature") from error
        if self._calls is not None:
            sizes = self._dims_of([array for array, _ in arguments]) or {}
            self._calls.append(Call(begin, time.monotonic_ns(), sizes))
        for i, result in enumerate(made):
            if result is not None:
                code, shape, data = result
                results[i] = elements(data, code, shape)
        return module._result(*results)

    def _exchanged(self, pair: tuple[Any, int], value: Value) -> tuple[Any, int]:
        """An array of a GPU as its owner hands it over: after what is being done to it, in the order of this context's stream."""
        array, code = pair
        number = _gpu_of(array)
        if number is None:
            return pair
        if self.device == "cpu":
            raise SignatureError(
                f"'{value.name}' lies in the memory of cuda:{number}, and the module runs on the CPU: bring it there, or open the "
                f'module with device="cuda:{number}"', "signature"
            )  # fmt: skip
        return array.__dlpack__(stream=self._native.stream), code

    def _refused(self, arguments: list[tuple[Any, int]], targets: list[Any]) -> str:
        """Which argument the extension could not take."""
        for kind, values, arrays in (
            ("input", self.module.inputs, arguments),
            ("the array for output", self.module.outputs, targets),
        ):
            for value, pair in zip(values, arrays):
                if pair is None:
                    continue
                array = pair[0]
                device = getattr(array, "device", "cpu")
                if getattr(device, "type", "cpu") not in ("cpu",):
                    return f"{kind} '{value.name}' lies in the memory of {device}; bring it to the CPU first"
                if getattr(array, "requires_grad", False):
                    return f"{kind} '{value.name}' requires gradients; pass tensor.detach()"
                if kind != "input" and isinstance(array, np.ndarray) and not array.flags.writeable:
                    return f"{kind} '{value.name}' is read-only"
        return f"{self.module.name}: an argument is no array in the CPU's memory"

    def reserve(self, **dims: int) -> None:
        """Starts the threads and takes the workspace for these dims before the first run."""
        self._native.reserve(self.module._sizes(dims))

    def cancel(self) -> bool:
        """From any thread: makes the run in progress raise transom.Cancelled; False if there was none."""
        return self._native.cancel()

    def trim(self) -> None:
        """Gives the workspace back until the next run."""
        self._native.trim()

    @property
    def threads(self) -> int:
        return self._native.threads

    @property
    def device(self) -> str:
        """Where it runs: "cpu" or "cuda:N"."""
        return self._native.device

    def _outputs(self, arguments: list[Any], out: Any, on_gpu: bool) -> list[Any]:
        """An array for every output: the caller's, a new one, or None where its shape is not known before the run."""
        module = self.module
        results: list[Any] = [None] * len(module.outputs)
        if isinstance(out, Mapping):
            for name, array in out.items():
                if name not in module._output_index:
                    known = ", ".join(value.name for value in module.outputs)
                    raise SignatureError(f"{module.name}: the model has no output '{name}' (outputs: {known})", "signature")
                results[module._output_index[name]] = array
        elif out is not None:
            given = list(out) if isinstance(out, (tuple, list)) else [out]
            if len(given) != len(results):
                raise SignatureError(
                    f"{module.name}: out holds {len(given)} arrays where the model has {len(results)} outputs", "signature"
                )
            results = given
        sizes = self._sizes_of(arguments)
        if sizes is None:  # the run says what is wrong
            return results
        for i, value in enumerate(module.outputs):
            if value.type in PACKED:
                continue
            dims = module._model.output_dims(sizes, i)
            if results[i] is None and min(dims, default=0) >= 0:
                if on_gpu and self.device != "cpu":
                    results[i] = DeviceArray(self._native.empty(dims, TYPE_CODES[value.type]))
                else:
                    results[i] = np.empty(dims, numpy_type(value.type))
            elif results[i] is not None and min(dims, default=0) >= 0 and tuple(results[i].shape) != tuple(dims):
                raise SignatureError(
                    f"{module.name}: the array for output '{value.name}' has the shape {list(results[i].shape)}; "
                    f"the output will have {dims}", "signature"
                )  # fmt: skip
        return results

    def _sizes_of(self, arguments: list[Any]) -> list[int] | None:
        sizes = self._dims_of(arguments)
        if sizes is None or len(sizes) != len(self.module.dims):
            return None
        return [sizes[name] for name in self.module.dims]

    def _dims_of(self, arguments: list[Any]) -> dict[str, int] | None:
        """The named dims that these arguments give; None where they do not fit."""
        sizes: dict[str, int] = {}
        for value, array in zip(self.module.inputs, arguments):
            shape = tuple(array.shape)
            if len(shape) != len(value.dims):
                return None
            for dim, size in zip(value.dims, shape):
                if isinstance(dim, int) and dim != size or isinstance(dim, str) and sizes.setdefault(dim, size) != size:
                    return None
        return sizes


def _readable(array: ArrayLike, value: Value) -> tuple[Any, int]:
    """The array in a form that the extension reads in place, and the model's type code where it stands for other elements."""
    if isinstance(array, (bool, int, float, list, tuple)):
        return np.asarray(array, numpy_type(value.type)), 0
    if not hasattr(array, "__dlpack__") or not hasattr(array, "shape"):
        array = np.asarray(array)
    if isinstance(array, (np.ndarray, np.generic)):
        array = np.asarray(array)
        bits = raw_bits(array)
        if bits is not None:
            return bits
        if not array.dtype.isnative:
            raise SignatureError(f"input '{value.name}': {array.dtype} is of the other byte order", "signature")
        if array.dtype.kind not in "biuf":
            raise SignatureError(f"input '{value.name}': no model takes elements of type {array.dtype}", "signature")
    return array, 0


def _gpu_of(array: Any) -> int | None:
    """The number of the NVIDIA GPU whose memory an array lies in."""
    if isinstance(array, (np.ndarray, np.generic)) or not hasattr(array, "__dlpack_device__"):
        return None
    kind, number = array.__dlpack_device__()
    return int(number) if int(kind) == 2 else None


def _writable(array: Any, value: Value) -> tuple[Any, int]:
    if isinstance(array, np.ndarray):
        bits = raw_bits(array)
        if bits is not None:
            return bits
    return array, 0


def _index(values: Sequence[Value]) -> dict[str, int]:
    """By field and by ONNX name; the latter wins."""
    return {value.field: i for i, value in enumerate(values)} | {value.name: i for i, value in enumerate(values)}


def _result_type(name: str, outputs: Sequence[Value]) -> Any:
    """A named tuple whose items are also found by ONNX name: result.logits, result[0], result["present.0.key"]."""
    base: Any = collections.namedtuple(f"{name}_outputs", [value.field for value in outputs], rename=True)
    names = [value.name for value in outputs]

    def getitem(self: Any, key: Any) -> Any:
        if isinstance(key, str):
            if key not in names:
                raise KeyError(f"{key}; the outputs are {', '.join(names)}")
            key = names.index(key)
        return tuple.__getitem__(self, key)

    def as_dict(self: Any) -> dict[str, Any]:
        """By ONNX name."""
        return dict(zip(names, self))

    return type(base.__name__, (base,), {"__slots__": (), "__getitem__": getitem, "as_dict": as_dict})
