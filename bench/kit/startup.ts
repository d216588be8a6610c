/** The time that the command needs to start, compared with that of Node itself. */

import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageFile } from '../../conformance/util/package-file.ts';
import { measureRounds } from '../measure/rounds.ts';
import { medianWithMargin } from '../measure/statistics.ts';
import type { Section, SectionOptions } from '../report/report.ts';

const CLI = fileURLToPath(packageFile('dist/cli.js'));
const COMMANDS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['node -e 0', ['-e', '0']],
  ['conform --version', [CLI, '--version']],
  ['conform --help', [CLI, '--help']],
];
const ROUNDS = 15;

/** `rounds`: how often each command is measured. */
export async function startupSection({
  rounds: count = ROUNDS,
  ...options
}: SectionOptions & { readonly rounds?: number }): Promise<Section> {
  const { onRow, signal } = options;
  /** The time of each command in milliseconds. The commands take turns, so that a change of speed affects all alike. */
  const measureAll = async (): Promise<readonly number[]> => {
    const times: number[] = [];
    for (const [name, args] of COMMANDS) {
      onRow(`kit/startup ${name}`);
      const began = performance.now();
      await promisify(execFile)(process.execPath, args, { signal });
      times.push(performance.now() - began);
    }
    return times;
  };
  // The first round fills the caches of the system.
  await measureAll();
  const rounds = await measureRounds({ ...options, rounds: count }, measureAll, (times) => times);
  const rows = COMMANDS.map(([name], index) => {
    const timeOf = (times: readonly number[]): number => times[index] ?? Number.NaN;
    const time = medianWithMargin(rounds.map(timeOf));
    const ratio = medianWithMargin(rounds.map((times) => timeOf(times) / (times[0] ?? Number.NaN)));
    return {
      name,
      cells: [1e6 * time.value, 1e6 * time.value * time.margin, ratio.value],
      ...(index > 0 && { compared: { ...ratio, better: 'lower' as const } }),
    };
  });
  return {
    id: 'kit/startup',
    title: 'Starting the command',
    of: 'command',
    columns: [
      { title: 'time', unit: 'ns' },
      { title: '±', unit: 'ns', isMargin: true },
      { title: 'time / node time', unit: 'ratio' },
    ],
    rows,
    notes: [],
  };
}
