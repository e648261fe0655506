#!/usr/bin/env python3
"""Verifies models that make_models.py or make_variants.py exported, and writes docs/models.md of what came out.

    python models_table.py FOLDER...

A folder holds cases, each with model.onnx, case.json and data sets. Exits non-zero when a model fails. The command is
the one in $TRANSOM_BIN, or in build/release/bin.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"
ABOUT = """# Models that were exported and run

Tiny random configurations of the architectures of transformers, exported in several ways, compiled, and compared with
ONNX Runtime or PyTorch. `test/Exporters/models_table.py` writes this page from a run over what
`test/Exporters/make_models.py` and `make_variants.py` export; the variants of BERT, GPT-2, Llama and T5 are in the
repository and are tested with it.

"""


def run(*arguments):
    try:
        return subprocess.run([TRANSOM, *arguments], capture_output=True, text=True, check=False, timeout=300)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(arguments, 124, "", "more than 300 s")


def row(case):
    about = json.loads((case / "case.json").read_text())
    report = run("inspect", case / "model.onnx", "--fusions", "--json")
    verified = run("verify", case)
    fused = json.loads(report.stdout)["fused"] if report.returncode == 0 else {}
    errors = [float(error) for error in re.findall(r"largest error (\S+) absolute", verified.stdout)]
    agrees = verified.returncode == 0 and re.search(r"(?m)^(\d+) of \1 data sets? agree", verified.stdout)
    reason = (verified.stderr or verified.stdout).strip().splitlines()
    return {
        "model": case.name,
        "exporter": about["exporter"],
        "opset": about.get("opset") or "default",
        "nodes": about.get("nodes", ""),
        "fused": ", ".join(f"{kind} {count}" for kind, count in fused.items() if kind != "kv_heads_exact"),
        "largest error": f"{max(errors):.1e}" if errors else "",
        "status": "agrees" if agrees else (reason or ["fails"])[-1][:120],
    }


def main(folders):
    cases = sorted(path.parent for folder in folders for path in pathlib.Path(folder).glob("*/case.json"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = list(pool.map(row, cases))
    if not rows:
        print("no cases", file=sys.stderr)
        return 2
    agree = sum(entry["status"] == "agrees" for entry in rows)
    lines = [f"{agree} of {len(rows)} agree.\n", "| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
    lines += ["| " + " | ".join(str(value) for value in entry.values()) + " |" for entry in rows]
    (ROOT / "docs/models.md").write_text(ABOUT + "\n".join(lines) + "\n")
    for entry in rows:
        if entry["status"] != "agrees":
            print(entry["model"], entry["status"], file=sys.stderr)
    return agree != len(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
