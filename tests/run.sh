#!/usr/bin/env bash
# Installs what is needed, builds, and runs every test, the examples among them.
#
#   tests/run.sh [BUILD_DIRECTORY [CMAKE_OPTION...]]      default: build-tests, Release
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
build=${1:-$here/build-tests}
"$here/.ci/prepare.sh"
# The options given last win.
cmake -S "$here" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLODGE_BUILD_TESTS=ON -DLODGE_BUILD_EXAMPLES=ON \
  -DLODGE_BUILD_TOOL=ON "${@:2}"
cmake --build "$build"
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(nproc)"
