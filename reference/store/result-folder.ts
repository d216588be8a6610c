/**
 * The results of submitted tasks on disk: task id, file name and bytes → a file that is never replaced (R5, R6).
 *
 *     results/<task_id>_<filename>     the result of the task
 *     late/<task_id>_<filename>        a result that came after the task had ended in another way, for a person to look at
 *     late/<task_id>_<n>_<filename>    another result of the same name, n from 2 on
 *
 * A legal file name has up to 256 bytes (R2), and a file system holds at most 255 in a name, some 143. A name that is too
 * long is shortened to at most SHORT_NAME_BYTES; `results` of the task file keeps the whole name.
 */
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { isSafeFilename, isSafeTaskId } from '../protocol/safe-name.ts';
import type { Directory } from './directory.ts';
import { StoreError } from './store-error.ts';

/** The longest name in most file systems, in bytes. Some hold fewer, and report ENAMETOOLONG. */
const MAX_NAME_BYTES = 255;
/** The most bytes in a shortened name, inclusive. File systems that encrypt names hold 143. */
const SHORT_NAME_BYTES = 140;
/** Longer than every allowed extension (R4). */
const MAX_EXTENSION_BYTES = 16;
/** No safe name contains it, so a shortened name is never the name of another result. */
const SHORTENED = '~0';
/** The most late results of one task, inclusive. A peer that repeats results cannot fill the disk with them. */
const MAX_LATE_RESULTS = 8;

export class ResultFolder {
  readonly #results: Directory;
  readonly #late: Directory;

  constructor(results: Directory, late: Directory) {
    this.#results = results;
    this.#late = late;
  }

  /**
   * Stores a result of a task as `<task_id>_<filename>` (R6). Never replaces a file of that name, because it may
   * belong to another task: `a` with `b_c.txt` and `a_b` with `c.txt` share a name (R5). Storing the same bytes again
   * succeeds and changes nothing. Throws a StoreError 'unsafe-id', 'unsafe-filename', 'result-exists' or 'io'.
   */
  async keep(taskId: string, filename: string, bytes: Uint8Array): Promise<void> {
    if (!(await keepIn(this.#results, taskId, filename, bytes))) {
      throw new StoreError('result-exists', 'a file of this name exists with other content');
    }
  }

  /**
   * Stores a result that its task does not take, unless `keep` has stored the same. Resolves to the path of the file in
   * the store, or to undefined when nothing was stored, because the result is there already or the task has 8 such
   * results. Call it under the lock of the task. Throws a StoreError 'unsafe-id', 'unsafe-filename' or 'io'.
   */
  async keepLate(taskId: string, filename: string, bytes: Uint8Array): Promise<string | undefined> {
    checkNames(taskId, filename);
    if (await isIn(this.#results, taskId, filename, bytes)) return undefined;
    const prefix = `${taskId}_`;
    const number = (await this.#late.names()).filter((name) => name.startsWith(prefix)).length;
    if (number >= MAX_LATE_RESULTS) return undefined;
    for (let n = 1; n <= MAX_LATE_RESULTS; n++) {
      const name = n === 1 ? filename : `${n}_${filename}`;
      if (await isIn(this.#late, taskId, name, bytes)) return undefined;
      const stored = await createIn(this.#late, taskId, name, bytes);
      if (stored !== undefined) return `late/${stored}`;
    }
    return undefined;
  }
}

/** Whether the directory holds the bytes under the name; creates the file if there is none. */
async function keepIn(
  directory: Directory,
  taskId: string,
  filename: string,
  bytes: Uint8Array,
): Promise<boolean> {
  checkNames(taskId, filename);
  if ((await createIn(directory, taskId, filename, bytes)) !== undefined) return true;
  if (!(await isIn(directory, taskId, filename, bytes))) return false;
  // The process that wrote the file may have ended before its name was on the disk.
  await directory.sync();
  return true;
}

/** Creates a file under the whole name, or under the short one if the file system cannot hold that. Resolves to the name. */
async function createIn(
  directory: Directory,
  taskId: string,
  filename: string,
  bytes: Uint8Array,
): Promise<string | undefined> {
  return await underName(taskId, filename, async (name) =>
    (await directory.create(name, bytes)) ? name : undefined,
  );
}

/** Whether the directory holds a file with these bytes under the whole name or the short one. */
async function isIn(
  directory: Directory,
  taskId: string,
  filename: string,
  bytes: Uint8Array,
): Promise<boolean> {
  return await underName(taskId, filename, async (name) => {
    try {
      const stored = await directory.read(name, bytes.length);
      return stored !== undefined && Buffer.compare(stored.bytes, bytes) === 0;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'unreadable') return false;
      throw error;
    }
  });
}

async function underName<T>(taskId: string, filename: string, use: (name: string) => Promise<T>): Promise<T> {
  const name = `${taskId}_${filename}`;
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return await use(shortName(taskId, filename));
  try {
    return await use(name);
  } catch (error) {
    if (!isTooLong(error)) throw error;
    return await use(shortName(taskId, filename));
  }
}

/** `<task_id>_<beginning of the name>~0<16 hex digits of its SHA-256><extension>`: the same for the same file name. */
function shortName(taskId: string, filename: string): string {
  const given = extname(filename);
  const extension = Buffer.byteLength(given) <= MAX_EXTENSION_BYTES ? given : '';
  const digest = createHash('sha256').update(filename).digest('hex').slice(0, 16);
  const end = `${SHORTENED}${digest}${extension}`;
  let head = `${taskId}_`;
  for (const character of filename) {
    if (Buffer.byteLength(head + character + end) > SHORT_NAME_BYTES) break;
    head += character;
  }
  return head + end;
}

function isTooLong(error: unknown): boolean {
  if (!(error instanceof StoreError) || !(error.cause instanceof Error)) return false;
  return 'code' in error.cause && error.cause.code === 'ENAMETOOLONG';
}

function checkNames(taskId: string, filename: string): void {
  if (!isSafeTaskId(taskId)) throw new StoreError('unsafe-id', 'the task id is not a safe file name');
  if (!isSafeFilename(filename))
    throw new StoreError('unsafe-filename', 'the name of the result is not a safe file name');
}
