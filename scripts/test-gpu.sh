#!/usr/bin/env bash
# Runs all models of the corpus on a GPU of this machine, or makes a folder that
# another machine can do that with, which has a driver, Python and NumPy alone.
#
#   scripts/test-gpu.sh                      compile from this tree and run
#   scripts/test-gpu.sh --pack FOLDER        compile into FOLDER and stop
#   scripts/test-gpu.sh --packed FOLDER      run what --pack made; nothing of the tree's build is needed
#
# --models FOLDER (default ../shared/models or $TRANSOM_MODELS), --device cuda:N, --target LIST. No network is used.
set -euo pipefail
tree="$(cd "$(dirname "$0")/.." && pwd)"
models="${TRANSOM_MODELS:-$tree/../shared/models}"
device=cuda:0 target=nvptx:sm_80,nvptx:sm_90a pack="" packed=""
while (($#)); do
  case "$1" in
    --pack) pack="$2" ;;
    --packed) packed="$2" ;;
    --models) models="$2" ;;
    --device) device="$2" ;;
    --target) target="$2" ;;
    *)
      sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
      exit 2
      ;;
  esac
  shift 2
done

if [[ -z "$packed" ]]; then
  transom="${TRANSOM_BIN:-$tree/build/release/bin}/transom"
  [[ -x "$transom" ]] || { echo "error: $transom is not built" >&2; exit 1; }
  folder="${pack:-$(mktemp -d)}"
  [[ -n "$pack" ]] || trap 'rm -rf "$folder"' EXIT
  mkdir -p "$folder"
  failed=0 count=0
  for model in "$models"/*/model.onnx; do
    case="$(dirname "$model")" name="$(basename "$(dirname "$model")")"
    count=$((count + 1))
    "$transom" compile "$model" -o "$folder/$name" --name=model --target="$target" || { failed=$((failed + 1)); continue; }
    cp -r "$case"/test_data_set_* "$folder/$name/"
    [[ ! -f "$case/case.json" ]] || cp "$case/case.json" "$folder/$name/"
  done
  cp "$tree"/test/Device/run_packages.py "$tree"/benchmarks/compiled_model.py "$tree"/test/Reference/tensor_proto.py "$folder/"
  echo "$((count - failed)) of $count models compiled for $target into $folder"
  ((count > 0 && failed == 0)) || exit 1
  [[ -z "$pack" ]] || exit 0
  packed="$folder"
fi

if command -v nvidia-smi >/dev/null; then
  nvidia-smi --query-gpu=name,driver_version,clocks.sm,clocks.mem --format=csv,noheader
fi
python3 "$packed/run_packages.py" "$packed" --device "$device"
