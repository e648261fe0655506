#!/usr/bin/env bash
# Builds the runtime and its tests with each sanitizer and runs them; non-zero when any finds something.
# scripts/test-sanitizers.sh [asan] [ubsan] [tsan]; without an argument: all three.
# scripts/test-sanitizers.sh models [FOLDER...] builds the compiler with AddressSanitizer and UndefinedBehaviorSanitizer,
# which instrument what it generates too, and compiles and runs every case in the folders: model.onnx with data sets.
# Without a folder: those of test/Exporters/models.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

test_models() {
  echo "== Compiling and running models with asan and ubsan"
  { cmake --preset models >/dev/null && cmake --build --preset models --target transom; } || return 1
  # LLVM's libraries are not instrumented: their containers and arenas know nothing of the notes that ours leave with ASan.
  export ASAN_OPTIONS="detect_container_overflow=0:allow_user_poisoning=0:${ASAN_OPTIONS:-}" UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
  local logs
  logs=$(mktemp -d)
  find "$@" -name model.onnx -printf '%h\n' | sort |
    xargs -P "$(nproc)" -I CASE bash -c '
      log=$1/$(basename "$2").log
      build/models/bin/transom verify "$2" >"$log" 2>&1 && grep -qE "^([0-9]+) of \1 data sets? agree" "$log" && rm "$log"
    ' bash "$logs" CASE
  local count failed=0
  count=$(find "$@" -name model.onnx | wc -l)
  ((count)) || { echo "test-sanitizers: no models in $*" >&2; return 1; }
  for log in "$logs"/*.log; do
    [[ -e "$log" ]] || continue
    failed=$((failed + 1))
    echo "-- $(basename "$log" .log)" >&2
    head -40 "$log" >&2
  done
  rm -rf "$logs"
  echo "$((count - failed)) of $count models agree, without findings"
  ((!failed))
}

if [[ "${1:-}" == models ]]; then
  shift
  (($#)) || set -- test/Exporters/models
  test_models "$@"
  exit
fi
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
