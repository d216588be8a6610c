/**
 * Monitors what is next to the store, and in the store outside of its folders: names and content. The folder around a store
 * belongs to others as well: logs, temporary files, stores of other targets. So a file that appeared or changed counts only
 * if a case that was sent shortly before explains it.
 */

import { createHash } from 'node:crypto';
import { lstat, open, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { printable } from '../../conformance/util/printable.ts';
import type { Case } from '../case/case.ts';
import { type Monitor, symptomOf } from './monitors.ts';
import { markerIn, type StrayFile } from './store-marker.ts';

const FOLDERS = ['received', 'submitted', 'results'];
/** Bytes of a file that are read. */
const READ_BYTES = 1024 * 1024;
/** Bytes of all files together that are read at the beginning. */
const READ_AT_START_BYTES = 64 * 1024 * 1024;
/** Most files that are monitored. */
const MAX_FILES = 10_000;
/** A file that changed so often without a case that explains it belongs to another program. */
const MAX_UNEXPLAINED = 3;

/** What is known of a file. */
interface Known {
  readonly stamp: string;
  readonly sizeBytes: number;
  /** Of its first `READ_BYTES`. Undefined if it was not read. */
  readonly digest: string | undefined;
  unexplained: number;
}

/** Monitors the store in this folder. */
export function storeMonitor(tasksDir: string): Monitor {
  const store = resolve(tasksDir);
  const parent = dirname(store);
  let known = new Map<string, Known>();

  const paths = async (): Promise<string[]> => {
    const [around, within] = await Promise.all([namesIn(parent), namesIn(store)]);
    const all = [
      ...around.filter((name) => name !== basename(store)).map((name) => join(parent, name)),
      ...within.filter((name) => !FOLDERS.includes(name)).map((name) => join(store, name)),
    ];
    return all.slice(0, MAX_FILES);
  };

  /** The file if it is new, or has other content than before and not only more of it. */
  const changed = async (path: string): Promise<(StrayFile & { readonly isNew: boolean }) | undefined> => {
    const stats = await statOf(path);
    const before = known.get(path);
    if (stats === undefined || before?.stamp === stats.stamp) return undefined;
    const unexplained = before?.unexplained ?? 0;
    if (unexplained >= MAX_UNEXPLAINED) return undefined;
    const content = stats.isFile ? await headOf(path, stats.sizeBytes) : Buffer.alloc(0);
    known.set(path, { ...stats, digest: digestOf(content), unexplained: unexplained + 1 });
    if (before !== undefined && isContinued(before, content)) return undefined;
    return { path: relative(store, path), content, isNew: before === undefined };
  };

  return {
    start: async () => {
      known = new Map();
      let left = READ_AT_START_BYTES;
      for (const path of await paths()) {
        const stats = await statOf(path);
        if (stats === undefined) continue;
        const content = stats.isFile && left > 0 ? await headOf(path, stats.sizeBytes) : undefined;
        left -= content?.length ?? 0;
        known.set(path, { ...stats, digest: content && digestOf(content), unexplained: 0 });
      }
    },
    check: async (cases) => {
      let recent: readonly Case[] | undefined;
      for (const path of await paths()) {
        const file = await changed(path);
        if (file === undefined) continue;
        recent ??= cases();
        const cause = explanation(file, recent);
        if (cause === undefined) continue;
        const what = file.isNew ? 'appeared' : 'was overwritten';
        const detail = `${printable(file.path)} ${what}, outside the folders of the store; the case sent "${printable(cause.marker, 80)}"`;
        return { ...symptomOf('keeps-to-store', detail, 'a file'), value: cause.value };
      }
      return undefined;
    },
  };
}

/** The first case that explains the file, and what of it the file shows. */
function explanation(
  file: StrayFile,
  cases: readonly Case[],
): { readonly value: Case; readonly marker: string } | undefined {
  for (const value of cases) {
    const marker = markerIn(file, value);
    if (marker !== undefined) return { value, marker };
  }
  return undefined;
}

/** Whether the content begins with all that was there before, as that of a log does. */
function isContinued({ sizeBytes, digest }: Known, content: Buffer): boolean {
  return sizeBytes > 0 && digest === digestOf(content.subarray(0, Math.min(sizeBytes, READ_BYTES)));
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Undefined for a file that is gone. */
async function statOf(
  path: string,
): Promise<(Pick<Known, 'stamp' | 'sizeBytes'> & { isFile: boolean }) | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return undefined;
  const stamp = stats.isFile() ? `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}` : 'other';
  return { stamp, sizeBytes: stats.size, isFile: stats.isFile() };
}

/** The first `READ_BYTES` of a file; empty if it cannot be read. */
async function headOf(path: string, sizeBytes: number): Promise<Buffer> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return Buffer.alloc(0);
  try {
    const length = Math.min(sizeBytes, READ_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return Buffer.alloc(0);
  } finally {
    await file.close();
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
