#!/usr/bin/env bash
# Builds the fuzz programs and runs each for a while; non-zero when one finds something. What is found is left in
# build/fuzz/findings, what was learnt in build/fuzz/corpus, from where the next run goes on.
# scripts/fuzz.sh [SECONDS_PER_PROGRAM] [PROGRAM...]; without arguments: 60 seconds of each.
# scripts/fuzz.sh replay runs what test/Fuzz/findings holds, and nothing else; scripts/fuzz.sh short runs the seeds and
# mutations of them besides, up to 2,000 of a program and the same ones each time.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/release/bin:$PWD/.venv/bin:$PATH"
programs=(FuzzImport FuzzExternalData FuzzManifest FuzzRun FuzzWeights)
seconds="${1:-60}"
shift $(($# > 0))
(($#)) && programs=("$@")
# LLVM's libraries are not instrumented: their containers and arenas know nothing of the notes that ours leave with ASan.
export ASAN_OPTIONS="detect_container_overflow=0:allow_user_poisoning=0:detect_leaks=0:${ASAN_OPTIONS:-}"
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"

cmake --preset fuzz >/dev/null && cmake --build --preset fuzz || exit 1
[[ "$seconds" == short ]] && rm -rf build/fuzz/seeds
failed=()
for program in "${programs[@]}"; do
  known=(test/Fuzz/findings/"$program"/*)
  if [[ -e "${known[0]}" ]]; then
    build/fuzz/fuzz/"$program" -timeout=60 -rss_limit_mb=4096 "${known[@]}" >build/fuzz/"$program.log" 2>&1 || {
      echo "== $program: a finding of test/Fuzz/findings is back" >&2
      tail -40 build/fuzz/"$program.log" >&2
      failed+=("$program")
      continue
    }
  fi
  [[ "$seconds" == replay ]] && continue
  corpus="build/fuzz/corpus/$program" findings="build/fuzz/findings/$program" limit="-max_total_time=$seconds"
  if [[ "$seconds" == short ]]; then
    corpus="build/fuzz/seeds/$program" limit="-runs=2000 -seed=1"
  fi
  [[ -d "$corpus" ]] || python3 test/Fuzz/make_seeds.py "$(dirname "$corpus")" || exit 1
  mkdir -p "$findings"
  # shellcheck disable=SC2086 # the limit is two options
  build/fuzz/fuzz/"$program" "$corpus" $limit -timeout=60 -rss_limit_mb=4096 -max_len=16384 \
    -artifact_prefix="$findings/" -print_final_stats=1 -verbosity=1 >build/fuzz/"$program.log" 2>&1
  status=$?
  echo "== $program: $(sed -n 's/^stat::number_of_executed_units: *//p' build/fuzz/"$program.log") runs," \
    "$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' build/fuzz/"$program.log" | tail -1) places reached"
  if ((status)); then
    tail -40 build/fuzz/"$program.log" >&2
    failed+=("$program")
  fi
done
if ((${#failed[@]})); then
  echo "fuzz: findings with: ${failed[*]}; they are in build/fuzz/findings" >&2
  exit 1
fi
