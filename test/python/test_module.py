"""transom.Module: arguments, results, errors, threads."""

import concurrent.futures
import json
import pathlib
import threading

import numpy as np
import pytest
import transom
from conftest import needs


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def score(query, key):
    """scorer.onnxtxt in NumPy."""
    product = query @ key.transpose(0, 2, 1) / np.float32(2.83)
    power = np.exp(product - product.max(-1, keepdims=True))
    share = power / power.sum(-1, keepdims=True)
    return share, share.argmax(-1)


def test_signature(scorer):
    assert [str(value) for value in scorer.inputs] == ["query: f32[batch, queries, 8]", "key: f32[batch, keys, 8]"]
    assert [str(value) for value in scorer.outputs] == ["share: f32[batch, queries, keys]", "best: i64[batch, queries]"]
    assert scorer.dims == ("batch", "queries", "keys")
    assert scorer.info["name"] == "scorer" and scorer.info["model"] == "scorer.onnxtxt"
    assert scorer.output_shapes(batch=2, queries=3, keys=5) == {"share": (2, 3, 5), "best": (2, 3)}
    assert scorer.workspace_bytes(batch=2, queries=3, keys=500) >= scorer.workspace_bytes(batch=2, queries=3, keys=5) >= 0
    assert "scorer" in repr(scorer)


