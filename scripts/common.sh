# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts of this folder; sourced, not run.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
BUILD=${AIMC_BUILD_DIR:-build}

# What every build needs, and what only the tests need.
BUILD_PACKAGES="g++ cmake ninja-build ccache pkg-config libsystemc-dev libeigen3-dev libfmt-dev
  libspdlog-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev libonnx-dev libprotobuf-dev
  protobuf-compiler librandom123-dev zlib1g-dev libgtest-dev libgmock-dev
  gcc-riscv64-unknown-elf binutils-riscv64-unknown-elf picolibc-riscv64-unknown-elf
  python3 python3-sklearn"
TEST_PACKAGES="git device-tree-compiler gdb-multiarch qemu-system-misc clang-format python3-numpy python3-onnx"

say() { printf '\n== %s\n' "$*"; }

# need PACKAGE...: installs what is missing; quick when nothing is.
need() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  say "Installing ${missing[*]}"
  local sudo=""
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "error: these packages are missing and neither root nor sudo is there: ${missing[*]}" >&2
      exit 2
    }
    sudo=sudo
  fi
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
  CONFIGURE=1  # what was not found before may be there now
}

# build TARGET...: configures when needed and builds (everything without a target).
build() {
  say "Building${*:+ $*} in $BUILD"
  [ -f "$BUILD/build.ninja" ] && [ -z "${CONFIGURE:-}" ] || cmake --preset release -B "$BUILD" >/dev/null
  local targets=()
  [ $# -gt 0 ] && targets=(--target "$@")
  cmake --build "$BUILD" -j "${AIMC_JOBS:-$(nproc)}" "${targets[@]}"
}
