/** How a process for a group of test files is started. */

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

/** The arguments and the environment of `node`. A file that is alone is run as it is. */
export function startOfGroup(files: readonly string[]): Start {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const [first = GROUP, ...others] = files;
  return {
    args: ['--enable-source-maps', ...HOOKS, others.length === 0 ? first : GROUP],
    env: { ...env, CONFORM_TEST_FILES: files.join('\n') },
  };
}
