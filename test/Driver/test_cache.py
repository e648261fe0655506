"""`--cache-dir`: what a compile takes from earlier ones, that it changes no byte, and that no state of the folder fails a compile."""

import filecmp
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"
KERNELS = ROOT / "test/Package/Inputs/kernels.onnxtxt"
OTHER = ROOT / "examples/two-models/projector.onnxtxt"


def compile_model(model, out, *options, cpu="x86-64-v3", env=None, name="model"):
    command = [
        str(TRANSOM),
        "compile",
        str(model),
        "-o",
        str(out),
        f"--cpu={cpu}",
        f"--name={name}",
        *map(str, options),
    ]
    environment = {key: value for key, value in os.environ.items() if key != "TRANSOM_CACHE_DIR"} | (env or {})
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def parts(done):
    """(from the cache, all), as the last line of a compile that succeeds says."""
    assert done.returncode == 0, done.stderr
    found = re.search(r", (\d+) of (\d+) parts from the cache, [\d.]+ s$", done.stdout.strip())
    assert found, done.stdout
    return int(found[1]), int(found[2])


def entries(cache):
    return sorted(cache.iterdir())


def is_same(one, other):
    found = filecmp.dircmp(one, other)
    assert not found.left_only and not found.right_only
    _, mismatch, errors = filecmp.cmpfiles(one, other, found.common_files, shallow=False)
    assert not mismatch and not errors, mismatch
    return all(is_same(one / folder, other / folder) for folder in found.common_dirs)


