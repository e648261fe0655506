"""OpenVINO on the model as it is, with shapes fixed for each point, and with the cache as its state."""

import numpy as np

from engine import Engine

GROWTH = 16  # tokens that a state takes on before it is set again


def settings(job):
    # Its default is bf16 where the CPU has it, and 8 bits for caches: not the same work where the weights are f32.
    return {
        "INFERENCE_NUM_THREADS": job.threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": job.weights,
        "KV_CACHE_PRECISION": job.weights,
    }


class OpenVino(Engine):
    name, needs = "openvino", ("openvino",)

    def __init__(self, job):
        import openvino

        self.job, self.openvino, self.core = job, openvino, openvino.Core()
        self.version, self.form = openvino.__version__.split("-")[0], job.weights
        self.load(self.core.read_model(job.file))

    def load(self, model):
        self.compile(model)

    def compile(self, model):
        self.compiled = self.core.compile_model(model, "CPU", settings(self.job))
        self.request = self.compiled.create_infer_request()

    @staticmethod
    def tolerance(job):
        return None if job.weights == "f32" else 0.25

    def prepare(self, feeds, prefix):
        self.feeds = feeds
        for name, array in feeds.items():
            self.bind(name, array)

    def bind(self, name, array):
        # An empty past cannot be shared memory.
        self.request.set_tensor(name, self.openvino.Tensor(array, shared_memory=array.size > 0))

    def run(self):
        self.request.infer()

    def outputs(self):
        return {port.get_any_name(): self.request.get_tensor(port).data.copy() for port in self.compiled.outputs}


class OpenVinoStatic(OpenVino):
    """Compiled for the shapes of a point before it is run."""

    name, families = "openvino-static", ("bert",)

    def load(self, model):
        self.model = model

    def prepare(self, feeds, prefix):
        self.model.reshape({name: list(array.shape) for name, array in feeds.items()})
        self.compile(self.model)
        super().prepare(feeds, prefix)


class OpenVinoStateful(OpenVino):
    """Caches as variables, the batch reordered by beam_idx, attention as one operation: what its CPU plugin runs in place."""

    name, families, stateful = "openvino-stateful", ("gpt2", "llama"), True

    def load(self, model):
        fuse_attention(model)
        make_stateful(model)
        self.compile(model)

    def prepare(self, feeds, prefix):
        self.batch, self.tokens = feeds["input_ids"].shape
        self.past = {name: array for name, array in feeds.items() if name.startswith("past_key_values")}
        self.length = feeds["attention_mask"].shape[1] - self.tokens
        self.mask = np.ones((self.batch, self.length + self.tokens + GROWTH), np.int64)
        self.feeds = {"input_ids": feeds["input_ids"], "beam_idx": np.arange(self.batch, dtype=np.int32)}
        for name, array in self.feeds.items():
            self.bind(name, array)
        self.grown = None

    def rewind(self):
        # To set a state copies all of it: it goes on for some tokens first.
        self.grown = None if self.grown is None or not self.length else self.grown + 1
        if self.grown is None or self.grown >= GROWTH:
            self.request.reset_state()
            self.grown = 0
            for state in self.request.query_state() if self.length else ():
                name = next(name for name in self.past if state.name.startswith(f"{name}present"))
                state.state = self.openvino.Tensor(self.past[name])
        first = self.length + self.grown
        self.places = np.tile(np.arange(first, first + self.tokens), (self.batch, 1))
        self.seen = np.ascontiguousarray(self.mask[:, : first + self.tokens])
        self.bind("position_ids", self.places)
        self.bind("attention_mask", self.seen)


def fuse_attention(model):
    """softmax(q x transposed k / sqrt(size) + bias) x v, as graphs.py writes it, becomes one operation of the same scale."""
    from openvino import opset13

    for softmax in [node for node in model.get_ops() if node.get_type_name() == "Softmax"]:
        biased = softmax.input_value(0).get_node()
        scores = biased.input_value(0).get_node().input_value(0).get_node()
        turned = scores.input_value(1).get_node()
        (use,) = softmax.output(0).get_target_inputs()
        mixed = use.get_node()
        kinds = [node.get_type_name() for node in (biased, scores, turned, mixed)]
        if kinds != ["Add", "MatMul", "Transpose", "MatMul"]:
            raise ValueError(f"{softmax.get_friendly_name()} is no softmax of an attention: {', '.join(kinds)} around it")
        fused = opset13.scaled_dot_product_attention(
            scores.input_value(0), turned.input_value(0), mixed.input_value(1), biased.input_value(1)
        )
        for target in mixed.output(0).get_target_inputs():
            target.replace_source_output(fused.output(0))
    model.validate_nodes_and_infer_types()


def make_stateful(model):
    """Pasts and presents become variables that are empty at first."""
    from openvino import opset13
    from openvino._offline_transformations import apply_make_stateful_transformation

    order = opset13.parameter([-1], np.int32, name="beam_idx")
    order.output(0).get_tensor().set_names({"beam_idx"})
    model.add_parameters([order])
    pairs = {}
    for parameter in model.get_parameters():
        name = parameter.output(0).get_any_name()
        if name.startswith("past_key_values"):
            targets = parameter.output(0).get_target_inputs()
            chosen = opset13.gather(parameter, order, opset13.constant(np.int64(0)))
            for target in targets:
                target.replace_source_output(chosen.output(0))
            pairs[name] = name.replace("past_key_values", "present")
    model.validate_nodes_and_infer_types()
    apply_make_stateful_transformation(model, pairs)

    sizes = opset13.shape_of(model.input("input_ids"), output_type="i64")
    batch = opset13.gather(sizes, opset13.constant(np.array([0], np.int64)), opset13.constant(np.int64(0)))
    for node in model.get_ops():
        if node.get_type_name() == "ReadValue":
            rest = [dim.get_length() if dim.is_static else 0 for dim in list(node.get_output_partial_shape(0))[1:]]
            shape = opset13.concat([batch, opset13.constant(np.array(rest, np.int64))], 0)
            node.set_arguments([opset13.broadcast(opset13.constant(np.float32(0)), shape)])
    model.validate_nodes_and_infer_types()
