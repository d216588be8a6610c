/** Files and folders that a command writes: checked before its work begins, and reported in one line when a write fails. */

import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { access, constants, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { makeFolder } from '../../conformance/util/folders.ts';
import { printablePath } from '../../conformance/util/printable.ts';
import type { Context } from './context.ts';
import { codeOf, UsageError } from './errors.ts';
import { openToWrite, withoutLinks } from './replace-file.ts';

/**
 * Throws a UsageError if `replaceFile` could not write the file that the option names. `roomBytes`: how much has to have room
 * on the disk now; by default a full disk shows only later.
 */
export function checkOutputFile(option: string, path: string, roomBytes = 0): Promise<void> {
  return check(option, path, async () => {
    const file = await withoutLinks(path);
    const found = await statOf(file);
    if (found?.isDirectory()) return 'EISDIR';
    if (found?.isFIFO()) closeSync(openToWrite(file));
    await (found ? access(file, constants.W_OK) : accessFolder(dirname(file)));
    // A device or a pipe has no room, and a folder may permit no other file than this one.
    if (found === undefined) await tryRoom(dirname(file), roomBytes);
    return undefined;
  });
}

/** Creates the folder of a file that the option names, and its parents. Throws a UsageError. */
export function makeFolderOf(option: string, path: string): Promise<void> {
  return check(option, path, async () => {
    makeFolder(dirname(resolve(path)));
    return undefined;
  });
}

/** As `checkOutputFile`, for a folder, which is created when it is needed. */
export function checkOutputFolder(option: string, path: string, roomBytes = 0): Promise<void> {
  return check(option, path, async () => {
    let folder = resolve(path);
    let found = await statOf(folder);
    while (found === undefined) {
      folder = dirname(folder);
      found = await statOf(folder);
    }
    if (!found.isDirectory()) return 'ENOTDIR';
    await accessFolder(folder);
    await tryRoom(folder, roomBytes);
    return undefined;
  });
}

/** Writes that many bytes into a file of the folder, and removes it. Rejects with the system's error. */
async function tryRoom(folder: string, bytes: number): Promise<void> {
  if (bytes === 0) return;
  const file = join(folder, `.conform-${randomBytes(4).toString('hex')}.tmp`);
  try {
    await writeFile(file, Buffer.alloc(bytes), { flag: 'wx' });
  } finally {
    await rm(file, { force: true });
  }
}

/** `find` returns the system's code for what is wrong, or rejects with the system's error. */
async function check(option: string, path: string, find: () => Promise<string | undefined>): Promise<void> {
  const code = await find().catch(codeOf);
  if (code !== undefined)
    throw new UsageError(`${option} ${printablePath(path)} cannot be written (${why(code)})`);
}

function statOf(path: string) {
  return stat(path).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    return undefined;
  });
}

function accessFolder(folder: string): Promise<void> {
  return access(folder, constants.W_OK | constants.X_OK);
}

/** Runs a write. A failure is one line on standard error. Whether it succeeded. */
export async function tryWrite(path: string, context: Context, write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    context.err(cannotWrite(path, error));
    return false;
  }
}

/** The end of a target: a failure to remove its folder is one line on standard error, and changes no verdict. */
export async function closeQuietly(close: () => Promise<void>, context: Context): Promise<void> {
  try {
    await close();
  } catch (error) {
    const path = error instanceof Error && 'path' in error ? String(error.path) : 'a temporary folder';
    context.err(`conform: cannot remove ${printablePath(path)} (${codeOf(error)})\n`);
  }
}

/** The line for standard error. Throws what is no error of the system. */
export function cannotWrite(path: string, error: unknown): string {
  return `conform: cannot write ${printablePath(path)} (${why(codeOf(error))})\n`;
}

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EEXIST: 'a part of its path is a file',
  EISDIR: 'it is a folder, and must be a file',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is a file',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'over the limit of the size of a file',
  ENOSPC: 'no space is left on the disk',
  ENXIO: 'a named pipe that no program reads',
  EROFS: 'the disk is read-only',
};

/** The code of the system, with what it means if that is not well known. */
export function why(code: string): string {
  const meaning = MEANINGS[code];
  return meaning === undefined ? code : `${code}: ${meaning}`;
}

/** The status of a command whose report is incomplete or missing, with a line that says so. */
export function reportLost(context: Context): ExitStatus {
  context.err(`conform: a report is incomplete or missing (exit ${EXIT.incomplete} if nothing is worse)\n`);
  return EXIT.incomplete;
}
