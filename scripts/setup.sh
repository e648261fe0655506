#!/usr/bin/env bash
# Installs what Transom builds on, only what is missing: Debian packages, a
# virtual environment with pinned Python tools, and ONNX's C++ library, built
# once into a cache outside the tree. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

ONNX_VERSION=1.23.2
CACHE="${TRANSOM_CACHE:-${HOME}/.cache/transom}"
ONNX_PREFIX="$CACHE/onnx-$ONNX_VERSION"
PACKAGES=(build-essential ninja-build ccache python3-venv python3-pip clang-22 clang-format-22 lld-22 llvm-22-dev
  llvm-22-tools libmlir-22-dev mlir-22-tools libclang-rt-22-dev protobuf-compiler libprotobuf-dev libgtest-dev
  libcli11-dev nlohmann-json3-dev libeigen3-dev python3-dev libstdc++-12-dev-arm64-cross qemu-user)

say() { printf '== %s\n' "$*"; }

missing=()
for package in "${PACKAGES[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
  say "Installing Debian packages: ${missing[*]}"
  sudo=()
  ((EUID == 0)) || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! cmp -s scripts/requirements.txt .venv/requirements.txt; then
  say "Installing Python tools into .venv"
  [[ -x .venv/bin/python ]] || python3 -m venv .venv
  .venv/bin/python -m pip install -q --disable-pip-version-check -r scripts/requirements.txt
  cp scripts/requirements.txt .venv/requirements.txt
fi

if [[ ! -f "$ONNX_PREFIX/lib/cmake/ONNX/ONNXConfig.cmake" ]]; then
  say "Building ONNX's C++ library $ONNX_VERSION into $ONNX_PREFIX (once, a few minutes)"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  .venv/bin/pip download -q --disable-pip-version-check --no-deps --no-build-isolation --no-binary onnx \
    "onnx==$ONNX_VERSION" -d "$work"
  tar -xf "$work"/onnx-*.tar.gz -C "$work"
  # Installed aside and renamed, so that an interrupted build is never found.
  staging="$ONNX_PREFIX.partial"
  rm -rf "$staging"
  .venv/bin/cmake -S "$work/onnx-$ONNX_VERSION" -B "$work/build" -G Ninja -Wno-dev \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 \
    -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DONNX_ML=ON -DONNX_GEN_PB_TYPE_STUBS=OFF \
    -DCMAKE_INSTALL_PREFIX="$staging" >"$work/log" 2>&1 &&
    ninja -C "$work/build" install >>"$work/log" 2>&1 || { tail -50 "$work/log"; exit 1; }
  rm -rf "$ONNX_PREFIX"
  mv "$staging" "$ONNX_PREFIX"
fi
