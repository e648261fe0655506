"""Checkpoints of Hugging Face become compiled models: exported by optimum, or as ONNX files that lie in the folder already."""

from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from ._errors import Error
from .compiler import compile
from .encoder_decoder import EncoderDecoder
from .module import Module

__all__ = ["from_pretrained"]

#: What optimum names a decoder; the first that is there is taken.
_DECODERS = ("decoder_model_merged.onnx", "decoder_with_past_model.onnx", "decoder_model.onnx")

#: optimum's tasks by how the names of architectures end; it does not read them from a local checkpoint itself.
_TASKS = {
    "ForCausalLM": "text-generation-with-past",
    "LMHeadModel": "text-generation-with-past",
    "ForConditionalGeneration": "text2text-generation-with-past",
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForMultipleChoice": "multiple-choice",
    "ForMaskedLM": "fill-mask",
    "ForImageClassification": "image-classification",
}


def _task(config: dict[str, Any]) -> str:
    """What the checkpoint was saved for; features where its architecture says nothing."""
    names = config.get("architectures") or []
    name = str(names[0]) if names else ""
    if name in ("WhisperForConditionalGeneration", "Speech2TextForConditionalGeneration"):
        return "automatic-speech-recognition-with-past"
    return next((task for ending, task in _TASKS.items() if name.endswith(ending)), "feature-extraction")


def from_pretrained(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    task: str | None = None,
    progress: Callable[[str], object] | bool | None = None,
    threads: int = 0,
    **options: Any,
) -> Module | EncoderDecoder:
    """Compiles a local checkpoint (config.json with weights, as `save_pretrained` leaves it) and returns it, ready to be called.

    Where the folder, or its folder `onnx`, has ONNX files as optimum names them (model.onnx; encoder_model.onnx and
    decoder_model_merged.onnx or decoder_with_past_model.onnx), those are compiled; else optimum exports the checkpoint first, in a
    process of its own. task: optimum's, such as "text-generation-with-past"; None: what the architecture in config.json is for,
    with its caches.

    Encoders and decoders become a Module, models of both an EncoderDecoder; the folder's tokenizer.json and its end and start tokens
    come with them, so that ``from_pretrained("gpt2").generate("Once upon a time")`` works. output: the package's folder (of two or
    three packages for the latter: encoder, decoder, first); without one it is temporary. progress, threads, options: as for compile.

    Error where the folder is no checkpoint, where optimum is missing (with the command that installs it), or where it fails (with
    what it said); CompileError as for compile.
    """
    folder = pathlib.Path(folder)
    config = _read_json(folder / "config.json")
    if config is None:
        raise Error(f"'{folder}' is no checkpoint: it has no config.json")
    exported: tempfile.TemporaryDirectory[str] | None = None
    files = _onnx_files(folder)
    if not files:
        exported = _export(folder, task or _task(config), progress)
        files = _onnx_files(pathlib.Path(exported.name))
        if not files:
            raise Error(f"optimum exported no model of '{folder}'")
    try:
        made = _compile(files, output, config, progress=progress, threads=threads, **options)
    finally:
        if exported:
            exported.cleanup()
    _add_text(made, folder, config)
    return made


def _read_json(file: pathlib.Path) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Error(f"cannot read '{file}': {error}") from error
    if not isinstance(found, dict):
        raise Error(f"'{file}' is no object")
    return found


def _onnx_files(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """The parts: "model", or "encoder" and "decoder", and "first" where the decoder needs it."""
    for place in (folder, folder / "onnx"):
        encoder = place / "encoder_model.onnx"
        decoders = [place / name for name in _DECODERS if (place / name).is_file()]
        if (place / "model.onnx").is_file():
            return {"model": place / "model.onnx"}
        if decoders and not encoder.is_file():
            return {"model": decoders[0]}
        if decoders:
            files = {"encoder": encoder, "decoder": decoders[0]}
            if decoders[0].name == "decoder_with_past_model.onnx":
                if decoders[-1].name != "decoder_model.onnx":
                    raise Error(f"'{place}' has decoder_with_past_model.onnx without decoder_model.onnx, which fills its caches")
                files["first"] = decoders[-1]
            elif decoders[0].name == "decoder_model.onnx":
                raise Error(f"'{place}' has a decoder without caches; export it for a task that ends in -with-past")
            return files
    return {}


def _export(folder: pathlib.Path, task: str, progress: Callable[[str], object] | bool | None) -> tempfile.TemporaryDirectory[str]:
    try:
        found = importlib.util.find_spec("optimum.exporters.onnx")
    except ImportError:
        found = None
    if found is None:
        raise Error(
            f"'{folder}' has no ONNX file, and optimum, which exports checkpoints, is not installed: "
            "pip install 'optimum-onnx[onnxruntime]'"
        )
    if progress:
        (print if progress is True else progress)("export")
    result = tempfile.TemporaryDirectory(prefix="transom-")
    command = [sys.executable, "-m", "optimum.exporters.onnx", "--model", os.fspath(folder), "--task", task]
    done = subprocess.run([*command, result.name], capture_output=True, text=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    if done.returncode != 0:
        result.cleanup()
        said = [line for line in (done.stderr or done.stdout).strip().splitlines() if line.strip()]
        raise Error(f"optimum could not export '{folder}': " + "\n".join(said[-3:]) + f"\n  the command was: {' '.join(command)} FOLDER")
    return result


def _compile(
    files: dict[str, pathlib.Path], output: str | os.PathLike[str] | None, config: dict[str, Any], *, threads: int, **options: Any
) -> Module | EncoderDecoder:
    temporary = tempfile.TemporaryDirectory(prefix="transom-") if output is None else None
    target = pathlib.Path(temporary.name if temporary else output or "")
    modules = {}
    for part, file in files.items():
        name = {"name": str(config.get("model_type") or "model").replace("-", "_")} if part == "model" else {"name": part}
        modules[part] = compile(file, target if part == "model" else target / part, threads=threads, **{**name, **options})
        assert isinstance(modules[part], Module)
        modules[part]._keep = temporary
    if "model" in modules:
        return modules["model"]
    return EncoderDecoder(modules["encoder"], modules["decoder"], modules.get("first"))


def _add_text(made: Module | EncoderDecoder, folder: pathlib.Path, config: dict[str, Any]) -> None:
    """Tokenizer, end and start tokens; generation_config.json goes before config.json, whose part `text_config` some have."""
    places = [_read_json(folder / "generation_config.json") or {}, config, config.get("text_config") or {}]

    def first(key: str) -> Any:
        return next((place[key] for place in places if place.get(key) is not None), None)

    made.eos = first("eos_token_id")
    if (folder / "tokenizer.json").is_file():
        made.tokenizer = folder / "tokenizer.json"
    if isinstance(made, EncoderDecoder):
        start = first("decoder_start_token_id")
        if start is None:
            start = first("bos_token_id")
        made.start = list(start) if isinstance(start, list) else [start or 0]
