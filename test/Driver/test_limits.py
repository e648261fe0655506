"""Models at the limits: long, deep, wide, with weights that are not what they say. An answer in bounded time and memory."""

import os
import pathlib
import resource
import subprocess

import onnx
import pytest
from onnx import TensorProto, helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"
LONG = "TRANSOM_SOAK_CALLS" in os.environ
SECONDS = 120
MOST_MEMORY = 2 << 30


def run(*arguments):
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))

    command = [str(TRANSOM), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=SECONDS, preexec_fn=limit)


def model_of(text, folder):
    path = folder / "model.onnxtxt"
    path.write_text('<ir_version: 8, opset_import: ["" : 18]>\n' + text)
    return path


def refusal(*arguments):
    done = run(*arguments)
    assert done.returncode == 1, (done.returncode, done.stderr[-2000:])
    assert done.stderr.startswith("error: "), done.stderr
    return done.stderr


def chain(operators, count, path):
    nodes = [helper.make_node(operators[i % len(operators)], [f"v{i}"], [f"v{i + 1}"], f"node{i}") for i in range(count)]
    graph = helper.make_graph(
        nodes,
        "chain",
        [helper.make_tensor_value_info("v0", TensorProto.FLOAT, ["N", 4])],
        [helper.make_tensor_value_info(f"v{count}", TensorProto.FLOAT, ["N", 4])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


@pytest.mark.parametrize("operators", [("Neg", "Sigmoid"), ("Softmax", "Abs")])
def test_many_nodes(tmp_path, operators):
    """100,000 nodes in a chain: all stages where there is time, else the importer."""
    count = 100_000
    stage = ["-o", tmp_path / "out"] if LONG and operators[0] == "Neg" else ["--emit=import", "-o", "/dev/null"]
    done = run("compile", chain(operators, count, tmp_path / "chain.onnx"), *stage)
    assert done.returncode == 0, done.stderr
    # And the compile of a tenth of it.
    done = run("compile", chain(operators, count // 20, tmp_path / "chain.onnx"), "-o", tmp_path / "shorter")
    assert done.returncode == 0, done.stderr


def nested(levels):
    graph = helper.make_graph(
        [helper.make_node("Neg", ["x"], ["y"])], "leaf", [], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])]
    )
    for i in range(levels):
        node = helper.make_node("If", ["c"], ["y"], f"level{i}", then_branch=graph, else_branch=graph if i == 0 else None)
        if i:
            leaf = helper.make_graph([helper.make_node("Abs", ["x"], ["y"])], "leaf", [], graph.output)
            node.attribute.append(helper.make_attribute("else_branch", leaf))
        graph = helper.make_graph([node], f"graph{i}", [], graph.output)
    graph.input.extend(
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2]), helper.make_tensor_value_info("c", TensorProto.BOOL, [])]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_deep_nesting_that_works(tmp_path):
    onnx.save(nested(20), tmp_path / "deep.onnx")
    done = run("compile", tmp_path / "deep.onnx", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr


def test_nesting_that_is_too_deep(tmp_path):
    """10,000 levels, in text and in protobuf; Python's own library would not write the latter."""
    levels = 10_000
    text = "g (float[2] x, bool c) => (float[2] y)" + "{ y = If (c) <then_branch = t () => (float[2] y) " * levels
    error = refusal("compile", model_of(text, tmp_path), "-o", tmp_path / "out")
    assert "nests graphs deeper than 100 levels" in error

    def field(number, content):
        size, length = len(content), b""
        while size >= 128:
            length += bytes([size & 127 | 128])
            size >>= 7
        return bytes([number << 3 | 2]) + length + bytes([size]) + content

    graph = b""
    for _ in range(levels):
        attribute = field(1, b"then_branch") + field(6, graph)
        graph = field(1, field(5, attribute) + field(4, b"If"))
    (tmp_path / "deep.onnx").write_bytes(b"\x08\x08" + field(7, graph))
    error = refusal("compile", tmp_path / "deep.onnx", "-o", tmp_path / "out")
    assert "is not an ONNX model (no protobuf, truncated, or nested deeper than" in error
    assert not (tmp_path / "out").exists()


HUGE = 2**63 - 1
SIZES = {
    "Tile": f"g (float[3] x) => (float[N] y) <int64[1] s = {{{HUGE}}}> {{ y = Tile (x, s) }}",
    "ConstantOfShape": f"g (float[3] x) => (float[N] y) <int64[1] s = {{{HUGE}}}> {{ y = ConstantOfShape (s) }}",
    "Expand": f"g (float[1] x) => (float[A, B] y) <int64[2] s = {{{HUGE}, {HUGE}}}> {{ y = Expand (x, s) }}",
    "Range": f"g (float[3] x) => (int64[N] y) <int64 s = {{0}}, int64 e = {{{HUGE}}}, int64 d = {{1}}> "
    "{ y = Range (s, e, d) }",
    "Pad": f"g (float[3] x) => (float[N] y) <int64[2] s = {{{HUGE}, 1}}> {{ y = Pad (x, s) }}",
    "OneHot": f"g (int64[2] x) => (float[2, N] y) <int64 s = {{{HUGE}}}, float[2] v = {{0, 1}}> {{ y = OneHot (x, s, v) }}",
    "at 2^31": f"g (float[1] x) => (float[A, B] y) <int64[2] s = {{{2**31}, {2**31}}}> {{ y = Expand (x, s) }}",
    "beyond 2^32 by 2^31": f"g (float[2] x) => (float[A, B, 2] y) <int64[3] s = {{{2**32}, {2**31 - 1}, 2}}> "
    "{ y = Expand (x, s) }",
}


@pytest.mark.parametrize("name", SIZES)
def test_sizes_of_results(tmp_path, name):
    error = refusal("run", model_of(SIZES[name], tmp_path))
    reasons = ["has more elements than 64 bits count", "the sizes of this run overflow", "no memory for", f"overflow while adding dimension values {HUGE} and 1"]
    assert any(reason in error for reason in reasons), error


@pytest.mark.parametrize("size", [2**31, 2**32 + 1, 2**62, HUGE])
def test_sizes_of_inputs(tmp_path, size):
    """They compile, dims of 64 bits being fine, and no memory holds them."""
    model = model_of("g (float[N, 3] x) => (float[N, 3] y) { y = Sigmoid (x) }", tmp_path)
    error = refusal("run", model, "--dim", f"N={size}")
    assert "there is no memory for" in error or "is no possible size" in error
    fixed = model_of(f"g (float[{size}] x) => (float[{size}] y) {{ y = Sigmoid (x) }}", tmp_path)
    assert run("compile", fixed, "-o", tmp_path / "out").returncode == 0


WEIGHT = "g (float[N] x) => (float[N] y) <float[{size}] w = [{entries}]> {{ y = Add (x, w) }}"


@pytest.mark.parametrize(
    "size, entries, reason",
    [
        (25 * 10**9, '"location": "data.bin"', "holds 8 bytes, its shape asks for 100000000000"),
        (25 * 10**9, '"location": "sparse.bin"', "holds 107374182400 bytes, its shape asks for 100000000000"),
        (HUGE, '"location": "data.bin"', "has an impossible shape"),
        (2, '"location": "link.bin"', "is a symbolic link; put the file itself"),
        (2, '"location": "fifo.bin"', "is not a regular file"),
        (2, '"location": "/dev/zero"', "must be a path inside the model's folder"),
        (2, '"location": "outward/data.bin"', "leaves the model's folder"),
        (2, '"location": "data.bin", "offset": "4"', "holds 4 bytes, its shape asks for 8"),
        (2, '"location": "data.bin", "offset": "4", "length": "8"', "has 8 bytes, 8 at offset 4 are asked for"),
        (2, f'"location": "data.bin", "offset": "{2**64 - 4}", "length": "8"', "are asked for"),
        (2, '"location": "data.bin", "offset": "-4"', "offset '-4' is no number"),
        (2, '"location": "none.bin"', "No such file or directory"),
    ],
)
def test_weights_that_are_not_what_they_say(tmp_path, size, entries, reason):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "data.bin").write_bytes(b"12345678")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/data.bin").write_bytes(b"12345678")
    os.symlink("data.bin", folder / "link.bin")
    os.symlink("../outside", folder / "outward")
    os.mkfifo(folder / "fifo.bin")
    with open(folder / "sparse.bin", "wb") as sparse:
        sparse.truncate(100 << 30)
    error = refusal("compile", model_of(WEIGHT.format(size=size, entries=entries), folder), "-o", tmp_path / "out")
    assert "initializer 'w'" in error and reason in error
    assert not (tmp_path / "out").exists()


