"""What a compile and a run leave when disk, memory or time run out: a reason and status 1, never half of anything.

Limits are those of the process (setrlimit) and, where mounting is allowed, a disk of a few pages.
"""

import os
import pathlib
import resource
import shutil
import signal
import subprocess
import time

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"
CPU = "--cpu=x86-64-v3"


def run(*arguments, limits=(), **options):
    """Runs transom under (resource, bytes) limits."""

    def limit():
        for what, most in limits:
            resource.setrlimit(what, (most, most))

    command = [str(TRANSOM), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", preexec_fn=limit, **options)


def save(path, width=256, seed=0):
    """A layer of width x width weights and a softmax, so that there is something to write and to link."""
    weights = np.random.default_rng(seed).standard_normal((width, width)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["h"], "product"), helper.make_node("Softmax", ["h"], ["y"], "shares")],
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", width])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", width])],
        [numpy_helper.from_array(weights, "w")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save(tmp_path_factory.mktemp("model") / "layer.onnx")


@pytest.fixture(scope="module")
def package(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("package") / "layer"
    done = run("compile", model, "-o", folder, CPU, "--weights=file")
    assert done.returncode == 0, done.stderr
    return folder


def is_refused(done):
    """Status 1 with a reason that is a sentence of ours, and nothing of a crash."""
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert "error: " in done.stderr, done.stderr
    assert "LLVM ERROR" not in done.stderr and "PLEASE submit" not in done.stderr, done.stderr
    return True


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# What is written, from the first file to the last: weights, object, linked libraries, all of it.
@pytest.mark.parametrize("kilobytes", [0, 4, 100, 256, 270, 400, 600])
@pytest.mark.parametrize("weights", ["file", "embed"])
def test_files_that_cannot_grow(model, tmp_path, weights, kilobytes):
    limits = [(resource.RLIMIT_FSIZE, kilobytes << 10)]
    done = run("compile", model, "-o", tmp_path / "new/out", CPU, f"--weights={weights}", limits=limits)
    if done.returncode == 0:
        assert kilobytes > 256
        assert run("run", tmp_path / "new/out", "--dim", "rows=2").returncode == 0
        return
    assert is_refused(done)
    # The linker is ended by a signal.
    assert "File too large" in done.stderr or "File size limit exceeded" in done.stderr, done.stderr
    assert files_below(tmp_path) == []


@pytest.mark.parametrize("option", ["--emit=raise", "--emit=llvm", "--report=page.html", "--dump-dir=stages"])
def test_other_files_that_cannot_grow(model, tmp_path, option):
    out = tmp_path / ("ir" if option.startswith("--emit") else "out")
    limits = [(resource.RLIMIT_FSIZE, 64)]
    if option.startswith("--report"):
        # The page is larger than every file of the package.
        small = save(tmp_path / "small.onnx", 4)
        assert run("compile", small, "-o", out, CPU).returncode == 0
        largest = max(path.stat().st_size for path in out.rglob("*") if path.is_file())
        report = tmp_path / "page.json"
        os.symlink("/dev/full", report)
        done = run("compile", small, "-o", out, CPU, f"--report={report}")
        assert largest and is_refused(done)
        assert "the package is whole, but not its report" in done.stderr
        assert "No space left on device" in done.stderr
        assert run("run", out, "--dim", "rows=1").returncode == 0
        return
    done = run("compile", model, "-o", out, CPU, option, limits=limits, cwd=tmp_path)
    assert is_refused(done) and "File too large" in done.stderr
    assert [name for name in files_below(tmp_path) if name != "stages"] == []


@pytest.mark.parametrize(
    "arguments",
    [["compile", "--emit=raise"], ["inspect"], ["inspect", "--json"], ["run", "--dim", "rows=2"], ["document", "man"]],
)
def test_stdout_that_is_full(model, arguments):
    command = [str(TRANSOM), arguments[0], *([] if arguments[0] == "document" else [str(model)]), *arguments[1:]]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert is_refused(done)
    assert done.stderr.endswith("error: cannot write to stdout: No space left on device\n"), done.stderr


def test_outputs_that_cannot_grow(package, tmp_path):
    limits = [(resource.RLIMIT_FSIZE, 1 << 10)]
    done = run("run", package, "--dim", "rows=8", "-o", tmp_path / "outputs", limits=limits)
    assert is_refused(done) and "y.npy': File too large" in done.stderr
    assert files_below(tmp_path / "outputs") == []


def test_a_full_disk(model, tmp_path):
    """A file system of a few pages: the package is refused at every size, until it fits."""
    script = (
        "mount -t tmpfs -o size={size}k none {disk} && {transom} compile {model} -o {disk}/a/out "
        f"{CPU} --weights=file; status=$?; ls -A {{disk}} >&3; exit $status"
    )
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("no namespaces: nothing can be mounted")
    disk, fitted = tmp_path / "disk", []
    disk.mkdir()
    for size in (4, 64, 260, 300, 500, 700, 4000):
        text = script.format(size=size, disk=disk, transom=TRANSOM, model=model)
        left = tmp_path / "left"
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", f"exec 3>{left}; {text}"], capture_output=True, text=True, errors="replace"
        )
        if "mount:" in done.stderr:
            pytest.skip(f"nothing can be mounted: {done.stderr}")
        fitted.append(done.returncode == 0)
        if fitted[-1]:
            continue
        assert is_refused(done)
        assert "No space left on device" in done.stderr or "no space is left on the device" in done.stderr, done.stderr
        assert left.read_text() == "", f"{size} kB"
    assert fitted == sorted(fitted) and fitted[-1] and not fitted[0]


def test_a_folder_that_is_read_only(model, tmp_path):
    (tmp_path / "there").mkdir()
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("no namespaces: whoever is root writes everywhere")
    for out in ("there", "there/new", "there/new/deep"):
        script = (
            f"mount --bind {tmp_path}/there {tmp_path}/there && mount -o remount,ro,bind {tmp_path}/there && "
            f"{TRANSOM} compile {model} -o {tmp_path}/{out} {CPU}"
        )
        done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True)
        if "mount:" in done.stderr:
            pytest.skip(f"nothing can be mounted: {done.stderr}")
        assert is_refused(done) and "Read-only file system" in done.stderr
        assert files_below(tmp_path) == ["there"]


