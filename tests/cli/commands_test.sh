#!/usr/bin/env bash
# commands_test.sh TOOL DATA: every command of the built tool, its exit code and what it says.
set -u
tool=$(realpath "$1")
data=$(realpath "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
failures=0

fail() {
  printf 'FAILED: %s\n' "$1"
  sed 's/^/  out: /' out | head -20
  sed 's/^/  err: /' err | head -20
  failures=$((failures + 1))
}

expect() { # CODE ARGUMENT...: runs the tool; its output is in the files out and err
  local code=$1 got
  shift
  "$tool" "$@" >out 2>err </dev/null
  got=$?
  [ "$got" -eq "$code" ] || fail "lodge $*: exit code $got, $code expected"
}
said() { grep -qF -- "$1" out || fail "standard output lacks: $1"; }
told() { grep -qF -- "$1" err || fail "standard error lacks: $1"; }
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }

# The smallest things.
expect 0 --version
expect 0 --help
said 'Exit codes: 0 done'
expect 2
expect 2 serch
told "there is no command 'serch'; there are import search"
for command in import search get put remove count collections drop stats watch compact check export backup completion; do
  expect 0 "$command" --help
  said 'Example:'
done
expect 2 stats nothing.lodge
told 'nothing.lodge'
[ ! -e nothing.lodge ] || fail 'a reading command made a file'

# One item at a time.
expect 0 put c.lodge colours red 1,0,0 --metadata '{"hex": "#ff0000"}'
expect 0 put c.lodge colours blue --vector=-1,0,0
expect 0 put c.lodge colours green '[0, 1, 0]'
expect 0 put c.lodge colours red --metadata 5
expect 0 get c.lodge colours red
said '{"key":"red","vector":[1,0,0],"metadata":5}'
expect 1 get c.lodge colours red nobody
told "there is no item 'nobody'"
said '"red"'
expect 2 put c.lodge colours bad 1,2
told 'got 2 values, the collection holds 3'
expect 2 put c.lodge fresh bad 1,nan
expect 0 collections c.lodge
said 'colours  3 items, dimension 3, cosine'
! grep -q fresh out || fail 'a refused put left a collection'
expect 0 search c.lodge colours --vector -1,0,0 -k 1
said 'similarity (larger is nearer)'
said 'blue'
expect 0 search --like red c.lodge colours -k 1
said 'green'
expect 1 search c.lodge colours nobody red --output json
told "'nobody'"
said '{"query":"red","score_is":"similarity","hits":[{"key":'
expect 0 remove c.lodge colours blue
told '1 item removed'
expect 1 remove c.lodge colours blue green
told '1 item removed, 1 key was not there'

# Vectors in less memory.
expect 0 put forms.lodge rough red 1,0,0 --vector-form int8
expect 0 put forms.lodge rough orange 1,0.6,0
expect 0 search forms.lodge rough --vector 1,0.1,0 -k 1
said 'red'
expect 0 collections forms.lodge
said 'rough  2 items, dimension 3, cosine, int8'

# Filters.
expect 0 put films.lodge films metropolis 1,0 --metadata '{"year": 1927, "genre": "science fiction"}' --field year
expect 0 put films.lodge films alien 1,1 --metadata '{"year": 1979, "genre": "science fiction"}'
expect 0 put films.lodge films chinatown 0,1 --metadata '{"year": 1974, "genre": "crime"}'
expect 0 search films.lodge films --vector 1,0 --where '{"year": {"$gte": 1930}}' --explain
said 'alien'
said 'chinatown'
! grep -q metropolis out || fail 'a filter let all through'
told 'filter: 2 rows match, evaluated by the index of a field'
told 'outside the graphs: 3 rows, 3 live; scan: 1 query, 2 compared'
expect 0 search films.lodge films --vector 1,0 --within 0.9 --output json
said '"hits":[{"key":"metropolis"'
! grep -q alien out || fail 'a hit is not within the score'
expect 2 search films.lodge films --vector 1,0 --where '{"year": {"$near": 1930}}'
told 'invalid_filter'
expect 0 count films.lodge films
said '3'
expect 0 count films.lodge films --where '{"genre": {"$in": ["crime"]}}'
said '1'
expect 2 remove films.lodge films
told 'give keys of items, or --where'
expect 0 remove films.lodge films --where '{"genre": "science fiction"}'
told '2 items removed'
expect 0 count films.lodge films
said '1'
expect 0 collections films.lodge --json
said '"fields":["year"]'

expect 2 drop c.lodge colours
told 'give --yes'
expect 0 drop c.lodge colours --yes
expect 0 stats c.lodge
said 'no collections'
expect 0 stats c.lodge --json
said '"collections":[]'
expect 0 collections c.lodge --json
[ ! -s err ] || fail 'JSON is not enough for a program'
expect 2 search c.lodge colours red
told "there is no collection 'colours'; there are none"

