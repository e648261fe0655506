#!/usr/bin/env python3
"""Compiles random ONNX graphs and compares what they compute with ONNX's reference evaluator.

usage: differential.py [--seed N] [--count N] [--seconds N] [--keep FOLDER]

Each seed gives one graph, the same on every machine. Its outcome is one of
  agrees    what was compiled computes what the reference computes, as closely as rounding lets it
  refused   the compiler says that it does not support a node
  unjudged  the reference itself fails, or its results depend on rounding, or are not finite
  differs   other values, another shape, or a run that fails
  crashed   the compiler or the run is ended by a signal or takes too long, or an IR that the compiler made is not valid
and the exit status is 0 only if nothing differs and nothing crashed. --keep writes the graphs that differ, crashed or were
refused into FOLDER/SEED, as `transom verify FOLDER/SEED` reads them.

Ten graphs that follow each other are compiled as one model; where one of them fails they are compiled one by one. All is done
in processes of their own, so that a crash costs one graph.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

BATCH = 10
ROOT = pathlib.Path(__file__).resolve().parents[2]
OUTCOMES = ("agrees", "refused", "unjudged", "differs", "crashed")
SEEDS = 50  # of a process, which compiles ten together
SECONDS = 300


class Worker:
    """A process that judges seeds, in order."""

    def __init__(self, seeds, options):
        command = [sys.executable, str(pathlib.Path(__file__).with_name("judge.py")), *map(str, seeds)]
        if options.keep:
            command += ["--keep", options.keep]
        environment = os.environ | {"PYTHONPATH": str(pathlib.Path(options.python).resolve())}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )

    def results(self):
        """What it said before it ended: {seed: (outcome, reason)}, and why it ended early, or None."""
        try:
            output, errors = self.process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            output, errors = self.process.communicate()
            errors = f"did not end in {SECONDS} s"
        said = {}
        for line in output.splitlines():
            seed, outcome, reason = json.loads(line)
            said[seed] = (outcome, reason)
        status = self.process.returncode
        if status == 0:
            return said, None
        return said, f"signal {-status}" if status < 0 and "did not end" not in errors else errors.strip()[-2000:]


def judge(seeds, options):
    said, ended = Worker(seeds, options).results()
    missing = [seed for seed in seeds if seed not in said]
    if not missing:
        return said
    if len(seeds) == 1:
        return {seeds[0]: ("crashed", ended or "no answer")}
    # It ended with one of a batch; that is judged one by one, and what follows goes on as before.
    for seed in missing[:BATCH]:
        said |= judge([seed], options)
    return said | judge(missing[BATCH:], options) if missing[BATCH:] else said


def kind_of(reason):
    """The reason without what is one graph's own."""
    reason = re.sub(r"%\w+|'[^']*'|\"[^\"]*\"", "_", reason.strip().splitlines()[0] if reason.strip() else "")
    return re.sub(r"-?\d+(\.\d+)?(e[-+]\d+)?", "N", reason)[:150]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="the first")
    parser.add_argument("--count", type=int, default=150, help="how many follow each other")
    parser.add_argument("--seconds", type=float, help="end after this time, whatever the count")
    parser.add_argument("--keep", metavar="FOLDER", help="write the graphs that differ, crashed or were refused")
    parser.add_argument("--python", default=str(ROOT / "build/release/python"), help="folder of the package transom")
    options = parser.parse_args()
    start = time.monotonic()
    counts, kinds, bad = collections.Counter(), collections.defaultdict(list), []
    seeds = range(options.seed, options.seed + options.count)
    for first in range(0, len(seeds), SEEDS):
        if options.seconds and time.monotonic() - start > options.seconds:
            break
        for seed, (outcome, reason) in sorted(judge(list(seeds[first : first + SEEDS]), options).items()):
            counts[outcome] += 1
            if outcome != "agrees":
                kinds[outcome, kind_of(reason)].append(seed)
            if outcome in ("differs", "crashed"):
                bad.append(seed)
                print(f"{outcome} with seed {seed}: {reason}", flush=True)
    for outcome, kind in sorted(kinds, key=lambda key: (OUTCOMES.index(key[0]), -len(kinds[key]))):
        found = kinds[outcome, kind]
        print(
            f"{len(found):5} {outcome}: {kind} (seeds {', '.join(map(str, found[:4]))}{', ...' if len(found) > 4 else ''})"
        )
    print(f"{sum(counts.values())} graphs from seed {options.seed}: " + ", ".join(f"{counts[o]} {o}" for o in OUTCOMES)
          + f", in {time.monotonic() - start:.0f} s")  # fmt: skip
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
