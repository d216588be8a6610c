/** Writes of output files as a whole. */

import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';

/**
 * Replaces a file, or creates it: a reader sees the old content or the new content, never a part, also after a
 * crash. A device or a pipe, such as /dev/stdout, is written in place. Rejects with the system's error.
 */
export async function replaceFile(path: string, data: string | Uint8Array): Promise<void> {
  const file = await realpath(path).catch(() => path);
  const before = await stat(file).catch(() => undefined);
  if (before !== undefined && !before.isFile()) return writeFile(file, data);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, data, { mode: before?.mode ?? 0o666 });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
