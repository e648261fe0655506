"""What `cmake --install` leaves works by itself: the compiler, the packages for CMake, completions, the man page."""

import os
import shutil
import sys

import pytest
from conftest import BUILD, ROOT, build_example, call, needs_program


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("install") / "prefix"
    call("cmake", "--install", BUILD, "--prefix", folder)
    return folder


def test_compiler(prefix, tmp_path):
    """It finds runtime and headers beside itself, not in the build."""
    model = ROOT / "examples/two-models/projector.onnxtxt"
    said = call(prefix / "bin/transom", "compile", model, "-o", tmp_path / "out")
    assert "libprojector.so" in said
    assert (tmp_path / "out/include/transom/transom.h").read_text() == (ROOT / "runtime/include/transom/transom.h").read_text()
    assert not list(prefix.rglob("program.h"))
    # Without its own archive it does not fall back on anything.
    moved = shutil.copytree(prefix, tmp_path / "moved", symlinks=True)
    (moved / "lib/transom/libtransom_rt.a").unlink()
    call(moved / "bin/transom", "compile", model, "-o", tmp_path / "none", status=1)
    assert not (tmp_path / "none").exists()


def test_out_of_tree_pass(prefix, tmp_path):
    folder = build_example("out-of-tree-pass", tmp_path / "plugin", prefix)
    import graphs

    model = graphs.build("bert-tiny", tmp_path)
    call(prefix / "bin/transom", "compile", model, "--emit=raise", "-o", tmp_path / "model.mlir")
    import subprocess

    done = subprocess.run(
        [prefix / "bin/transom-opt", tmp_path / "model.mlir", f"--load-pass-plugin={folder / 'count-attention.so'}",
         "--pass-pipeline=builtin.module(count-attention)", "-o", os.devnull], capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "remark: attention number 0" in done.stderr and "remark: attention number 1" in done.stderr
    assert "attention number 2" not in done.stderr


@needs_program("bash")
def test_bash_completion(prefix):
    script = prefix / "share/bash-completion/completions/transom"

    def complete(*words):
        line = " ".join(words)
        program = (
            f"source {script}; COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; "
            f"_transom; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        return call("bash", "--norc", "-c", program).split(), line

    assert {"compile", "inspect", "run", "verify", "bench"} <= set(complete("transom", "")[0])
    assert complete("transom", "ver")[0] == ["verify"]
    assert complete("transom", "compile", "--wei")[0] == ["--weights", "--weights-type"]
    assert complete("transom", "compile", "--weights-type", "")[0] == ["bf16", "f16"]
    assert complete("transom", "compile", "--weights", "")[0] == ["auto", "embed", "file"]
    assert "--against" in complete("transom", "verify", "--")[0]


@needs_program("zsh")
def test_zsh_completion(prefix):
    call("zsh", "-n", prefix / "share/zsh/site-functions/_transom")


def test_man_page(prefix):
    page = (prefix / "share/man/man1/transom.1").read_text()
    assert page.startswith(".TH TRANSOM 1")
    for word in ("transom compile", "\\-\\-weights", "\\-\\-against", ".SH EXIT STATUS"):
        assert word in page
    if shutil.which("man"):
        formatted = call("man", "-l", prefix / "share/man/man1/transom.1", env={**os.environ, "MANWIDTH": "100", "PAGER": "cat"})
        assert "--weights" in formatted


@needs_program("dpkg-deb", "dpkg-shlibdeps")
def test_debian_package(tmp_path):
    call("cpack", "-G", "DEB", "--config", BUILD / "CPackConfig.cmake", "-B", tmp_path)
    (package,) = tmp_path.glob("transom_*.deb")
    names = call("dpkg-deb", "--contents", package)
    for file in ("./usr/bin/transom\n", "./usr/lib/transom/libtransom_rt.a", "./usr/share/man/man1/transom.1", "./usr/lib/cmake/Transom/"):
        assert file in names + "\n"
    depends = call("dpkg-deb", "--field", package, "Depends")
    assert "libmlir-22" in depends.replace("libmlir22", "libmlir-22") or "mlir" in depends
    assert "lld-22" in depends and "libprotobuf" in depends


@needs_program("patchelf", "ldd")
def test_wheel(tmp_path):
    """A wheel of the build: what it brings needs nothing of the machine's but what every Linux has, and compiles a model."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    definitions = ["-C", f"cmake.define.TRANSOM_COMPILER_FROM={BUILD}", "-C", f"build-dir={tmp_path / 'build'}"]
    call(*pip, "wheel", ROOT, "--no-deps", "--no-build-isolation", "-w", tmp_path, *definitions)
    (wheel,) = tmp_path.glob("transom-*.whl")
    site = tmp_path / "site"
    call(*pip, "install", "--no-deps", "--target", site, wheel)

    compiler = site / "transom/compiler"
    of_linux = {"libc", "libm", "libdl", "librt", "libpthread", "libgcc_s", "libstdc++", "libz"}
    for file in [*compiler.glob("bin/*"), *compiler.glob("lib/*.so*")]:
        needed = [line.split(" => ") for line in call("ldd", file).splitlines() if " => " in line]
        foreign = [name for name, path in needed if not path.startswith(str(compiler)) and name.strip().split(".so")[0] not in of_linux]
        assert not foreign, f"{file.name} needs {foreign}"

    program = (
        "import sys, numpy, transom\n"
        "result = transom.compile(sys.argv[1], sys.argv[2])(numpy.ones((3, 8), numpy.float32))[0]\n"
        "assert result.shape == (3, 8) and numpy.abs(numpy.asarray(result)).max() > 0.1\n"
        "print(transom.__file__)\n"
    )
    environment = {"PYTHONPATH": str(site), "PATH": "/nowhere", "HOME": str(tmp_path)}
    model = ROOT / "examples/two-models/projector.onnxtxt"
    said = call(sys.executable, "-c", program, model, tmp_path / "package", env=environment)
    assert said.strip().startswith(str(site))
