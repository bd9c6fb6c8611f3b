#!/usr/bin/env bash
# readme_shows.sh README SOURCE: the README's first C++ block is the source, line by line.
diff <(awk '/^```cpp$/ {on = 1; next} /^```$/ {if (on) exit} on' "$1") "$2"