# Words of metadata.
printf '%s\n' '{"key": "a", "vector": [1, 0], "metadata": {"title": "The red shoe"}}' \
  '{"key": "b", "vector": [0, 1], "metadata": {"title": "a blue SHOE"}}' \
  '{"key": "c", "metadata": {"title": "red, \u00e9tude"}}' >books.jsonl
expect 0 import t.lodge books books.jsonl --metric l2 --text-field title --no-compact
expect 0 search t.lodge books --text 'red shoe*'
said 'bm25 (larger is better)'
said 'red shoe*'
[ "$(sed -n '3s/.*  \([abc]\)  .*/\1/p' out)" = a ] || fail 'the item with both words is not the first'
[ "$(wc -l <out)" -eq 5 ] || fail 'not all three are found'
expect 0 search t.lodge books --text etude --output json
said '"score_is":"bm25"'
said '"key":"c"'
expect 0 search t.lodge books --text 'blue shoe' --vector 0,1 -k 1
said 'fused (larger is better)'
said '  b  '
expect 0 search t.lodge books --text red b -k 5
said '0.0'
! grep -q '  b  ' out || fail 'the item itself is an answer'
expect 2 search t.lodge books --text '?'
told 'at least one word'
expect 2 search t.lodge books
told 'Give keys, --vector, --queries or --text'
expect 0 check t.lodge
said "words of 'books'"
expect 0 put c2.lodge plain a 1,0
expect 2 search c2.lodge plain --text red
told 'text_fields'

# Words: import, again, formats there and back.
words="$data/words-10k.fvecs"
expect 2 import w.lodge words "$words"
told 'give --keys FILE'
expect 0 import w.lodge words "$words" --keys "$data/words-10k.txt" --no-compact
told '10,000 put, 0 there already'
expect 0 import w.lodge words --vectors "$words" --keys "$data/words-10k.txt" --compact
told '0 put, 10,000 there already'
told 'compacted words: 10,000 vectors'
expect 0 compact w.lodge
told 'nothing to do'
expect 0 export w.lodge words words.jsonl
expect 0 export w.lodge words words.fvecs --keys words.txt
expect 0 export w.lodge words words.npy --keys words-npy.txt
same words.txt words-npy.txt
expect 2 export w.lodge words words.jsonl
told 'give --force'
for own in w.lodge w.lodge-wal w.lodge-lodge; do
  expect 2 export w.lodge words "$own" --format jsonl --force
  told 'is a file of the database'
done
expect 2 search w.lodge wrods river
told "there is no collection 'wrods'; there is 'words'"
expect 0 export w.lodge words words.jsonl --force
expect 0 export w.lodge words - --format jsonl
same out words.jsonl
expect 0 export w.lodge words - --format npy --keys words-npy.txt --force
same out words.npy
for source in words.jsonl 'words.fvecs --keys words.txt' 'words.npy --keys words.txt'; do
  rm -f r.lodge*
  # shellcheck disable=SC2086
  expect 0 import r.lodge words $source --no-compact
  expect 0 export r.lodge words again.jsonl --force
  same words.jsonl again.jsonl
done
rm -f r.lodge*
"$tool" import r.lodge words - --format jsonl --no-compact <words.jsonl 2>err || fail 'import from standard input'
told '10,000 put'
"$tool" export w.lodge words - --format jsonl 2>err | head -1 >out
[ ! -s err ] || fail 'a broken pipe was not quiet'

# Many queries.
expect 0 search w.lodge words --queries "$data/words-queries.fvecs" --output ivecs --keys "$data/words-10k.txt" -k 10
[ "$(wc -c <out)" -eq $((44 * $(wc -l <"$data/words-queries.txt"))) ] || fail 'ivecs has another size'
expect 0 search w.lodge words --queries "$data/words-queries.fvecs" --output json -k 2
said '{"query":0,'
expect 2 search c.lodge nothing --vector 1

# What the file says of itself.
expect 0 stats w.lodge words
said 'free pages'
expect 0 stats w.lodge --json
said '"vector_bytes":'
expect 0 check w.lodge --deep
said "searches of 'words': 10,000 vectors"
expect 0 backup w.lodge b.lodge
expect 2 backup w.lodge b.lodge
expect 0 check b.lodge
timeout -s INT 1 "$tool" watch w.lodge --interval 0.2 >out 2>err
[ $? -eq 124 ] || fail 'watch did not go on'
said 'words: 10,000 items'

