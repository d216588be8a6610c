/** Writes of output files as a whole. */

import { randomBytes } from 'node:crypto';
import { closeSync, constants, createWriteStream, openSync, statSync } from 'node:fs';
import { link, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
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
  if (before !== undefined && !before.isFile()) return await writeInPlace(file, data);
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

/** A file system without hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Creates a file with its whole content. Returns false if there is one of that name, which stays, also if another process
 * creates it at the same moment. Rejects with the system's error.
 */
export async function createFile(path: string, data: string | Uint8Array): Promise<boolean> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, data, { flag: 'wx' });
    await link(temporary, path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.includes(code)) throw error;
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
  return await writeFile(path, data, { flag: 'wx' }).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
      return false;
    },
  );
}

function writeInPlace(file: string, data: string | Uint8Array): Promise<void> {
  return pipeline([data], createWriteStream(file, { fd: openToWrite(file) }));
}

/**
 * Opens a file of any kind, which is emptied or created. Throws the system's error, which is ENXIO for a named pipe that no
 * program reads: to open it as usual would wait for a reader, and nothing ends that wait.
 */
export function openToWrite(file: string): number {
  if (statSync(file, { throwIfNoEntry: false })?.isFIFO() !== true) return openSync(file, 'w');
  const held = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    return openSync(file, 'w');
  } finally {
    closeSync(held);
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
