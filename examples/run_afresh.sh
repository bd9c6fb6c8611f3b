#!/usr/bin/env bash
# run_afresh.sh PROGRAM DATABASE: runs an example on a database that is not there yet.
rm -f "$2" "$2-wal" "$2-shm" "$2-lodge"
exec "$1" "$2"
