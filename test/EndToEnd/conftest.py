"""Examples, documents and the installed tree, with the tools of the release build."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
sys.path.insert(0, str(BUILD / "python"))
sys.path.insert(1, str(ROOT / "benchmarks"))
sys.path.insert(2, str(ROOT / "examples/embedding-search"))
os.environ["PATH"] = os.pathsep.join([str(BUILD / "bin"), str(pathlib.Path(sys.executable).parent), os.environ["PATH"]])


def call(*command, cwd=None, env=None, status=0):
    """Runs a command and returns its stdout; another status than the expected one shows all that it said."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == status, f"{command}: status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build_example(name, folder, *packages, **definitions):
    """Configures and builds examples/NAME against compiled models."""
    compilers = ["-DCMAKE_C_COMPILER=clang-22", "-DCMAKE_CXX_COMPILER=clang++-22"]
    prefixes = "-DCMAKE_PREFIX_PATH=" + ";".join(map(str, packages))
    defined = [f"-D{key}={value}" for key, value in definitions.items()]
    call("cmake", "-S", ROOT / "examples" / name, "-B", folder, "-G", "Ninja", *compilers, prefixes, *defined)
    call("cmake", "--build", folder)
    return folder


def link_program(compiler, source, packages, binary, *flags):
    """A program of one source that is linked with the shared libraries of compiled models, where they are."""
    folders = [f"-I{package}" for package in packages] + [f"-I{packages[0] / 'include'}"]
    libraries = [next(package.glob("lib*.so")) for package in packages]
    paths = [f"-Wl,-rpath,{package}" for package in packages]
    call(compiler, *flags, "-O1", "-Wall", "-Werror", "-pthread", source, *folders, *libraries, *paths, "-o", binary)
    return binary


def needs_program(*names):
    missing = [name for name in names if not shutil.which(name)]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """name -> package of a model of benchmarks/graphs.py, of examples/two-models, or of an example's script; compiled once."""
    import graphs

    folder, made = tmp_path_factory.mktemp("models"), {}

    def package(name):
        if name not in made:
            text = ROOT / f"examples/two-models/{name}.onnxtxt"
            scripts = list(ROOT.glob(f"examples/*/build_{name}.py"))
            if scripts:
                model = folder / f"{name}.onnx"
                call(sys.executable, scripts[0], model)
            else:
                model = text if text.exists() else graphs.build(name, folder)
            call("transom", "compile", model, "-o", folder / name)
            made[name] = folder / name
        return made[name]

    return package