# Bad rows.
printf 'k,x,y\na,1,2\nb,1\nc,nan,2\n"d,1,2\n' >bad.csv
printf 'k,x,y\na,1,2\nb,1\nc,nan,2\nd,3,4\na,5,6\n' >some.csv
expect 2 import bad.lodge rows some.csv
told 'some.csv, line 3: got 1 values, the collection holds 2; before it, 1 row was put'
expect 0 import some.lodge rows some.csv --skip-bad
told 'passed over: dimension_mismatch: some.csv, line 3'
told 'passed over: invalid_vector: some.csv, line 4'
told '3 put, 0 there already, 2 bad and passed over; 1 row had a key that came before'
expect 0 get some.lodge rows a
said '[5,6]'
expect 2 import bad.lodge rows bad.csv --skip-bad
told 'line 5: the quote that is opened here has no end'
printf 'a,1\nb,1,2\nc,1,2\n' >first.csv
expect 2 import first.lodge rows first.csv
told 'line 1: got 1 value, the collection is to hold 2'
expect 0 collections first.lodge
[ ! -s out ] || fail 'a broken first row left a collection'
expect 0 import first.lodge rows first.csv --skip-bad
told '2 put'
printf '{"key":"a"}\n{"key":"b","vector":[]}\n' >flat.jsonl
expect 2 import flat.lodge c flat.jsonl
told 'give --dimension'
[ ! -e flat.lodge ] || fail 'rows without a dimension made a file'
expect 0 import flat.lodge c flat.jsonl --dimension 3 --skip-bad
told '1 put'
printf 'x,1,2\ny,1\n' >two.csv
expect 2 import two.lodge c two.csv
told 'two.csv, line 2'
expect 0 import none.lodge c "$words" --keys "$data/words-10k.txt" --dimension 50 --skip-bad
told '10,000 bad'
expect 0 collections none.lodge
[ ! -s out ] || fail 'an import without a good row left a collection'
expect 0 put zero.lodge c k 0,0 --metric l2
expect 2 put zero.lodge d k 0,0
told 'has no direction'
printf '5"disk,1,2\nb,1,2\nc,3,4\nd"x,1,2\n' >inches.csv
expect 0 import inches.lodge c inches.csv --skip-bad
told '2 put'
told '2 bad'
printf 'key,0,1\nx,1,2\n' >columns.csv
expect 0 import columns.lodge c columns.csv
told '1 put'
printf '{"key":"a","vector":[1,2]}\0{"key":"b","vector":[1,2]}\n' >nul.jsonl
expect 2 import nul.lodge c nul.jsonl
told 'NUL byte'

# Keys that CLI11 would take apart.
expect 0 put keys.lodge c '[a,b]' 1,0
expect 0 put keys.lodge c a 0,1
expect 0 put keys.lodge c b 1,1
expect 0 get keys.lodge c '[a,b]'
said '{"key":"[a,b]"'
expect 0 search keys.lodge c '[a,b]' a -k 1
expect 0 remove keys.lodge c '[a,b]'
told '1 item removed'
expect 0 get keys.lodge c a b
expect 2 put new.lodge c k nan,1
expect 0 collections new.lodge
[ ! -s out ] || fail 'a put that was refused left a collection'
"$tool" import closed.lodge c - --format jsonl <&- >out 2>err || fail 'closed standard input is an empty one'
printf '' >empty.csv
expect 0 import empty.lodge rows empty.csv
told '0 rows'
expect 2 import x.lodge rows missing.csv
told 'missing.csv'
[ ! -e x.lodge ] || fail 'a missing source made a file'
expect 2 import w.lodge words "$words" --keys "$data/words-10k.txt" --metric l2
told 'metric l2 was asked for'

# Interrupted while it waits for a pipe, and gone on with.
mkfifo pipe
# With job control, or the shell lets its background jobs ignore SIGINT.
set -m
"$tool" import i.lodge words - --format jsonl --batch 100 <pipe >out 2>err &
importer=$!
set +m
exec 3>pipe
head -3000 words.jsonl >&3
for _ in $(seq 100); do
  [ "$("$tool" collections i.lodge --json 2>/dev/null | grep -c '"items":[23]')" -eq 1 ] && break
  sleep 0.1
done
kill -INT $importer
for _ in $(seq 100); do
  kill -0 $importer 2>/dev/null || break
  sleep 0.1
done
exec 3>&-
wait $importer
[ $? -eq 130 ] || fail 'an interrupted import ends with 130'
told 'interrupted: '
told 'the same command again goes on from there'
expect 0 check i.lodge
expect 0 import i.lodge words words.jsonl --no-compact
told ' there already'
! grep -q ': 10,000 put' err || fail 'it began anew'
expect 0 export i.lodge words again.jsonl --force
same words.jsonl again.jsonl

# Damage is found.
cp b.lodge damaged.lodge
size=$(stat -c %s damaged.lodge)
for at in 3 4 5; do
  printf 'damage' | dd of=damaged.lodge bs=1 seek=$((size * at / 8)) conv=notrunc status=none
done
expect 1 check damaged.lodge
said BAD

# What the tool writes about itself.
for shell in bash zsh fish; do
  expect 0 completion "$shell"
  said export
done
"$tool" completion bash | bash -n || fail 'the bash completion is no bash'
expect 0 man
said '.SH EXIT STATUS'

exit $((failures > 0))
