/**
 * Programs of a few lines that play a finding without this kit: in bash with nc, or without it, and in Node. They show what
 * comes back, and their exit status says whether the target reacted and lives; whether what it answered is wrong, the
 * sentence at their head tells.
 */

import { printable } from '../../conformance/util/printable.ts';
import { type Action, type Case, type ConnectionActions, encodeAction, encodeActions } from '../case/case.ts';
import { INVARIANTS } from '../oracle/invariants.ts';
import type { Finding } from './finding.ts';

/** A command line has its limits; longer inputs are read from the .bin file beside the script. */
const INLINE_BYTES = 8 * 1024;

export function reproducers(finding: Finding): { readonly bash: string; readonly node: string } {
  const about = [
    `${finding.id} (clause ${finding.clause}): ${INVARIANTS[finding.invariant].requirement}`,
    `Seen: ${printable(finding.detail, 400)}`,
  ];
  return { bash: bash(finding, about), node: node(finding.value, about) };
}

const STATUS = 'Exit status 1: no reaction within SECONDS (default 5), or the target is gone.';

/** Sends all bytes of a connection at once, and leaves its sending side open: pauses and endings are the other program's. */
function bash({ id, value }: Finding, about: readonly string[]): string {
  const isAtOnce = value.arrangement === 'at-once' && value.connections.length > 1;
  const sends = value.connections.map((actions) => {
    const bytes = encodeActions(actions);
    const source =
      bytes.length > INLINE_BYTES && value.connections.length === 1
        ? `cat "$(dirname "$0")/${id}.bin"`
        : `printf '${octal(bytes)}'`;
    return `talk < <(${source}) ${isAtOnce ? '& talks="$talks $!"' : '|| status=1'}`;
  });
  return [
    '#!/usr/bin/env bash',
    ...about.map((line) => `# ${line}`),
    `# Usage: ${id}.sh HOST PORT [SECONDS]. Prints what comes back. ${STATUS}`,
    'test $# -ge 2 || { echo "usage: $0 HOST PORT [SECONDS]" >&2; exit 2; }',
    'HOST=$1 PORT=$2 SECS=$3 status=0 talks=; test "$SECS" || SECS=5; set -o pipefail',
    'if command -v nc >/dev/null; then ask() { timeout "$SECS" nc "$HOST" "$PORT" < <(cat; sleep "$SECS"); }',
    'else ask() { exec 3<>"/dev/tcp/$HOST/$PORT" && cat >&3 && timeout "$SECS" cat <&3; }; fi',
    'talk() {',
    '  answer=$(ask 2>/dev/null | od -An -c); ended=$?',
    '  if [ -n "$answer" ]; then echo "$answer"; echo "answered"',
    '  elif [ $ended = 124 ]; then echo "no reaction within $SECS s"; return 1',
    '  else echo "closed without an answer"; fi',
    '}',
    ...sends,
    'for talk in $talks; do wait "$talk" || status=1; done',
    'sleep 0.5; (exec 3<>"/dev/tcp/$HOST/$PORT") 2>/dev/null && echo "the target still listens" || { echo "the target is gone"; status=1; }',
    'exit $status',
    '',
  ].join('\n');
}

/** For printf: everything but letters and digits in octal. */
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
    'const talk = async (steps) => {',
    "  const socket = net.connect({ host, port }).on('error', (error) => console.log(error.code));",
    '  let isAnswered = false;',
    "  socket.on('data', (bytes) => {",
    '    isAnswered = true;',
    "    console.log(JSON.stringify(bytes.toString('latin1')));",
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
      ? 'await Promise.all(connections.map(talk));'
      : 'for (const steps of connections) await talk(steps);',
    'const end = (words, status) => (console.log(words), process.exit(status));',
    "net.connect({ host, port }).on('error', () => end('the target is gone', 1))",
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
