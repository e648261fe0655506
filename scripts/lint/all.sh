#!/usr/bin/env bash
# Runs every lint and says at the end how many found something.
set -uo pipefail
cd "$(dirname "$0")"
failed=0
for lint in "./layout.py" "./format.sh" "./names.sh" "./docs.sh"; do
  "$lint" || failed=$((failed + 1))
done
((failed == 0)) || echo "lint: $failed of 4 lints found something" >&2
exit $((failed > 0))
