"""PyTorch: torch.compile, a compilation for every shape, of the same model written in PyTorch."""

import graphs
from engine import Engine


class TorchCompile(Engine):
    name, needs, imports = "torch", ("torch",), ("torch._inductor.config", "torch_models")

    def __init__(self, job):
        import torch
        import torch._inductor.config
        import torch_models

        torch.set_num_threads(job.threads)
        # Frozen weights are packed for the CPU, but such a compilation is never kept: of a model that is loaded anew in each
        # round it would take longer than all else.
        torch._inductor.config.freezing = not graphs.SHAPES[job.name].large
        torch._dynamo.config.cache_size_limit = 64
        self.torch = torch
        self.names = torch_models.outputs_of(job.name)
        self.dtype = {"f32": torch.float32, "bf16": torch.bfloat16}[job.weights]
        self.compiled = torch.compile(torch_models.build(job.file, job.name, self.dtype), dynamic=False)
        self.version, self.form = torch.__version__.split("+")[0], job.weights

    @staticmethod
    def tolerance(job):
        return None if job.weights == "f32" else 0.25

    def prepare(self, feeds, prefix):
        tensors = [self.torch.from_numpy(array) for array in feeds.values()]
        self.feeds = [tensor.to(self.dtype) if tensor.is_floating_point() else tensor for tensor in tensors]

    def run(self):
        with self.torch.no_grad():
            self.results = self.compiled(*self.feeds)

    def outputs(self):
        return {name: result.float().numpy() for name, result in zip(self.names, self.results)}
