"""What an engine is: how it comes to a model, and the calls by which it is measured.

A point is the inputs of the ONNX signature. Where it has a past, engines that keep the cache themselves begin with its
arrays, or with its tokens where an engine takes no arrays.
"""

import dataclasses
import json
import pathlib


class EngineError(Exception):
    """What an engine or the compiler said when it could not go on."""


@dataclasses.dataclass(frozen=True)
class Job:
    """One model for one engine."""

    name: str  # of graphs.SHAPES
    model: str  # the ONNX file
    weights: str  # how the weights are stored: f32 or bf16; the values are the same
    threads: int
    file: str = ""  # what the engine's make() left

    def text(self):
        return json.dumps(dataclasses.asdict(self))

    @staticmethod
    def of(text):
        return Job(**json.loads(text))

    def beside(self, suffix):
        """A file of the same name as the model, in its folder."""
        return pathlib.Path(self.model).with_suffix(suffix)


class Engine:
    name = ""
    needs = ()  # Python packages
    imports = ()  # modules that are imported before loading is timed, where they are not the packages
    families = ("bert", "gpt2", "llama")
    weights = ("f32", "bf16")
    transom = False
    stateful = False  # keeps the cache: gives logits alone

    def __init__(self, job):
        """Loads the model. `self.version` and `self.form`, how it holds weights and computes, are shown."""
        raise NotImplementedError

    @staticmethod
    def make(job):
        """Makes the file that the engine loads, in a process of its own; returns its path."""
        return job.model

    @staticmethod
    def tolerance(job):
        """The largest difference from f32 arithmetic that its own way explains; None: the run's."""
        return None

    def prepare(self, feeds, prefix):
        """Binds the inputs of a point and keeps them alive: engines read them in place. `prefix`: the past's tokens."""
        raise NotImplementedError

    def rewind(self):
        """Before each run, not timed: the cache is again as prepared."""

    def run(self):
        """Computes once; outputs stay in the engine."""
        raise NotImplementedError

    def outputs(self):
        """name -> array of the last run."""
        raise NotImplementedError

    def needed_bytes(self):
        """Weights and workspace of the prepared point, where the engine says."""
        return None
