"""Equal layers share their code: a deeper model is hardly larger."""

import dataclasses

import onnx
import pytest
from conftest import call


# A layer of a decoder calls two kernels more, which append to its cache; each interface has its own calls.
@pytest.mark.parametrize(
    ("family", "state", "growth"), [("bert-tiny", "both", 1.1), ("gpt2-tiny", "none", 1.14), ("gpt2-tiny", "both", 1.25)]
)
def test_code_of_24_layers_is_that_of_12(family, state, growth, tmp_path):
    import compile_costs
    import graphs

    sizes = []
    for layers in (12, 24):
        shape = dataclasses.replace(graphs.SHAPES[family], layers=layers)
        make = {"bert": graphs.bert, "gpt2": graphs.gpt2}[shape.family]
        model = tmp_path / f"model{layers}.onnx"
        onnx.save(make(graphs.Graph(shape)), model)
        call("transom", "compile", model, "-o", tmp_path / str(layers), "--weights=file", f"--state={state}")
        sizes.append(compile_costs.code_bytes(tmp_path / str(layers) / f"libmodel{layers}.so"))
    assert sizes[1] <= growth * sizes[0], sizes
