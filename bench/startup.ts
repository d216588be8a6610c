/** What starting the command costs beside starting Node itself. */

import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { printTable } from './report.ts';

const CLI = fileURLToPath(new URL('../cli.js', import.meta.url));
const COMMANDS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['node -e 0', ['-e', '0']],
  ['conform --version', [CLI, '--version']],
  ['conform --help', [CLI, '--help']],
];
const ROUNDS = 15;

export function benchStartup(): void {
  // In turn, so that a machine whose speed drifts treats all alike.
  const times = COMMANDS.map(() => [] as number[]);
  for (let round = 0; round <= ROUNDS; round += 1) {
    COMMANDS.forEach(([, args], index) => {
      const began = performance.now();
      spawnSync(process.execPath, args, { stdio: 'ignore' });
      if (round > 0) times[index]?.push(performance.now() - began);
    });
  }
  const medians = times.map((values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
  printTable(
    ['command', 'median ms', 'ratio to node -e 0'],
    COMMANDS.map(([name], index) => {
      const median = medians[index] ?? 0;
      return [name, median.toFixed(0), (median / (medians[0] ?? 1)).toFixed(2)];
    }),
  );
}
