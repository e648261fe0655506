#!/usr/bin/env bash
# Checks C and C++ files against .clang-format; --fix rewrites them.
set -euo pipefail
cd "$(dirname "$0")/../.."
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.c' '*.cpp' '*.h' '*.hpp')
if [[ "${1:-}" == --fix ]]; then
  clang-format-22 -i "${files[@]}"
  exit
fi
unformatted=()
for file in "${files[@]}"; do
  clang-format-22 "$file" | cmp -s - "$file" || unformatted+=("$file")
done
if ((${#unformatted[@]})); then
  printf 'format: %s\n' "${unformatted[@]}" >&2
  echo "format: run scripts/lint/format.sh --fix" >&2
  exit 1
fi
