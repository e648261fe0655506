#!/usr/bin/env python3
"""Assembles the PTX of models with ptxas and says what every kernel takes.

    scripts/check-ptx.py MODEL.onnx|FOLDER ... [--chip sm_80 --chip sm_90a] [--list]

A folder stands for the model.onnx files one level below it. Fails if a model
does not compile, ptxas refuses its PTX, a product, convolution, attention, mixture of
experts, norm or softmax spills registers or uses local memory, or a kernel fits on no multiprocessor. Says
for each family of those what it takes at most and how full it leaves a
multiprocessor at least. Without ptxas (on PATH, in /usr/local/cuda/bin, or
--ptxas) nothing is checked, and that is said.

What ptxas says of a PTX is kept in --cache by the PTX's content and ptxas's
version, so only what has changed is assembled.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HOT = re.compile(r"^(linear|matmul|conv|attention|moe|layer_norm|rms_norm|softmax)")
# Of a multiprocessor: registers, bytes of shared memory, threads, blocks.
CHIPS = {
    "sm_80": (65536, 163 << 10, 2048, 32),
    "sm_86": (65536, 99 << 10, 1536, 16),
    "sm_89": (65536, 99 << 10, 1536, 24),
    "sm_90a": (65536, 227 << 10, 2048, 32),
}


def find_ptxas(given):
    for path in [given, shutil.which("ptxas"), "/usr/local/cuda/bin/ptxas"]:
        if path and os.access(path, os.X_OK):
            return path
    return None


def dynamic_shared(mlir):
    """Bytes of shared memory that the launch of each kernel asks for, and its block."""
    facts = {}
    for name, attributes in re.findall(r"func\.func @(\S+?)\(.*attributes \{(.*)\} \{$", mlir, re.M):
        number = lambda key: int((re.search(rf"transformer\.{key} = (\d+)", attributes) or [0, 0])[1])
        if number("threads"):
            facts[name] = (number("threads"), number("shared"))
    return facts


def occupancy(chip, registers, threads, shared):
    all_registers, all_shared, all_threads, all_blocks = CHIPS[chip]
    warp_registers = -(-registers * 32 // 256) * 256
    by_registers = all_registers // (warp_registers * -(-threads // 32)) if registers else all_blocks
    by_shared = all_shared // (shared + 1024) if shared else all_blocks
    blocks = min(by_registers, by_shared, all_threads // threads, all_blocks)
    return blocks * threads / all_threads


class Assembler:
    """ptxas, and what it has said before."""

    def __init__(self, path, cache):
        self.path, self.cache, self.hits = path, cache, 0
        self.version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout

    def run(self, ptx, chip):
        """What ptxas says of a PTX; raises RuntimeError where it refuses it."""
        key = hashlib.sha256("\0".join([self.version, chip, ptx.read_text()]).encode()).hexdigest()
        known = self.cache / f"{key}.txt"
        if known.exists():
            self.hits += 1
            return known.read_text()
        assembled = subprocess.run([self.path, f"-arch={chip}", "-v", str(ptx), "-o", os.devnull], capture_output=True, text=True)
        if assembled.returncode:
            raise RuntimeError(assembled.stderr.strip()[:400])
        self.cache.mkdir(parents=True, exist_ok=True)
        part = known.with_suffix(f".{os.getpid()}-{id(ptx)}")
        part.write_text(assembled.stderr)
        part.replace(known)
        return assembled.stderr


Kernel = collections.namedtuple("Kernel", "name registers shared stack spilled share threads")


def check(transom, assembler, model, chip):
    """Problems, a line a kernel, and the kernels."""
    label = f"{model.parent.name if model.stem == 'model' else model.stem} ({chip})"
    with tempfile.TemporaryDirectory() as folder:
        ptx = pathlib.Path(folder, "model.ptx")
        command = [transom, "compile", str(model), f"--target=nvptx:{chip}", "--name=model", "--emit=ptx", "-o", str(ptx),
                   "--dump-dir", folder]
        made = subprocess.run(command, capture_output=True, text=True)
        if made.returncode:
            return [f"{label}: {made.stderr.strip()}"], [], []
        try:
            said = assembler.run(ptx, chip)
        except RuntimeError as refused:
            return [f"{label}: ptxas: {refused}"], [], []
        facts = dynamic_shared(next(pathlib.Path(folder).glob("*-nvptx.mlir")).read_text())
    problems, lines, kernels = [], [], []
    pattern = (r"Compiling entry function '(\S+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill"
               r" loads.*?Used (\d+) registers(.*?)$")
    for name, stack, stores, loads, registers, rest in re.findall(pattern, said, re.S | re.M):
        static = re.search(r"(\d+) bytes smem", rest)
        threads, dynamic = facts[name]
        shared = dynamic + (int(static[1]) if static else 0)
        share = occupancy(chip, int(registers), threads, shared)
        kernels.append(Kernel(name, int(registers), shared, int(stack), int(stores) + int(loads), share, threads))
        lines.append(f"{label} {name}: {registers} registers, {shared} bytes shared, {stack} bytes stack, "
                     f"{share:.0%} of the threads")
        if HOT.match(name) and kernels[-1].spilled:
            problems.append(f"{label} {name}: spills {stores} bytes")
        elif HOT.match(name) and kernels[-1].stack:
            problems.append(f"{label} {name}: {stack} bytes of local memory")
        if shared > CHIPS[chip][1]:
            problems.append(f"{label} {name}: {shared} bytes of shared memory; a block has {CHIPS[chip][1]}")
        if not share:
            problems.append(f"{label} {name}: fits on no multiprocessor: {lines[-1]}")
    if len(lines) != len(facts):
        problems.append(f"{label}: {len(facts)} kernels were written and {len(lines)} assembled")
    return problems, lines, kernels


def summary(chip, kernels):
    """A line a family of hot kernels: the most of each resource, and how full a multiprocessor is at least."""
    families = collections.defaultdict(list)
    for kernel in kernels:
        if HOT.match(kernel.name):
            form = re.search(r"_(row|few|split)(?:_part\d+)?$", kernel.name)
            families[HOT.match(kernel.name)[1] + (f" ({form[1]})" if form else "")].append(kernel)
    for family, members in sorted(families.items()):
        least = min(members, key=lambda kernel: kernel.share)
        yield (f"{chip} {family}: {len(members)} kernels, up to {max(k.registers for k in members)} registers and "
               f"{max(k.shared for k in members)} bytes shared; at least {least.share:.0%} of the threads")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--chip", action="append", choices=CHIPS)
    parser.add_argument("--transom", default="transom")
    parser.add_argument("--ptxas")
    parser.add_argument("--list", action="store_true", help="print a line a kernel")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "build" / "ptx-cache")
    options = parser.parse_args()
    ptxas = find_ptxas(options.ptxas)
    if not ptxas:
        print("skipped: there is no ptxas")
        return 0
    models = []
    for path in options.models:
        found = [path] if path.is_file() else sorted(path.glob("*/model.onnx"))
        if not found:
            sys.exit(f"error: no model.onnx below '{path}'")
        models += found
    work = [(model, chip) for model in models for chip in options.chip or ["sm_80", "sm_90a"]]
    failed, kernels = 0, collections.defaultdict(list)
    assembler = Assembler(ptxas, options.cache)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for (_, chip), (problems, lines, made) in zip(work, pool.map(lambda item: check(options.transom, assembler, *item), work)):
            kernels[chip] += made
            failed += bool(problems)
            for line in lines if options.list else []:
                print(line)
            for problem in problems:
                print(f"error: {problem}", file=sys.stderr)
    for chip, made in sorted(kernels.items()):
        print(*summary(chip, made), sep="\n")
    print(f"{len(work)} modules of {len(models)} models, {sum(map(len, kernels.values()))} kernels: {failed} modules with problems"
          f" ({assembler.hits} known from before)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
