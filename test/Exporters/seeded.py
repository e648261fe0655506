"""Weights made from a seed: models of random weights are kept without them.

A weight that is left out keeps its shape and type; its doc_string says {"seed", "mean", "deviation"}. The numbers are
those of numpy.random.RandomState, whose stream NumPy keeps as it is.
"""

import json

import numpy as np
from onnx import TensorProto, numpy_helper

SMALLEST = 64  #: elements; smaller weights stay as they are


def graphs(graph):
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from graphs(attribute.g)


def is_random(array):
    """No table, no mask, no number that is the same throughout."""
    if array.dtype != np.float32 or array.size < SMALLEST or not np.isfinite(array).all():
        return False
    return np.unique(array).size > 0.9 * array.size and np.abs(array).max() < 100


def emptied(model):
    """Leaves the random weights of `model` out; says how many."""
    count = 0
    for graph in graphs(model.graph):
        for tensor in graph.initializer:
            array = numpy_helper.to_array(tensor) if tensor.data_type == TensorProto.FLOAT else np.zeros(0)
            if not is_random(array):
                continue
            recipe = {"seed": count, "mean": round(float(array.mean()), 4), "deviation": round(float(array.std()), 4)}
            tensor.doc_string = json.dumps(recipe)
            tensor.ClearField("raw_data")
            tensor.ClearField("float_data")
            count += 1
    return count


def filled(model):
    """Puts the weights that were left out back; says how many."""
    count = 0
    for graph in graphs(model.graph):
        for tensor in graph.initializer:
            if not tensor.doc_string:
                continue
            recipe = json.loads(tensor.doc_string)
            numbers = np.random.RandomState(recipe["seed"]).standard_normal(tuple(tensor.dims))
            array = (numbers * recipe["deviation"] + recipe["mean"]).astype(np.float32)
            tensor.raw_data = array.tobytes()
            tensor.doc_string = ""
            count += 1
    return count
