"""Checks the inner loops of matrix products in a compiled library.

usage: hot_loops.py LIBRARY REGISTER COUNT [INSTRUCTION [CPU]]

The loops are those that ask for memory ahead and multiply, with several CPUs in the library those in functions of CPU, of
"" those of the first one. In each that is a full tile, COUNT accumulators are updated
at least once by INSTRUCTION (vfmadd...); vectors are REGISTERs (ymm or zmm, or v of AArch64); nothing is called, and
nothing goes to or comes from the stack.
"""

import re
import subprocess
import sys

LINE = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*)$")


class X86:
    jump, call, ahead, stack = "j", "call", "prefetch", r"%r[sb]p"
    scalar = r"v(mul|add|fmadd\d+)ss"

    @staticmethod
    def written(operands):
        return operands.split(",")[-1].strip().lstrip("%")


class AArch64:
    jump, call, ahead, stack = "b.", "bl", "prf", r"\bsp\b"
    scalar = r"f(mul|add|madd)$"  # vectors have them, too: with v registers

    @staticmethod
    def written(operands):
        return operands.split(",")[0].strip()


def functions(library):
    """Name and instructions (address, mnemonic, operands) of each function."""
    text = subprocess.run(["llvm-objdump", "-d", "--no-show-raw-insn", library], capture_output=True, text=True, check=True)
    name, body = None, []
    for line in text.stdout.splitlines():
        head = re.match(r"^[0-9a-f]+ <(.*)>:$", line)
        if head:
            if name:
                yield name, body
            name, body = head[1], []
        elif found := LINE.match(line):
            body.append((int(found[1], 16), found[2], found[3]))
    if name:
        yield name, body


def inner_loops(body, jump=X86.jump):
    """Instructions between a backward branch and its target that hold no other backward branch."""
    places = {address: i for i, (address, _, _) in enumerate(body)}
    loops = []
    for i, (address, mnemonic, operands) in enumerate(body):
        target = re.match(r"0x([0-9a-f]+)", operands)
        if mnemonic.startswith(jump) and target and int(target[1], 16) <= address:
            start = places.get(int(target[1], 16))
            if start is not None:
                loops.append((start, i))
    return [body[a : b + 1] for a, b in loops if not any(a <= c and d < b for c, d in loops if (c, d) != (a, b))]


def main(library, register, count, instruction="vfmadd", cpu=""):
    syntax, checked = AArch64 if register == "v" else X86, 0
    for name, body in functions(library):
        if name.partition(".")[2] != cpu:
            continue
        for loop in inner_loops(body, syntax.jump):
            products = [operands for _, mnemonic, operands in loop if mnemonic.startswith(instruction)]
            ahead = any(mnemonic.startswith(syntax.ahead) for _, mnemonic, _ in loop)
            sums = {syntax.written(operands) for operands in products}
            if not ahead or len(sums) < int(count):
                continue
            checked += 1
            where = f"{name} at {loop[0][0]:x}"
            assert all(s.startswith(register) for s in sums), f"{where}: not in {register}: {sums}"
            assert not any(mnemonic.startswith(syntax.call) for _, mnemonic, _ in loop), f"{where}: a call"
            stack = [f"{mnemonic} {operands}" for _, mnemonic, operands in loop if re.search(syntax.stack, operands)]
            assert not stack, f"{where}: the stack is used: {stack}"
            scalars = [
                mnemonic
                for _, mnemonic, operands in loop
                if re.match(syntax.scalar, mnemonic) and not operands.startswith("v")
            ]
            assert not scalars, f"{where}: scalar arithmetic: {scalars}"
    assert checked, "no full tile's loop found"
    print(f"{checked} loops of {count} accumulators in {register}")


if __name__ == "__main__":
    main(*sys.argv[1:])
