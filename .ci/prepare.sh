#!/usr/bin/env bash
# Installs the Debian packages that lodge is built from, those that are missing; says which.
set -euo pipefail

packages=(g++ cmake make ninja-build libcaf-dev libsqlite3-dev libfaiss-dev libopenblas-dev liblapack-dev libhwy-dev
          libxxhash-dev nlohmann-json3-dev libcli11-dev libboost-test-dev libhnswlib-dev
          pkgconf dpkg-dev file)

missing=()
for package in "${packages[@]}" "$@"; do
  if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
    missing+=("$package")
  fi
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "packages: all there"
  exit 0
fi

sudo=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "packages: missing ${missing[*]}; run this as root, or install sudo" >&2
    exit 1
  fi
  sudo=(sudo)
fi
echo "packages: installing ${missing[*]} (about a minute)"
"${sudo[@]}" apt-get -q -q update
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -q install -y --no-install-recommends "${missing[@]}" >/dev/null
