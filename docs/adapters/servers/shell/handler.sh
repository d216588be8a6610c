#!/bin/sh
# A conforming server of the task-submission protocol without a store, in POSIX shell. This script serves one connection
# on its standard input and output; socat starts it for each connection:
#
#     socat -t 10 TCP-LISTEN:1003,bind=127.0.0.1,fork,reuseaddr,backlog=128,nodelay EXEC:./handler.sh
#
# It needs jq, awk and mktemp. `-t 10` lets the answer reach a peer that has half-closed (T4): without it, socat ends
# half a second after the half-close.
#
# It is written from docs/protocol.md alone, and a comment names the clause that the code after it follows:
#   T2, T3      one process and one frame for each connection
#   F1 to F8    the frame
#   M1 to M11   JSON: json.awk refuses what jq would take although it is not JSON, and jq decodes the rest
#   S1 to S8    SUBMIT             U1, R1      no answer to STATUS_UPDATE and SEND_RESULTS
# The scripts of this folder keep no task. A real server stores the task before it prints the answer (S9).

export LC_ALL=C # Every text is a row of bytes, also for awk and ${#answer}.
here=${0%/*}

# F1: 8 bytes, read one by one because dd takes no byte of the payload then. F4: fewer than 8 are no header.
set -- $(dd bs=1 count=8 2>/dev/null | od -An -v -tu1)
[ $# -eq 8 ] || exit 0
type=$(($1 << 24 | $2 << 16 | $3 << 8 | $4)) # F6: all 32 bits count, and shells compute with 64.
length=$(($5 << 24 | $6 << 16 | $7 << 8 | $8))

[ "$length" -le 16777216 ] || exit 0 # F2: the payload stays unread.
case $type in
1) ;;
3 | 4) # U1, R1: no answer. Without a store these messages have no effect.
  head -c "$length" >/dev/null
  exit 0
  ;;
*) exit 0 ;; # F7
esac

# F5: the payload is kept in a file, which has no name from here on, so that it ends with this process.
payload=$(mktemp) || exit 1
exec 3>"$payload" 4<"$payload" 5<"$payload"
rm -f "$payload"
head -c "$length" >&3

# F4: fewer bytes than declared are a truncated frame. M6: control characters that JSON permits nowhere are not counted.
[ "$(tr -d '\000-\010\013\014\016-\037' <&4 | wc -c)" -eq "$length" ] || exit 0

# jq prints nothing for a malformed message: no answer then (S6). It reads invalid UTF-8 and lone surrogates as U+FFFD (M8).
echo >&3 # json.awk needs a line break after the payload.
answer=$(awk -f "$here/json.awk" <&5 | jq -cjs -f "$here/answer.jq" 2>/dev/null)
size=${#answer}
[ "$size" -gt 0 ] && [ "$size" -le 16777216 ] || exit 0

# S1: the type of the answer is 1. The inner printf writes the length as four octal escapes.
printf "\\0\\0\\0\\1$(printf '\\%03o' $((size >> 24)) $((size >> 16 & 255)) $((size >> 8 & 255)) $((size & 255)))"
printf %s "$answer"
