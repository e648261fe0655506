"""Compiles models as a user does and measures what that takes: time, peak memory, size of the machine code."""

import dataclasses
import pathlib
import struct
import subprocess
import time

import graphs
from engine import EngineError

SECTION_HEADERS_AT = 0x28  # e_shoff in a 64-bit ELF header
EXECUTABLE = 0x4  # SHF_EXECINSTR


@dataclasses.dataclass
class Compiled:
    library: pathlib.Path
    seconds: float
    peak_mb: float
    model_mb: float

    def costs(self):
        return {
            "seconds": round(self.seconds, 2),
            "peak_mb": round(self.peak_mb),
            "model_mb": round(self.model_mb),
            "code_bytes": code_bytes(self.library),
        }


def code_bytes(library):
    """The sum of the executable sections of a 64-bit little-endian ELF file."""
    data = library.open("rb")
    header = data.read(64)
    if header[:6] != b"\x7fELF\x02\x01":
        raise EngineError(f"{library} is no 64-bit little-endian ELF file")
    (offset,) = struct.unpack_from("<Q", header, SECTION_HEADERS_AT)
    size, count = struct.unpack_from("<HH", header, 0x3A)
    data.seek(offset)
    table = data.read(size * count)
    total = 0
    for start in range(0, size * count, size):
        flags, length = struct.unpack_from("<Q16xQ", table, start + 8)
        total += length if flags & EXECUTABLE else 0
    return total


def wait_for(process):
    """Waits for a process; its peak resident memory in MB.

    What wait4 says of a child begins with the memory of the process that it was forked from: the peak is the one that the child itself
    has reached since it runs its own program, read until it ends.
    """
    peak = 0
    status = pathlib.Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        try:
            lines = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        except OSError:
            break
        peak = max([peak, *(int(line.split()[1]) for line in lines)])
        time.sleep(0.01)
    process.wait()
    return peak / 1e3


def compile_model(compiler, model, folder, options=()):
    command = [str(compiler), "compile", str(model), "-o", str(folder), *options]
    start = time.perf_counter()
    try:
        process = subprocess.Popen(command)
    except OSError as error:
        raise EngineError(f"cannot start the compiler {compiler}: {error.strerror}") from error
    peak = wait_for(process)
    seconds = time.perf_counter() - start
    if process.returncode != 0:
        raise EngineError(f"{' '.join(command)} ended with status {process.returncode}")
    libraries = list(folder.glob("lib*.so"))
    if len(libraries) != 1:
        raise EngineError(f"expected one library in {folder}, found {len(libraries)}")
    files = [model, model.with_suffix(".data")]
    size = sum(file.stat().st_size for file in files if file.exists())
    return Compiled(libraries[0], seconds, peak, size / 1e6)


def depth(compiler, cache, scratch, pair, known):
    """Costs of two models that differ in depth alone."""
    result = {}
    for name in pair:
        if name in known:
            result[name] = known[name]
        else:
            result[name] = compile_model(compiler, graphs.build(name, cache), scratch / name).costs()
    return result


def table(report):
    costs = {result["model"]: result["compile"] for result in report["models"] if "compile" in result}
    costs |= report.get("depth", {})
    lines = ["| model | layers | compile s | peak memory MB | of the model's size | code KiB |", "|---|---|---|---|---|---|"]
    for name, cost in costs.items():
        share = cost["peak_mb"] / max(cost["model_mb"], 1)
        lines.append(
            f"| {name} | {graphs.SHAPES[name].layers} | {cost['seconds']:.1f} | {cost['peak_mb']} | {share:.2f} "
            f"| {cost['code_bytes'] / 1024:.0f} |"
        )
    return "\n".join(lines)
