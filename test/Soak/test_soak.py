"""Thousands of runs in one process leave nothing behind, and contexts at once give what one alone gives.

TRANSOM_SOAK_CALLS and TRANSOM_SOAK_CONTEXTS say how many; `scripts/soak.sh` sets them to 100,000 and 64.
"""

import json
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))
from conftest import call, link_program, models  # noqa: E402, F401

HERE = pathlib.Path(__file__).parent
CALLS = os.environ.get("TRANSOM_SOAK_CALLS", "3000")
CONTEXTS = os.environ.get("TRANSOM_SOAK_CONTEXTS", "16")


@pytest.fixture(scope="module")
def program(models, tmp_path_factory):  # noqa: F811
    packages = [models("bert-tiny"), models("gpt2-tiny")]
    binary = tmp_path_factory.mktemp("soak") / "soak"
    return link_program("clang++-22", HERE / "soak.cpp", packages, binary, "-std=c++20", "-Wextra")


def test_nothing_is_left_behind(program):
    seen = call(program, CALLS, CONTEXTS)
    print(seen)
    assert json.loads(seen)["different"] == 0


@pytest.mark.parametrize("what", ["memory", "descriptors", "threads"])
def test_what_is_lost_is_noticed(program, what):
    done = subprocess.run([program, "2000", "2", "leaks", what], capture_output=True, text=True)
    assert done.returncode == 1 and json.loads(done.stdout)["different"] == 0
