"""An ONNX graph that grows node by node: each is evaluated by ONNX's reference as it is added, so that shapes, ranges and
values are known to what comes after it.

Sizes are 0 to 7, about half of the inputs' dims are named or unnamed, and target shapes are constants or computed from the
shapes of values.
"""

import dataclasses
import random
import warnings

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

OPSET = 21
IR_VERSION = 10
MOST_ELEMENTS = 4000
BATCH = 10
FLOAT, INT64, INT32, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL
NUMBERS = (FLOAT, INT64, INT32)
INTEGERS = (INT64, INT32)
ANY = (FLOAT, INT64, INT32, BOOL)


class Unjudged(Exception):
    """The reference does not say what a node computes."""


class Unsuitable(Exception):
    """A rule finds nothing that it could be applied to."""


@dataclasses.dataclass
class Value:
    name: str
    data: np.ndarray
    type: int
    constant: bool = False

    @property
    def shape(self):
        return self.data.shape

    @property
    def rank(self):
        return self.data.ndim


@dataclasses.dataclass
class Graph:
    seed: int
    model: onnx.ModelProto
    inputs: dict  # name: array
    outputs: dict  # name: what the reference computes
    dims: dict  # named dim: size


def evaluate(node, inputs, opset=OPSET):
    """What ONNX's reference computes for one node."""
    names = [name for name in dict.fromkeys(node.input) if name]
    graph = helper.make_graph(
        [node],
        "node",
        [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(inputs[name].dtype), None)
            for name in names
        ],
        [helper.make_value_info(name, onnx.TypeProto()) for name in node.output],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=IR_VERSION)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return ReferenceEvaluator(model).run(None, {name: inputs[name] for name in names})


