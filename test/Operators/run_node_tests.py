#!/usr/bin/env python3
"""Runs the node tests of the onnx package through compiled libraries and lists them by operator.

A case passes when `transom verify` compiles its model and finds the expected outputs, within the tolerances of the onnx
package. It is not claimed when the compiler refuses the model with an error, and fails otherwise: wrong results, an
error of the run, a crash, too much time. The exit status is 0 only if nothing fails.

A case that gives axes, scales and the like as inputs is first run so. If it is refused, it is run with these as the
constants that they are in models, and counted apart.

docs/operators.md is what --write makes of a full run; a full run without it checks that the page is current.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/operators.md"
HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 60
WANTED = 0.95
OUTCOMES = ("passed", "with constants", "failed", "not claimed")


def command(*arguments):
    try:
        return subprocess.run(arguments, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(arguments, 124, "", f"did not end in {SECONDS} s")


def run_case(transom, folder, constants):
    """As `run_folder`; "with constants" where the case passes only so."""
    outcome = run_folder(transom, folder)
    if outcome[0] != "not claimed" or not constants:
        return outcome
    second = run_folder(transom, folder.with_name(folder.name + ".constants"))
    if second[0] == "not claimed":
        return outcome
    return ("with constants", outcome[1]) if second[0] == "passed" else second


def run_folder(transom, folder):
    """(passed, failed or not claimed; the first line of what was said)."""
    run = command(transom, "verify", str(folder), "--threads", "2", "--cpu", "native")
    if run.returncode == 0:
        return "passed", ""
    said = (run.stderr + run.stdout).strip()
    if run.returncode == 1 and run.stderr.startswith("error:"):
        # Refused, or did the run fail?
        check = command(transom, "compile", str(folder / "model.onnx"), "--emit", "llvm", "-o", os.devnull)
        if check.returncode == 1 and check.stderr.startswith(("error:", "warning:")):
            return "not claimed", reason(check.stderr)
    return "failed", said if run.returncode in (0, 1) else f"exit status {run.returncode}: {said}"


def reason(errors):
    """The line of an error that says why, without the node's name and types."""
    lines = [line.strip() for line in errors.splitlines() if not line.startswith("warning:")]
    for line in lines:
        found = re.search(r"\): (.*)", line)
        if line.startswith("node ") and found:
            return found.group(1)
    return lines[1] if len(lines) > 1 and lines[0].endswith(("problem", "problems")) else lines[0]


def name_of(case):
    return f"{case['domain']}:{case['operator']}" if case["domain"] else case["operator"]


def page(cases, results):
    """docs/operators.md."""
    scope = [case for case in cases if not case["out_of_scope"]]
    groups = collections.defaultdict(lambda: collections.defaultdict(list))
    for case in scope:
        groups[name_of(case)][results[case["name"]][0]].append(case["name"])
    counts = collections.Counter(results[case["name"]][0] for case in scope)
    fixed = counts["with constants"]
    claimed = len(scope) - counts["not claimed"] - fixed
    out = collections.Counter(case["out_of_scope"] for case in cases if case["out_of_scope"])
    lines = [
        "# Operators",
        "",
        "<!-- Written by test/Operators/run_node_tests.py --write. -->",
        "",
        "The node tests of onnx 1.23.2, each compiled into a library and run. A test is claimed when the compiler takes its model;",
        "no claimed test may fail.",
        "",
        f"Of {len(scope)} tests {claimed} are claimed as they are ({100 * claimed / len(scope):.1f} %), and {fixed} more with "
        f"axes, scales and the like as constants, where the tests have inputs ({100 * (claimed + fixed) / len(scope):.1f} % "
        "together). Out of scope: "
        + ", ".join(f"{count} of {what}" for what, count in sorted(out.items()))
        + ".",
        "",
        "| operator | passed | with constants | failed | not claimed |",
        "|---|---|---|---|---|",
    ]
    for name in sorted(groups):
        columns = (str(len(groups[name][outcome])) for outcome in OUTCOMES)
        lines.append(f"| {name} | {' | '.join(columns)} |")
    lines += ["", "## Not claimed", ""]
    refused = collections.defaultdict(list)
    for case in scope:
        outcome, why = results[case["name"]]
        if outcome == "not claimed":
            refused[name_of(case), why].append(case["name"])
    for (name, why), names in sorted(refused.items()):
        lines.append(f"- {name}: {why.replace('|', ' ')} ({', '.join(names)})")
    return "\n".join(lines) + "\n"


def data_folder(given, python):
    folder = pathlib.Path(given) if given else ROOT / "build/node-tests"
    if not (folder / "cases.json").exists():
        subprocess.run([python, str(HERE / "node_cases.py"), str(folder)], check=True)
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the cases; made by node_cases.py when it is not there")
    parser.add_argument("--python", default=sys.executable, help="the Python with onnx 1.23.2 that makes them")
    parser.add_argument("--transom", default=str(ROOT / "build/release/bin/transom"))
    parser.add_argument("--only", default="", help="run the cases whose name matches this expression")
    parser.add_argument("--every", type=int, default=1, help="run every Nth case only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--write", action="store_true", help="write docs/operators.md")
    parser.add_argument("--json", help="write all outcomes into this file")
    options = parser.parse_args()
    folder = data_folder(options.data, options.python)
    cases = json.loads((folder / "cases.json").read_text())
    scope = [c for c in cases if not c["out_of_scope"] and re.search(options.only, c["name"])][:: options.every]
    full = not options.only and options.every == 1

    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        outcomes = pool.map(lambda case: run_case(options.transom, folder / case["name"], case["constants"]), scope)
        results = {case["name"]: outcome for case, outcome in zip(scope, outcomes)}
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1))

    bad = False
    for name, (outcome, said) in results.items():
        if outcome == "failed":
            bad = True
            print(f"FAILED {name}\n  " + "\n  ".join(said.splitlines()[:12]))
    counts = collections.Counter(outcome for outcome, _ in results.values())
    print(", ".join(f"{counts[o]} {o}" for o in OUTCOMES), f"in {time.monotonic() - start:.0f} s")
    if full:
        text = page(cases, results)
        if options.write:
            PAGE.write_text(text)
        elif not PAGE.exists() or PAGE.read_text() != text:
            bad = True
            print("docs/operators.md is stale: run test/Operators/run_node_tests.py --write", file=sys.stderr)
        if counts["not claimed"] > (1 - WANTED) * len(scope):
            bad = True
            print(f"fewer than {WANTED:.0%} of the tests are claimed", file=sys.stderr)
    elif not results:
        bad = True
        print("no case matches", file=sys.stderr)
    return bad


if __name__ == "__main__":
    sys.exit(main())
