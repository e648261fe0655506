#!/usr/bin/env bash
# Checks that the generated pages of docs/ are what their sources say now.
set -euo pipefail
cd "$(dirname "$0")/../.."
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
scripts/generate-docs.sh "$fresh"
stale=0
for page in "$fresh"/*.md; do
  if ! diff -q "$page" "docs/$(basename "$page")" >/dev/null 2>&1; then
    echo "docs: docs/$(basename "$page") is stale: run scripts/generate-docs.sh" >&2
    stale=1
  fi
done
exit $stale
