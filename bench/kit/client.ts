/** What judging a client takes: a run of all scenarios against the client of the reference, as the command. */

import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageFile } from '../../conformance/util/package-file.ts';
import { measureRounds } from '../measure/rounds.ts';
import { medianWithMargin } from '../measure/statistics.ts';
import type { Section, SectionOptions } from '../report/report.ts';

const CLI = fileURLToPath(packageFile('dist/cli.js'));
const ROUNDS = 5;

export async function clientSection(options: SectionOptions): Promise<Section> {
  const { onRow, signal } = options;
  const name = 'run of all scenarios';
  onRow(`kit/client ${name}`);
  const times = await measureRounds(
    { ...options, rounds: ROUNDS },
    async () => {
      const began = performance.now();
      // Rejects if the client does not conform.
      await promisify(execFile)(process.execPath, [CLI, 'client'], { signal });
      return performance.now() - began;
    },
    (ms) => [ms],
  );
  const time = medianWithMargin(times);
  return {
    id: 'kit/client',
    title: 'Judging a client',
    of: 'work',
    columns: [
      { title: 'time', unit: 'ns' },
      { title: '±', unit: 'ns', isMargin: true },
    ],
    rows: [
      {
        name,
        cells: [1e6 * time.value, 1e6 * time.value * time.margin],
        compared: { ...time, better: 'lower' },
      },
    ],
    notes: ['The client is that of the reference, in a thread of the command.'],
  };
}
