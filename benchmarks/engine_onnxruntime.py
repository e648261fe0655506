"""ONNX Runtime on the model as it is, and on a graph of its own GroupQueryAttention with the cache in place."""

import numpy as np

import grouped_graphs
from engine import Engine


class OnnxRuntime(Engine):
    name, needs = "onnxruntime", ("onnxruntime",)

    def __init__(self, job):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = job.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(job.file, options, providers=["CPUExecutionProvider"])
        self.version = onnxruntime.__version__
        # Its CPU provider has no products of bf16: they would be made f32 while loading.
        self.form = "f32"

    def prepare(self, feeds, prefix):
        # Bound once: neither inputs nor outputs are copied in a run.
        self.feeds = feeds
        self.binding = self.session.io_binding()
        for name, array in feeds.items():
            self.binding.bind_cpu_input(name, array)
        for output in self.session.get_outputs():
            self.binding.bind_output(output.name)

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def outputs(self):
        names = [output.name for output in self.session.get_outputs()]
        return dict(zip(names, self.binding.copy_outputs_to_cpu()))


class OnnxRuntimeGrouped(OnnxRuntime):
    """One buffer a cache, bound as past and as present: the same row is written in every run."""

    name, families = "onnxruntime-gqa", ("gpt2", "llama")

    @staticmethod
    def make(job):
        return str(grouped_graphs.build(job.name, job.model))

    def prepare(self, feeds, prefix):
        import onnxruntime

        self.feeds = {"attention_mask": feeds["attention_mask"], "input_ids": feeds["input_ids"]}
        self.feeds |= {"position_ids": feeds["position_ids"]} if "position_ids" in self.input_names() else {}
        self.binding, self.caches = self.session.io_binding(), {}
        for name, array in self.feeds.items():
            self.binding.bind_cpu_input(name, array)
        self.binding.bind_output("logits")
        total = feeds["attention_mask"].shape[1]
        for name, past in feeds.items():
            if name.startswith("past_key_values"):
                buffer = np.zeros((*past.shape[:2], total, past.shape[3]), past.dtype)
                buffer[:, :, : past.shape[2]] = past
                present = name.replace("past_key_values", "present")
                self.caches[present] = onnxruntime.OrtValue.ortvalue_from_numpy(buffer)
                self.binding.bind_ortvalue_input(name, self.caches[present])
                self.binding.bind_ortvalue_output(present, self.caches[present])

    def input_names(self):
        return [value.name for value in self.session.get_inputs()]

    def outputs(self):
        names = [output.name for output in self.session.get_outputs()]
        logits = self.binding.get_outputs()[names.index("logits")].numpy()
        return {"logits": logits} | {name: cache.numpy() for name, cache in self.caches.items()}
