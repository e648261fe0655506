#!/usr/bin/env python3
"""Compiles the cases of folders, compares what the libraries give with what is expected, and prints a table.

    python models_table.py FOLDER... [--only PATTERN] [--json FILE] [--write]

A folder holds cases, each with model.onnx, case.json and data sets. --json keeps all that is known of each and reads it
back in the next run, which then runs only what is new; --write makes docs/models.md of it. Exits non-zero when a case
fails. The command is the one in $TRANSOM_BIN, or in build/release/bin.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"
SECONDS = 300
ABOUT = """# Models that were exported and run

<!-- Written by test/Exporters/models_table.py --write. -->

Tiny random configurations of architectures, exported in several ways, compiled, and compared with PyTorch, or with ONNX
Runtime where it made the model (optimised, quantised, in other types). `test/Exporters/make_models.py` and
`make_variants.py` export them; those marked with * are in the repository and are tested with it. The largest error is
absolute, over all outputs; the tolerance is 1e-4 of the largest expected number, more in 8, 4 and 16 bits.

"""
#: Of the tensor layer, what norms, activations, attention and rotary positions consist of when they stay in pieces.
PIECES = {"softmax", "erf", "tanh", "sigmoid", "sqrt", "rsqrt"}


def run(*arguments):
    try:
        return subprocess.run([TRANSOM, *arguments], capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(arguments, 124, "", f"more than {SECONDS} s")


def said(result):
    lines = [line.strip() for line in (result.stderr or result.stdout).splitlines() if not line.startswith("warning:")]
    return next((line for line in lines if line.startswith("node ")), lines[-1] if lines else "fails")[:300]


def row(case):
    """What is known of a case after a compile and a comparison."""
    about = json.loads((case / "case.json").read_text())
    opset = about.get("opset")
    entry = {
        "name": case.name,
        "exporter": about.get("exporter", "by hand"),
        "opset": next(iter(opset.values())) if isinstance(opset, dict) else opset,
        "nodes": about.get("nodes"),
    }
    with tempfile.TemporaryDirectory() as folder:
        package, report = pathlib.Path(folder, "model"), pathlib.Path(folder, "report.json")
        start = time.monotonic()
        compiled = run("compile", case / "model.onnx", "-o", package, "--report", report)
        entry["seconds"] = round(time.monotonic() - start, 2)
        if compiled.returncode:
            return entry | {"status": said(compiled)}
        known = json.loads(report.read_text())
        entry["fused"] = known["fused"]
        entry["near"] = sorted({f"{miss['kind']}: {miss['reason']}" for miss in known["near_misses"]})
        entry["pieces"] = sorted({piece["op"] for piece in known["unfused"]} & PIECES)
        entry["kernels"] = len(known["kernels"])
        entry["bytes"] = sum(path.stat().st_size for path in package.glob("*.so"))
        verified = run("verify", package, case)
    errors = [float(error) for error in re.findall(r"largest error (\S+) absolute", verified.stdout)]
    agrees = verified.returncode == 0 and re.search(r"(?m)^(\d+) of \1 data sets? agree", verified.stdout)
    return entry | {"error": max(errors, default=None), "status": "agrees" if agrees else said(verified)}


def fused(entry):
    counts = {kind: count for kind, count in entry.get("fused", {}).items() if kind != "kv_heads_exact"}
    return ", ".join(f"{kind} {count}" for kind, count in counts.items())


def page(entries, kept):
    """docs/models.md; `kept` are the names of those in the repository."""
    columns = ("model", "exporter", "opset", "nodes", "fused", "kernels", "largest error", "result")
    agree = sum(entry["status"] == "agrees" for entry in entries)
    lines = [f"{agree} of {len(entries)} agree.", "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for entry in entries:
        error = entry.get("error")
        values = [
            entry["name"] + "*" * (entry["name"] in kept),
            entry["exporter"],
            entry["opset"],
            entry["nodes"],
            fused(entry),
            entry.get("kernels"),
            None if error is None else f"{error:.1e}",
            entry["status"].replace("|", " "),
        ]
        lines.append("| " + " | ".join("" if value is None else str(value) for value in values) + " |")
    return ABOUT + "\n".join(lines) + "\n"


def show(entries):
    print("| case | largest error | compile seconds | library bytes | kernels | fused |\n|---|---|---|---|---|---|")
    for entry in entries:
        error = entry.get("error")
        number = entry["status"] if entry["status"] != "agrees" else "none" if error is None else f"{error:.1e}"
        values = (entry["name"], number, entry["seconds"], entry.get("bytes"), entry.get("kernels"), fused(entry))
        print("| " + " | ".join(str(value) for value in values) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--only", default="", help="names that this pattern is found in")
    parser.add_argument("--json", type=pathlib.Path, help="what is known of each case")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--write", action="store_true", help="write docs/models.md of all that --json has")
    options = parser.parse_args()
    found = [path.parent for folder in options.folders for path in folder.glob("*/case.json")]
    known = {}
    if options.json and options.json.exists():
        known = {entry["name"]: entry for entry in json.loads(options.json.read_text())}
    cases = sorted(case for case in found if re.search(options.only, case.name))
    new = [case for case in cases if known.get(case.name, {}).get("status") != "agrees"]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for work in concurrent.futures.as_completed([pool.submit(row, case) for case in new]):
            known[work.result()["name"]] = work.result()
            if options.json:
                options.json.write_text(json.dumps(sorted(known.values(), key=lambda entry: entry["name"]), indent=1))
    entries = [known[case.name] for case in cases]
    if not entries:
        print("no cases", file=sys.stderr)
        return 2
    show(entries)
    if options.write:
        here = pathlib.Path(__file__).resolve().parent
        kept = {path.name for path in (here / "models").iterdir()} | json.loads((here / "architectures.json").read_text()).keys()
        with zipfile.ZipFile(here / "quantised.zip") as archive:
            kept |= {name.split("/")[0] for name in archive.namelist()}
        (ROOT / "docs/models.md").write_text(page(sorted(known.values(), key=lambda entry: entry["name"]), kept))
    return any(entry["status"] != "agrees" for entry in entries)


if __name__ == "__main__":
    sys.exit(main())
