#!/usr/bin/env python3
"""Says for each seed what became of its graph: a line [seed, outcome, reason] in JSON. Called by differential.py.

usage: judge.py [--keep FOLDER] SEED...
"""

import argparse
import json
import pathlib
import re
import sys

import numpy as np
import onnx
import transom
from graph_builder import BATCH, IR_VERSION, Unjudged, evaluate
from onnx import compose, helper, numpy_helper
from random_graphs import random_graph

RUNS = 8  # with rounding errors added
ROUNDING = 4e-7
# Of errors of the importer's rules, and of what kernels can't do: a node that is named and a reason.
REFUSED = re.compile(r"^(cannot import|node '.*' \(.*\): )", re.MULTILINE)
INVALID = re.compile(r"does not dominate|^'[a-z_]+\.[a-z_]+' op |signal \d+|Assertion|internal", re.MULTILINE)


def run(graphs):
    """What the compiled graphs, as one model, compute: a list of {name: array}. Raises what the compiler and the run say."""
    parts = [
        compose.add_prefix_graph(graph.model.graph, f"g{i}_") if len(graphs) > 1 else graph.model.graph
        for i, graph in enumerate(graphs)
    ]
    merged = onnx.GraphProto(name="graphs")
    for i, part in enumerate(parts):
        for value in part.input:
            for dim in value.type.tensor_type.shape.dim:
                if dim.dim_param and len(graphs) > 1:
                    dim.dim_param = f"g{i}_{dim.dim_param}"
        for field in ("node", "input", "output", "initializer"):
            getattr(merged, field).extend(getattr(part, field))
    model = helper.make_model(merged, opset_imports=graphs[0].model.opset_import, ir_version=IR_VERSION)
    cpu = ("native", "native", "x86-64-v3")[graphs[0].seed // BATCH % 3]
    module = transom.compile(model, threads=1, cpu=cpu)
    inputs = [array for graph in graphs for array in graph.inputs.values()]
    results = iter(module(*inputs))
    return [{name: np.asarray(next(results)) for name in graph.outputs} for graph in graphs]


def with_rounding(graph, noise):
    """What the reference computes when each float is off by a little."""
    values = dict(graph.inputs)
    for tensor in graph.model.graph.initializer:
        values[tensor.name] = numpy_helper.to_array(tensor)
    opset = graph.model.opset_import[0].version
    for node in graph.model.graph.node:
        for name, array in zip(node.output, evaluate(node, values, opset)):
            array = np.asarray(array)
            if array.dtype.kind == "f" and node.op_type != "Constant":
                array = (array * (1 + ROUNDING * noise.uniform(-1, 1, array.shape))).astype(array.dtype)
            values[name] = array
    return {name: values[name] for name in graph.outputs}


def close(found, expected, slack):
    with np.errstate(all="ignore"):
        if expected.dtype.kind != "f":
            return found == expected
        finite = expected[np.isfinite(expected)]
        scale = np.max(np.abs(finite), initial=0)
        near = np.abs(found - expected) <= 1e-4 * np.abs(expected) + 1e-5 * scale + 1e-6 + 16 * slack
        return near | (found == expected) | (np.isnan(found) & np.isnan(expected))


def compare(graph, results):
    """(outcome, reason)."""
    wrong = {}
    for name, expected in graph.outputs.items():
        found = results[name]
        if found.shape != expected.shape or found.dtype != expected.dtype:
            wrong[name] = (
                f"{name} is {found.dtype}{list(found.shape)} where {expected.dtype}{list(expected.shape)} is expected"
            )
        elif not np.all(close(found, expected, 0)):
            at = np.unravel_index(np.argmin(close(found, expected, 0)), expected.shape)
            wrong[name] = f"{name}{list(map(int, at))} is {found[at]} where {expected[at]} is expected"
    if not wrong:
        return "agrees", ""
    noise = np.random.default_rng(graph.seed)
    try:
        others = [with_rounding(graph, noise) for _ in range(RUNS)]
    except Exception as error:  # the reference's
        return "unjudged", f"rounding makes the reference fail: {error}"
    for name, text in wrong.items():
        found, expected = results[name], graph.outputs[name]
        if any(other[name].shape != expected.shape for other in others):
            continue
        if found.shape != expected.shape or found.dtype != expected.dtype:
            return "differs", text
        with np.errstate(all="ignore"):
            if expected.dtype.kind == "f":
                slack = np.max([np.nan_to_num(np.abs(other[name] - expected), nan=np.inf) for other in others], axis=0)
            else:
                slack = np.any([other[name] != expected for other in others], axis=0)
        same = close(found, expected, slack) if expected.dtype.kind == "f" else (found == expected) | slack
        if not np.all(same):
            return "differs", text
    return "unjudged", "rounding decides"


def keep(graph, folder):
    """As `transom verify` reads it."""
    data = folder / str(graph.seed) / "test_data_set_0"
    data.mkdir(parents=True, exist_ok=True)
    onnx.save(graph.model, data.parent / "model.onnx")
    for kind, arrays in (("input", graph.inputs), ("output", graph.outputs)):
        for i, (name, array) in enumerate(arrays.items()):
            onnx.save_tensor(numpy_helper.from_array(array, name), data / f"{kind}_{i}.pb")


def judge(graph):
    """(outcome, reason) of one graph."""
    try:
        return compare(graph, run([graph])[0])
    except transom.CompileError as error:
        text = str(error)
        return ("refused" if REFUSED.search(text) and not INVALID.search(text) else "crashed"), why(text)
    except transom.Error as error:
        return "differs", f"the run fails: {error}"


def why(text):
    """The line of an error that gives a reason, first, without the node's name and types."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        found = re.match(r"node '.*' \((.*?),.*?\): (.*)", line)
        if found:
            return f"{found[1]}: {found[2]}"
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", type=int, nargs="+", metavar="SEED")
    parser.add_argument("--keep", metavar="FOLDER", type=pathlib.Path)
    options = parser.parse_args()

    def say(seed, outcome, reason):
        print(json.dumps([seed, outcome, reason]), flush=True)

    graphs = []
    for seed in options.seeds:
        try:
            graphs.append(random_graph(seed))
        except Unjudged as error:
            say(seed, "unjudged", f"the reference fails: {error}")
    # Of another batch are graphs of another opset.
    for batch in {graph.seed // BATCH: None for graph in graphs}:
        members = [graph for graph in graphs if graph.seed // BATCH == batch]
        outcomes = {}
        try:
            for graph, results in zip(members, run(members)):
                outcomes[graph.seed] = compare(graph, results)
        except transom.Error:
            pass
        for graph in members:
            outcome, reason = outcomes.get(graph.seed, ("differs", ""))
            if outcome in ("differs", "crashed"):
                if options.keep:
                    keep(graph, options.keep)
                alone = judge(graph)
                # What only differs beside other graphs is reported as it was found.
                outcome, reason = alone if alone[0] != "agrees" or not reason else (outcome, f"in a batch: {reason}")
            if options.keep and outcome == "refused":
                keep(graph, options.keep)
            say(graph.seed, outcome, reason)
    return 0


if __name__ == "__main__":
    sys.exit(main())
