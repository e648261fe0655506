"""Decoding with states asks libc for nothing once it is under way: no memory, no mapping, no thread."""

import os
import pathlib
import subprocess

import pytest
import transom

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = pathlib.Path(os.environ.get("TRANSOM_MODELS", ROOT.parent / "shared/models"))
DECODERS = ["gpt2-with-past", "llama-gqa-with-past", "t5-decoder-with-past", "linear-attention-state"]

pytestmark = pytest.mark.skipif(not MODELS.is_dir(), reason=f"the shared models are not at {MODELS}")


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    program = tmp_path_factory.mktemp("driver") / "decoding"
    source = pathlib.Path(__file__).with_name("decoding.c")
    # Its malloc is everybody's: the model's library looks symbols up in the program first.
    command = ["clang-22", "-O1", "-Wall", "-Werror", "-rdynamic", f"-I{ROOT / 'runtime/include'}", source, "-o", program, "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    return program


@pytest.mark.parametrize("name", DECODERS)
def test_nothing_is_allocated(driver, name, tmp_path):
    target = tmp_path / "package"
    command = [transom.executable(), "compile", MODELS / name / "model.onnx", "-o", target, "--name=decoder"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    run = subprocess.run([driver, target / "libdecoder.so", "decoder", "200"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == "steady 0\nforked 0\n"


def test_requests_are_counted(driver, tmp_path):
    """A library that asks for memory in each run would be seen: one that does is loaded in the place of a model."""
    source, library = tmp_path / "greedy.c", tmp_path / "libgreedy.so"
    source.write_text(
        "#include <stdlib.h>\n"
        "extern int requests_seen(void);\n"
        "void *keep;\n"
        "void *greedy_library(void) {\n"
        "  for (int i = 0; i < 3; ++i) { keep = malloc(100); free(keep); }\n"
        "  exit(40 + requests_seen());\n"
        "}\n"
    )
    subprocess.run(["clang-22", "-O0", "-fno-builtin", "-shared", "-fPIC", source, "-o", library], check=True)
    run = subprocess.run([driver, library, "greedy", "2"], capture_output=True, text=True, check=False)
    assert run.returncode == 43
