/**
 * Clients in Python and Node.js, each with one fault, which the report has to name once, or with one freedom, which it must not
 * accuse. Runs what the fault can change, for the faults that name that; with CONFORM_CLIENT_FAULTS=all, as
 * `npm run client-faults` sets it, every fault, on the whole catalogue.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type CauseGroup, groupByCause } from '../../report/causes.ts';
import { JudgedRecorder } from '../../report/judged.ts';
import type { ReportRecord } from '../../report/record.ts';
import { globOf } from '../../util/glob.ts';
import { clientCatalogue } from '../catalogue/index.ts';
import { faultsOfCoroutines } from '../testing/faults-coroutines.ts';
import { faultsOfEvents } from '../testing/faults-events.ts';
import { faultsOfSockets } from '../testing/faults-sockets.ts';
import { plantedFreedoms } from '../testing/freedoms.ts';
import type { Planted } from '../testing/planted.ts';
import { commandDriver } from './command-driver.ts';
import { judgeClients } from './runner.ts';

const FAULTS = [...faultsOfSockets, ...faultsOfCoroutines, ...faultsOfEvents];
const FOLDER = 'conformance/clients/testing';
const ALL = process.env['CONFORM_CLIENT_FAULTS'] === 'all';
const LACKS_PYTHON = spawnSync('python3', ['-c', 'import asyncio']).status !== 0;
/** Clients that run at a time: of one fault, and faults. Most of them wait. */
const JOBS = 3;

function skip({ program }: Planted): { readonly skip: string | false } {
  return { skip: program.endsWith('.py') && LACKS_PYTHON ? 'needs python3' : false };
}

/** The command that starts the program with its edits. Throws if a text does not occur once. */
function commandOf(t: Test, { program, edits }: Planted): string {
  let text = readFileSync(join(FOLDER, program), 'utf8');
  for (const [from, to] of edits) {
    if (text.split(from).length !== 2) throw new Error(`not once in ${program}: ${from}`);
    text = text.replace(from, () => to);
  }
  const file = join(t.testdir(), program);
  writeFileSync(file, text);
  // Without the modules of the site, Python starts in half the time.
  return `exec ${program.endsWith('.py') ? `${PYTHON} -I -S` : process.execPath} ${file}`;
}

/** Not a script that starts it, which takes longer than the client. */
const PYTHON = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).stdout?.trim();

/** Without controls: a client that is to pass a scenario has to pass it on its own. */
const ALONE = clientCatalogue.map(({ control: _, ...scenario }) => scenario);

/** The causes in a report on the scenarios that match. */
async function causes(
  t: Test,
  planted: Planted,
  globs: readonly string[],
  catalogue = clientCatalogue,
): Promise<readonly CauseGroup[]> {
  const patterns = (ALL ? ['*'] : globs).map(globOf);
  const driver = commandDriver(commandOf(t, planted), t.testdirName);
  t.teardown(() => driver.close());
  const recorder = new JudgedRecorder({
    ...{ kit: '0', startedAt: '', elapsedMs: () => 0, name: planted.program, command: 'client', replay: '' },
    ...{ filters: { only: [], skip: [], section: [], clause: [], level: [] }, strict: false },
  });
  const records: ReportRecord[] = [];
  for await (const event of judgeClients({
    ...{ catalogue, driver: driver.start, jobs: JOBS, retries: ALL ? 2 : 0 },
    isSelected: ({ id }) => patterns.some((pattern) => pattern.test(id)),
  })) {
    records.push(...recorder.take(event));
    if (event.kind === 'end') t.strictSame(event, { kind: 'end', because: 'complete' });
  }
  return groupByCause(records);
}

function named(groups: readonly CauseGroup[]): readonly string[] {
  return groups.map(({ cause, root }) => `${root.id}: ${cause}`);
}

t.jobs = JOBS;

for (const fault of FAULTS.filter(({ shows }) => ALL || shows !== undefined))
  t.test(`a client that ${fault.what}`, { ...skip(fault), timeout: 120_000 }, async (t) => {
    const groups = await causes(t, fault, fault.shows ?? []);
    t.strictSame(
      groups.map(({ cause }) => cause),
      [fault.cause],
      named(groups).join('; '),
    );
  });

for (const freedom of plantedFreedoms)
  t.test(`a client that ${freedom.what}`, { ...skip(freedom), timeout: 120_000 }, async (t) => {
    t.strictSame(named(await causes(t, freedom, freedom.shows, ALONE)), []);
  });
