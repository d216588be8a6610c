/** The input of a command: a file, or standard input. */

import { UsageError } from '../core/errors.ts';
import { type ReadOptions, readBytes, readStream } from '../core/read-file.ts';

/** Reads a file, or standard input for `-` or undefined. `what` names the expected input in the UsageError that it throws. */
export async function readInput(
  file: string | undefined,
  what: string,
  options: ReadOptions = {},
): Promise<Buffer> {
  if (file !== undefined && file !== '-') return await readBytes(file, options);
  if (process.stdin.isTTY) throw new UsageError(`give ${what}, or pipe the input in`);
  return await readStream(process.stdin, 'standard input', options);
}
