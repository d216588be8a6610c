/**
 * Small programs that reproduce a finding without this kit: one for bash, with or without nc, and one for Node. They print
 * what comes back. Their exit status says whether the target reacted and still listens; the sentence at their head says what
 * is wrong with the answer.
 */

import { printable } from '../../conformance/util/printable.ts';
import { type Action, type Case, type ConnectionActions, encodeAction, encodeActions } from '../case/case.ts';
import { INVARIANTS } from '../oracle/invariants.ts';
import type { Finding } from './finding.ts';

/** A command line has a limit, so a longer input is read from the .bin file next to the script. */
const INLINE_BYTES = 8 * 1024;

export function reproducers(finding: Finding): { readonly bash: string; readonly node: string } {
  const about = [
    `${finding.id} (clause ${finding.clause}): ${INVARIANTS[finding.invariant].requirement}`,
    `Observed: ${printable(finding.detail, 400)}`,
  ];
  return { bash: bash(finding, about), node: node(finding.value, about) };
}

const STATUS = 'Exit status 1: no reaction within SECONDS (default 5), or the target no longer listens.';

/** Sends all bytes of a connection at once, and keeps its sending side open. Only the Node program pauses, and ends by FIN or reset. */
function bash({ id, value }: Finding, about: readonly string[]): string {
  const isAtOnce = value.arrangement === 'at-once' && value.connections.length > 1;
  const sends = value.connections.map((actions) => {
    const bytes = encodeActions(actions);
    const source =
      bytes.length > INLINE_BYTES && value.connections.length === 1
        ? `cat "$(dirname "$0")/${id}.bin"`
        : `printf '${octal(bytes)}'`;
    return `exchange < <(${source}) ${isAtOnce ? '& pids="$pids $!"' : '|| status=1'}`;
  });
  return [
    '#!/usr/bin/env bash',
    ...about.map((line) => `# ${line}`),
    `# Usage: ${id}.sh HOST PORT [SECONDS]. Prints what comes back. ${STATUS}`,
    'test $# -ge 2 || { echo "usage: $0 HOST PORT [SECONDS]" >&2; exit 2; }',
    'HOST=$1 PORT=$2 SECS=$3 status=0 pids=; test "$SECS" || SECS=5; set -o pipefail',
    'if command -v nc >/dev/null; then ask() { timeout "$SECS" nc "$HOST" "$PORT" < <(cat; sleep "$SECS"); }',
    'else ask() { exec 3<>"/dev/tcp/$HOST/$PORT" && cat >&3 && timeout "$SECS" cat <&3; }; fi',
    'exchange() {',
    '  answer=$(ask 2>/dev/null | LC_ALL=C od -An -c); ended=$?',
    '  if [ -n "$answer" ]; then echo "$answer"; echo "answered"',
    '  elif [ $ended = 124 ]; then echo "no reaction within $SECS s"; return 1',
    '  else echo "closed without an answer"; fi',
    '}',
    ...sends,
    'for pid in $pids; do wait "$pid" || status=1; done',
    'sleep 0.5; (exec 3<>"/dev/tcp/$HOST/$PORT") 2>/dev/null && echo "the target still listens" || { echo "the target no longer listens"; status=1; }',
    'exit $status',
    '',
  ].join('\n');
}

/** For printf: everything but letters in octal. */
function octal(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[^a-zA-Z]/g, (unit) => `\\${unit.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function node(value: Case, about: readonly string[]): string {
  return [
    ...about.map((line) => `// ${line}`),
    `// Usage: node FILE HOST PORT [SECONDS]. Prints what comes back. ${STATUS}`,
    "import net from 'node:net';",
    "import { setTimeout as pause } from 'node:timers/promises';",
    "const [host = '127.0.0.1', port = 1003, seconds = 5] = process.argv.slice(2);",
    'const exchange = async (steps) => {',
    "  const socket = net.connect({ host, port }).on('error', (error) => console.log(error.code));",
    '  let isAnswered = false;',
    "  socket.on('data', (bytes) => {",
    '    isAnswered = true;',
    "    const text = JSON.stringify(bytes.toString('latin1'));",
    "    console.log(text.replace(/[^ -~]/g, (unit) => '\\\\x' + unit.charCodeAt(0).toString(16)));",
    '  });',
    "  const closed = new Promise((resolve) => socket.on('close', resolve));",
    '  for (const step of steps) await step(socket);',
    "  const ended = await Promise.race([closed.then(() => 'closed'), pause(1000 * seconds, 'open')]);",
    '  socket.destroy();',
    "  const isHung = ended === 'open' && !isAnswered;",
    '  console.log(isHung ? "no reaction within " + seconds + " s" : ended);',
    '  if (isHung) process.exitCode = 1;',
    '};',
    `const connections = [\n${value.connections.map(steps).join('')}];`,
    value.arrangement === 'at-once'
      ? 'await Promise.all(connections.map(exchange));'
      : 'for (const steps of connections) await exchange(steps);',
    'const end = (words, status) => (console.log(words), process.exit(status));',
    "net.connect({ host, port }).on('error', () => end('the target no longer listens', 1))",
    "  .on('connect', () => end('the target still listens', process.exitCode));",
    '',
  ].join('\n');
}

function steps(actions: ConnectionActions): string {
  const lines = actions.map((action) => `    ${step(action)},\n`);
  return `  [\n${lines.join('')}  ],\n`;
}

function step(action: Action): string {
  switch (action.do) {
    case 'frame':
    case 'bytes': {
      const hex = encodeAction(action).toString('hex');
      const size = action.do === 'frame' ? action.segmentBytes : undefined;
      if (size === undefined) return `(s) => s.write(Buffer.from('${hex}', 'hex'))`;
      return `async (s) => { for (const part of '${hex}'.match(/.{1,${2 * size}}/g)) { s.write(Buffer.from(part, 'hex')); await pause(1); } }`;
    }
    case 'pause':
      return `() => pause(${action.ms})`;
    case 'fin':
      return '(s) => s.end()';
    case 'reset':
      return '(s) => s.resetAndDestroy()';
  }
}
