/** Writes exported files into a directory. A list in the directory names them, so that no other file is overwritten. */

import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../conformance/util/folders.ts';
import { UsageError } from '../core/errors.ts';
import type { ExportedFile } from './json.ts';

/** The list: MARKER, then one path on each line. */
const LIST = 'conform-fixtures.txt';
const MARKER = 'Written by conform fixtures, which may write these files again:';

/**
 * Creates `dir` if it is missing and writes the files; stops early when the signal fires. Throws UsageError when `dir`
 * is not a directory, when a file exists that no export wrote, or when the system refuses a write.
 */
export async function writeFiles(
  dir: string,
  files: readonly ExportedFile[],
  signal: AbortSignal,
): Promise<void> {
  try {
    const written = await listed(dir);
    for (const { path } of files) {
      if (!written.has(path) && (await exists(join(dir, path))))
        throw new UsageError(
          `${join(dir, path)} exists, and conform did not write it; choose another directory`,
        );
    }
    makeFolder(dir);
    // Before the files, so that after an interruption all of them are on the list.
    const paths = new Set([...written, ...files.map(({ path }) => path)]);
    await writeFile(join(dir, LIST), `${[MARKER, ...paths].join('\n')}\n`);
    for (const { path, content } of files) {
      if (signal.aborted) return;
      makeFolder(dirname(join(dir, path)));
      await writeFile(join(dir, path), content());
    }
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error) || !('code' in error)) throw error;
    throw new UsageError(`cannot export to ${dir}: ${error.message}`);
  }
}

/** The paths that earlier exports wrote. */
async function listed(dir: string): Promise<ReadonlySet<string>> {
  if (!(await exists(dir))) return new Set();
  if (!(await stat(dir)).isDirectory()) throw new UsageError(`${dir} is a file; --export needs a directory`);
  const list = join(dir, LIST);
  if (!(await exists(list))) return new Set();
  const [marker, ...paths] = (await readFile(list, 'utf8')).trimEnd().split('\n');
  if (marker !== MARKER)
    throw new UsageError(`${list} exists, and conform did not write it; choose another directory`);
  return new Set(paths);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
