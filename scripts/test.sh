#!/usr/bin/env bash
# Sets up, builds the release preset and runs all tests; non-zero when any fails.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh
export PATH="$PWD/build/release/bin:$PWD/.venv/bin:$PATH"
echo "== Building build/release"
cmake --preset release >/dev/null
cmake --build --preset release
echo "== Running the tests"
lit -v build/release/test
ctest --test-dir build/release --output-on-failure

# Many of the tests compile models, and kernels are alike in most: those that one has compiled another takes.
export TRANSOM_CACHE_DIR="$PWD/build/test-parts"

# What is left mostly keeps one core busy: two at a time, the longest first. All run, whatever fails.
tests=(
  "python3 -m pytest test/EndToEnd"
  "python3 test/Operators/run_node_tests.py"
  "scripts/fuzz.sh short"
  "python3 -m pytest test/python"
  "python3 -m pytest test/Exporters"
  "python3 -m pytest test/Soak"
  "python3 -m pytest test/Cross"
  "scripts/test-sanitizers.sh"
  "python3 test/Transforms/test_meaning_kept.py"
  "python3 test/Transforms/test_fusion_counts.py"
  "python3 test/Transforms/test_convert_mha_to_gqa.py"
  "python3 test/Export/test_round_trip.py"
  "python3 test/Driver/test_fusion_report.py"
  "python3 test/Fuzz/differential.py --count 150"
  "env -u TRANSOM_CACHE_DIR python3 -m pytest test/Driver/test_bad_days.py test/Driver/test_limits.py test/Driver/test_implied_sizes.py"
  "python3 test/Interpreter/test_meaning.py"
  "python3 test/Interpreter/test_element_types.py"
  "python3 test/Interpreter/test_passes.py"
  "python3 scripts/generate-nvptx-stages.py --check"
  "python3 test/Lint/test_layout.py"
  "scripts/lint/all.sh"
)
export TRANSOM_MODELS="$(realpath -m "${TRANSOM_MODELS:-../shared/models}")"
if [[ -d "$TRANSOM_MODELS" ]]; then
  # One model of each kind: emulated kernels are slow. Without names it runs all models.
  tests=(
    "python3 scripts/check-ptx.py $TRANSOM_MODELS"
    "python3 test/Device/test_models.py build/models-on-gpu bert-encoder gpt2-with-past llama-gqa-with-past bert-qdq t5-encoder"
    "python3 test/Device/test_states.py build/states-on-gpu"
    "${tests[@]}"
  )
else
  echo "== No models in $TRANSOM_MODELS: tests over them are skipped"
fi
echo "== Running the other tests"
printf '%s\0' "${tests[@]}" | xargs -0 -n 1 -P 2 scripts/run-test.sh
