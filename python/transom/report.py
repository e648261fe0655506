"""What a compiled model says about itself, from its manifest."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
from typing import Any

from ._errors import Error
from ._names import identifier
from .module import Value, _find_library
from .trace import total

__all__ = ["Report", "report"]


@dataclasses.dataclass(frozen=True)
class Report:
    """Prints as a page of text; `manifest` holds everything."""

    name: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    dims: tuple[str, ...]
    cpu: str  #: the preferred one of `cpus`
    cpus: tuple[str, ...]  #: that there are kernels for
    weights_bytes: int
    weights_file: str | None
    parameters: int
    kernels: tuple[tuple[str, int], ...]  #: name and launches in the program, most first
    library_bytes: int
    manifest: dict[str, Any]

    def flops(self, **dims: int) -> int | None:
        """Multiplications and additions of a run with these dims; None where products' sizes depend on data or on other dims."""
        if self.manifest.get("flops_omitted"):
            return None
        return total(self.manifest.get("flops", []), dims)

    def __str__(self) -> str:
        place = f"in {self.weights_file}" if self.weights_file else "embedded"
        lines = [
            f"{self.name}: {self.parameters:,} parameters, library {self.library_bytes / 1e3:,.1f} kB, "
            f"weights {self.weights_bytes / 1e6:,.1f} MB {place}, for {', '.join(self.cpus) or self.cpu}"
        ]
        lines += [f"input  {value}" for value in self.inputs]
        lines += [f"output {value}" for value in self.outputs]
        lines += [f"{launches:6} x {name}" for name, launches in self.kernels]
        return "\n".join(lines)


def report(path: str | os.PathLike[str]) -> Report:
    """Reads a package's manifest; the model is not loaded, so any CPU's will do."""
    library = _find_library(pathlib.Path(path))
    file = library.with_name(library.name[3:-3] + ".json")
    try:
        manifest = json.loads(file.read_text())
    except OSError as error:
        raise Error(f"cannot read the manifest '{file}': {error.strerror}") from error
    except ValueError as error:
        raise Error(f"'{file}' is not JSON: {error}") from error

    def values(key: str) -> tuple[Value, ...]:
        return tuple(
            Value(value["name"], value.get("field") or identifier(value["name"]), value["type"], tuple(value["dims"]))
            for value in manifest[key]
        )

    kernels = sorted(((kernel["name"], kernel["launches"]) for kernel in manifest["kernels"]), key=lambda kernel: -kernel[1])
    return Report(
        name=manifest["name"],
        inputs=values("inputs"),
        outputs=values("outputs"),
        dims=tuple(manifest["symbols"]),
        cpu=manifest["target"]["cpu"],
        cpus=tuple(target["cpu"] for target in manifest["cpus"]),
        weights_bytes=manifest["weights"]["bytes"],
        weights_file=manifest["weights"]["file"],
        parameters=manifest["parameters"],
        kernels=tuple(kernels),
        library_bytes=library.stat().st_size,
        manifest=manifest,
    )
