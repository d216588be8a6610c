/** The input of a command: a file, or standard input. */

import { open, stat } from 'node:fs/promises';
import { printable } from '../../conformance/util/printable.ts';
import { UsageError } from '../core/errors.ts';
import { openPipe } from '../core/read-file.ts';

/** The most bytes that are read, inclusive: four frames of the greatest size. It also ends an endless input. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOENT: 'no such file',
};

/** Reads a file, or standard input for `-` or undefined. `what` names the expected input in the UsageError that it throws. */
export async function readInput(file: string | undefined, what: string): Promise<Buffer> {
  if (file === undefined || file === '-') {
    if (process.stdin.isTTY) throw new UsageError(`give ${what}, or pipe the input in`);
    return readAll(process.stdin, 'standard input');
  }
  try {
    const pipe = openPipe(file, await stat(file));
    return await readAll(pipe ?? (await open(file)).createReadStream(), printable(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new UsageError(`${printable(file)}: ${REASONS[code] ?? code}`);
  }
}

async function readAll(stream: AsyncIterable<Buffer>, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > MAX_INPUT_BYTES) throw new UsageError(`${name}: more than ${MAX_INPUT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
