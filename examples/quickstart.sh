#!/usr/bin/env bash
# From a bare Debian 12 to the nearest words of some words: installs what is needed, builds, imports, searches.
#
#   examples/quickstart.sh [DATABASE]      default: words.lodge, beside the sources
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
database=${1:-$here/words.lodge}
build=$here/build
words=$here/examples/data/words-10k
steps=()

step() { # TITLE COMMAND...
  local title=$1 start end
  shift
  printf '\n== %s\n' "$title"
  start=$(date +%s%N)
  "$@"
  end=$(date +%s%N)
  steps+=("$(printf '%-34s %7.1f s' "$title" "$(( (end - start) / 1000000 ))e-3")")
}

build() {
  cmake -S "$here" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DLODGE_BUILD_TESTS=OFF -DLODGE_BUILD_EXAMPLES=OFF >/dev/null
  cmake --build "$build" --target lodge_tool
}

echo "lodge: installs Debian packages (a minute), builds into $build (some minutes), and makes $database"
step 'install packages' "$here/.ci/prepare.sh"
step 'build (Release)' build
step 'import and compact 10,000 words' "$build/cli/lodge" import "$database" words "$words.fvecs" --keys "$words.txt" --compact
step 'search' "$build/cli/lodge" search "$database" words river music seven germany -k 5
step 'stats' "$build/cli/lodge" stats "$database" words

printf '\n== time of each step\n'
printf '%s\n' "${steps[@]}"
cat <<END

== to try next
$build/cli/lodge search $database words winter -k 8
$build/cli/lodge check $database
$here/tests/run.sh        (all tests)
$here/README.md           (ten lines of C++ to begin with)
sqlite3 -readonly $database 'SELECT key, label FROM items LIMIT 5'    (it is a plain SQLite file; apt install sqlite3)
END