class Builder:
    """A graph while it grows; rules of `operators.py` add to it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.data = np.random.default_rng(seed)
        self.nodes, self.initializers, self.inputs, self.values = [], [], [], []
        self.given = {}  # what the inputs hold
        self.count = 0
        self.dims = {}  # name: size
        # Of one opset are graphs that are compiled together.
        self.opset = random.Random(seed // BATCH).choice((13, 17, 18, 20, 21, 21, 21, 22))

    # Choices.
    def chance(self, probability):
        return self.random.random() < probability

    def choice(self, options):
        return self.random.choice(list(options))

    def size(self):
        return self.random.choices((0, 1, 2, 3, 4, 5, 7), (1, 5, 6, 6, 4, 2, 2))[0]

    def shape(self, rank):
        return tuple(self.size() for _ in range(rank))

    # Values.
    def name(self, stem="v"):
        self.count += 1
        return f"{stem}{self.count}"

    def array(self, type_, shape, low=-4, high=4):
        """Eighths, so that many sums and products are exact."""
        if type_ == BOOL:
            return np.asarray(self.data.integers(0, 2, shape), bool)
        if type_ == FLOAT:
            return np.asarray(self.data.integers(low * 8, high * 8 + 1, shape) / 8, np.float32)
        return np.asarray(self.data.integers(low, high + 1, shape), helper.tensor_dtype_to_np_dtype(type_))

    def constant(self, array):
        """An initializer, or now and then a node Constant."""
        array = np.asarray(array)
        name = self.name("c")
        tensor = numpy_helper.from_array(array, name)
        if self.chance(0.2):
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        else:
            self.initializers.append(tensor)
        return Value(name, array, helper.np_dtype_to_tensor_dtype(array.dtype), True)

    def sizes(self, numbers):
        return self.constant(np.array(numbers, np.int64))

    def input(self, type_, shape, low=-4, high=4):
        name = self.name("x")
        dims = []
        for size in shape:
            if self.chance(0.5):
                dims.append(size)
            elif self.chance(0.2):
                dims.append(None)
            else:
                same = [dim for dim, known in self.dims.items() if known == size]
                if same and self.chance(0.7):
                    dims.append(self.choice(same))
                else:
                    dims.append(f"d{len(self.dims)}")
                    self.dims[dims[-1]] = size
        self.inputs.append(helper.make_tensor_value_info(name, type_, dims))
        value = Value(name, self.array(type_, shape, low, high), type_)
        self.given[name] = value.data
        self.values.append(value)
        return value

    def fresh(self, type_, shape, low=-4, high=4):
        """An input or a constant that nothing else reads."""
        if self.chance(0.5) and len(self.inputs) < 6:
            return self.input(type_, shape, low, high)
        return self.constant(self.array(type_, shape, low, high))

    def pick(self, types=ANY, rank=lambda rank: True, where=lambda value: True):
        """A value there is, the newer the likelier, or a new one."""
        found = [v for v in self.values if v.type in types and rank(v.rank) and where(v)]
        if found and self.chance(0.9):
            weights = [1 + 2 * i for i in range(len(found))]
            return self.random.choices(found, weights)[0]
        ranks = [r for r in range(5) if rank(r)]
        for _ in range(20):
            shape = self.shape(self.choice(ranks))
            value = self.fresh(self.choice(types), shape)
            if where(value):
                return value
        raise Unsuitable

    def broadcastable(self, value, types=None):
        """A value that broadcasts with `value`."""
        type_ = value.type if types is None else self.choice(types)

        def fits(other):
            try:
                return np.prod(np.broadcast_shapes(value.shape, other.shape)) <= MOST_ELEMENTS
            except ValueError:
                return False

        found = [v for v in self.values if v.type == type_ and fits(v)]
        if found and self.chance(0.6):
            return self.choice(found)
        shape = [size if self.chance(0.7) else 1 for size in value.shape]
        shape = shape[self.random.randint(0, len(shape)) if self.chance(0.3) else 0 :]
        return self.fresh(type_, tuple(shape))

    def shape_of(self, numbers):
        """A tensor of sizes: a constant, or made from the shapes of values that have them."""
        if self.chance(0.6):
            return self.sizes(numbers)
        parts = []
        for number in numbers:
            source = [(v, i) for v in self.values for i, size in enumerate(v.shape) if size == number]
            if source and self.chance(0.7):
                value, axis = self.choice(source)
                shape = self.add("Shape", [value])
                parts.append(self.add("Gather", [shape, self.sizes([axis])], axis=0))
            else:
                parts.append(self.sizes([number]))
        if not parts:
            return self.sizes(numbers)
        return self.add("Concat", parts, axis=0) if len(parts) > 1 else parts[0]

    # Nodes.
    def add(self, op, inputs, outputs=1, keep=True, **attributes):
        """Adds a node and evaluates it; its first result, or all of them where there are several."""
        names = [value.name if value else "" for value in inputs]
        results = [self.name() for _ in range(outputs)]
        node = helper.make_node(op, names, results, name=self.name(op), **attributes)
        try:
            arrays = evaluate(node, {value.name: value.data for value in inputs if value}, self.opset)
        except Exception as error:  # what the reference raises is of any type
            raise Unjudged(f"{op}: {type(error).__name__}: {error}") from error
        self.nodes.append(node)
        made = []
        for name, array in zip(results, arrays):
            array = np.asarray(array)
            if array.size > 8 * MOST_ELEMENTS:
                raise Unjudged(f"{op}: a result of {array.size} elements")
            made.append(Value(name, array, helper.np_dtype_to_tensor_dtype(array.dtype)))
        if keep:
            self.values += made
        return made[0] if outputs == 1 else made

    def finish(self, seed):
        """Results that nothing reads are outputs, and now and then others."""
        read = {name for node in self.nodes for name in node.input}
        made = {name: True for node in self.nodes for name in node.output}
        results = [v for v in self.values if v.name in made and (v.name not in read or self.chance(0.15))]
        if not results:
            value = self.choice(self.values)
            results = [self.add("Identity", [value])]
        outputs = [helper.make_tensor_value_info(v.name, v.type, [None] * v.rank) for v in results]
        graph = helper.make_graph(self.nodes, f"g{seed}", self.inputs, outputs, self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=IR_VERSION)
        inputs = {value.name: self.given[value.name] for value in self.inputs}
        return Graph(seed, model, inputs, {v.name: v.data for v in results}, dict(self.dims))


RULES = {}  # name: (rule, weight)


def rule(weight=1):
    def add(function):
        RULES[function.__name__] = (function, weight)
        return function

    return add


def within(low, high):
    """Of values whose elements all lie between."""
    return lambda value: bool(np.all(np.isfinite(value.data)) and np.all((value.data >= low) & (value.data <= high)))


def axis_of(b, rank):
    """An axis, counted from either side."""
    axis = b.random.randrange(rank)
    return axis - rank if b.chance(0.3) else axis


def not_empty(value):
    return value.data.size > 0
