#!/usr/bin/env bash
# Every part runs, on few rows, and each leaves lines that the report can read. Says nothing of any time.
#
#   bench/smoke.sh LODGE_BENCH FOLDER WORDS
set -euo pipefail
program=$1
out=$2
words=$3
export OPENBLAS_NUM_THREADS=1
rm -rf "$out"
"$program" run --data mixture --rows 300 --most-rows 10000 --repeats 1 --time 0.01 --puts 300 --out "$out" --shipped "$words"
"$program" curves "$out"
"$program" report "$out" >/dev/null
for part in machine data build search curve exact bandwidth filter "filter use" form "form search" open "text puts" "text search" \
            commit write mixed compacting churn growth timeline \
            visible writers beside holder; do
  if ! grep -q "^{\"part\":\"$part\"" "$out/lines.jsonl"; then
    echo "the run wrote no line of the part $part" >&2
    exit 1
  fi
done
for label in '"lodge, reader"' '"lodge, batch"' '"lodge, messages"' '"cache":"cold"' '"FAISS flat"'; do
  if ! grep -q "$label" "$out/lines.jsonl"; then
    echo "the run wrote no line with $label" >&2
    exit 1
  fi
done
for section in Building Searching 'Scanning all rows' 'Searching with filters' 'Vectors in other forms' 'From the start' Words \
               'Durable puts' 'Searching while' \
               'What changes cost' 'A minute' 'Several processes' 'What a put costs'; do
  if ! grep -q "^## $section" "$out/RESULTS.md"; then
    echo "the report has no section '$section'" >&2
    exit 1
  fi
done
