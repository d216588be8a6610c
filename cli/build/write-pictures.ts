/**
 * `npm run pictures`: records a run against a server with one fault in a terminal, and writes it to docs/images/: as a picture of
 * its end, and as a recording. Needs the commands `script` of util-linux, and `python3`.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { makeFolder } from '../../conformance/util/folders.ts';
import { type Piece, terminalSvg } from './terminal-svg.ts';

const SERVER = 'docs/adapters/servers/python-asyncio.py';
/** The bound of S5 counts characters. */
const FAULT = {
  line: 'if size(description) > DESCRIPTION_CAP',
  instead: 'if len(description) > DESCRIPTION_CAP',
};
const COMMAND = "conform --exec 'python3 server.py {port} {dir}' --section submit";
const FOLDER = 'docs/images';
const SIZE = { columns: 120, rows: 34, from: 'FAIL ' };

const server = readFileSync(SERVER, 'utf8');
if (!server.includes(FAULT.line)) throw new Error(`${SERVER} has no line ${FAULT.line}`);
const folder = mkdtempSync(join(tmpdir(), 'conform-pictures-'));
try {
  writeFileSync(join(folder, 'server.py'), server.replace(FAULT.line, FAULT.instead));
  const pieces = await record(folder);
  makeFolder(FOLDER);
  for (const [name, isAnimated] of [
    ['failure', false],
    ['run', true],
  ] as const) {
    const title =
      'conform judges a server that counts characters where the protocol counts bytes, and explains the failure';
    writeFileSync(
      join(FOLDER, `${name}.svg`),
      terminalSvg(pieces, { ...SIZE, command: COMMAND, title, isAnimated }),
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** What the built command prints on a terminal of this size, and when. */
async function record(cwd: string): Promise<readonly Piece[]> {
  const line = COMMAND.replace(/^conform/, `node '${resolve('dist/cli.js')}'`);
  const { NO_COLOR: _, CI: __, ...env } = process.env;
  const child = spawn(
    'script',
    ['-qec', `stty cols ${SIZE.columns} rows ${SIZE.rows}; ${line} --seed 7`, '/dev/null'],
    { cwd, env: { ...env, TERM: 'xterm' }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const began = performance.now();
  const pieces: Piece[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    pieces.push({ atMs: performance.now() - began, text });
  });
  const [status] = await once(child, 'close');
  if (status !== 1) throw new Error(`the run ended with exit status ${status}, not 1`);
  return pieces;
}