def address_space(*arguments):
    """What a command needs at its peak, in bytes."""
    return peak_of("VmPeak", *arguments)


def peak_of(what, *arguments):
    """The most that a line of the process's status says while a command runs, in bytes."""
    process = subprocess.Popen([str(TRANSOM), *map(str, arguments)], stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            peak = max([peak, *(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith(f"{what}:"))])
        except OSError:
            pass
        time.sleep(0.002)
    assert process.returncode == 0
    return peak


def test_memory_that_runs_out_in_a_compile(model, tmp_path):
    out = tmp_path / "out"
    most = address_space("compile", model, "-o", out, CPU)
    shutil.rmtree(out)
    least = address_space("--version")
    for part in range(14):
        limit = int(least + (most - least) * part / 12)
        done = run("compile", model, "-o", out, CPU, limits=[(resource.RLIMIT_AS, limit)])
        if done.returncode == 0:
            shutil.rmtree(out)
            continue
        if done.returncode == 127 and "shared libraries" in done.stderr:
            continue  # not even the program was loaded
        assert is_refused(done)
        assert f"; the limit of this process is {limit >> 20} MB (ulimit -v)" in done.stderr or "linking" in done.stderr
        assert files_below(tmp_path) == [], done.stderr


def test_a_model_that_memory_does_not_hold(model, tmp_path):
    """Memory that suffices for a small model, but for no view of the weights of a large one."""
    most = address_space("compile", model, "-o", tmp_path / "small", CPU)
    large = save(tmp_path / "large.onnx", width=8192)
    done = run("compile", large, "-o", tmp_path / "out", CPU, limits=[(resource.RLIMIT_AS, most + (64 << 20))])
    assert is_refused(done)
    assert "there is no memory left; the limit of this process is" in done.stderr
    assert not (tmp_path / "out").exists()


def test_weights_are_not_copied(model, tmp_path):
    """What a compile has of its own does not grow with the weights, which are read from the mapped file."""
    small = peak_of("VmData", "compile", model, "-o", tmp_path / "small", CPU)
    large = save(tmp_path / "large.onnx", width=8192)
    of_large = peak_of("VmData", "compile", large, "-o", tmp_path / "large", CPU, "--weights=file")
    assert of_large - small < 128 << 20, (small, of_large)


def test_memory_that_runs_out_in_a_run(package):
    rows = 40000
    most = address_space("run", package, "--dim", f"rows={rows}", "--threads=2")
    bytes_of_rows = 4 * 256 * rows
    for less in (bytes_of_rows // 4, bytes_of_rows, 2 * bytes_of_rows):
        done = run("run", package, "--dim", f"rows={rows}", "--threads=2", limits=[(resource.RLIMIT_AS, most - less)])
        assert is_refused(done)
        assert "memory" in done.stderr, done.stderr


def test_a_kill_leaves_old_or_new_or_nothing(model, tmp_path):
    """SIGKILL at every moment of a compile: what is loadable is whole, the old package or the new one."""
    out, other = tmp_path / "out", save(tmp_path / "layer.onnx", seed=1)
    arguments = ["-o", str(out), CPU, "--weights=file", "--name=layer"]

    def values():
        done = run("run", out, "--dim", "rows=1", "-o", tmp_path / "values")
        if done.returncode:
            assert is_refused(done)
            return None
        return np.load(tmp_path / "values/y.npy").tobytes()

    wanted = []
    for source in (model, other):
        assert run("compile", source, *arguments).returncode == 0
        wanted.append(values())
    assert wanted[0] != wanted[1]
    start = time.monotonic()
    assert run("compile", other, *arguments).returncode == 0
    whole = time.monotonic() - start
    seen = set()
    for i in range(16):
        if not (out / "layer.json").exists():
            assert run("compile", other, *arguments).returncode == 0
        process = subprocess.Popen([str(TRANSOM), "compile", str(model), *arguments], stdout=subprocess.DEVNULL)
        time.sleep(whole * (i + 1) / 14)
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = values()
        assert now is None or now in wanted
        seen.add(now)
        if now != wanted[1]:
            assert run("compile", other, *arguments).returncode == 0
    assert wanted[1] in seen
    # Into a folder that is not there yet.
    for i in range(6):
        fresh = tmp_path / f"fresh{i}"
        process = subprocess.Popen([str(TRANSOM), "compile", str(model), "-o", str(fresh), CPU])
        time.sleep(whole * (i + 1) / 8)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not fresh.exists() or run("run", fresh, "--dim", "rows=1").returncode == 0


def start_and_send(model, out, how, room=None):
    """A compile that gets a signal amid its work, and from then on `room` more bytes: its status and what it says."""
    process = subprocess.Popen(
        [str(TRANSOM), "compile", str(model), "-o", str(out), CPU, "--progress=lines"],
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:
        if line == "step: object\n":
            break
    if room is not None:
        pages = int(pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + room
        resource.prlimit(process.pid, resource.RLIMIT_AS, (most, most))
    process.send_signal(how)
    said = process.stderr.read()
    process.stderr.close()
    return process.wait(), said


def is_nothing_left(folder):
    return not list(folder.rglob("*.so")) and not list(folder.rglob("*partial*"))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_leaves_nothing(model, tmp_path, how):
    status, _ = start_and_send(model, tmp_path / "a/out", how)
    assert status == 128 + how
    assert is_nothing_left(tmp_path)


def test_a_crash_is_reported_and_leaves_nothing(model, tmp_path):
    status, said = start_and_send(model, tmp_path / "a/out", signal.SIGSEGV)
    assert status == -signal.SIGSEGV and "PLEASE submit a bug report" in said
    assert is_nothing_left(tmp_path)


def test_a_crash_without_memory_says_so(model, tmp_path):
    """MLIR crashes where an operation gets no memory; the reason is the memory, not the compiler."""
    status, said = start_and_send(model, tmp_path / "a/out", signal.SIGSEGV, room=8 << 20)
    assert status == 1 and "error: there is no memory left; the limit of this process is" in said
    assert "PLEASE submit" not in said and is_nothing_left(tmp_path)
