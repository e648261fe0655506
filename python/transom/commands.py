"""`transom verify` and `transom bench` for Python: the same commands, their JSON as objects."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from .compiler import flags, model_file, run_command

__all__ = ["Bench", "OutputError", "Verification", "bench", "verify"]


@dataclasses.dataclass(frozen=True)
class OutputError:
    """How far one output of one data set is from what is expected."""

    data_set: str
    output: str
    agrees: bool
    absolute: float | None  #: largest |result - expected|; None where type or shape differ or a run failed
    relative: float | None
    beyond: int  #: elements beyond the tolerance
    text: str


@dataclasses.dataclass(frozen=True)
class Verification:
    """True where all outputs of all data sets agree; prints as the command's report."""

    agrees: bool
    atol: float
    rtol: float
    outputs: list[OutputError]

    def __bool__(self) -> bool:
        return self.agrees

    def __str__(self) -> str:
        lines = [f"{output.data_set}: {output.output} {output.text}" for output in self.outputs]
        return "\n".join([*lines, f"{'agrees' if self.agrees else 'differs'} (atol {self.atol:g}, rtol {self.rtol:g})"])


@dataclasses.dataclass(frozen=True)
class Bench:
    """What `transom bench --json` prints."""

    name: str
    dims: dict[str, int]
    device: str
    threads: int
    runs: int
    median_ms: float
    min_ms: float
    gflops: float | None
    gbps: float
    peak_share: float | None
    bandwidth_share: float | None
    peak_gflops: float | None
    peak_gbps: float | None
    kernels: list[dict[str, Any]] = dataclasses.field(default_factory=list)


def verify(
    model: Any,
    data: str | os.PathLike[str] | None = None,
    *,
    against: str | None = None,
    dims: Mapping[str, int] | None = None,
    inputs: Sequence[str] = (),
    seed: int | None = None,
    atol: float | None = None,
    rtol: float | None = None,
    threads: int | None = None,
    **options: Any,
) -> Verification:
    """Compares a model's outputs with expected ones.

    data: a folder of test_data_set_K/input_I.pb and output_I.pb, as ONNX's tests have them. Or against="onnxruntime" or
    "reference" (ONNX's evaluator): what that computes from random inputs with these `dims`; `inputs` and `seed` as
    `transom run` takes them. For a compiled package, `model=` among the options names the ONNX file. options: also those of
    `compile`.
    """
    arguments = {"against": against, "dim": dims, "input": list(inputs), "seed": seed, "atol": atol, "rtol": rtol,
                 "threads": threads, **options}  # fmt: skip
    with model_file(model) as path:
        positional = [str(path)] + ([os.fspath(data)] if data is not None else [])
        found = json.loads(run_command(["verify", *positional, "--json", *flags(arguments)], allowed=(0, 1)))
    return Verification(found["agrees"], found["atol"], found["rtol"], [OutputError(**entry) for entry in found["outputs"]])


def bench(
    model: Any,
    *,
    dims: Mapping[str, int] | None = None,
    inputs: Sequence[str] = (),
    threads: int | None = None,
    runs: int | None = None,
    warmup: int | None = None,
    per_kernel: bool = False,
    **options: Any,
) -> Bench:
    """Measures the time of a model's runs: bench("build/bert", dims={"batch": 1, "sequence": 128}, threads=2)."""
    arguments = {"dim": dims, "input": list(inputs), "threads": threads, "runs": runs, "warmup": warmup,
                 "per_kernel": per_kernel, **options}  # fmt: skip
    with model_file(model) as path:
        return Bench(**json.loads(run_command(["bench", str(path), "--json", *flags(arguments)])))
