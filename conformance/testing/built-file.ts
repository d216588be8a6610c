/** Built files, for tests that start a program of the package in a process. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../util/package-file.ts';

const SOURCES = ['reference', 'conformance', 'fuzz', 'bench', 'cli', 'cli.ts'];
/** What the build leaves out, by a part of the path. */
const NOT_BUILT = /\.(?:test|fixture|browser|d)\.ts$|(?:^|\/)testing\//;

let isChecked = false;

/** The path of a file in dist/. Throws when the build is missing, or older than a source: the test would test old code. */
export function builtFile(path: string): string {
  const root = fileURLToPath(packageFile('.'));
  if (!isChecked) {
    const source = newerSource(root);
    if (source !== undefined) throw new Error(`dist/ is older than ${source}; run npm run build`);
    isChecked = true;
  }
  return join(root, 'dist', path);
}

/** The first source under `root` whose built file is missing or older; undefined when the build is current. */
export function newerSource(root: string): string | undefined {
  return SOURCES.flatMap((name) => filesOf(root, name)).find((source) => {
    if (!source.endsWith('.ts') || NOT_BUILT.test(source)) return false;
    const built = modifiedMs(join(root, 'dist', source.replace(/\.ts$/, '.js')));
    return built === undefined || built < (modifiedMs(join(root, source)) ?? 0);
  });
}

function filesOf(root: string, name: string): readonly string[] {
  const stats = statSync(join(root, name), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [name];
  return readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map(
    (file) => `${name}/${file}`,
  );
}

function modifiedMs(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
