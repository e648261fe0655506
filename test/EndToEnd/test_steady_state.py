"""Runs of compiled models ask the system for nothing: no memory, no calls but those by which threads wait and wake."""

import pathlib
import subprocess

import pytest
from conftest import call, link_program

HERE = pathlib.Path(__file__).parent
SAID = "{threads} threads: {requests} requests for memory in 400 runs and 6 generations, status 0\n"


@pytest.fixture(scope="module")
def program(models, tmp_path_factory):
    packages = [models("bert-tiny"), models("gpt2-tiny")]
    # The weights of the one are in its library, those of the other may lie in a file beside it.
    return link_program("clang-22", HERE / "steady_state.c", packages, tmp_path_factory.mktemp("steady") / "steady_state")


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_no_memory_and_no_system_calls(program, threads):
    assert call(program, threads) == SAID.format(threads=threads, requests=0)


def test_what_is_done_is_noticed(program):
    done = subprocess.run([program, "2", "calls"], capture_output=True, text=True)
    assert done.returncode == 3 and done.stderr == "system call 110 in the steady state\n"
    assert call(program, 2, "allocates", status=1) == SAID.format(threads=2, requests=1)
