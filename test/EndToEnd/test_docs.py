"""What README.md and docs/ show is run: console blocks with the output that they promise, C files, Python blocks.

In a console block a line that begins with "$ " is a command (with its quoted continuation lines); the lines below it have to
appear in its output in that order, whatever the numbers are.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess

import numpy as np
import pytest
from conftest import BUILD, ROOT, call

BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\d[\d.,]*(?:e[+-]?\d+)?")


def blocks(page, *languages):
    text = (ROOT / page).read_text()
    return [match.groups() for match in BLOCK.finditer(text) if match[1] in languages]


def commands(block):
    """(command, output lines) of a console block."""
    found, lines = [], block.splitlines()
    while lines:
        line = lines.pop(0)
        assert line.startswith("$ "), f"not a command: {line}"
        command = line[2:]
        while not closed(command):
            command += "\n" + lines.pop(0)
        output = []
        while lines and not lines[0].startswith("$ "):
            output.append(lines.pop(0))
        found.append((command, [line for line in output if line.strip() != "..."]))
    return found


def closed(command):
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def masked(line):
    """Numbers, units of time and size, and the CPU differ from machine to machine."""
    line = re.sub(r"for [\w.-]+, weights", "for CPU, weights", line)
    line = re.sub(r"\(f32 FMA, [^)]*\)", "(f32 FMA)", line)
    return " ".join(re.sub(r"\b(bytes|kB|MB|GB)\b", "B", NUMBER.sub("N", line)).split())


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A tree in which the pages' commands run as in a clone that is built."""
    for entry in ("benchmarks", "examples", "scripts"):
        (tmp_path / entry).symlink_to(ROOT / entry)
    (tmp_path / "build").mkdir()
    (tmp_path / "build/release").symlink_to(BUILD)
    monkeypatch.setenv("PYTHONPATH", str(BUILD / "python"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_console(page, place):
    ran = 0
    for language, file, text in blocks(page, "console", "c"):
        if language == "c":
            pathlib.Path(file).write_text(text)
            continue
        for command, expected in commands(text):
            done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=place)
            assert done.returncode == 0, f"{page}: {command}\n{done.stdout}{done.stderr}"
            printed = [masked(line) for line in done.stdout.splitlines()]
            for line in expected:
                assert masked(line) in printed, f"{page}: {command}\nno line\n{line}\nin\n{done.stdout}"
                printed = printed[printed.index(masked(line)) + 1 :]
            ran += 1
    assert ran >= 5


def checkpoint(folder):
    """As save_pretrained and optimum leave one; its tokenizer knows numbers alone."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder.mkdir(parents=True)
    shutil.copy(ROOT / "test/Exporters/models/gpt2-optimum-past/model.onnx", folder)
    (folder / "config.json").write_text('{"model_type": "gpt2"}')
    tokenizer = Tokenizer(models.WordLevel({str(i): i for i in range(67)}, unk_token="0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))


def test_python_page(place):
    pytest.importorskip("tokenizers")
    import graphs

    graphs.build("bert-tiny", place).rename(place / "bert.onnx")
    variants = ROOT / "test/Exporters/models"
    for name, model in (
        ("gpt2", graphs.build("gpt2-tiny", place)),
        ("encoder", ROOT / "test/python/models/encoder.onnxtxt"),
        ("decoder", variants / "t5-decoder-optimum-model-merged/model.onnx"),
    ):
        call("transom", "compile", model, "-o", place / "build" / name)
    checkpoint(place / "checkpoints/gpt2")
    ids = np.ones((1, 8), np.int64)
    names = {"ids": ids, "mask": ids, "types": 0 * ids, "prompt": ids, "positions": np.arange(8)[None]}
    ran = 0
    for _, _, text in blocks("docs/python.md", "python"):
        exec(compile(text, "docs/python.md", "exec"), names)  # noqa: S102
        ran += 1
    assert ran == 8 and names["result"].last_hidden_state.shape == (1, 8, 64)
    assert [len(tokens) for tokens in names["said"]] == [8, 8] and names["gpt2"].tokenizer


def test_pages_are_in_the_navigation():
    """Without mkdocs: every page of docs/ is named once, and every named one exists."""
    named = re.findall(r": ([\w.-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(path.name for path in (ROOT / "docs").glob("*.md"))


def test_the_command_line_page_is_fresh():
    said = subprocess.run(["transom", "document", "markdown"], capture_output=True, text=True, check=True).stdout
    assert (ROOT / "docs/cli.md").read_text() == said, "run scripts/generate-docs.sh"
    assert os.access(BUILD / "bin/transom", os.X_OK)
