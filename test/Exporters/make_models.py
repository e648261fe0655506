#!/usr/bin/env python3
"""Exports what architectures/ lists, each in several ways, as cases in a folder, and forms.py's forms of some of them.

    python make_models.py FOLDER [--only PATTERN] [--missing]

Needs what requirements.txt lists. What an exporter cannot do is said and left out; models_table.py runs the rest.
"""

import argparse
import pathlib
import re
import sys

import architectures  # noqa: F401  adds the cases
import forms
from exporting import read, write
from model_cases import CASES


def form_of(folder, base, form):
    """The case that `form` makes of the case `base` in `folder`; what is expected is what ONNX Runtime gives."""

    def make():
        model, feeds, about = read(folder / base)
        convert, tolerance = forms.FORMS[form]
        model = convert(model, feeds)
        opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
        about = {"exporter": f"{about['exporter']}, then {form}", "opset": opset, "tolerance": tolerance}
        return model, feeds, [None] * len(feeds), about

    return f"{base}-{form}", make


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", default="", help="names that this pattern is found in")
    parser.add_argument("--missing", action="store_true", help="only what the folder has not")
    options = parser.parse_args()
    formed = [form_of(options.folder, base, form) for base, all_of in forms.FORMED.items() for form in all_of]
    for name, make in CASES + formed:
        folder = options.folder / name
        if not re.search(options.only, name) or (options.missing and folder.is_dir()):
            continue
        try:
            model, feeds, references, about = make()
            worst = write(folder, model, feeds, references, about, about.pop("tolerance", 1e-4))
            print(f"{name}: ONNX Runtime differs by {worst:.1e}", flush=True)
        except Exception as problem:  # an exporter that fails says nothing of the others
            print(f"{name}: not exported: {type(problem).__name__}: {str(problem)[:200]}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
