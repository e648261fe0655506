"""What another engine computes from given inputs, for `transom verify --against`: reference.py ENGINE MODEL FOLDER.

FOLDER/request.json names inputs (name, type, file) and outputs; the outputs are left there as output_K.npy.
"""

import json
import pathlib
import sys

RAW = {"bf16": ("bfloat16", "uint16"), "f8e4m3fn": ("float8_e4m3fn", "uint8"), "f8e5m2": ("float8_e5m2", "uint8")}


def need(module):
    try:
        return __import__(module, fromlist=["x"])
    except ImportError as error:
        sys.exit(f"{sys.executable} has no usable package {module} ({error}): install it, or name a Python by TRANSOM_PYTHON")


def read(entry, folder):
    array = numpy.load(folder / entry["file"])
    if entry["type"] not in RAW:
        return array
    extended, bits = RAW[entry["type"]]
    return array.view(bits).view(getattr(need("ml_dtypes"), extended))


def run_onnxruntime(model, feeds, outputs):
    onnxruntime = need("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Text and models with external data are both found; what is not there is its error.
    source = load(model).SerializeToString() if model.suffix == ".onnxtxt" else str(model)
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    values = {name: to_ort(onnxruntime, array) for name, array in feeds.items()}
    return [value.numpy() for value in session.run_with_ort_values(outputs, values)]


def to_ort(onnxruntime, array):
    for name, (extended, bits) in RAW.items():
        if array.dtype.name == extended:
            code = {"bf16": 16, "f8e4m3fn": 17, "f8e5m2": 19}[name]
            return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(array.view(bits), code)
    return onnxruntime.OrtValue.ortvalue_from_numpy(array)


def run_reference(model, feeds, outputs):
    evaluator = need("onnx.reference").ReferenceEvaluator(load(model))
    return evaluator.run(outputs, feeds)


def load(model):
    onnx = need("onnx")
    if model.suffix == ".onnxtxt":
        return need("onnx.parser").parse_model(model.read_text())
    return onnx.load(str(model))


def main(engine, model, folder):
    request = json.loads((folder / "request.json").read_text())
    feeds = {entry["name"]: read(entry, folder) for entry in request["inputs"]}
    results = ENGINES[engine](model, feeds, request["outputs"])
    for i, result in enumerate(results):
        array = numpy.asarray(result)
        for extended, bits in RAW.values():
            if array.dtype.name == extended:
                array = array.view(bits)
        # Without this a scalar would become a vector.
        numpy.save(folder / f"output_{i}.npy", array if array.ndim == 0 else numpy.ascontiguousarray(array))


ENGINES = {"onnxruntime": run_onnxruntime, "reference": run_reference}

if __name__ == "__main__":
    numpy = need("numpy")
    try:
        main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    except Exception as error:  # the engine's own reason, whatever it is
        sys.exit(f"{sys.argv[1]}: {type(error).__name__}: {error}")
