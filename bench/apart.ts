/**
 * Measurements in processes of their own: how the compiler and the memory happened to take a function differs from one
 * process to the next by more than any margin from within one of them can know. A module that measures so is run as a
 * program, which is told what to measure and prints what it found as JSON.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Results may hold a number for each of very many measurements. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Runs the module at `url` with these arguments and gives what it printed. Throws when it fails. */
export function apart(url: string, args: readonly string[], input = new Uint8Array()): unknown {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', fileURLToPath(url), ...args],
    { input, encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES },
  );
  if (status !== 0) throw new Error(`a measurement ended with ${signal ?? status}: ${stderr.trim()}`);
  return JSON.parse(stdout);
}

/** The other side, for the module itself: its arguments when it was run so, otherwise undefined. */
export function argumentsApart(url: string): readonly string[] | undefined {
  const [, program, ...args] = process.argv;
  return program === fileURLToPath(url) ? args : undefined;
}
