/** What starting the command costs beside starting Node itself. */

import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageFile } from '../../conformance/util/package-file.ts';
import { marginOfMedian, median } from '../measure/statistics.ts';
import type { Section, SectionOptions } from '../report/report.ts';

const CLI = fileURLToPath(packageFile('dist/cli.js'));
const COMMANDS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['node -e 0', ['-e', '0']],
  ['conform --version', [CLI, '--version']],
  ['conform --help', [CLI, '--help']],
];
const ROUNDS = 15;

export async function startupSection({ onRow, signal }: SectionOptions): Promise<Section> {
  // In turn, so that a machine whose speed drifts treats all alike.
  const times = COMMANDS.map(() => [] as number[]);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, [name, args]] of COMMANDS.entries()) {
      onRow(`kit/startup ${name}`);
      const began = performance.now();
      await promisify(execFile)(process.execPath, args, { signal });
      if (round > 0) times[index]?.push(performance.now() - began);
    }
  }
  const rows = COMMANDS.map(([name], index) => {
    const own = times[index] ?? [];
    const ratios = own.map((ms, round) => ms / (times[0]?.[round] ?? ms));
    const ratio = median(ratios);
    const compared = { value: ratio, margin: marginOfMedian(ratios), better: 'lower' } as const;
    return {
      name,
      cells: [1e6 * median(own), 1e6 * median(own) * marginOfMedian(own), ratio],
      ...(index > 0 && { compared }),
    };
  });
  return {
    id: 'kit/startup',
    title: 'Starting the command',
    of: 'command',
    columns: [
      { title: 'time', unit: 'ns' },
      { title: '±', unit: 'ns' },
      { title: 'to node -e 0', unit: 'ratio' },
    ],
    rows,
    notes: [],
  };
}
