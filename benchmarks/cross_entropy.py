#!/usr/bin/env python3
"""Cross-entropy, in nats a token, of a decoder without cache, converted to fewer key/value heads in several ways.

    cross_entropy.py MODEL.onnx TOKENS.npy [--calibrate=TOKENS.npy] [GQA...]

Each GQA is as --gqa of transom takes it, e.g. groups=4,method=mean; with --calibrate those that begin with groups= are refitted on
its tokens. TOKENS are sequences of one token more than the model is given. `transom` is that of $TRANSOM_BIN, or of build/release/bin.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from compiled_model import CompiledModel

ROOT = pathlib.Path(__file__).resolve().parents[1]
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"
BATCH = 8


def inputs_of(tokens):
    inputs = np.ascontiguousarray(tokens[:, :-1].astype(np.int64))
    positions = np.ascontiguousarray(np.broadcast_to(np.arange(inputs.shape[1]), inputs.shape))
    return {"input_ids": inputs, "attention_mask": np.ones_like(inputs), "position_ids": positions}


def cross_entropy(library, tokens, threads):
    model = CompiledModel(library)
    context, total = model.context(threads), 0.0
    for start in range(0, len(tokens), BATCH):
        batch = tokens[start : start + BATCH].astype(np.int64)
        feeds, targets = inputs_of(batch), batch[:, 1:]
        context.bind([feeds[name] for name in model.input_names])
        context.run()
        logits = context.outputs()[model.output_names.index("logits")].astype(np.float64)
        logits -= logits.max(-1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
        total -= np.take_along_axis(logits, targets[..., None], -1).sum()
    return total / tokens[:, 1:].size


def main(model, tokens, *ways):
    tokens = np.load(tokens)
    calibration = next((way.partition("=")[2] for way in ways if way.startswith("--calibrate=")), None)
    ways = [way for way in ways if not way.startswith("--")]
    with tempfile.TemporaryDirectory() as folder:
        inputs = pathlib.Path(folder) / "inputs"
        inputs.mkdir()
        if calibration:
            sequences = np.load(calibration)
            for start in range(0, len(sequences), BATCH):
                np.savez(inputs / f"{start:06}.npz", **inputs_of(sequences[start : start + BATCH]))
        for number, way in enumerate(ways or ("off",)):
            # A library that is loaded already would be found again in the same place.
            package = pathlib.Path(folder) / f"package{number}"
            command = [str(TRANSOM), "compile", model, f"--gqa={way}", "--name=decoder", "-o", str(package)]
            if calibration and way.startswith("groups="):
                command.append(f"--calibrate={inputs}")
            start = time.monotonic()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            seconds = time.monotonic() - start
            score = cross_entropy(package / "libdecoder.so", tokens, threads=1)
            print(f"{way}: {score:.4f}, compiled in {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
