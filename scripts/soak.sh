#!/usr/bin/env bash
# The long forms of tests that scripts/test.sh runs in short: 100,000 runs in one process, whose memory, descriptors and
# threads stay as they are, and as many by 64 contexts at once. Prints what it saw; non-zero when anything grows or differs.
# Needs the release build (scripts/test.sh). TRANSOM_SOAK_CALLS and TRANSOM_SOAK_CONTEXTS change the numbers.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/release/bin:$PWD/.venv/bin:$PATH"
export TRANSOM_SOAK_CALLS="${TRANSOM_SOAK_CALLS:-100000}" TRANSOM_SOAK_CONTEXTS="${TRANSOM_SOAK_CONTEXTS:-64}"
python3 -m pytest -s test/Soak
