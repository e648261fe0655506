"""For each function of a library: the nodes of a listing that llvm-symbolizer finds for its instructions, in the listing's order."""

import pathlib
import re
import subprocess
import sys

library, listing = sys.argv[1:]
nodes = pathlib.Path(listing).read_text().splitlines()


def output(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout


code = output("llvm-objdump", "-d", "--no-show-raw-insn", library)
functions, addresses = {}, []
for line in code.splitlines():
    if found := re.match(r"[0-9a-f]+ <([^>]+)>:", line):
        addresses = functions.setdefault(found[1], [])
    elif found := re.match(r" *([0-9a-f]+):\s", line):
        addresses.append(int(found[1], 16))
# The sections of a relocatable object all begin at 0.
section = ""
symbols = {}
if library.endswith(".o"):
    for line in output("llvm-objdump", "-t", library).splitlines():
        if found := re.match(r"\S+ .{7} (\.text)\t\S+ (?:\.hidden )?(\S+)$", line):
            symbols[found[2]] = found[1]
for name, addresses in functions.items():
    if library.endswith(".o") and name not in symbols:
        continue
    asked = "\n".join(f"0x{address:x}" for address in addresses)
    options = ["--functions=none", "--output-style=GNU", "--no-inlines"]
    said = output("llvm-symbolizer", f"--obj={library}", *options, input=asked).splitlines()
    lines = {int(found[1]) for line in said if (found := re.search(r"nodes\.txt:(\d+)", line)) and found[1] != "0"}
    if lines:
        print(f"{name}: " + ", ".join(" ".join(nodes[line - 1].split(":")[0].split(" ")[:3]) for line in sorted(lines)))