def age(files):
    for file in files:
        os.utime(file, (1e9, 1e9))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Without a cache."""
    folder = tmp_path_factory.mktemp("plain") / "out"
    done = compile_model(KERNELS, folder)
    assert done.returncode == 0 and "cache" not in done.stdout
    return folder


@pytest.fixture(scope="module")
def filled(plain, tmp_path_factory):
    folder = tmp_path_factory.mktemp("filled")
    found, number = parts(compile_model(KERNELS, folder / "out", f"--cache-dir={folder / 'cache'}"))
    assert found == 0 and number > 6 and is_same(folder / "out", plain)
    return folder / "cache"


@pytest.fixture
def cache(filled, tmp_path):
    return shutil.copytree(filled, tmp_path / "cache")


def test_a_second_compile_compiles_nothing(plain, cache, tmp_path):
    before = entries(cache)
    done = compile_model(
        KERNELS,
        tmp_path / "out",
        f"--cache-dir={cache}",
        *(f"--report={tmp_path}/report.{kind}" for kind in ("txt", "json", "html")),
    )
    found, number = parts(done)
    assert found == number == len(before)
    assert is_same(tmp_path / "out", plain) and entries(cache) == before
    assert f"compiled in parts: {number}, {number} of them from the cache\n" in (tmp_path / "report.txt").read_text()
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["parts"] == report["cached_parts"] == number
    assert f">{number}, {number} of them from the cache<" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_environment_names_a_cache(plain, tmp_path, jobs):
    """Whatever the number of threads."""
    env = {"TRANSOM_CACHE_DIR": str(tmp_path / "deep/cache")}
    for share in (0, 1):
        found, number = parts(compile_model(KERNELS, tmp_path / "out", f"--jobs={jobs}", env=env))
        assert found == share * number and is_same(tmp_path / "out", plain)


def test_what_a_part_does_not_depend_on(cache, tmp_path):
    """The library's name is none of its kernels' business; the CPU is."""
    found, number = parts(compile_model(KERNELS, tmp_path / "out", f"--cache-dir={cache}", name="renamed"))
    assert found == number
    found, number = parts(compile_model(KERNELS, tmp_path / "out", f"--cache-dir={cache}", cpu="haswell"))
    assert found == 0
    found, number = parts(compile_model(KERNELS, tmp_path / "out", f"--cache-dir={cache}", cpu="haswell"))
    assert found == number


def test_kernels_of_other_models(cache, tmp_path):
    """A kernel is the same one whatever its number in a model."""
    text = KERNELS.read_text()
    model = tmp_path / "more.onnxtxt"
    model.write_text(text.replace("y = Softmax", "first = Softmax<axis = 0>(w)\n  y = Softmax").replace(
        "total = ReduceSum<keepdims = 0>(squares, last)", "total = ReduceSum<keepdims = 0>(squares, last)\n  more = Sin(first)"
    ).replace("turned)\n", "turned, float[rows, 16] more)\n", 1))  # fmt: skip
    found, number = parts(compile_model(model, tmp_path / "out", f"--cache-dir={cache}"))
    assert found >= 6 and number > found


@pytest.mark.parametrize("damage", ["cut", "empty", "changed", "longer", "exchanged"])
def test_a_damaged_entry_is_compiled_again(plain, cache, tmp_path, damage):
    first, second = entries(cache)[:2]
    whole = first.read_bytes()
    changed = whole[:-1] + bytes([whole[-1] ^ 1])
    first.write_bytes(
        {
            "cut": whole[:100],
            "empty": b"",
            "changed": changed,
            "longer": whole + b"x",
            "exchanged": second.read_bytes(),
        }[damage]
    )
    for missing in (1, 0):
        done = compile_model(KERNELS, tmp_path / "out", f"--cache-dir={cache}")
        found, number = parts(done)
        assert found == number - missing and not done.stderr
        assert is_same(tmp_path / "out", plain)
    assert first.read_bytes() == whole


def test_a_folder_that_cannot_be_made(plain, tmp_path):
    (tmp_path / "file").write_text("")
    done = compile_model(KERNELS, tmp_path / "out", f"--cache-dir={tmp_path / 'file/cache'}")
    assert parts(done)[0] == 0 and is_same(tmp_path / "out", plain)
    assert done.stderr.startswith(
        f"warning: --cache-dir={tmp_path / 'file/cache'}: cannot make the folder: Not a directory"
    )
    assert done.stderr.count("warning") == 1


@pytest.mark.parametrize(
    "mount",
    ["mount --bind {cache} {cache} && mount -o remount,ro,bind {cache}", "mount -t tmpfs -o size=8k none {cache}"],
)
def test_a_folder_that_cannot_be_written(plain, cache, tmp_path, mount):
    """Read-only, or full: what is there is taken, the rest is compiled, and one warning says so."""
    entries(cache)[0].unlink()
    is_full = "tmpfs" in mount
    command = f"{mount.format(cache=cache)} && exec {TRANSOM} compile {KERNELS} -o {tmp_path}/out --cpu=x86-64-v3 --name=model --cache-dir={cache}"
    done = subprocess.run(["unshare", "-rm", "sh", "-c", command], capture_output=True, text=True)
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip(f"nothing can be mounted: {done.stderr}")
    found, number = parts(done)
    assert found == (0 if is_full else number - 1) and is_same(tmp_path / "out", plain)
    assert done.stderr.count("warning: ") == 1 and "what is compiled is not kept there" in done.stderr
    assert ("No space left" if is_full else "Read-only file system") in done.stderr


def test_what_was_used_least_recently_goes_first(cache, tmp_path):
    old = entries(cache)
    age(old)
    # Used now: a hit counts.
    _, number = parts(compile_model(OTHER, tmp_path / "out", f"--cache-dir={cache}"))
    new = [entry for entry in entries(cache) if entry not in old]
    age(new)
    assert parts(compile_model(OTHER, tmp_path / "out", f"--cache-dir={cache}"))[0] == number
    used = [entry for entry in entries(cache) if entry.stat().st_mtime > time.time() - 3600]
    assert len(used) == number
    total = sum(entry.stat().st_size for entry in entries(cache))
    found, _ = parts(compile_model(OTHER, tmp_path / "out", f"--cache-dir={cache}", f"--cache-size={total - 1}"))
    assert found == number
    left = entries(cache)
    assert set(used) <= set(left) and 0 < len([entry for entry in left if entry not in used]) < len(old)
    assert sum(entry.stat().st_size for entry in left) < total
    parts(compile_model(OTHER, tmp_path / "out", f"--cache-dir={cache}", "--cache-size=1"))
    assert entries(cache) == []


def test_other_files_stay(cache, tmp_path):
    (cache / "README").write_text("not an entry")
    (cache / "abc.part.partial-123456").write_text("left by a compile that was killed")
    parts(compile_model(KERNELS, tmp_path / "out", f"--cache-dir={cache}", "--cache-size=1"))
    assert [entry.name for entry in entries(cache)] == ["README"]


def test_sizes(tmp_path):
    for size in ("2GB", "500mb", "1kib", "4096"):
        assert parts(
            compile_model(OTHER, tmp_path / "out", f"--cache-dir={tmp_path / 'cache'}", f"--cache-size={size}")
        )
    done = compile_model(OTHER, tmp_path / "out", f"--cache-dir={tmp_path / 'cache'}", "--cache-size=much")
    assert done.returncode == 2 and "error: --cache-size" in done.stderr