def test_calls(scorer):
    query, key = numbers(2, 3, 8), numbers(2, 5, 8, seed=1)
    share, best = score(query, key)
    for result in (scorer(query, key), scorer(query, key=key), scorer(key=key, query=query)):
        np.testing.assert_allclose(result.share, share, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(result.best, best)
        assert result[0] is result.share and result["best"] is result.best
        assert list(result.as_dict()) == ["share", "best"]
    first, second = scorer(query, key)
    assert first.dtype == np.float32 and second.dtype == np.int64


def test_results_are_new_each_time(projector):
    first = projector(numbers(2, 8)).y
    kept = first.copy()
    projector(numbers(2, 8, seed=1))
    np.testing.assert_array_equal(first, kept)


def test_strides_and_read_only(projector):
    x = numbers(6, 16)
    expected = projector(np.ascontiguousarray(x[::2, ::2])).y
    np.testing.assert_array_equal(projector(x[::2, ::2]).y, expected)
    np.testing.assert_array_equal(projector(np.asfortranarray(x[::2, ::2])).y, expected)
    frozen = x[::2, ::2].copy()
    frozen.flags.writeable = False
    np.testing.assert_array_equal(projector(frozen).y, expected)


def test_kinds_of_arguments(projector):
    """The buffer protocol, the array protocol, DLPack alone, and lists."""
    x = numbers(2, 8)
    expected = projector(x).y

    class ByArray:
        def __array__(self, dtype=None, copy=None):
            return x

    class ByDLPack:
        shape = x.shape

        def __dlpack__(self, **options):
            return x.__dlpack__(**options)

        def __dlpack_device__(self):
            return x.__dlpack_device__()

    for argument in (memoryview(x), ByArray(), ByDLPack(), x.tolist()):
        np.testing.assert_array_equal(projector(argument).y, expected)


def test_arguments_are_read_in_place(projector):
    """A large input costs no memory of its own."""
    import resource

    x = np.ones((200_000, 8), np.float32)
    out = np.empty_like(x)
    projector(x, out=out)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(20):
        projector(x, out=out)
    # One copy would be 6400 kB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 3200


@needs("torch")
def test_torch(projector):
    import torch

    x = torch.from_numpy(numbers(3, 8))
    expected = projector(x.numpy()).y
    np.testing.assert_array_equal(projector(x).y, expected)
    out = torch.empty(3, 8)
    assert projector(x, out=out).y is out
    np.testing.assert_array_equal(out.numpy(), expected)
    with pytest.raises(transom.SignatureError, match="requires gradients"):
        projector(x.clone().requires_grad_())


def test_out(scorer):
    query, key = numbers(1, 2, 8), numbers(1, 4, 8)
    expected = scorer(query, key)
    share, best = np.zeros((1, 2, 4), np.float32), np.zeros((1, 2), np.int64)
    result = scorer(query, key, out=(share, best))
    assert result.share is share and result.best is best
    np.testing.assert_array_equal(share, expected.share)
    strided = np.zeros((1, 2, 8), np.float32)
    scorer(query, key, out={"share": strided[:, :, ::2]})
    np.testing.assert_array_equal(strided[:, :, ::2], expected.share)
    assert not strided[:, :, 1::2].any()


@pytest.mark.parametrize(
    "arguments, options, message",
    [
        ((), {}, "input 'query' is missing; input 'key' is missing"),
        ((1, 2, 3), {}, "3 inputs are given where the model has 2"),
        ((numbers(1, 2, 8),), {"keys": 1}, "the model has no input 'keys'; input 'key' is missing"),
        ((numbers(1, 2, 8),), {"query": 1, "key": 1}, "input 'query' is given twice"),
        ((numbers(1, 2, 8), numbers(1, 2, 8).astype("f8")), {}, '"key" is of f64'),
        ((numbers(1, 2, 8), numbers(1, 2, 9)), {}, '"key": dim 2 is 9'),
        ((numbers(1, 2, 8), numbers(2, 2, 8)), {}, '"batch"'),
        ((numbers(1, 2, 8), numbers(2, 8)), {}, '"key"'),
        ((numbers(1, 2, 8), numbers(1, 2, 8).astype(">f4")), {}, "other byte order"),
        ((numbers(1, 2, 8), np.array(["x"])), {}, "no model takes elements of type <U1"),
        ((numbers(1, 2, 8), numbers(1, 2, 8)), {"out": numbers(1)}, "out holds 1 arrays where the model has 2"),
        ((numbers(1, 2, 8), numbers(1, 2, 8)), {"out": {"x": 1}}, "the model has no output 'x'"),
        ((numbers(1, 2, 8), numbers(1, 2, 8)), {"out": {"share": numbers(1, 2, 3)}}, "the output will have"),
    ],
)
def test_refused(scorer, arguments, options, message):
    with pytest.raises(transom.SignatureError) as caught:
        scorer(*arguments, **options)
    assert message in str(caught.value)
    assert caught.value.status == "signature" and isinstance(caught.value, ValueError)


def test_read_only_output(projector):
    out = numbers(1, 8)
    out.flags.writeable = False
    before = out.copy()
    with pytest.raises(transom.SignatureError, match="output 'y' is read-only"):
        projector(numbers(1, 8), out=out)
    np.testing.assert_array_equal(out, before)


def test_values_that_the_model_refuses(encoder):
    ids = np.full((1, 4), 1_000_000, np.int64)
    arguments = [ids if value.name == "input_ids" else np.ones((1, 4), np.int64) for value in encoder.inputs]
    with pytest.raises(transom.DataError, match="index 1000000 is out of range"):
        encoder(*arguments)


def test_unknown_dims(scorer):
    with pytest.raises(transom.SignatureError, match="no dim 'rows'; dim 'queries' is missing; dim 'keys' is missing"):
        scorer.workspace_bytes(batch=1, rows=2)


def test_paths(projector, packages, tmp_path):
    assert transom.Module(projector.path).name == "projector"
    assert transom.Module(str(packages / "projector")).name == "projector"
    with pytest.raises(FileNotFoundError, match="does not exist"):
        transom.Module(tmp_path / "none")
    with pytest.raises(transom.Error, match="holds no compiled model"):
        transom.Module(tmp_path)
    (tmp_path / "libtext.so").write_text("no library")
    with pytest.raises(transom.Error, match="cannot load"):
        transom.Module(tmp_path)
    (tmp_path / "libother.so").write_text("")
    with pytest.raises(transom.Error, match="holds several models .other, text."):
        transom.Module(tmp_path)


def test_weights_of_the_caller(root, tmp_path):
    module = transom.compile(root / "examples/two-models/projector.onnxtxt", tmp_path, weights="file")
    expected = module(numbers(2, 8)).y
    file = tmp_path / "projector.weights"
    content = file.read_bytes()
    moved = file.rename(tmp_path / "moved")
    with pytest.raises(transom.Error) as caught:
        transom.Module(tmp_path)
    assert caught.value.status == "weights"
    np.testing.assert_array_equal(transom.Module(tmp_path, weights=moved, verify=True)(numbers(2, 8)).y, expected)
    # In memory, aligned as the interface asks for.
    memory = np.empty(len(content) + 64, np.uint8)
    start = -memory.ctypes.data % 64
    memory[start : start + len(content)] = np.frombuffer(content, np.uint8)
    in_memory = transom.Module(tmp_path, weights=memory[start : start + len(content)])
    del memory
    np.testing.assert_array_equal(in_memory(numbers(2, 8)).y, expected)
    damaged = bytearray(content)
    damaged[-1] ^= 1
    moved.write_bytes(damaged)
    with pytest.raises(transom.Error) as caught:
        transom.Module(tmp_path, weights=moved, verify=True)
    assert caught.value.status == "weights"


def test_threads(projector):
    assert projector.context(3).threads == 3
    alone = transom.Module(projector.path, threads=1)(numbers(300, 8)).y
    for threads in (2, 5):
        np.testing.assert_array_equal(transom.Module(projector.path, threads=threads)(numbers(300, 8)).y, alone)


def test_two_models_from_several_threads(projector, scorer):
    """Calls in progress at the same time give what single calls give, bit for bit."""

    def work(seed):
        x, key = numbers(seed % 7 + 1, 8, seed=seed), numbers(1, seed % 11 + 1, 8, seed=seed)
        y = projector(x).y
        return [y, *scorer(y[None], key)]

    expected = [work(seed) for seed in range(40)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for seed, results in enumerate(pool.map(work, [seed for seed in range(40)] * 5)):
            for result, single in zip(results, expected[seed % 40]):
                np.testing.assert_array_equal(result, single)


def test_a_context_is_for_one_thread(encoder):
    context = encoder.context(1)
    ids = np.ones((8, 128), np.int64)
    arguments = [ids] * len(encoder.inputs)
    context(*arguments)
    errors, start = [], threading.Barrier(2)

    def call():
        start.wait()
        for _ in range(20):
            try:
                context(*arguments)
            except transom.Error as error:
                errors.append(error.status)

    callers = [threading.Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    # It may happen that they never meet; when they do, one of them is told.
    assert set(errors) <= {"busy"}


def test_cancel(encoder):
    ids = np.ones((16, 128), np.int64)
    context = encoder.context(1)
    assert context.cancel() is False
    stopped = threading.Event()

    def cancel():
        while not stopped.is_set():
            context.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    try:
        with pytest.raises(transom.Cancelled):
            for _ in range(1000):
                context(*[ids] * len(encoder.inputs))
    finally:
        stopped.set()
        thread.join()
    context(*[ids] * len(encoder.inputs))


def test_profile(encoder):
    ids = np.ones((1, 8), np.int64)
    with encoder.profile() as profile:
        for _ in range(3):
            encoder(*[ids] * len(encoder.inputs))
    assert profile.entries and {entry.calls % 3 for entry in profile.entries} == {0}
    assert profile.entries == sorted(profile.entries, key=lambda entry: -entry.seconds)
    assert "share" in str(profile) and profile.seconds > 0
    with encoder.profile() as again:
        pass
    assert again.entries == []


def test_trace(scorer, tmp_path):
    calls = [(2, 3, 5), (2, 40, 50)]
    with scorer.profile(trace=tmp_path / "trace.json") as profile:
        for batch, queries, keys in calls:
            scorer(numbers(batch, queries, 8), numbers(batch, keys, 8))
    assert profile.missed == 0
    trace = json.loads((tmp_path / "trace.json").read_text())
    assert trace["otherData"] == {"model": "scorer", "cpu": scorer.cpu}
    slices = [event for event in trace["traceEvents"] if event["ph"] == "X" and event["tid"] == 0]
    runs = [event for event in slices if event["cat"] == "run"]
    assert [run["args"] for run in runs] == [dict(zip(scorer.dims, sizes)) for sizes in calls]
    costs = {(place["node"], place["op"]): place for place in scorer.info["places"]}
    total = 0
    for run in runs:
        nodes = [event for event in slices if event["cat"] == "node" and event["ts"] >= run["ts"] and event["ts"] < run["ts"] + run["dur"]]
        assert {event["name"] for event in nodes} <= {node for node, _ in costs} and nodes
        assert sum(event["dur"] for event in nodes) <= run["dur"] + 0.01
        total += sum(event["dur"] for event in nodes)
        for event in nodes:
            terms = costs[event["args"]["node"], event["args"]["operator"]]["flops"]
            assert event["args"]["flops"] == sum(term["count"] * np.prod([run["args"][dim] for dim in term["dims"]]) for term in terms)
    assert total == pytest.approx(1e6 * profile.seconds, rel=0.01, abs=1)


def test_trace_without_room(scorer, tmp_path):
    with scorer.profile(trace=tmp_path / "trace.json", events=2) as profile:
        scorer(numbers(2, 3, 8), numbers(2, 5, 8))
    assert profile.missed > 0
    with scorer.profile() as profile:
        scorer(numbers(2, 3, 8), numbers(2, 5, 8))
    assert profile.missed == 0 and profile.entries


def test_module_outlives_its_folder(root):
    """Without an output the package is temporary, and goes with the module."""
    module = transom.compile(root / "examples/two-models/projector.onnxtxt")
    folder = pathlib.Path(module.path).parent
    assert folder.exists()
    assert module(numbers(1, 8)).y.shape == (1, 8)
    context = module.context()
    del module
    context(numbers(1, 8))
    del context
    import gc

    gc.collect()
    assert not folder.exists()
