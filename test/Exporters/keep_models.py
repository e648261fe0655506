#!/usr/bin/env python3
"""Takes cases that make_models.py exported into architectures.zip and architectures.json, which test_architectures.py
runs.

    python keep_models.py FOLDER NAME...

Their weights are made anew from a seed (seeded.py), so what is expected is computed again, by ONNX Runtime. The fusions
are those that the command in $TRANSOM_BIN, or in build/release/bin, finds: review them. Needs onnx and onnxruntime.
"""

import argparse
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile
import zlib

import numpy as np
import onnx
import onnxruntime
import seeded
from models_table import PIECES, TRANSOM
from onnx import numpy_helper

HERE = pathlib.Path(__file__).resolve().parent
LARGEST = 150_000  #: bytes of a case, as it is in the archive
ABOUT = ("exporter", "opset", "nodes")


def fusions(path):
    report = subprocess.run([TRANSOM, "inspect", path, "--fusions", "--json"], capture_output=True, text=True, check=True)
    known = json.loads(report.stdout)
    return {"fused": known["fused"], "pieces": sorted({entry["op"] for entry in known["unfused"]} & PIECES)}


def outputs_of(path, feed):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feed)))


def kept(case):
    """(what architectures.json says of a case, {path in the archive: bytes})."""
    about = json.loads((case / "case.json").read_text())
    model = onnx.load(case / "model.onnx")
    weights = seeded.emptied(model)
    files = {"model.onnx": model.SerializeToString()}
    seeded.filled(model)
    largest = 1.0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.onnx")
        onnx.save(model, path)
        entry = {key: about[key] for key in ABOUT if key in about} | {"weights": weights} | fusions(path)
        for data in sorted(case.glob("test_data_set_*")):
            tensors = [onnx.load_tensor(file) for file in sorted(data.glob("input_*.pb"), key=lambda f: int(f.stem[6:]))]
            feed = {tensor.name: numpy_helper.to_array(tensor) for tensor in tensors}
            expected = outputs_of(path, feed)
            for kind, values in (("input", feed), ("output", expected)):
                for index, (name, value) in enumerate(values.items()):
                    tensor = numpy_helper.from_array(np.asarray(value), name)
                    files[f"{data.name}/{kind}_{index}.pb"] = tensor.SerializeToString()
            for value in expected.values():
                if value.dtype.kind == "f" and value.size:
                    if not np.isfinite(value).all():
                        raise ValueError("not all outputs are finite")
                    largest = max(largest, float(np.abs(value.astype(np.float64)).max()))
    tolerance = about["rtol"] / 10
    entry |= {"atol": round(tolerance * largest, 8), "rtol": about["rtol"]}
    files["case.json"] = json.dumps({"atol": entry["atol"], "rtol": entry["rtol"]}).encode()
    return entry, files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    entries, archive = {}, io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name in sorted(options.names):
            try:
                entry, files = kept(options.folder / name)
            except Exception as problem:  # one case that cannot be kept says nothing of the others
                print(f"{name}: left out: {str(problem)[:200]}", file=sys.stderr)
                continue
            size = sum(len(zlib.compress(content, 9)) for content in files.values())
            if size > LARGEST:
                print(f"{name}: left out: {size} bytes", file=sys.stderr)
                continue
            for file, content in files.items():
                out.writestr(zipfile.ZipInfo(f"{name}/{file}", (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
            entries[name] = entry
    (HERE / "architectures.zip").write_bytes(archive.getvalue())
    (HERE / "architectures.json").write_text(json.dumps(entries, indent=1) + "\n")
    print(f"{len(entries)} cases, {len(archive.getvalue())} bytes")


if __name__ == "__main__":
    main()
