#!/usr/bin/env python3
"""Writes what the fuzz programs start from into FOLDER/PROGRAM: small models for FuzzImport, manifests for FuzzManifest, and
a few bytes for the others, which make sense of any.

usage: make_seeds.py FOLDER    (with build/release's transom in PATH for the manifests)
"""

import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import onnx
from onnx.backend.test.loader import load_model_tests

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
LARGEST = 8192


def models():
    """The bytes of small models: ONNX's node tests, this project's tests, random graphs, the corpus."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for kind in ("node", "simple"):
            for case in load_model_tests(kind=kind):
                if case.model is not None:
                    yield case.model.SerializeToString()
                elif case.model_dir:
                    yield pathlib.Path(case.model_dir, "model.onnx").read_bytes()
    for file in sorted(ROOT.glob("test/**/*.onnxtxt")):
        text = "\n".join(line for line in file.read_text().splitlines() if not line.lstrip().startswith("#"))
        try:
            yield onnx.parser.parse_model(
                "\n".join(line for line in text.splitlines() if not line.startswith("//"))
            ).SerializeToString()
        except onnx.parser.ParseError:
            continue  # what the parser here refuses is a test of that
    for file in sorted([*MODELS.glob("*/model.onnx"), *(ROOT / "test").glob("**/model.onnx")]):
        if file.stat().st_size <= LARGEST:
            yield file.read_bytes()


def manifests():
    model = onnx.parser.parse_model(
        """<ir_version: 10, opset_import: ["" : 21]>
        seed (float[batch, sequence, 4] x, float[4, 4] w) => (float[batch, sequence, 4] y, float[sequence, batch, 4] z)
        { h = MatMul (x, w) y = Softmax (h) z = Transpose <perm = [1, 0, 2]> (h) }"""
    )
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "seed.onnx")
        onnx.save(model, file)
        subprocess.run(["transom", "compile", str(file), "-o", f"{folder}/seed"], check=True)
        yield pathlib.Path(folder, "seed/seed.json").read_bytes()
        yield b"{}"


def write(folder, texts):
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for text in texts:
        if len(text) <= LARGEST:
            (folder / hashlib.sha1(text).hexdigest()).write_bytes(text)
            count += 1
    print(f"{count} seeds in {folder}")


def main():
    folder = pathlib.Path(sys.argv[1])
    write(folder / "FuzzImport", models())
    write(folder / "FuzzManifest", manifests())
    for program in ("FuzzExternalData", "FuzzRun", "FuzzWeights"):
        write(folder / program, (bytes([byte]) * 200 for byte in (0, 1, 127, 255)))


if __name__ == "__main__":
    sys.exit(main())
