#!/usr/bin/env bash
# Builds lodge in Release, and measures it beside FAISS, hnswlib and SQLite; bench/README.md explains the figures.
#
#   bench/run.sh [--quick] [--only PART]... [--data DATA]... [--puts N] [--repeats N] [--out DIR] [--reuse]
#
#   --quick      some minutes: the words that ship, short stretches, two repeats
#   --only PART  build, search, exact, filters, forms, open, text, write, mixed, churn, timeline, processes or holder;
#                again for more
#   --data DATA  words, mixture, real, wide, full or million; again for more. Default: the first four. The words of
#                `real` and `full` are fetched (118 MB) once; `full` takes half an hour, `million` more than an hour
#   --puts N     single puts of the part churn (100,000)
#   --repeats N  times that each figure is taken (3)
#   --out DIR    where lines.jsonl, RESULTS.md and the curves go, and whose disk is measured (build-bench/results)
#   --reuse      take the index files that an earlier run left in DIR
#
# Only a run of everything writes bench/RESULTS.md and the .svg files beside it.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
build=$here/build-bench
out=$build/results
data=()
parts=()
options=()
quick=false

usage() {
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"
}
value_of() { # OPTION [VALUE]
  if [ $# -lt 2 ]; then
    echo "run.sh: $1 needs a value; bench/run.sh --help shows what" >&2
    exit 2
  fi
  echo "$2"
}
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=true ;;
    --reuse) options+=(--reuse) ;;
    --only) parts+=("$(value_of "$@")"); shift ;;
    --data) data+=("$(value_of "$@")"); shift ;;
    --puts) options+=(--puts "$(value_of "$@")"); shift ;;
    --repeats) options+=(--repeats "$(value_of "$@")"); shift ;;
    --out) out=$(realpath -m "$(value_of "$@")"); shift ;;
    --help) usage; exit 0 ;;
    *) echo "run.sh: got '$1', which is no option; bench/run.sh --help shows them" >&2; exit 2 ;;
  esac
  shift
done

complete=false
if ! $quick && [ ${#parts[@]} -eq 0 ] && [ ${#data[@]} -eq 0 ]; then
  complete=true
fi
if $quick; then
  options=(--repeats 2 --time 0.2 --most-rows 100000 --puts 10000 "${options[@]}")
  [ ${#data[@]} -gt 0 ] || data=(words)
fi
[ ${#data[@]} -gt 0 ] || data=(words mixture real wide)

missing=()
for package in g++ cmake ninja-build libcaf-dev libsqlite3-dev libfaiss-dev libopenblas-dev libhwy-dev libxxhash-dev \
               nlohmann-json3-dev libcli11-dev libhnswlib-dev; do
  if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
    missing+=("$package")
  fi
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "run.sh: Debian packages are missing; as root: apt install ${missing[*]}" >&2
  exit 1
fi

cmake -S "$here" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLODGE_BUILD_BENCH=ON -DLODGE_BUILD_TESTS=OFF \
  -DLODGE_BUILD_EXAMPLES=OFF -DLODGE_BUILD_TOOL=OFF >/dev/null
cmake --build "$build" --target lodge_bench >&2
program=$build/bench/lodge_bench

full=$build/words-full.fvecs
if [[ " ${data[*]} " =~ \ (real|full)\  && ! -e $full ]] && ! "$here/bench/fetch_words.sh" "$program" "$full"; then
  echo "run.sh: goes on without the full words" >&2
  kept=()
  for each in "${data[@]}"; do
    [ "$each" = full ] || [ "$each" = real ] || kept+=("$each")
  done
  data=("${kept[@]}")
  complete=false
fi
if [ ${#data[@]} -eq 0 ]; then
  echo "run.sh: no data are left to measure" >&2
  exit 1
fi

commit=$(git -C "$here" describe --always --dirty 2>/dev/null || echo unknown)
versions=$(dpkg-query -W -f '${Package} ${Version}, ' libfaiss-dev libhnswlib-dev libopenblas-dev libcaf-dev)
[ ${#parts[@]} -eq 0 ] || options+=(--only "${parts[@]}")
rm -f "$out"/curve-* "$out"/timeline.*
# The one thread of FAISS's scans, too.
export OPENBLAS_NUM_THREADS=1
"$program" run --data "${data[@]}" --out "$out" --shipped "$here/examples/data" --full "$full" --commit "$commit" \
  --packages "${versions%, }" "${options[@]}"

"$program" curves "$out"
if command -v gnuplot >/dev/null; then
  for curve in "$out"/curve-*.dat; do
    [ -e "$curve" ] || continue
    name=$(basename "$curve" .dat)
    gnuplot -e "input='$curve'; output_file='${curve%.dat}.svg'; name='${name#curve-}'" "$here/bench/curves.gnuplot"
  done
  if [ -e "$out/timeline.dat" ]; then
    gnuplot -e "input='$out/timeline.dat'; output_file='$out/timeline.svg'" "$here/bench/timeline.gnuplot"
  fi
else
  echo "run.sh: gnuplot is not there, so the curves are left out; as root: apt install gnuplot-nox" >&2
fi
"$program" report "$out"
if $complete; then
  cp "$out/RESULTS.md" "$here/bench/"
  find "$out" \( -name 'curve-*.svg' -o -name timeline.svg \) -exec cp {} "$here/bench/" \;
fi
echo "run.sh: figures in $out/lines.jsonl, report in $out/RESULTS.md" >&2
