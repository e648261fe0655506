"""The compiler: the program `transom`, run in a process of its own."""

from __future__ import annotations

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ._errors import CompileError, Error
from .module import Module

__all__ = ["compile", "environment", "executable", "run_command", "version"]

_PROBLEM = re.compile(r"(error|warning|note): (.*)")


@functools.cache
def executable() -> pathlib.Path:
    """The program: $TRANSOM_EXECUTABLE, the one in this package, the one of the build that this package lies in, or PATH's."""
    chosen = os.environ.get("TRANSOM_EXECUTABLE")
    if chosen:
        if not os.access(chosen, os.X_OK):
            raise Error(f"TRANSOM_EXECUTABLE is '{chosen}', which cannot be run")
        return pathlib.Path(chosen)
    here = pathlib.Path(__file__).absolute().parent
    places = [here / "compiler/bin/transom", here.parents[1] / "bin/transom"]
    for place in places:
        if os.access(place, os.X_OK):
            return place
    found = shutil.which("transom")
    # The package's own script in PATH would call itself.
    if found and open(found, "rb").read(4) == b"\x7fELF":
        return pathlib.Path(found)
    raise Error(f"the program transom is missing: it is neither {' nor '.join(map(str, places))}, nor in PATH")


def environment() -> dict[str, str]:
    """The program's: Python code that it runs (`verify --against`) is run by this interpreter."""
    return {"TRANSOM_PYTHON": sys.executable, **os.environ}


def version() -> str:
    """What the compiler says of its version."""
    return run_command(["--version"]).strip()


def parse_problems(text: str) -> list[tuple[str, str]]:
    """(severity, message) of what the program wrote to stderr; a message may have several lines."""
    problems: list[tuple[str, str]] = []
    for line in text.splitlines():
        match = _PROBLEM.match(line)
        if match:
            problems.append((match[1], match[2]))
        elif problems:
            problems[-1] = (problems[-1][0], problems[-1][1] + "\n" + line)
        elif line.strip():
            problems.append(("note", line))
    return problems


def flags(options: Mapping[str, Any]) -> list[str]:
    """Keyword options as the command line's: threads=2 is --threads=2, per_kernel=True is --per-kernel; None is left out."""
    arguments: list[str] = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            arguments.append(flag)
        elif isinstance(value, Mapping):
            arguments += [f"{flag}={key}={item}" for key, item in value.items()]
        elif isinstance(value, (list, tuple)):
            arguments += [f"{flag}={item}" for item in value]
        elif value is not None and value is not False:
            arguments.append(f"{flag}={os.fspath(value) if isinstance(value, os.PathLike) else value}")
    return arguments


def run_command(arguments: Sequence[str], *, allowed: Sequence[int] = (0,), error: type[Error] = Error) -> str:
    """Runs the program and returns its stdout; raises with its messages when it ends with another status than those, or
    with another than 0 and nothing on stdout."""
    done = subprocess.run(
        [executable(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment()
    )
    if done.returncode not in allowed or done.returncode and not done.stdout:
        raise _failure(done.returncode, done.stderr, arguments, error)
    return done.stdout


def _failure(status: int, text: str, arguments: Sequence[str], error: type[Error]) -> Error:
    problems = parse_problems(text)
    message = "\n".join(message for severity, message in problems if severity == "error")
    if not message:
        reason = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        message = f"transom {arguments[0]} {reason}" + (f": {text.strip()}" if text.strip() else "")
    return CompileError(message, problems) if issubclass(error, CompileError) else error(message)


class model_file:
    """The path of a model that may also be bytes or an onnx.ModelProto, written to a file for as long as this lives."""

    def __init__(self, model: Any, name: str = "model") -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if isinstance(model, (str, os.PathLike)):
            self.path = pathlib.Path(model)
            return
        if hasattr(model, "SerializeToString"):
            model = model.SerializeToString()
        if not isinstance(model, (bytes, bytearray, memoryview)):
            raise TypeError(f"a model is a path, bytes or an onnx.ModelProto, not {type(model).__name__}")
        self._folder = tempfile.TemporaryDirectory(prefix="transom-")
        self.path = pathlib.Path(self._folder.name, f"{name}.onnx")
        self.path.write_bytes(model)

    def __enter__(self) -> pathlib.Path:
        return self.path

    def __exit__(self, *exception: object) -> None:
        if self._folder:
            self._folder.cleanup()


def compile(
    model: Any,
    output: str | os.PathLike[str] | None = None,
    *,
    progress: Callable[[str], object] | bool | None = None,
    threads: int = 0,
    device: str | None = None,
    load: bool = True,
    **options: Any,
) -> Module | pathlib.Path:
    """Compiles an ONNX model and returns it, ready to be called.

    model: a path, the bytes of a model, or an onnx.ModelProto. output: the package's folder; without one the package lives in a
    temporary folder as long as the returned module. progress: called with the name of each step as it starts; True prints them.
    threads, device: of the module. load=False returns the package's folder instead, which is what a cross-compile needs.
    options: those of `transom compile`: cpu="x86-64-v3", weights="file", name="encoder", dump_dir="build/stages".

    Raises CompileError, whose `problems` list everything that the compiler said; nothing is left in `output` then.
    """
    if output is None and not load:
        raise TypeError("compile(load=False) needs an output")
    report = print if progress is True else progress or (lambda step: None)
    temporary = tempfile.TemporaryDirectory(prefix="transom-") if output is None else None
    folder = pathlib.Path(temporary.name, "package") if temporary else pathlib.Path(output or "")
    with model_file(model, str(options.get("name") or "model")) as path:
        arguments = ["compile", str(path), "-o", str(folder), "--progress=lines", *flags(options)]
        with subprocess.Popen(
            [executable(), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, env=environment(),
        ) as process:  # fmt: skip
            said = []
            assert process.stderr is not None
            try:
                for line in process.stderr:
                    if line.startswith("step: "):
                        report(line[len("step: ") :].strip())
                    else:
                        said.append(line)
            except BaseException:
                # The program removes what it has written of the package.
                process.terminate()
                raise
        if process.returncode != 0:
            raise _failure(process.returncode, "".join(said), arguments, CompileError)
    if not load:
        return folder
    name = options.get("name")
    module = Module(folder / f"lib{name}.so" if name else folder, threads=threads, device=device)
    module._keep = temporary
    return module
