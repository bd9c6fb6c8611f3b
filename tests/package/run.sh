#!/usr/bin/env bash
# run.sh WAY SOURCE BUILD: a small project takes lodge by a way, is built, and runs the README's program.
#
#   find_package, pkg_config          from what BUILD installs in a prefix that is then moved
#   deb                               from the unpacked Debian package of BUILD, whose contents are looked at
#   add_subdirectory, fetch_content   from SOURCE; these compile all of lodge, some minutes without ccache, and so only
#                                     configure unless LODGE_TEST_PACKAGE in the environment is the way, or all
set -euo pipefail
way=$1 source=$2 build=$3
here=$source/tests/package
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "package: $*" >&2
  exit 1
}

configure() { # CONSUMER OPTION...
  local launcher=()
  ! command -v ccache >/dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake -S "$here/$1" -B "$work/consumer" -G Ninja -DCMAKE_PROJECT_mine_INCLUDE="$here/host.cmake" \
    "${launcher[@]}" "${@:2}"
}

runs() { # PROGRAM
  local said
  said=$("$1" "$work/colours.lodge")
  echo "$said"
  [[ $said == *orange*red* ]] || fail "the README's program does not find orange and red"
}

# What was installed to one place must be good in another.
install_and_move() {
  cmake --install "$build" --prefix "$work/first" >/dev/null
  mv "$work/first" "$work/prefix"
  # As a whole path: a source folder /lodge is not meant by lib/cmake/lodge.
  for path in "$source" "$build" "$work/first"; do
    ! grep -rIlE "(^|[^[:alnum:]_.}/-])$path(/|[^[:alnum:]_.-]|$)" "$work/prefix" || fail "an installed file names a path of the build"
  done
}

use_find_package() { # PREFIX
  configure find_package -DCMAKE_PREFIX_PATH="$1" -DCMAKE_BUILD_TYPE=Debug
  cmake --build "$work/consumer" -j 2
  "$work/consumer/messages" "$work/messages.lodge"
  runs "$work/consumer/mine"
}

use_pkg_config() { # PREFIX
  local pc
  pc=$(dirname "$(find "$1" -name lodge.pc)")
  cp "$here/pkg_config/Makefile" "$work"
  PKG_CONFIG_PATH=$pc make -C "$work" VPATH="$source/examples"
  LD_LIBRARY_PATH=$(dirname "$pc") runs "$work/quickstart"
}

use_source() { # CONSUMER
  configure "$1" -DLODGE_SOURCE="$source" -DCMAKE_BUILD_TYPE=Release
  case ${LODGE_TEST_PACKAGE:-} in
  all | "$1")
    cmake --build "$work/consumer" -j 2
    runs "$work/consumer/mine"
    ;;
  *)
    echo "configured only; LODGE_TEST_PACKAGE=$1 compiles and runs it"
    ;;
  esac
}

unpack_deb() {
  (cd "$build" && cpack -G DEB -B "$work/deb" >/dev/null)
  local deb
  deb=$(echo "$work"/deb/*.deb)
  dpkg-deb --info "$deb"
  dpkg-deb --fsys-tarfile "$deb" | tar --list --verbose >"$work/listing"
  cat "$work/listing"
  for path in bin/lodge include/lodge/database.hpp share/doc/lodge/copyright share/doc/lodge/changelog.Debian.gz \
              share/man/man1/lodge.1.gz share/bash-completion/completions/lodge share/zsh/vendor-completions/_lodge \
              share/fish/vendor_completions.d/lodge.fish; do
    grep -q " ./usr/$path$" "$work/listing" || fail "the package has no /usr/$path"
  done
  ! grep -v ' root/root ' "$work/listing" || fail "the package has files that are not root's"
  dpkg-deb --extract "$deb" "$work/root"
}

case $way in
find_package)
  install_and_move
  use_find_package "$work/prefix"
  ;;
pkg_config)
  install_and_move
  use_pkg_config "$work/prefix"
  ;;
deb)
  unpack_deb
  use_find_package "$work/root/usr"
  ;;
add_subdirectory | fetch_content)
  use_source "$way"
  ;;
*)
  fail "unknown way '$way'; expected find_package, pkg_config, deb, add_subdirectory or fetch_content"
  ;;
esac
