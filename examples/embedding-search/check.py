"""Checks what the search program recorded against ONNX Runtime on the same graph and the checkpoint's own tokenizer.

    check.py CHECKPOINT_FOLDER MODEL.onnx SENTENCES.txt QUERY RECORD

A line of RECORD holds the token ids of one text, a tab, and its embedding; the query comes first.
"""

import pathlib
import sys

import numpy as np
import onnxruntime
import tokenizers

TOLERANCE = 1e-5  # of unit vectors


def main():
    checkpoint, model, sentences, query, record = sys.argv[1:]
    texts = [query, *pathlib.Path(sentences).read_text().splitlines()]
    lines = pathlib.Path(record).read_text().splitlines()
    if len(lines) != len(texts):
        sys.exit(f"{record} has {len(lines)} lines for {len(texts)} texts")

    tokenizer = tokenizers.Tokenizer.from_file(str(pathlib.Path(checkpoint) / "tokenizer.json"))
    tokenizer.no_padding()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    largest = 0.0
    for text, line in zip(texts, lines):
        tokens, numbers = line.split("\t")
        ids = tokenizer.encode(text).ids
        if ids != [int(token) for token in tokens.split()]:
            sys.exit(f"the token ids of '{text}' differ:\n  expected {ids}\n  got      {tokens}")
        feeds = {"input_ids": np.array([ids]), "attention_mask": np.ones((1, len(ids)), np.int64)}
        (expected,) = session.run(None, feeds)
        embedding = np.array(numbers.split(), np.float32)
        if embedding.shape != expected[0].shape:
            sys.exit(f"the embedding of '{text}' has {embedding.size} numbers, expected {expected[0].size}")
        difference = np.abs(embedding - expected[0]).max()
        if not difference <= TOLERANCE:  # also where it is not a number
            sys.exit(f"the embedding of '{text}' differs by {difference:.2e}, more than {TOLERANCE}")
        largest = max(largest, float(difference))
    print(f"{len(texts)} embeddings agree with ONNX Runtime {onnxruntime.__version__}: largest difference {largest:.1e}")


if __name__ == "__main__":
    main()