def test_100_gb_that_are_there(tmp_path):
    """What is declared is there, as a file with holes: nothing reads it at once, and the disk says when it is full."""
    with open(tmp_path / "sparse.bin", "wb") as sparse:
        sparse.truncate(100 * 10**9)
    model = model_of(WEIGHT.format(size=25 * 10**9, entries='"location": "sparse.bin"'), tmp_path)
    done = run("compile", model, "--emit=kernels", "-o", "/dev/null")
    assert done.returncode == 0, done.stderr


def varint(value):
    """As protobuf writes it."""
    groups = [value >> shift & 0x7F for shift in range(0, max(value.bit_length(), 1), 7)]
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


def test_a_file_of_more_than_protobuf_takes(tmp_path):
    """3 GiB of an initializer inside of the file, all of it holes but what is around."""
    size = 3 << 30
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"], name="sum")],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.INT8, [1])],
        [helper.make_tensor_value_info("y", TensorProto.INT8, [size])],
    )
    head = onnx.TensorProto(name="w", data_type=TensorProto.INT8, dims=[size]).SerializeToString()

    def key(field, length):
        return varint(field << 3 | 2) + varint(length)

    raw = key(9, size)
    weight = key(5, len(head) + len(raw) + size) + head + raw
    around = graph.SerializeToString()
    shell = helper.make_model(onnx.GraphProto(), opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    shell.ClearField("graph")
    path = tmp_path / "model.onnx"
    with open(path, "wb") as file:
        file.write(shell.SerializeToString() + key(7, len(around) + len(weight) + size) + around + weight)
        file.truncate(file.tell() + size)
    done = run("compile", path, "--emit=kernels", "-o", "/dev/null")
    assert done.returncode == 0, done.stderr


def test_a_model_that_is_a_fifo(tmp_path):
    os.mkfifo(tmp_path / "model.onnx")
    assert "is not a regular file" in refusal("compile", tmp_path / "model.onnx", "-o", tmp_path / "out")


def test_a_manifest_of_10000_levels(tmp_path):
    """`bench` reads the manifest beside a library; what it cannot read is an error."""
    package = tmp_path / "out"
    model = model_of("g (float[N] x) => (float[N] y) { y = Sigmoid (x) }", tmp_path)
    assert run("compile", model, "-o", package, "--name=model").returncode == 0
    for content in ("[" * 10_000, '{"flops": ' * 10_000, "", "null", '{"flops": 1}', '{"flops": [{"count": "x"}]}'):
        (package / "model.json").write_text(content)
        done = run("bench", package, "--dim", "N=2")
        assert done.returncode in (0, 1), (content[:20], done.returncode, done.stderr)
        assert done.returncode == 0 or done.stderr.startswith("error: ")
