#!/bin/sh
# expect_difference.sh PROGRAM ARGUMENTS: succeeds if this build of the model test ends by itself, in time, with Boost.Test's
# code for failed checks, because it found a difference from the model.
output=$(timeout 100 "$@" --catch_system_errors=no --color_output=no 2>&1)
code=$?
echo "$output"
if [ "$code" -ne 201 ]; then
  echo "expected failed checks (201), got $code"
  exit 1
fi
case $output in
  *"lodge differs from the model"*) exit 0 ;;
esac
echo "expected a difference from the model"
exit 1
