#!/usr/bin/env bash
# Runs a command and prints what it said when it has ended, in one piece; its status is the command's, at most 1.
# scripts/run-test.sh COMMAND-LINE
output=$(mktemp)
trap 'rm -f "$output"' EXIT
SECONDS=0
bash -c "$1" >"$output" 2>&1
status=$?
{
  flock 9
  echo "== $1"
  cat "$output"
  echo "== status $status after $SECONDS s"
} 9>"${TMPDIR:-/tmp}/transom-tests.lock"
exit $((status != 0))
