/** What a command reads: a file, or standard input. */

import { open } from 'node:fs/promises';
import { printable } from '../../conformance/util/printable.ts';
import { UsageError } from '../core/errors.ts';

/** Most bytes that are read, inclusive: four of the largest frames, and an end for input that has none. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'a directory, not a file',
  ENOENT: 'no such file',
};

/**
 * All of a file, or of standard input for `-` or nothing. Throws UsageError, which names `what` was expected.
 */
export async function readInput(file: string | undefined, what: string): Promise<Buffer> {
  if (file === undefined || file === '-') {
    if (process.stdin.isTTY) throw new UsageError(`give ${what}, or pipe it in`);
    return readAll(process.stdin, 'standard input');
  }
  try {
    const handle = await open(file);
    return await readAll(handle.createReadStream(), printable(file));
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
