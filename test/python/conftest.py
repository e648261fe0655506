"""The package as it lies in the build: build/release/python, or what TRANSOM_PYTHON_PACKAGE names."""

import importlib.util
import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, os.environ.get("TRANSOM_PYTHON_PACKAGE", str(ROOT / "build/release/python")))
sys.path.insert(1, str(ROOT / "benchmarks"))
# Engines that are measured import the package in processes of their own.
os.environ["PYTHONPATH"] = sys.path[0]

import transom  # noqa: E402


def needs(*packages):
    missing = [package for package in packages if not importlib.util.find_spec(package)]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    return tmp_path_factory.mktemp("packages")


@pytest.fixture(scope="session")
def projector(packages):
    return transom.compile(ROOT / "examples/two-models/projector.onnxtxt", packages / "projector", threads=2)


@pytest.fixture(scope="session")
def scorer(packages):
    return transom.compile(ROOT / "examples/two-models/scorer.onnxtxt", packages / "scorer", threads=2)


@pytest.fixture(scope="session")
def encoder_file(packages):
    """An encoder of two layers with random weights."""
    import graphs

    return pathlib.Path(graphs.build("bert-tiny", packages))


@pytest.fixture(scope="session")
def encoder(encoder_file, packages):
    return transom.compile(encoder_file, packages / "encoder", name="encoder", threads=1)
