#!/usr/bin/env bash
# Builds the fuzz targets with clang and AddressSanitizer, UBSan and libFuzzer, and runs one after the other.
#
#   tests/fuzz/run.sh [SECONDS [TARGET...]]      default: 60 seconds each, all targets
#
# LODGE_FUZZ_BUILD names the build folder (default: build-fuzz beside the sources); what is found lies there in `found`,
# and the corpus that grew in `corpus`.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-60}
build=${LODGE_FUZZ_BUILD:-$here/build-fuzz}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(fvecs npy jsonl csv keyed manifest segment file)

clang=$(command -v clang++ || command -v clang++-14 || true)
if [ -z "$clang" ]; then
  echo "fuzz: clang is missing: apt install clang libclang-rt-14-dev (on Debian 13: libclang-rt-19-dev)" >&2
  exit 1
fi
mkdir -p "$build"
echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' >"$build/probe.cpp"
if ! "$clang" -fsanitize=fuzzer,address,undefined "$build/probe.cpp" -o "$build/probe" 2>"$build/probe.log"; then
  cat "$build/probe.log" >&2
  echo "fuzz: $clang has no libFuzzer: apt install libclang-rt-14-dev (on Debian 13: libclang-rt-19-dev)" >&2
  exit 1
fi

cmake -S "$here" -B "$build" -DCMAKE_CXX_COMPILER="$clang" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O1 -g1" \
  -DLODGE_FUZZ=ON -DLODGE_SANITIZE=address,undefined -DLODGE_BUILD_TESTS=ON -DLODGE_BUILD_TOOL=ON \
  -DLODGE_BUILD_EXAMPLES=OFF -DLODGE_BUILD_BENCH=OFF -DLODGE_INSTALL=OFF
cmake --build "$build" --target fuzz --parallel "${LODGE_FUZZ_JOBS:-$(nproc)}"
"$build/tests/fuzz/fuzz_make_corpus" "$build/seeds"

export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1"
failed=()
for target in "${targets[@]}"; do
  mkdir -p "$build/corpus/$target" "$build/found"
  inputs=("$build/corpus/$target" "$build/seeds/$target")
  [ ! -d "$here/tests/fuzz/corpus/$target" ] || inputs+=("$here/tests/fuzz/corpus/$target")
  echo "fuzz: $target for $seconds seconds"
  # A reader takes no more memory than its input and one vector need, and a file no longer than a moment.
  "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 -malloc_limit_mb=256 \
    -max_len="$([ "$target" = file ] && echo 262144 || echo 4096)" -artifact_prefix="$build/found/$target-" \
    -print_final_stats=1 -verbosity=0 "${inputs[@]}" || failed+=("$target")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "fuzz: failed: ${failed[*]}; the inputs are in $build/found" >&2
  exit 1
fi
