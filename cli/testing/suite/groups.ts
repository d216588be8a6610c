/**
 * The test files in groups. The files of a group run in one process, one after the other: for most files, to start a process
 * with the test runner and the sources takes longer than the tests.
 */

import { readdirSync } from 'node:fs';

const FOLDERS = ['reference', 'conformance', 'fuzz', 'bench', 'cli'];

/**
 * Files that take long, most of them because they wait for processes and deadlines. Each has a process of its own. They start
 * in this order and before all others, so that at the end no processor waits for one of them.
 */
const LONG: readonly string[] = [
  'docs.test.ts',
  'fuzz/campaign/state-faults.test.ts',
  'cli/commands/bench.test.ts',
  'conformance/mutants/check/mutants.test.ts',
  'conformance/mutants/check/variants.test.ts',
  'cli.test.ts',
  'fuzz/campaign/campaign.test.ts',
  'conformance/libraries/run/planted-faults.test.ts',
  'conformance/clients/run/planted-faults.test.ts',
  'fuzz/campaign/resources.test.ts',
  'reference/store/store.kill.test.ts',
  'conformance/libraries/run/judge-library.test.ts',
  'fuzz/campaign/faults.test.ts',
  'package.test.ts',
  'fuzz/campaign/store.test.ts',
  'cli/commands/fuzz.test.ts',
  'conformance/mutants/check/refusals.test.ts',
  'conformance/mutants/check/measure.test.ts',
  'fuzz/triage/scripts/reproducers.test.ts',
  'cli/testing/servers.test.ts',
  'cli/testing/signals.test.ts',
  'conformance/test-runners/runners.test.ts',
  'cli/testing/action.test.ts',
];

/** Files whose tests need a process in which no other test ran. */
const APART: readonly string[] = [
  // V8 reports what ran only of functions that are compiled after it was asked to.
  'fuzz/in-process/coverage.test.ts',
];

/** How many of the other files share a process. */
const FILES_OF_A_GROUP = 18;

/** Every test file once, by its path from the working directory, in the order in which the groups start. Throws when a file of LONG or APART is missing. */
export function groupsOfFiles(): readonly (readonly string[])[] {
  const files = testFiles();
  const alone = [...LONG, ...APART];
  const missing = alone.filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`no such test file: ${missing.join(' ')}`);
  const others = files.filter((file) => !alone.includes(file));
  const groups = alone.map((file) => [file]);
  for (let first = 0; first < others.length; first += FILES_OF_A_GROUP)
    groups.push(others.slice(first, first + FILES_OF_A_GROUP));
  return groups;
}

function testFiles(): readonly string[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  return [...inFolders, ...readdirSync('.')].filter((file) => file.endsWith('.test.ts')).sort();
}
