/**
 * Files that change, in bursts: an editor writes, renames and removes several files for one save, and a build writes
 * thousands. A burst begins with its first change and has ended when nothing has changed for a while.
 */

import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { watch } from 'chokidar';
import { printable, printablePath } from '../../conformance/util/printable.ts';
import { codeOf } from '../core/errors.ts';
import { why } from '../core/output-files.ts';
import { wrong } from '../options/options.ts';

/** How long nothing has to change until a burst has ended, in milliseconds: longer than an editor takes between two steps of a save. */
const QUIET_MS = 100;

/** Folders of tools: they hold what is made from the sources, or is not of the project. */
const TOOL_FOLDERS = [
  ...['node_modules', 'dist', 'build', 'out', 'target', 'coverage', 'vendor', '__pycache__'],
];

/** Files that an editor keeps next to the one that it edits, and logs. `4913` is a test of Vim whether it can write. */
const PASSING_FILES = /^(?:4913|#.*#|.*~|.*\.(?:tmp|swp|swo|log|pyc))$/;

export interface WatchOptions {
  /** Files that the command itself writes: their changes do not count. */
  readonly ignored: readonly string[];
  /** Called when a burst begins. */
  readonly onBegin: () => void;
  /** Called when a burst has ended, with the files and folders that changed, relative to the working directory. */
  readonly onEnd: (changed: readonly string[]) => void;
  /** Called with a sentence, once, when the system cannot watch all files. */
  readonly onLack: (text: string) => void;
}

/**
 * Watches files, and folders with all that they hold, now or later. Resolves, when all of them are watched, to a function
 * that ends it. Throws a UsageError for a path that does not exist.
 */
export async function watchFiles(
  paths: readonly string[],
  { ignored, onBegin, onEnd, onLack }: WatchOptions,
): Promise<() => Promise<void>> {
  const roots = paths.map((path) => resolve(path));
  for (const path of paths)
    await stat(path).catch((error: unknown) => {
      const code = codeOf(error);
      throw code === 'ENOENT'
        ? wrong('--watch', `${printablePath(path)}: there is no such file or folder`)
        : wrong('--watch', `${printablePath(path)} cannot be watched (${why(code)})`);
    });
  const own = new Set(ignored.map((file) => resolve(file)));
  let changed = new Set<string>();
  let quiet: NodeJS.Timeout | undefined;
  let lacks = false;
  const watcher = watch(roots, {
    ignoreInitial: true,
    ignored: (path) => own.has(resolve(path)) || roots.every((root) => isPassing(root, path)),
  });
  watcher.on('all', (_, path) => {
    if (changed.size === 0) onBegin();
    changed.add(shortest(path));
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      const files = [...changed];
      changed = new Set();
      onEnd(files);
    }, QUIET_MS);
  });
  watcher.on('error', (error) => {
    if (lacks) return;
    lacks = true;
    onLack(`not every file can be watched (${printable(String((error as Error).message))})`);
  });
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return async () => {
    clearTimeout(quiet);
    await watcher.close();
  };
}

/** Whether changes of the path are of no interest below that root. What the user names is of interest, whatever its name is. */
export function isPassing(root: string, path: string): boolean {
  const below = relative(root, path);
  if (below === '') return false;
  if (below.startsWith('..') || isAbsolute(below)) return true;
  const names = below.split(sep);
  return names.some(
    (name) => name.startsWith('.') || TOOL_FOLDERS.includes(name) || PASSING_FILES.test(name),
  );
}

function shortest(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? join(path) : below || '.';
}
