"""What the generators export models with: seeded weights, the exporters, inputs and caches, and a case's folder.

A case is a folder in the layout of ONNX's backend tests: model.onnx, case.json (tolerances, exporter, opset) and
test_data_set_K/input_I.pb and output_I.pb. Expected outputs come from PyTorch in float32, or from ONNX Runtime where
the exporter leaves out what PyTorch gives.
"""

import contextlib
import copy
import io
import json
import logging
import math
import os
import pathlib
import shutil
import tempfile
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
import torch  # noqa: E402
from onnx import numpy_helper  # noqa: E402

torch.set_grad_enabled(False)
torch.set_num_threads(1)

VOCABULARY = 67


def randomize(module, seed):
    """Weights far enough from degenerate that a wrong fusion shows in the outputs."""
    generator = torch.Generator().manual_seed(seed)
    tables = {id(m.weight) for m in module.modules() if isinstance(m, torch.nn.Embedding)}
    for name, parameter in module.named_parameters():
        leaf = name.split(".")[-1]
        value = torch.randn(parameter.shape, generator=generator, dtype=torch.float32)
        if id(parameter) in tables:
            value = value * 0.35
        elif "bias" in leaf:
            value = value * 0.12
        elif parameter.ndim <= 1:
            value = value * 0.25 + 1
        else:
            fan = parameter.shape[-2] if parameter.ndim == 3 and leaf != "weight" else parameter[0].numel()
            value = value * min(0.4, max(0.05, 1.25 / math.sqrt(max(fan, 1))))
        parameter.data.copy_(value.to(parameter.dtype))
    return module.eval()


def build(cls, config, attention="sdpa", seed=1):
    """A model of transformers with seeded weights; eager attention where the class has no other."""
    config = copy.deepcopy(config)
    torch.manual_seed(seed)
    config._attn_implementation = attention
    try:
        model = cls(config)
    except ValueError:
        config._attn_implementation = "eager"
        model = cls(config)
    return randomize(model, seed)


def picked(model, inputs, outputs, fixed=None):
    """`model` with named inputs in order, giving a tuple of named outputs: exporters read parameter names."""
    arguments = ", ".join(inputs)
    keywords = ", ".join(f"{name}={name}" for name in inputs)
    text = f"def forward(self, {arguments}):\n    o = self.model({keywords}, **self.fixed)\n"
    text += "    return tuple(o[k] for k in self.outputs)\n"
    scope = {}
    exec(text, scope)
    wrapper = type("Picked", (torch.nn.Module,), {"forward": scope["forward"]})()
    wrapper.model, wrapper.outputs, wrapper.fixed = model, list(outputs), dict(fixed or {})
    return wrapper.eval()


@contextlib.contextmanager
def traceable_masks():
    """Masks of transformers without vmap, which neither exporter follows."""
    from optimum.exporters.onnx.model_patcher import eager_mask_without_vmap, sdpa_mask_without_vmap
    from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, eager_mask, sdpa_mask

    ALL_MASK_ATTENTION_FUNCTIONS.register("sdpa", sdpa_mask_without_vmap)
    ALL_MASK_ATTENTION_FUNCTIONS.register("eager", eager_mask_without_vmap)
    try:
        yield
    finally:
        ALL_MASK_ATTENTION_FUNCTIONS.register("sdpa", sdpa_mask)
        ALL_MASK_ATTENTION_FUNCTIONS.register("eager", eager_mask)


def export(module, arguments, inputs, outputs, dims, exporter, opset):
    """`dims`: {input or output: {axis: symbol}}."""
    arguments = tuple(argument.clone() for argument in arguments)
    with traceable_masks():
        if exporter == "torchscript":
            file = io.BytesIO()
            torch.onnx.export(
                module,
                arguments,
                file,
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_axes=dims,
                opset_version=opset,
                dynamo=False,
            )
            return onnx.load_from_string(file.getvalue())
        shapes = tuple(dict(dims[name]) if dims.get(name) else None for name in inputs)
        program = torch.onnx.export(
            module,
            arguments,
            dynamo=True,
            opset_version=opset,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=shapes if any(shapes) else None,
            verbose=False,
        )
        return program.model_proto


def export_with_optimum(model, task, file="model.onnx", opset=None):
    from optimum.exporters.onnx import onnx_export_from_model

    with tempfile.TemporaryDirectory() as folder:
        onnx_export_from_model(model, folder, task=task, opset=opset, do_validation=False)
        return onnx.load(os.path.join(folder, file))


def optimised_by_onnxruntime(model, level=onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED):
    """As ONNX Runtime writes a model after its own fusions."""
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = level
        options.optimized_model_filepath = os.path.join(folder, "optimised.onnx")
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return onnx.load(options.optimized_model_filepath)


