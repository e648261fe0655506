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
from .encoder_decoder import EncoderDecoder
from .module import Context, DeviceArray, Module, Profile, ProfileEntry, Value
from .pretrained import from_pretrained
from .report import Report, report
from .sampling import Sampling
from .session import Session

__version__ = "0.1.0"
__all__ = [
    "Bench",
    "Cancelled",
    "CompileError",
    "Context",
    "DataError",
    "DeviceArray",
    "EncoderDecoder",
    "Error",
    "Module",
    "OutputError",
    "Profile",
    "ProfileEntry",
    "Report",
    "Sampling",
    "Session",
    "SignatureError",
    "Value",
    "Verification",
    "bench",
    "compile",
    "executable",
    "from_pretrained",
    "report",
    "verify",
    "version",
]
