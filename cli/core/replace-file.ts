/** Writes of output files as a whole. */

import { randomBytes } from 'node:crypto';
import { readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf } from './errors.ts';

/** A folder in which no file can be created, or a file that is mounted alone: the file itself may be writable. */
const ONLY_IN_PLACE = ['EACCES', 'EPERM', 'EROFS', 'EBUSY'];

/**
 * Replaces a file, or creates it: a reader sees the old content or the new content, never a part, also after a crash or on
 * a full disk. A symbolic link stays, and what it names is replaced. A device or a pipe, such as /dev/stdout, is written in
 * place, and so is a file in a folder that permits no other file. Rejects with the system's error.
 */
export async function replaceFile(path: string, data: string | Uint8Array): Promise<void> {
  const file = await withoutLinks(path);
  const before = await stat(file).catch(() => undefined);
  if (before !== undefined && !before.isFile()) return writeFile(file, data);
  const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, data, { mode: before?.mode ?? 0o666, flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    if (before === undefined || !ONLY_IN_PLACE.includes(codeOf(error))) throw error;
    await writeFile(file, data);
  }
}

/** The path without symbolic links, also when the last one names a file that does not exist yet. */
export async function withoutLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? path : withoutLinks(resolve(dirname(path), link));
  }
}
