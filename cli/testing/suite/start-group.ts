/** How a process for a group of test files is started. */

import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Start {
  readonly args: string[];
  readonly env: NodeJS.ProcessEnv;
}

/** As the test runner loads them, but without its hooks for coverage, which make the start and each import slower. */
const HOOKS = [
  '--import=@tapjs/mock/import',
  '--import=./cli/testing/typescript.mjs',
  '--import=./cli/testing/suite/teardown-first.mjs',
];

const GROUP = fileURLToPath(new URL('group.ts', import.meta.url));

/** First the folder of the real Python: a script of a version manager takes ten times as long to start it. */
const PATH = [pythonFolder(), process.env['PATH']].filter(Boolean).join(delimiter);

function pythonFolder(): string {
  const { stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  return stdout ? dirname(stdout.trim()) : '';
}

/** The arguments and the environment of `node`. A file that is alone is run as it is. */
export function startOfGroup(files: readonly string[]): Start {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const [first = GROUP, ...others] = files;
  return {
    args: ['--enable-source-maps', ...HOOKS, others.length === 0 ? first : GROUP],
    env: { ...env, PATH, CONFORM_TEST_FILES: files.join('\n') },
  };
}
