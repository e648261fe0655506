"""Transom: compiles ONNX transformers ahead of time and calls what it compiled.

    import transom

    encoder = transom.compile("bert.onnx", "build/bert")    # or transom.Module("build/bert") later
    result = encoder(input_ids, attention_mask)             # NumPy, PyTorch, anything with DLPack
    result.last_hidden_state

Loading and calling a compiled model needs this package and NumPy; `compile`, `verify` and `bench` run the `transom` program
that the package brings.
"""

from ._errors import Cancelled, CompileError, DataError, Error, SignatureError
from .commands import Bench, OutputError, Verification, bench, verify
from .compiler import compile, executable, version
from .module import Context, Module, Profile, ProfileEntry, Session, Value
from .report import Report, report

__version__ = "0.1.0"
__all__ = [
    "Bench",
    "Cancelled",
    "CompileError",
    "Context",
    "DataError",
    "Error",
    "Module",
    "OutputError",
    "Profile",
    "ProfileEntry",
    "Report",
    "Session",
    "SignatureError",
    "Value",
    "Verification",
    "bench",
    "compile",
    "executable",
    "report",
    "verify",
    "version",
]
