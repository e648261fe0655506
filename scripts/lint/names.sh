#!/usr/bin/env bash
# Fails on Python that uses a name that is not there, or imports one for nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
# Where a linter runs without the virtual environment, as in an editor, PATH's is as good.
ruff=.venv/bin/ruff
[[ -x "$ruff" ]] || ruff=ruff
mapfile -t files < <(git ls-files '*.py')
"$ruff" check --quiet --no-cache --isolated --select F --config 'lint.per-file-ignores = {"test/lit.cfg.py" = ["F821"]}' "${files[@]}"
