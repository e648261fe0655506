"""One model's engines at its points: in rounds, in turn, each compared with ONNX Runtime."""

import dataclasses
import statistics

import numpy as np

import graphs
import machine
from engine import EngineError, Job
from engine_process import EngineProcess
from engines import ENGINES

REFERENCE = "onnxruntime"


def point_name(point):
    batch, sequence, past = point
    return f"{batch}x{sequence}" + (f", past {past}" if past else "")


@dataclasses.dataclass
class Entrant:
    """An engine that takes part, and what is known of it."""

    name: str
    job: Job
    process: EngineProcess = None
    at: tuple = None  # the point that it is prepared for
    facts: dict = dataclasses.field(default_factory=dict)
    failed: str = ""  # why it has no figures at all

    def open(self, patience):
        if self.process is None:
            self.process = EngineProcess(self.name, self.job, patience)
            hello = self.process.hello
            self.facts.setdefault("load_ms", hello["load_ms"])
            self.facts |= {key: hello[key] for key in ("version", "form", "python_mb")}

    def close(self):
        if self.process is not None:
            self.process.close()
        self.process, self.at = None, None

    def prepare(self, point, file):
        if self.at != point:
            answer = self.process.ask(do="prepare", file=str(file))
            self.at = point
            self.facts.setdefault("first_ms", answer["first_ms"])
            self.facts["needed_mb"] = max(answer["needed_mb"], self.facts.get("needed_mb", 0))

    def remember_memory(self):
        memory = self.process.ask(do="memory")
        for key, value in memory.items():
            self.facts[key] = max(value, self.facts.get(key, 0))