def optimised_for_transformers(model, kind, heads, width):
    """As onnxruntime.transformers.optimizer writes a model, with the fused operators of com.microsoft."""
    from onnxruntime.transformers.optimizer import optimize_model

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        onnx.save(model, path)
        return optimize_model(path, model_type=kind, num_heads=heads, hidden_size=width, opt_level=0).model


def ids(generator, batch, length):
    return torch.randint(3, VOCABULARY, (batch, length), generator=generator)


def padded(batch, length, pads, left=False):
    mask = torch.ones(batch, length, dtype=torch.long)
    for row, pad in enumerate(pads[:batch]):
        if pad:
            mask[row, slice(0, pad) if left else slice(length - pad, length)] = 0
    return mask


def cache_of(state):
    """[(key, value), ...] of a cache object."""
    return [(layer.keys, layer.values) for layer in state.layers]


def array(value):
    if isinstance(value, torch.Tensor):
        return value.detach().contiguous().numpy().copy()
    return np.asarray(value)


def without_paths(holder):
    """Nothing of where a model was exported stays in it."""
    if hasattr(holder, "doc_string"):
        holder.doc_string = ""
    del holder.metadata_props[:]


def cleaned(model):
    def clean(graph):
        without_paths(graph)
        for node in graph.node:
            without_paths(node)
            for attribute in node.attribute:
                attribute.doc_string = ""
                if attribute.type == onnx.AttributeProto.GRAPH:
                    clean(attribute.g)
        for name in ("value_info", "input", "output", "initializer"):
            for value in getattr(graph, name, []):
                if not isinstance(value, str):
                    without_paths(value)

    without_paths(model)
    clean(model.graph)
    for function in model.functions:
        clean(function)
    if hasattr(model.graph, "value_info"):
        del model.graph.value_info[:]
    return model


def inputs_of(model):
    initializers = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in initializers]


def as_inputs(model, feed):
    """`feed` for the inputs that the exporter kept, in their types."""
    result = {}
    for value in inputs_of(model):
        wanted = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
        result[value.name] = array(feed[value.name]).astype(wanted)
    return result


def run(path, feed, names):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # What the model says: ONNX Runtime's own fusions compute dequantised products with rounded activations.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return dict(zip(names, session.run(names, feed)))


def nodes_in(graph):
    inner = (attribute.g for node in graph.node for attribute in node.attribute if attribute.HasField("g"))
    return len(graph.node) + sum(nodes_in(body) for body in inner)


def read(folder):
    """The model of a case, the inputs of its data sets, and case.json."""
    feeds = []
    for data in sorted(folder.glob("test_data_set_*")):
        tensors = [onnx.load_tensor(path) for path in data.glob("input_*.pb")]
        feeds.append({tensor.name: numpy_helper.to_array(tensor) for tensor in tensors})
    return onnx.load(folder / "model.onnx"), feeds, json.loads((folder / "case.json").read_text())


def write(folder, model, feeds, references, about, tolerance=1e-4):
    """Writes the case and gives the largest difference between ONNX Runtime and the reference."""
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        return fill(folder, cleaned(model), feeds, references, about, tolerance)
    except BaseException:
        shutil.rmtree(folder)
        raise


def fill(folder, model, feeds, references, about, tolerance):
    onnx.save(model, folder / "model.onnx")
    names = [value.name for value in model.graph.output]
    worst, largest = 0.0, 1.0
    for number, (feed, reference) in enumerate(zip(feeds, references)):
        feed = as_inputs(model, feed)
        got = run(folder / "model.onnx", feed, names)
        expected = {}
        for name in names:
            known = array(reference[name]) if reference and name in reference else None
            same = known is not None and known.shape == got[name].shape
            expected[name] = (known if same else got[name]).astype(got[name].dtype)
            if expected[name].size and expected[name].dtype.kind == "f":
                difference = np.abs(expected[name].astype(np.float64) - got[name].astype(np.float64))
                worst = max(worst, float(difference.max()))
                largest = max(largest, float(np.abs(expected[name].astype(np.float64)).max()))
        data = folder / f"test_data_set_{number}"
        data.mkdir()
        for kind, tensors, order in (("input", feed, list(feed)), ("output", expected, names)):
            for index, name in enumerate(order):
                tensor = numpy_helper.from_array(np.asarray(tensors[name]), name)
                (data / f"{kind}_{index}.pb").write_bytes(tensor.SerializeToString())
    if worst > tolerance * largest:
        raise AssertionError(f"ONNX Runtime differs from the reference by {worst:.3g}")
    about = {
        "name": folder.name,
        "atol": tolerance * largest,
        "rtol": 10 * tolerance,
        "nodes": nodes_in(model.graph),
        **about,
    }
    (folder / "case.json").write_text(json.dumps(about, indent=1) + "\n")
    return worst
