#!/usr/bin/env python3
"""Writes docs/nvptx-stages.md: a product and an attention at every stage for GPUs.

    scripts/generate-nvptx-stages.py [--bin build/release/bin] [--check]

With --check nothing is written; fails if the page is not what the tools print now.
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHIP = "sm_90a"

EXAMPLES = {
    "A matrix product": ("linear_0", ("nvvm.mbarrier.arrive.expect_tx", "wgmma.mma_async"), """\
func.func @main(%x: tensor<?x256xf16>, %w: tensor<256x512xf16>, %b: tensor<512xf16>) -> tensor<?x512xf16> attributes {transformer.entry} {
  %0 = transformer.linear %x, %w bias %b : tensor<512xf16> <{activation = #transformer<unary_kind relu>}> : tensor<?x256xf16>, tensor<256x512xf16>
  return %0 : tensor<?x512xf16>
}
"""),
    "Attention": ("attention_0", ("nvvm.wgmma.mma_async", "wgmma.mma_async"), """\
func.func @main(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16> attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %v <{causal = #transformer<causal_kind bottom_right>, scale = 1.250000e-01 : f32}> : tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>
  return %0 : tensor<?x8x?x64xf16>
}
"""),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()

    def run(tool, *arguments, text):
        command = [str(options.bin / tool), *arguments]
        made = subprocess.run(command, input=text, capture_output=True, text=True)
        if made.returncode:
            sys.exit(f"error: {' '.join(command)}: {made.stderr}")
        return made.stdout

    def excerpt(text, marker, comment):
        """The beginning, and what is around the first `marker`."""
        lines = text.splitlines()
        start, length = 24, 64
        at = max(start, next(i for i, line in enumerate(lines) if marker in line) - 16)
        cut = lambda count: [f"{comment} ... {count} lines"]
        return "\n".join(lines[:start] + cut(at - start) + lines[at:at + length] + cut(max(0, len(lines) - at - length)))

    def fenced(text, language):
        return f"```{language}\n{text.strip()}\n```\n"

    parts = [
        "# A product and an attention at every stage\n",
        "<!-- Written by scripts/generate-nvptx-stages.py. -->\n",
        f"For {CHIP}. [nvptx.md](nvptx.md) says what holds after each stage. Of the forms of a kernel the one for many rows is shown, and of long listings the beginning and the heart.\n",
    ]
    for title, (kernel, marks, source) in EXAMPLES.items():
        kernels = run("transom-opt", f"--pass-pipeline=builtin.module(nvptx-kernels{{chip={CHIP}}})", text=source)
        device = run("transom-opt", f"--pass-pipeline=builtin.module(nvptx{{chip={CHIP}}})", text=kernels)
        ptx = run("transom-translate", f"--emit-ptx={CHIP}", "-", text=device)
        function = re.search(rf"^    func\.func @{kernel}\(.*?^    }}$", device, re.M | re.S)[0]
        code = re.search(rf"^\.visible \.entry {kernel}\(.*?^}}$", ptx, re.M | re.S)[0]
        parts += [f"## {title}\n", "### raise\n", fenced(source, "mlir"), "### kernels\n", fenced(kernels, "mlir"),
                  "### nvptx\n", fenced(excerpt(re.sub(r"^    ", "", function, flags=re.M), marks[0], "//"), "mlir"),
                  "### ptx\n", fenced(excerpt(code.expandtabs(4), marks[1], "//"), "")]
    text = "\n".join(parts)
    text = re.sub(r"[ \t]+$", "", text, flags=re.M)
    page = ROOT / "docs/nvptx-stages.md"
    if not options.check:
        page.write_text(text)
    elif not page.exists() or page.read_text() != text:
        sys.exit(f"error: {page.relative_to(ROOT)} is stale; run scripts/generate-nvptx-stages.py")


if __name__ == "__main__":
    main()
