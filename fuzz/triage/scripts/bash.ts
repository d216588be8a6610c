/** The reproducer for bash: without jq and nc, by /dev/tcp and od. It cannot end a connection by FIN alone, nor reset it. */

import { USAGE } from './data.ts';
import type { ConnectionPlan, Plan, Step } from './plan.ts';

/** Longer input of a single connection is read from the .bin file next to the script. */
const INLINE_BYTES = 8 * 1024;

export function bashProgram(plan: Plan): string {
  const ends = plan.connections.some(({ steps }) => steps.some((step) => 'end' in step));
  const reason =
    plan.check === 'none'
      ? plan.reason
      : ends
        ? 'bash ends no connection by FIN or reset; the programs in Python and Node.js do'
        : '';
  return [
    '#!/usr/bin/env bash',
    ...plan.about.map((line) => `# ${line}`),
    '# Needs bash with /dev/tcp, and od. Where the target keeps a connection, it is closed and not reset.',
    `# ${USAGE('bash', `${plan.id}.sh`)}`,
    PRELUDE,
    ...(reason === '' ? [] : [`end 2 'cannot tell: ${reason}'`]),
    `CHECK=${plan.check} TRIES=${plan.tries}`,
    ...plan.connections.map((connection, index) => sendOf(connection, index, plan)),
    PROGRAM,
    'for ((try = 0; try < TRIES; try++)); do',
    ...plan.connections.map((connection, index) => runOf(connection, index, plan.isAtOnce)),
    '  wait',
    ...plan.connections.map(
      (connection, index) =>
        `  judge ${index} ${connection.owes} ${connection.submits} ${connection.isStrict} '${(connection.ids ?? []).join(' ')}' ${connection.ids !== undefined}`,
    ),
    AFTER,
    'done',
    '$KEPT && end 2 "cannot tell: the target kept a connection, which bash closes; the programs in Python and Node.js reset it"',
    plan.doubt === ''
      ? "end 0 'the fault is not there'"
      : `end 2 'cannot tell: the fault did not show, but ${plan.doubt}'`,
    '',
  ].join('\n');
}

/** A function that sends the bytes of the connection to its standard output. */
function sendOf({ steps }: ConnectionPlan, index: number, plan: Plan): string {
  const bytes = steps.reduce((sum, step) => sum + ('send' in step ? step.send.length / 2 : 0), 0);
  const isPlain = steps.every((step) => 'send' in step && step.segment === undefined);
  if (bytes > INLINE_BYTES && isPlain && plan.connections.length === 1)
    return [
      `BIN="${'$'}{0%.sh}.bin"`,
      '[ -r "$BIN" ] || end 2 "cannot tell: $BIN is missing"',
      `send${index}() { cat "$BIN"; }`,
    ].join('\n');
  return [`send${index}() {`, '  :', ...steps.map((step) => `  ${commandOf(step)}`), '}'].join('\n');
}

function commandOf(step: Step): string {
  if ('pauseMs' in step) return `sleep ${(step.pauseMs / 1000).toFixed(3)}`;
  if ('end' in step) return ':';
  const print = `printf '${octal(Buffer.from(step.send, 'hex'))}'`;
  return step.segment === undefined ? print : `${print} | dd bs=${step.segment} iflag=fullblock 2>/dev/null`;
}

function runOf({ owes }: ConnectionPlan, index: number, isAtOnce: boolean): string {
  return `  exchange ${index} send${index} ${owes}${isAtOnce ? ' &' : ''}`;
}

