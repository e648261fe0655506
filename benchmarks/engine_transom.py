"""Transom's compiled libraries: by the ONNX signature, and by the entry point `step`, whose state keeps the cache."""

import compiled_model
from engine import Engine


class Transom(Engine):
    name, transom, entry = "transom", True, "main"

    def __init__(self, job):
        self.model = compiled_model.CompiledModel(job.file, self.entry)
        self.context = self.model.context(job.threads)
        self.version = self.model.version
        self.form = "f32" if job.weights == "f32" else "f32 arithmetic on bf16 weights"

    def prepare(self, feeds, prefix):
        self.feeds = feeds
        self.context.bind([feeds[name] for name in self.model.input_names])

    def run(self):
        self.context.run()

    def outputs(self):
        return dict(zip(self.model.output_names, self.context.outputs()))

    def needed_bytes(self):
        return self.model.info.weights_bytes + self.model.workspace_bytes(self.feeds)


class TransomStep(Transom):
    name, entry, stateful, families = "transom-step", "step", True, ("gpt2", "llama")
    state = None

    def prepare(self, feeds, prefix):
        super().prepare(feeds, prefix)
        if self.state:
            self.state.close()
        self.length = feeds["past_key_values.0.key"].shape[2]
        self.state = self.model.state(feeds["attention_mask"].shape[1], feeds)
        self.state.write(feeds)
        self.context.bind([feeds[name] for name in self.model.input_names], self.state)

    def rewind(self):
        self.state.truncate(self.length)

    def needed_bytes(self):
        rows = self.feeds["attention_mask"].shape[1]
        caches = [array.shape for name, array in self.feeds.items() if name.startswith("past_key_values")]
        return super().needed_bytes() + sum(4 * batch * heads * rows * size for batch, heads, _, size in caches)
