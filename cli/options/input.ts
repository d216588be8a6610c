/** The input of a command: a file, or standard input. */

import { open } from 'node:fs/promises';
import { printable } from '../../conformance/util/printable.ts';
import { UsageError } from '../core/errors.ts';

/** The most bytes that are read, inclusive: four frames of the greatest size. It also ends an endless input. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOENT: 'no such file',
};

/**
 * Reads a file, or standard input for `-` or undefined. `what` names the expected input in the UsageError that it throws.
 * `maxBytes` is inclusive.
 */
export async function readInput(
  file: string | undefined,
  what: string,
  maxBytes = MAX_INPUT_BYTES,
): Promise<Buffer> {
  if (file === undefined || file === '-') {
    if (process.stdin.isTTY) throw new UsageError(`give ${what}, or pipe the input in`);
    return readAll(process.stdin, 'standard input', maxBytes);
  }
  try {
    const handle = await open(file);
    return await readAll(handle.createReadStream(), printable(file), maxBytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new UsageError(`${printable(file)}: ${REASONS[code] ?? code}`);
  }
}

async function readAll(stream: AsyncIterable<Buffer>, name: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBytes) throw new UsageError(`${name}: more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