/** For printf: everything but letters in octal. */
function octal(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[^a-zA-Z]/g, (unit) => `\\${unit.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

const PRELUDE = `end() { echo "$2"; exit "$1"; }
test $# -ge 2 || end 2 'usage: HOST PORT [SECONDS]'
HOST=$1 PORT=$2 SECS=\${3:-5} LC_ALL=C CLOSES=false KEPT=false AFTER=1 # seconds for more after an answer
export LC_ALL
MOST_BYTES=$((16 * 1024 * 1024 + 64 * 1024)) MOST_WORK=50000000 # bytes that come back on a connection, and frames times digits that are looked at`;

const PROGRAM = String.raw`DIR=$(mktemp -d) || exit 2
trap 'rm -rf "$DIR"' EXIT
# A pipe that nothing is written to: to wait for it starts no process, as sleep does.
mkfifo "$DIR/idle" && exec {IDLE}<>"$DIR/idle" || exit 2
nap() { read -rt "$1" -u $IDLE; }
now() { local t=$EPOCHREALTIME; NOW=$((${'$'}{t%[.,]*} * 1000 + 10#${'$'}{t#*[.,]} / 1000)); }
# frames NAME: of what came back, the types and payloads of complete frames in hex, and the number of bytes after them.
frames() {
  local hex at=0 length most
  TYPES=() FRAMES=()
  most=$MOST_BYTES
  [ "$(wc -c < "$DIR/$1")" -lt $MOST_BYTES ] || most=65536 # of a flood, the beginning is enough
  hex=$(head -c $most "$DIR/$1" | od -An -v -tx1 | tr -d ' \n')
  while ((at + 16 <= ${'$'}{#hex} && ${'$'}{#TYPES[@]} * ${'$'}{#hex} < MOST_WORK)); do
    length=$((2 * 16#${'$'}{hex:at+8:8}))
    ((at + 16 + length <= ${'$'}{#hex})) || break
    TYPES+=("${'$'}{hex:at:8}") FRAMES+=("${'$'}{hex:at+16:length}")
    at=$((at + 16 + length))
  done
  REST=$(((${'$'}{#hex} - at) / 2))
}
# exchange NAME SENDER OWES: what comes back is in the file NAME, and how the connection ended in NAME.how.
exchange() {
  local fd pid until due=false
  : > "$DIR/$1"; echo refused > "$DIR/$1.how"
  { exec {fd}<>"/dev/tcp/$HOST/$PORT"; } 2>/dev/null || return
  if [ "$3" = always ] || { [ "$3" = if-closes ] && $CLOSES; }; then due=true; fi
  (trap '' XFSZ; ulimit -f $((MOST_BYTES / 1024)); exec cat) <&$fd > "$DIR/$1" 2>/dev/null & pid=$!
  ("$2" >&$fd) 2>/dev/null
  now; until=$((NOW + SECS * 1000))
  $due || until=$((NOW + 200))
  echo closed > "$DIR/$1.how"
  while kill -0 $pid 2>/dev/null; do
    REST=
    [ -s "$DIR/$1" ] && frames "$1"
    # The rest of an answer that has begun is due as well.
    if [ "${'$'}{REST:-0}" != 0 ] && ! $due; then due=true; until=$((until - 200 + SECS * 1000)); fi
    if [ "$REST" = 0 ]; then
      nap $AFTER; kill -0 $pid 2>/dev/null && echo open > "$DIR/$1.how"; break
    fi
    now
    if ((NOW > until)); then if $due; then echo hung; else echo open; fi > "$DIR/$1.how"; break; fi
    nap 0.03
  done
  kill $pid 2>/dev/null; wait $pid 2>/dev/null
  [ "$(wc -c < "$DIR/$1")" -lt $MOST_BYTES ] || echo flood > "$DIR/$1.how"
  exec {fd}>&-
}
# text HEX: the bytes without NUL in TEXT.
text() { printf -v TEXT "$(sed 's/../\\x&/g; s/\\x00//g' <<< "$1")"; }
# field NAME VALUE: whether TEXT has it; the value is in VALUE. A pattern in a variable is one for every version of bash.
field() { local re="\"$1\"[[:space:]]*:[[:space:]]*($2)"; VALUE=; [[ $TEXT =~ $re ]] && VALUE=${'$'}{BASH_REMATCH[1]}; }
status() { text "$1"; field status '-?[0-9.eE+-]+'; }
probe() {
  local id payload size
  printf -v id '%04x%04x-%04x-%04x-%04x-%04x%04x%04x' $RANDOM $RANDOM $RANDOM $RANDOM $RANDOM $RANDOM $RANDOM $RANDOM
  payload="{\"task_id\":\"$id\",\"task_description\":\"probe\",\"from_addr\":\"0:0000.0000.0001\",\"to_addr\":\"0:0000.0000.0002\"}"
  printf -v size %x ${'$'}{#payload}
  legal() { printf '\0\0\0\1\0\0\0'; printf "\\x$size"; printf %s "$payload"; }
  exchange probe legal always
  read -r HEALTH < "$DIR/probe.how"
  frames probe
  [ ${'$'}{#FRAMES[@]} = 0 ] || { status "${'$'}{FRAMES[0]}"; HEALTH="status $VALUE"; }
}
# judge NAME OWES SUBMITS IS_STRICT IDS HAS_IDS: ends with status 1 if the invariant is broken on the connection.
judge() {
  local how at payload own sent legal='^[[:space:]]*\{.*\}[[:space:]]*$'
  read -r how < "$DIR/$1.how"
  frames "$1"
  echo "$how, ${'$'}{#FRAMES[@]} frames and $REST bytes came back $(head -c 300 "$DIR/$1" | od -An -v -c | tr -s ' \n' ' ')"
  [ $CHECK = survives ] && [[ $how == open || $how == hung || $how == flood ]] && KEPT=true
  case $CHECK in
    reacts)
      [ "$how" = hung ] && end 1 "the fault is there: no reaction within $SECS s" ;;
    answers-legally)
      [ "$how" = flood ] && end 1 'the fault is there: more came back than one frame can hold'
      [ "$REST" = 0 ] || end 1 "the fault is there: $REST bytes form no frame"
      for at in "${'$'}{!FRAMES[@]}"; do
        text "${'$'}{FRAMES[at]}"
        [[ ${'$'}{TYPES[at]} =~ ^0000000[12]$ && $TEXT =~ $legal ]] && field status '(200|400)[[:space:]]*[,}]' \
          && field task_id '"' && field message '"' \
          || end 1 'the fault is there: what came back is no legal SubmitResponse'
      done ;;
    accepts-legal-only)
      { [ "$3" = 1 ] || [ ${'$'}{#FRAMES[@]} = "$3" ]; } && [ ${'$'}{#FRAMES[@]} -gt 0 ] && status "${'$'}{FRAMES[0]}" && [ "$VALUE" = 200 ] \
        && end 1 'the fault is there: a SUBMIT that is not legal got 200' ;;
    answers-submits-only)
      [ ${'$'}{#FRAMES[@]} -gt "$3" ] && end 1 "the fault is there: ${'$'}{#FRAMES[@]} answers to $3 SUBMIT frames" ;;
    answers-own-id)
      sent=$("send$1" | od -An -v -tx1 | tr -d ' \n')
      for payload in "${'$'}{FRAMES[@]}"; do
        status "$payload"
        [ "$6" = true ] && { [ "$4" = true ] || [ "$VALUE" = 200 ]; } || continue
        field task_id '"([^"\\]|\\.)*"'
        VALUE=${'$'}{VALUE#\"}
        own=$(printf %s "${'$'}{VALUE%\"}" | od -An -v -tx1 | tr -d ' \n')
        [[ " $5 " == *" $own "* || $sent == *"22${'$'}{own}22"* ]] || end 1 'the fault is there: the answer has the id of another task'
      done ;;
  esac
  return 0
}
probe
[[ $HEALTH == status* ]] || end 2 "cannot tell: before the case, a legal SUBMIT is not answered ($HEALTH)"
USUAL=$HEALTH
[ "$(< "$DIR/probe.how")" = closed ] && CLOSES=true
AFTER=0.2`;

const AFTER = String.raw`  now; until=$NOW
  [ $CHECK = survives ] && until=$((NOW + 2500)) # a process that dies may accept connections meanwhile
  while :; do
    probe
    if [ "$HEALTH" != "$USUAL" ]; then
      [ $CHECK = survives ] && end 1 "the fault is there: after the case, a legal SUBMIT meets \"$HEALTH\", before \"$USUAL\""
      end 2 "cannot tell: after the case, a legal SUBMIT is not answered as before ($HEALTH)"
    fi
    now
    ((NOW >= until)) && break
    nap 0.4
  done`;
