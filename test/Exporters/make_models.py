#!/usr/bin/env python3
"""Exports the architectures that architectures.py lists, each in several ways, as cases in a folder.

    python make_models.py FOLDER [--only PATTERN] [--missing]

Needs what requirements.txt lists. What an exporter cannot do is said and left out; models_table.py runs the rest.
"""

import argparse
import pathlib
import re
import sys

import architectures  # noqa: F401  adds the cases
from exporting import write
from model_cases import CASES


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", default="", help="names that this pattern is found in")
    parser.add_argument("--missing", action="store_true", help="only what the folder has not")
    options = parser.parse_args()
    for name, make in CASES:
        folder = options.folder / name
        if not re.search(options.only, name) or (options.missing and folder.is_dir()):
            continue
        try:
            model, feeds, references, about = make()
            worst = write(folder, model, feeds, references, about)
            print(f"{name}: ONNX Runtime differs by {worst:.1e}", flush=True)
        except Exception as problem:  # an exporter that fails says nothing of the others
            print(f"{name}: not exported: {type(problem).__name__}: {str(problem)[:200]}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
