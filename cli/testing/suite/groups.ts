/**
 * The test files in groups. The files of a group run in one process, one after the other: for most files, to start a process
 * with the test runner and the sources takes longer than the tests.
 */

import { readdirSync } from 'node:fs';

const FOLDERS = ['reference', 'conformance', 'fuzz', 'bench', 'cli'];

/** `quick` is what `npm test` runs, `slow` what `npm run test:slow` runs. Each file is in one of them. */
export type Suite = 'quick' | 'slow';

/**
 * Files that take long, most of them because they wait for processes and deadlines. Each has a process of its own. They start
 * in this order and before all others, so that at the end no processor waits for one of them.
 */
const LONG: Readonly<Record<Suite, readonly string[]>> = {
  quick: [
    'conformance/mutants/check/mutants.test.ts',
    'conformance/run/runner.test.ts',
    'conformance/run/execution.test.ts',
    'conformance/run/explain.test.ts',
    'conformance/run/attempt.test.ts',
  ],
  slow: [
    'docs.test.ts',
    'fuzz/campaign/state-faults.test.ts',
    'cli/commands/fuzz.test.ts',
    'fuzz/campaign/campaign.test.ts',
    'package.test.ts',
    'conformance/mutants/check/variants.test.ts',
    'fuzz/campaign/faults.test.ts',
    'cli.test.ts',
    'fuzz/campaign/resources.test.ts',
    'cli/testing/action.test.ts',
    'conformance/mutants/clients/clients.test.ts',
    'cli/testing/servers.test.ts',
    'fuzz/triage/scripts/reproducers.test.ts',
    'fuzz/target/checkup.test.ts',
    'conformance/testing/hostile.test.ts',
    'conformance/libraries/run/judge-library.test.ts',
    'conformance/test-runners/runners.test.ts',
    'reference/store/store.kill.test.ts',
    'cli/commands/bench.test.ts',
    'conformance/run/effects/store-watch.test.ts',
    'conformance/clients/run/planted-faults.test.ts',
    'conformance/mutants/check/refusals.test.ts',
    // V8 reports what ran only of functions that are compiled after it was asked to, so no test may run before.
    'fuzz/in-process/coverage.test.ts',
  ],
};

/**
 * The other files of the slow suite. A file is slow if it takes over eight seconds of a processor, or starts processes and takes
 * over four. The mutants and the whole run against the reference are not, because a change of a scenario or of the judge shows there.
 */
const SLOW: readonly string[] = [
  'bench/measure/subprocess.test.ts',
  'bench/reference/aims.test.ts',
  'cli/bench/sections.test.ts',
  'cli/commands/client.test.ts',
  'cli/commands/decode.test.ts',
  'cli/commands/encode.test.ts',
  'cli/commands/fixtures.test.ts',
  'cli/commands/replay.test.ts',
  'cli/commands/report.test.ts',
  'cli/commands/traffic/proxy.endurance.test.ts',
  'cli/core/context.test.ts',
  'cli/fuzz/corpus/sharing.test.ts',
  'cli/testing/deploy.test.ts',
  'cli/testing/life-cycle.test.ts',
  'cli/testing/recipes.test.ts',
  'cli/testing/signals.test.ts',
  'cli/testing/suite/groups.test.ts',
  'cli/vectors/wireshark.test.ts',
  'conformance/libraries/pipe/adapter.test.ts',
  'conformance/libraries/run/adapters.test.ts',
  'conformance/libraries/run/planted-faults.test.ts',
  'conformance/mutants/check/measure.test.ts',
  'conformance/observers/launch.test.ts',
  'conformance/observers/process.test.ts',
  'conformance/observers/programs.test.ts',
  'conformance/util/folders.test.ts',
  'fuzz/campaign/coverage-guide.test.ts',
  'fuzz/campaign/shards.test.ts',
  'fuzz/campaign/store.test.ts',
  'fuzz/target/soak.test.ts',
  'reference/net/codec-threads.test.ts',
  'reference/net/server.peers.test.ts',
  'reference/store/store.crash.test.ts',
];

/** How many of the other files share a process. */
const FILES_OF_A_GROUP: Readonly<Record<Suite, number>> = { quick: 18, slow: 6 };

/**
 * Every test file of the suite once, by its path from the working directory, in the order in which the groups start. Throws when
 * a file that is named above is missing.
 */
export function groupsOfFiles(suite: Suite): readonly (readonly string[])[] {
  const files = testFiles();
  const long = Object.values(LONG).flat();
  const missing = [...long, ...SLOW].filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`no such test file: ${missing.join(' ')}`);
  const others = files.filter((file) => !long.includes(file) && SLOW.includes(file) === (suite === 'slow'));
  const groups = LONG[suite].map((file) => [file]);
  const size = FILES_OF_A_GROUP[suite];
  for (let first = 0; first < others.length; first += size) groups.push(others.slice(first, first + size));
  return groups;
}

function testFiles(): readonly string[] {
  return sourceFiles().filter((file) => file.endsWith('.test.ts'));
}

/** All TypeScript of the repository, by its path from the working directory. */
export function sourceFiles(): readonly string[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  return [...inFolders, ...readdirSync('.')].filter((file) => file.endsWith('.ts')).sort();
}
