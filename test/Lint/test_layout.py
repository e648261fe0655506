"""The layout lint on small trees: what it must find, and that it finds nothing else."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

LINT = pathlib.Path(__file__).resolve().parents[2] / "scripts/lint/layout.py"
PASS = "#define GEN_PASS_DEF_FUSEGATEDMLP\n"


def lint(files):
    """Exit status and findings for a tree with these files."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        subprocess.run(["git", "init", "-q", folder], check=True)
        result = subprocess.run([sys.executable, str(LINT), folder], capture_output=True, text=True)
        return result.returncode, result.stderr


class Layout(unittest.TestCase):
    def finds(self, files, *findings):
        status, output = lint(files)
        self.assertEqual(status, 1, output)
        self.assertEqual(len(output.splitlines()), len(findings), output)
        for finding in findings:
            self.assertIn(finding, output)

    def accepts(self, files):
        self.assertEqual(lint(files), (0, ""))

    def test_pass_needs_both_tests(self):
        self.finds(
            {"lib/Transforms/FuseGatedMLP.cpp": PASS},
            "no test/**/fuse-gated-mlp.mlir",
            "no test/**/fuse-gated-mlp-no-match.mlir or fuse-gated-mlp-errors.mlir",
        )

    def test_pass_with_tests(self):
        tests = {f"test/Transforms/fuse-gated-mlp{kind}.mlir": "" for kind in ("", "-no-match")}
        self.accepts({"lib/Transforms/FuseGatedMLP.cpp": PASS, **tests})

    def test_command_line_option(self):
        option = "static llvm::cl::" + "opt<bool> fast;\n"
        self.finds({"lib/Import/Reader.cpp": option}, "lib/Import/Reader.cpp:1: command-line options")
        self.accepts({"tools/transom/transom.cpp": option})

    def test_runtime_includes(self):
        self.finds({"runtime/lib/Model.cpp": '#include "llvm/ADT/StringRef.h"\n'}, "no LLVM")

    def test_names(self):
        self.finds({"lib/Import/ImportUtils.h": ""}, "names no thing")

    def test_deprecated_create(self):
        self.finds({"lib/A/B.cpp": "rewriter.create" + "<AddOp>(loc);\n"}, "deprecated")

    def test_machine_paths(self):
        self.finds({"docs/page.md": "see /ho" + "me/someone/file\n"}, "absolute path of one machine")
        self.accepts({"docs/page.md": "see $HOME/wo" + "rk/file and https://a.example/ho" + "me/x\n"})

    def test_links(self):
        self.finds({"README.md": "[a](docs/none.md)\n"}, "link to docs/none.md")
        self.accepts({"README.md": "[a](docs/some.md#part) [b](https://a.example)\n", "docs/some.md": "\n"})

    def test_long_file_is_a_warning(self):
        status, output = lint({"lib/A/B.cpp": "\n" * 501})
        self.assertEqual(status, 0)
        self.assertIn("501 lines", output)


if __name__ == "__main__":
    unittest.main()
