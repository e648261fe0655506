#!/usr/bin/env bash
# Writes the pages of docs/ that come from sources: the dialect and the passes
# from tablegen files, the command line from the built program, the references of
# C and Python from the header and the package. With a folder as argument writes
# them there.
set -euo pipefail
cd "$(dirname "$0")/.."
out="${1:-docs}"
tblgen="${MLIR_TBLGEN:-mlir-tblgen-22}"
includes=(-I "$(llvm-config-22 --includedir)" -I dialects -I include)

write() { # PAGE, then the generator's arguments
  local page="$1"
  shift
  # Two blank lines and trailing blanks come from the generator.
  "$tblgen" "${includes[@]}" "$@" | sed 's/[[:space:]]*$//' | cat -s >"$out/$page"
}

write dialect.md -gen-dialect-doc -dialect=transformer dialects/Transformer/IR/TransformerOps.td

mapfile -t passes < <(git ls-files --cached --others --exclude-standard "include/*/Passes.td" | sort)
if ((${#passes[@]})); then
  {
    printf '# Passes\n\n<!-- Written by scripts/generate-docs.sh from Passes.td files. -->\n'
    for file in "${passes[@]}"; do
      stage="$(dirname "${file#include/transom/}")"
      printf '\n## %s\n\n' "$stage"
      # Passes become one level deeper than the stage's heading.
      "$tblgen" "${includes[@]}" -gen-pass-doc "$file" | sed -e '/^<!--/d' -e 's/[[:space:]]*$//'
    done
  } | cat -s >"$out/passes.md"
fi

python3 scripts/generate-reference.py c >"$out/c-reference.md"
python3 scripts/generate-reference.py python >"$out/python-reference.md"

transom="${TRANSOM:-build/release/bin/transom}"
if [[ ! -x "$transom" ]]; then
  echo "docs: $transom is not built, so $out/cli.md is left as it is" >&2
else
  "$transom" document markdown >"$out/cli.md"
fi
