#!/usr/bin/env bash
# The arrows between folders: index and storage know no CAF and not each other, SQLite is named only in storage's
# sources, FAISS only in index's, and nobody includes another folder's insides from include/lodge.
set -u
cd "$1" || exit 2
failed=0

forbid() { # what, pattern, paths...
  local what=$1 pattern=$2
  shift 2
  local found
  found=$(grep -rnE --include='*.hpp' --include='*.cpp' "$pattern" "$@")
  if [ -n "$found" ]; then
    printf '%s:\n%s\n' "$what" "$found"
    failed=1
  fi
}

forbid 'CAF below the actors' '#include *[<"]caf/' index storage
forbid 'threads or global locks below the actors' '#include *<(mutex|shared_mutex|condition_variable|atomic)>' index storage actors cli include
forbid 'index knows storage' '#include *"(storage|actors)/' index
forbid 'storage knows index' '#include *"(index|actors)/' storage
forbid 'the public headers know the insides' '#include *"' include/lodge
forbid 'SQLite outside storage' '#include *<sqlite3' index actors include cli examples
forbid 'FAISS outside index' '#include *<faiss/' storage actors include cli examples
headers=$(grep -lE '#include *<(faiss/|sqlite3|hwy/)' index/*.hpp storage/*.hpp 2>/dev/null)
if [ -n "$headers" ]; then
  printf 'a library in a header:\n%s\n' "$headers"
  failed=1
fi
exit $failed
