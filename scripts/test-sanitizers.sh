#!/usr/bin/env bash
# Builds the runtime and its tests with each sanitizer and runs them; non-zero when any finds something.
# scripts/test-sanitizers.sh [asan] [ubsan] [tsan]; without an argument: all three.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
presets=("$@")
((${#presets[@]})) || presets=(asan ubsan tsan)
failed=()
for preset in "${presets[@]}"; do
  echo "== Testing the runtime with $preset"
  cmake --preset "$preset" >/dev/null && cmake --build --preset "$preset" --target runtime_tests &&
    ctest --test-dir "build/$preset" --label-regex '^runtime$' --no-tests=error --parallel 2 --output-on-failure |
    { grep -Ev "^ *(Start +[0-9]+:|[0-9]+/[0-9]+ Test .* Passed )" || true; } ||
    failed+=("$preset")
done
if ((${#failed[@]})); then
  echo "test-sanitizers: failed with: ${failed[*]}" >&2
  exit 1
fi
