#!/usr/bin/env python3
"""Writes the node tests of the onnx package as folders that `transom verify` reads: model.onnx, case.json, data sets.

usage: node_cases.py FOLDER    (with a Python that has onnx 1.23.2)

FOLDER/cases.json lists them: name, operator, domain, and why a case is out of scope, if it is.

Nearly all cases give everything as an input of the model, also what is a constant in models: axes, scales, pads. Where
a case does so, NAME.constants is the same case with these inputs as constants.
"""

import json
import pathlib
import sys
import warnings

import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.loader import load_model_tests

VERSION = "1.23.2"
STRING_OPERATORS = {"StringNormalizer", "StringConcat", "StringSplit", "RegexFullMatch", "TfIdfVectorizer"}


def operator_of(case, single):
    """Domain and name of the operator that the case is about; `single` holds those of the cases of one node."""
    # Cases of expanded functions hold the function's body and are named after the operator's.
    base = case.name.partition("_expanded")[0]
    if base != case.name and base in single:
        return single[base]
    node = case.model.graph.node[-1]
    return node.domain, node.op_type


# Inputs that say how, not what.
SETTINGS = {
    "AffineGrid": [1],
    "CenterCropPad": [1],
    "Col2Im": [1, 2],
    "CumProd": [1],
    "CumSum": [1],
    "DFT": [1, 2],
    "Dropout": [1, 2],
    "MelWeightMatrix": [0, 1, 2, 3, 4],
    "NonMaxSuppression": [2, 3, 4],
    "OneHot": [1],
    "Pad": [1, 3],
    "Resize": [1, 2, 3],
    "STFT": [1, 3],
    "Slice": [1, 2, 3, 4],
    "SplitToSequence": [1],
    "Squeeze": [1],
    "TopK": [1],
    "Unsqueeze": [1],
    "Upsample": [1],
    **{f"Reduce{kind}": [1] for kind in "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare".split()},
}


def settings_of(model):
    """The model's inputs, by number, that only say how its nodes work."""
    numbers = {value.name: i for i, value in enumerate(model.graph.input)}
    found = set()
    for node in model.graph.node:
        for place in SETTINGS.get(node.op_type, []):
            if place < len(node.input) and node.input[place] in numbers:
                found.add(numbers[node.input[place]])
    return found


def element_types(graph):
    """Of the inputs and outputs, those inside sequences and optionals as well."""
    for value in [*graph.input, *graph.output]:
        type_ = value.type
        while not type_.HasField("tensor_type"):
            kind = type_.WhichOneof("value")
            if kind not in ("sequence_type", "optional_type"):
                break
            type_ = getattr(type_, kind).elem_type
        if type_.HasField("tensor_type"):
            yield type_.tensor_type.elem_type


def out_of_scope(case, domain, operator):
    if domain == "ai.onnx.preview.training" or any(n.domain == "ai.onnx.preview.training" for n in case.model.graph.node):
        return "training"
    if domain == "ai.onnx.ml" or any(n.domain == "ai.onnx.ml" for n in case.model.graph.node):
        return "classical machine learning"
    if operator == "ImageDecoder":
        return "image decoding"
    if operator in STRING_OPERATORS or TensorProto.STRING in element_types(case.model.graph):
        return "strings"
    return ""


def proto_of(value, info):
    kind = info.type.WhichOneof("value")
    if isinstance(value, TensorProto):
        # Some of the cases leave the name out.
        copy = TensorProto()
        copy.CopyFrom(value)
        copy.name = info.name
        return copy
    make = {"sequence_type": numpy_helper.from_list, "optional_type": numpy_helper.from_optional, "map_type": numpy_helper.from_dict}
    return make.get(kind, numpy_helper.from_array)(value, info.name)


def write_case(case, folder):
    write_model(case, case.model, set(), folder)
    settings = settings_of(case.model)
    if not settings or len(case.data_sets) > 1:
        return False
    fixed = onnx.ModelProto()
    fixed.CopyFrom(case.model)
    for i in sorted(settings, reverse=True):
        fixed.graph.initializer.append(proto_of(case.data_sets[0][0][i], case.model.graph.input[i]))
        del fixed.graph.input[i]
    write_model(case, fixed, settings, folder.with_name(folder.name + ".constants"))
    return True


def write_model(case, model, left_out, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    graph = model.graph
    # As the onnx package's own runner: two units in the last place of bfloat16.
    narrow = any(v.type.tensor_type.elem_type == TensorProto.BFLOAT16 for v in graph.output)
    rtol = max(case.rtol, 2**-6) if narrow else case.rtol
    (folder / "case.json").write_text(json.dumps({"atol": case.atol, "rtol": rtol}))
    for number, data in enumerate(case.data_sets):
        place = folder / f"test_data_set_{number}"
        place.mkdir(exist_ok=True)
        inputs = [value for i, value in enumerate(data[0]) if i not in left_out]
        for kind, values, infos in (("input", inputs, graph.input), ("output", data[1], graph.output)):
            for i, (value, info) in enumerate(zip(values, infos)):
                (place / f"{kind}_{i}.pb").write_bytes(proto_of(value, info).SerializeToString())


def main(folder):
    if onnx.__version__ != VERSION:
        sys.exit(f"the node tests of onnx {VERSION} are wanted, this is {onnx.__version__}")
    warnings.simplefilter("ignore")
    cases = []
    tests = load_model_tests(kind="node")
    single = {t.name: (n[0].domain, n[0].op_type) for t in tests if len(n := t.model.graph.node) == 1}
    for case in tests:
        domain, operator = operator_of(case, single)
        scope = out_of_scope(case, domain, operator)
        constants = not scope and write_case(case, folder / case.name)
        entry = {"name": case.name, "domain": domain, "operator": operator, "out_of_scope": scope, "constants": constants}
        cases.append(entry)
    cases.sort(key=lambda entry: entry["name"])
    # Last: it says that the folder is whole.
    (folder / "cases.json").write_text(json.dumps(cases, indent=1))
    print(f"{len(cases)} node tests, {sum(not c['out_of_scope'] for c in cases)} of them in scope")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
