"""Checks the machine code of kernels in an object.

usage: kernel_loops.py OBJECT REGISTER EXPECTATION...

An expectation is KERNEL:INSTRUCTION:COUNT: one of the kernel's innermost loops has at least COUNT instructions of that
name (a regular expression) with REGISTERs (ymm or zmm), calls nothing, leaves the stack alone and does no arithmetic
with scalars. KERNEL:INSTRUCTION:COUNT:constants lets it read from the stack, where more constants than registers lie.
KERNEL:-INSTRUCTION says that no instruction of that name is anywhere in the kernel.

No code of the object calls anything but the runtime: no libm, no memcpy of the C library but for whole tensors.
"""

import re
import subprocess
import sys

from hot_loops import functions, inner_loops

SCALAR = re.compile(r"v(mul|add|sub|div|max|min|sqrt|fn?m(add|sub)\d+)s[sd]$")
# What LLVM makes of loops that copy or clear.
LIBRARY = {"memcpy", "memset", "memmove"}


def undefined(path):
    """The symbols that the object takes from elsewhere."""
    text = subprocess.run(["llvm-nm", "--undefined-only", path], capture_output=True, text=True, check=True).stdout
    return [line.split()[-1] for line in text.splitlines()]


def problem_of(loop, pattern, register, count, reads):
    found = [operands for _, mnemonic, operands in loop if re.fullmatch(pattern, mnemonic) and f"%{register}" in operands]
    if len(found) < count:
        return f"{len(found)} of {pattern}"
    # Not what is spilled and read again; a kernel's own arrays are addressed by other registers.
    stack = [operands for _, _, operands in loop if re.search(r"\((%rsp|%rbp)\)", operands)]
    if any(re.search(r"\((%rsp|%rbp)\)$", operands) or not reads for operands in stack):
        return "the stack is used"
    if any(mnemonic.startswith("call") for _, mnemonic, _ in loop):
        return "something is called"
    if scalars := [mnemonic for _, mnemonic, _ in loop if SCALAR.match(mnemonic)]:
        return f"scalar arithmetic: {scalars}"
    return ""


def check(kernels, expectation, register):
    kernel, pattern, *count = expectation.split(":")
    assert kernel in kernels, f"no kernel {kernel}; there are {', '.join(kernels)}"
    if not count:
        found = [mnemonic for _, mnemonic, _ in kernels[kernel] if re.fullmatch(pattern[1:], mnemonic)]
        assert not found, f"{kernel}: {found[0]}"
        return
    said = [problem_of(loop, pattern, register, int(count[0]), "constants" in count) for loop in inner_loops(kernels[kernel])]
    assert "" in said, f"{expectation} in {register}: of {len(said)} innermost loops none fits: {'; '.join(said)}"


def main(path, register, *expectations):
    foreign = [name for name in undefined(path) if not name.startswith("transom_rt_") and name not in LIBRARY]
    assert not foreign, f"the code calls {', '.join(foreign)}"
    kernels = dict(functions(path))
    for expectation in expectations:
        check(kernels, expectation, register)
    print(f"{len(expectations)} expectations in {register}")


if __name__ == "__main__":
    main(*sys.argv[1:])