class Contest:
    def __init__(self, name, files, points, options, scratch):
        """`files`: engine -> the job whose file it loads, or why there is none."""
        self.shape, self.name, self.points, self.options, self.scratch = graphs.SHAPES[name], name, points, options, scratch
        self.entrants = []
        for engine, job in files.items():
            failure = job if isinstance(job, str) else ""
            self.entrants.append(Entrant(engine, None if failure else job, failed=failure))
        self.rows = {
            point: {"point": point_name(point), "batch_sequence_past": point, "engines": {}, "busy": 0.0, "seconds": 0.0}
            for point in points
        }

    def run(self, say):
        """Small models' engines all stay; a large one's come and go in every round, one at a time in memory."""
        groups = [self.points] if self.shape.large else [[point] for point in self.points]
        try:
            for group in groups:
                for number in range(self.options.rounds):
                    say(f"{self.name}: {'; '.join(map(point_name, group))}, round {number + 1} of {self.options.rounds}")
                    for entrant in self.entrants:
                        for point in group:
                            self.visit(entrant, point)
                        if self.shape.large:
                            entrant.close()
                for point in group:
                    self.compare(point)
        finally:
            for entrant in self.entrants:
                entrant.close()

    def visit(self, entrant, point):
        """One engine's turn at a point."""
        figures = self.rows[point]["engines"].setdefault(entrant.name, {"rounds_ms": []})
        if entrant.failed or "failed" in figures:
            figures["failed"] = figures.get("failed") or entrant.failed
            return
        try:
            entrant.open(self.options.patience)
        except EngineError as error:
            entrant.failed = figures["failed"] = str(error)
            entrant.process = None
            return
        try:
            self.measure(entrant, point, figures)
        except EngineError as error:
            figures["failed"] = str(error)
            entrant.close()

    def measure(self, entrant, point, figures):
        options = self.options
        entrant.prepare(point, self.feeds_file(point))
        if not figures["rounds_ms"]:
            entrant.process.ask(do="outputs", file=str(self.outputs_file(entrant.name, point)))
        before, start = machine.busy()
        least = 3 if options.quick else 5
        times = entrant.process.ask(do="time", seconds=options.seconds, least=least, most=10 * (options.seconds or 1))["times"]
        after, end = machine.busy()
        self.rows[point]["busy"] += after - before
        self.rows[point]["seconds"] += end - start
        figures["rounds_ms"].append(statistics.median(times))
        figures["min_ms"] = min([*times, figures.get("min_ms", float("inf"))])
        entrant.remember_memory()

    def outputs_file(self, engine, point):
        return self.scratch / f"{engine}-{'-'.join(map(str, point))}.npz"

    def feeds_file(self, point):
        """The point's inputs; a past is what the reference makes of tokens, so that engines can begin with either."""
        file = self.scratch / f"feeds-{self.name}-{'-'.join(map(str, point))}.npz"
        if not file.exists():
            batch, _, past = point
            feeds = graphs.feeds(self.shape, *point)
            if past:
                feeds["prefix"] = graphs.feeds(self.shape, batch, past)["input_ids"]
                feeds |= self.past_of(feeds["prefix"])
            np.savez(file, **feeds)
        return file

    def past_of(self, prefix):
        model = graphs.build(self.name, self.options.cache_dir)
        kept = model.with_name(f"{self.name}-past-{prefix.shape[0]}x{prefix.shape[1]}.npz")
        if graphs.stale(kept, model):
            feeds, outputs = self.scratch / "prefix.npz", self.scratch / "past.npz"
            np.savez(feeds, **graphs.feeds(self.shape, *prefix.shape))
            job = Job(self.name, str(model), "f32", self.options.threads, str(model))
            process = EngineProcess(REFERENCE, job, self.options.patience)
            process.ask(do="prepare", file=str(feeds))
            process.ask(do="outputs", file=str(outputs))
            process.close()
            with np.load(outputs) as arrays:
                presents = [name for name in arrays.files if name.startswith("present")]
                np.savez(kept, **{name.replace("present", "past_key_values"): arrays[name] for name in presents})
        with np.load(kept) as arrays:
            return {name: arrays[name] for name in arrays.files}

    def compare(self, point):
        """Figures of a row once all rounds are done; wrong results are failures."""
        row, size = self.rows[point], {"f32": 4, "bf16": 2}[self.options.weights_type]
        measured = {name: figures for name, figures in row["engines"].items() if "failed" not in figures}
        reference = REFERENCE if REFERENCE in measured else next(iter(measured), None)
        for name, figures in measured.items():
            with np.load(self.outputs_file(name, point)) as got, np.load(self.outputs_file(reference, point)) as expected:
                try:
                    figures["difference"] = largest_difference(got, expected)
                except EngineError as error:
                    figures["failed"] = str(error)
                    continue
            job = next(entrant.job for entrant in self.entrants if entrant.name == name)
            figures["tolerance"] = ENGINES[name].tolerance(job) or self.options.tolerance
            figures["median_ms"] = statistics.median(figures["rounds_ms"])
            figures["gflops"] = graphs.flops(self.shape, *point) / figures["median_ms"] / 1e6
            figures["gbps"] = graphs.moved_bytes(self.shape, size, *point) / figures["median_ms"] / 1e6
        for name in row["engines"]:
            self.outputs_file(name, point).unlink(missing_ok=True)
        row["cores_busy"] = round(row.pop("busy") / max(row.pop("seconds"), 1e-9), 2)


def largest_difference(got, expected):
    """Over the outputs that both have: engines that keep the cache give logits alone."""
    names = [name for name in expected.files if name in got.files]
    if not names:
        raise EngineError(f"gives {', '.join(got.files)} where {', '.join(expected.files)} are expected")
    largest = 0.0
    for name in names:
        ours, theirs = got[name], expected[name]
        if ours.shape != theirs.shape:
            raise EngineError(f"{name} has shape {ours.shape}, the reference {theirs.shape}")
        if not np.isfinite(ours).all():
            raise EngineError(f"{name} has values that are not finite")
        largest = max(largest, float(np.abs(ours - theirs).max(initial=0)))
    return largest
