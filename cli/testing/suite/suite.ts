/**
 * The tests of a suite, one process for each group of test files: `npm test` runs the quick suite, and `npm run test:slow` gives
 * the word `slow`.
 */

import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import t from 'tap';
import { compiled } from '../compiled.mjs';
import { groupsOfFiles, sourceFiles } from './groups.ts';
import { startOfGroup } from './start-group.ts';

/** A group that does not end within this time has failed. */
const TIMEOUT_MS = 1_800_000;

t.setTimeout(0);
// Otherwise the groups that start first would compile the same files.
await Promise.all(sourceFiles().map((file) => compiled(resolve(file))));
// The long groups wait for most of their time.
t.jobs = availableParallelism() + 2;
for (const files of groupsOfFiles(process.argv[2] === 'slow' ? 'slow' : 'quick')) {
  const { args, env } = startOfGroup(files);
  const name = files.length === 1 ? files[0] : `${files[0]} to ${files.at(-1)}`;
  t.spawn(process.execPath, args, { env, buffered: true, timeout: TIMEOUT_MS }, name);
}
