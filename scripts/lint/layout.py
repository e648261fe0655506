#!/usr/bin/env python3
"""Checks the habits that CONTRIBUTING.md promises and a compiler does not see; of this tree, or of the one given.

Errors: a pass without a test of its name, `cl::opt` outside tools/, LLVM in the runtime, a file named for no thing
(Utils, Common, Helper), deprecated `create<Op>`, an absolute path of one machine, a broken link in a page.
Warnings: files over 500 lines.
"""

import pathlib
import re
import subprocess
import sys

SOURCES = {".c", ".cpp", ".h", ".hpp", ".td", ".py", ".sh"}
MAX_LINES = 500
# Written so that this file does not match itself.
MACHINE_PATH = re.compile(r"(?<![\w.$}\"'<>-])/(?:home|root|work|tmp|Users)" + r"/[\w.-]+")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
GENERATED = {"docs/dialect.md", "docs/passes.md"}


def tracked_files(root):
    # Untracked files count too: what is not yet added is about to be.
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root, capture_output=True, text=True, check=True
    )
    return sorted(path for path in listing.stdout.splitlines() if (root / path).is_file())


def kebab(stem):
    """FuseGatedMLP -> fuse-gated-mlp, ConvertMHAToGQA -> convert-mha-to-gqa."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", stem).lower()


def check_pass_tests(path, text, tests):
    if "#define GEN_PASS_DEF_" not in text:
        return
    stem = kebab(pathlib.Path(path).stem)
    if f"{stem}.mlir" not in tests:
        yield 1, f"no test/**/{stem}.mlir for this pass"
    if not any(f"{stem}-{kind}.mlir" in tests for kind in ("no-match", "errors")):
        yield 1, f"no test/**/{stem}-no-match.mlir or {stem}-errors.mlir for this pass"


def check_lines(path, lines):
    compiler = path.startswith(("lib/", "dialects/", "include/", "runtime/"))
    for number, line in enumerate(lines, 1):
        if compiler and re.search(r"\bcl::(opt|list|bits)\b", line):
            yield number, "command-line options belong in tools/: pass a struct"
        if path.startswith("runtime/") and re.search(r'#\s*include\s*[<"](llvm|mlir)', line):
            yield number, "the runtime includes no LLVM and no MLIR"
        if compiler and re.search(r"(builder|rewriter|\bb)(\.|->)create<", line):
            yield number, "create<Op> is deprecated: use Op::create(builder, loc, ...)"
        if MACHINE_PATH.search(line):
            yield number, "absolute path of one machine"


def check_links(root, path, text):
    for number, line in enumerate(text.splitlines(), 1):
        for target in LINK.findall(line):
            if "://" not in target and not ((root / path).parent / target).exists():
                yield number, f"link to {target}, which does not exist"


def check(root, path, text, tests):
    file = pathlib.Path(path)
    if re.search(r"(Utils?|Common|Helpers?)$", file.stem) and file.suffix in SOURCES:
        yield 1, "names no thing: call it after what it does"
    if path.startswith("lib/") and file.suffix == ".cpp":
        yield from check_pass_tests(path, text, tests)
    yield from check_lines(path, text.splitlines())
    if file.suffix == ".md" and path not in GENERATED:
        yield from check_links(root, path, text)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    files = tracked_files(root)
    tests = {pathlib.Path(path).name for path in files if path.startswith("test/")}
    errors = 0
    for path in files:
        try:
            text = (root / path).read_text()
        except UnicodeDecodeError:
            continue
        for line, message in check(root, path, text, tests):
            print(f"layout: {path}:{line}: {message}", file=sys.stderr)
            errors += 1
        length = text.count("\n")
        if length > MAX_LINES and pathlib.Path(path).suffix in SOURCES:
            print(f"layout: warning: {path} has {length} lines, look whether it is two things", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
