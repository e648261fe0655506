"""What README.md and docs/ show is run: console blocks with the output that they promise, C files, Python blocks.

In a console block a line that begins with "$ " is a command (with its quoted continuation lines); the lines below it have to
appear in its output in that order, whatever the numbers are.
"""

import collections
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest
from conftest import BUILD, ROOT, call

BLOCK = re.compile(r"^```(\w*)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HOW_TO = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs/howto").glob("*.md"))
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
    monkeypatch.delenv("TRANSOM_CACHE_DIR", raising=False)  # a reader's compile would say how much was in it
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", *(page for page in HOW_TO if blocks(page, "console"))])
def test_console(page, place):
    ran = 0
    for language, file, text in blocks(page, "console", "c"):
        if language == "c":
            pathlib.Path(file).parent.mkdir(parents=True, exist_ok=True)
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
    assert ran >= 3


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


#: Blocks that a page shows and no test runs, by language: what stands in the place of a user's own files, or takes minutes.
NOT_RUN = {
    "README.md": {"sh": 2},  # a demo that downloads a model (test_examples.py runs it without); installing (test_install.py)
    "docs/RuntimeABI.md": {"c": 4, "cpp": 1, "llvm": 1},  # pieces of headers and programs, of which test/unit/runtime has whole ones
    "docs/fusions.md": {"text": 1},  # what `inspect --fusions` prints of a model that is not named
    "docs/fuzzing.md": {"sh": 1},  # an hour
    "docs/gqa.md": {"sh": 1},  # a model of the reader's
    "docs/howto/op.md": {"cpp": 1},  # a piece of lib/Import
    "docs/howto/pass.md": {"cpp": 1, "sh": 1},  # a piece of an example, which test_install.py builds against an installed Transom
    "docs/howto/speed.md": {"sh": 1},  # perf is not everywhere; test/Package/debug-info.test
    "docs/nvptx.md": {"json": 1, "sh": 1},  # a file of tiles; GPUs
    "docs/package.md": {"cmake": 1, "sh": 1, "text": 1},  # test/Package/find-package.test; howto/cross-compile.md
}
#: From sources: the blocks are tests there, or output.
GENERATED = {"cli.md", "dialect.md", "passes.md", "nvptx-stages.md", "c-reference.md", "python-reference.md"}


def test_every_block_is_run_or_named():
    pages = ["README.md", *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")) if path.name not in GENERATED)]
    found = {}
    for page in pages:
        fences = len(re.findall(r"^```", (ROOT / page).read_text(), re.MULTILINE))
        every = [match.groups() for match in BLOCK.finditer((ROOT / page).read_text())]
        assert fences == 2 * len(every), f"{page} has a block that is not understood"
        counts = collections.Counter(
            language or "none"
            for language, file, _ in every
            if language != "console" and not (language == "python" and page == "docs/python.md") and not file
        )
        if counts:
            found[page] = dict(counts)
    assert found == NOT_RUN


def linked(tmp_path):
    """A tree whose pages may be changed; the rest is this one's."""
    for entry in ROOT.iterdir():
        if entry.name not in ("docs", "scripts", "build", ".git", ".venv"):
            (tmp_path / entry.name).symlink_to(entry)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/site_hooks.py", tmp_path / "scripts")
    return tmp_path


def build_site(tree, site):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", site]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True)


def test_site(tmp_path):
    done = build_site(ROOT, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    for page in ("howto/encoder", "cli", "benchmarks", "source/test/Driver/test_cache.py"):
        assert (tmp_path / "site" / page / "index.html").is_file(), page


@pytest.mark.parametrize(
    "line, said",
    [
        ("[x](nowhere.md)", "nowhere.md"),
        ("[x](cli.md#no-such-heading)", "#no-such-heading"),
        ("[x](../lib/NoSuchFile.cpp)", "../lib/NoSuchFile.cpp"),
        ("[x](../test/NoSuchFolder)", "../test/NoSuchFolder"),
    ],
)
def test_the_site_has_no_dead_links(tmp_path, line, said):
    tree = linked(tmp_path)
    with (tree / "docs/models.md").open("a") as page:
        page.write(f"\n{line}\n")
    done = build_site(tree, tmp_path / "site")
    assert done.returncode != 0 and said in done.stderr, done.stderr


def test_every_page_is_in_the_navigation(tmp_path):
    tree = linked(tmp_path)
    (tree / "docs/howto/forgotten.md").write_text("# Forgotten\n")
    done = build_site(tree, tmp_path / "site")
    assert done.returncode != 0 and "howto/forgotten.md" in done.stderr, done.stderr


def test_every_promise_has_a_test():
    """A row names tests by links, which test_site follows, or a script."""
    rows = re.findall(r"^\| (.*?) \| (.*?) \| .*\|$|^\| (.*?) \| (.*?) \| +\|$", (ROOT / "docs/promises.md").read_text(), re.MULTILINE)
    rows = [(row[0] or row[2], row[1] or row[3]) for row in rows if row[:2] != ("promise", "test")]
    assert len(rows) > 40
    for promise, tests in rows:
        named = re.findall(r"\]\(\.\./(test/[^)]+)\)", tests) + re.findall(r"`(scripts/[\w.-]+)", tests)
        assert named, f"no test holds: {promise}"
        for name in named:
            assert (ROOT / name).exists(), name


def test_the_command_line_page_is_fresh():
    said = subprocess.run(["transom", "document", "markdown"], capture_output=True, text=True, check=True).stdout
    assert (ROOT / "docs/cli.md").read_text() == said, "run scripts/generate-docs.sh"
    assert os.access(BUILD / "bin/transom", os.X_OK)
