#!/usr/bin/env bash
# Runs the README's two commands in a Debian that has nothing but its minimum, and gives their times.
#
#   tests/fresh.sh [SUITE]      bookworm (the default) or trixie; what is committed is tested
#
# Needs root, debootstrap, a network, and 4 GB below TMPDIR (/tmp if unset); takes half an hour on two cores.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
suite=${1:-bookworm}

fail() {
  echo "fresh: $*" >&2
  exit 2
}

case $suite in
bookworm | trixie) ;;
*) fail "unknown suite '$suite'; expected bookworm or trixie" ;;
esac
[ "$(id -u)" -eq 0 ] || fail "making a root file system needs root, and this is user $(id -un); try sudo"
for tool in debootstrap git unshare; do
  command -v "$tool" >/dev/null || fail "there is no $tool; apt-get install debootstrap git util-linux"
done

root=$(mktemp -d "${TMPDIR:-/tmp}/lodge-$suite.XXXXXX")
chmod 755 "$root"
child=
times=()

cleanup() {
  if [ -n "$child" ]; then
    kill -KILL "$child" 2>/dev/null || true
    wait
    sleep 1
  fi
  rm -rf --one-file-system "$root" "$root.log"
}
trap cleanup EXIT
trap 'exit 130' HUP INT TERM

# Mounts and processes are in namespaces that end with this command, however it ends.
apart() { # COMMAND...
  unshare --mount --pid --fork --kill-child "$@" &
  child=$!
  local status=0
  wait "$child" || status=$?
  child=
  return $status
}

# shellcheck disable=SC2016  # expanded by the inner shell
inside() { # COMMAND...
  apart bash -euc '
    mount -t proc proc "$0/proc"
    mount --rbind /dev "$0/dev"
    exec chroot "$0" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
  ' "$root" "$@"
}

timed() { # COMMAND...
  local start=$SECONDS
  printf '\n==== %s: %s\n' "$suite" "$1"
  "$@"
  times+=("$(printf '%6d s  %s' $((SECONDS - start)) "$1")")
}

bare_debian() {
  apart debootstrap --variant=minbase "$suite" "$root" >"$root.log" 2>&1 || {
    tail -n 20 "$root.log" >&2
    fail "debootstrap did not make a $suite; these are its last lines"
  }
  mkdir "$root/lodge"
  git -C "$here" archive HEAD | tar --extract --directory "$root/lodge"
}

quickstart() { inside /lodge/examples/quickstart.sh; }
tests() { inside /lodge/tests/run.sh; }

timed bare_debian
timed quickstart
timed tests

printf '\n==== %s at %s\n' "$suite" "$(git -C "$here" log -1 --format='%h %s')"
printf '%s\n' "${times[@]}"
