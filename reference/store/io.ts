/**
 * The calls of the file system with which directory.ts and batch-writer.ts write files, and failures of the file system as
 * StoreErrors. The calls take descriptors as numbers: the objects of `node:fs/promises` cost a third of the processor time that a
 * small file needs.
 */
import fs, { constants } from 'node:fs';
import { promisify } from 'node:util';
import { StoreError } from './store-error.ts';

export const open = promisify(fs.open);
export const write = promisify(fs.write);
export const fsync = promisify(fs.fsync);
export const close = promisify(fs.close);
export const link = promisify(fs.link);
export const rename = promisify(fs.rename);
export const unlink = promisify(fs.unlink);
export const lstat = promisify(fs.lstat);

/**
 * The flag of `open` that makes each write end when its bytes are on the disk, as fdatasync does. It saves the fsync, which is
 * one of few calls that a task waits for. 0 where a file needs fsync: Windows has no such flag, and on macOS only fsync
 * empties the cache of the drive.
 */
export const SYNCED_WRITES: number = process.platform === 'linux' ? constants.O_DSYNC : 0;

/** Awaits a call of the file system and turns its failure into a StoreError 'io'. */
export async function io<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw ioError(error);
  }
}

/** A StoreError 'io' with the failure as its cause. */
export function ioError(cause: unknown): StoreError {
  // The message of the system contains a path, which a peer must not see. It stays in the cause.
  return new StoreError('io', `the file system reported an error: ${errorCode(cause) ?? 'unknown error'}`, {
    cause,
  });
}

/** The code of a failure of the system, such as 'ENOENT'. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
