/**
 * The time and the memory that a store of the reference needs, by the number of its tasks: to open it, to read every task
 * for the first time, to sweep it, and to create one more task. Run as a program, this file measures one store.
 */

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { temporaryFolder } from '../../conformance/util/folders.ts';
import { generateTaskId, marshalTaskFile, Store, type TaskFile } from '../../reference/index.ts';
import { collectGarbage, heldBytes } from '../measure/memory.ts';
import { describeGrowth, median } from '../measure/statistics.ts';
import { runSubprocess, subprocessArguments } from '../measure/subprocess.ts';
import type { Section, SectionOptions } from '../report/report.ts';

const NUMBERS = [1_000, 10_000, 100_000];
const SUBMISSIONS = 50;

interface Measured {
  readonly openMs: number;
  readonly listMs: number;
  readonly sweepMs: number;
  readonly submitMs: number;
  /** The memory that the process holds for the tasks. */
  readonly keptBytes: number;
}

export async function storeSizeSection({ onRow, signal }: SectionOptions): Promise<Section> {
  const points: (Measured & { readonly tasks: number })[] = [];
  for (const tasks of NUMBERS) {
    onRow(`target/store-size ${tasks}`);
    points.push({ tasks, ...(await measuredStore(tasks, signal)) });
  }
  const growthOf = (what: string, figure: (point: Measured) => number): string =>
    describeGrowth(what, 'the number of tasks', points, (point) => [point.tasks, figure(point)]);
  return {
    id: 'target/store-size',
    title: 'The store of the reference server, by the number of its tasks',
    of: 'tasks',
    columns: [
      { title: 'tasks', unit: 'count', isName: true },
      { title: 'open', unit: 'ns' },
      { title: 'first read', unit: 'ns' },
      { title: 'first read per task', unit: 'ns' },
      { title: 'sweep', unit: 'ns' },
      { title: 'create', unit: 'ns' },
      { title: 'memory', unit: 'bytes' },
    ],
    rows: points.map(({ tasks, openMs, listMs, sweepMs, submitMs, keptBytes }) => ({
      name: String(tasks),
      cells: [
        tasks,
        1e6 * openMs,
        1e6 * listMs,
        (1e6 * listMs) / tasks,
        1e6 * sweepMs,
        1e6 * submitMs,
        keptBytes,
      ],
    })),
    notes: [
      growthOf('time of the first read', ({ listMs }) => listMs),
      growthOf('time of a sweep', ({ sweepMs }) => sweepMs),
      growthOf('time to create one more task', ({ submitMs }) => submitMs),
      growthOf('memory', ({ keptBytes }) => keptBytes),
      'The first read reads every file. A sweep does not read tasks in a final state again. Create is the median of 50 new tasks, each of which is synced to the disk.',
    ],
    plot: { kind: 'lines', columns: [2, 4] },
  };
}

async function measuredStore(tasks: number, signal: AbortSignal | undefined): Promise<Measured> {
  const { path: parent, remove } = await temporaryFolder([tmpdir()]);
  try {
    const args = [join(parent, 'store'), String(tasks)];
    return (await runSubprocess(import.meta.url, args, { signal })) as Measured;
  } finally {
    await remove();
  }
}

async function measure(dir: string, tasks: number): Promise<Measured> {
  // The first opening creates the directories.
  await Store.open(dir);
  for (const status of ['NEW', ...Array<string>(tasks - 1).fill('SUCCEEDED')]) {
    const task = taskOf(status);
    writeFileSync(join(dir, 'received', `${task.taskId}.json`), marshalTaskFile(task));
  }
  collectGarbage();
  const before = heldBytes();
  const began = performance.now();
  const { received } = await Store.open(dir);
  const openMs = performance.now() - began;
  const sweep = (): Promise<unknown> =>
    received.sweep(
      'NEW',
      () => false,
      (task) => task,
    );
  const listMs = await timed(sweep);
  const sweepMs = await timed(sweep);
  collectGarbage();
  const keptBytes = heldBytes() - before;
  const submits: number[] = [];
  for (let count = 0; count < SUBMISSIONS; count++)
    submits.push(await timed(() => received.create(taskOf('NEW'))));
  return { openMs, listMs, sweepMs, submitMs: median(submits), keptBytes };
}

function taskOf(status: string): TaskFile {
  return {
    taskId: generateTaskId(),
    taskDescription: 'Summarise the attached paper in three sentences, for a reader who knows the field.',
    createdAt: '2026-01-02T03:04:05Z',
    status,
    statusJustification: '',
    from: '0:0000.0000.0001',
    to: '0:0000.0000.0002',
  };
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await action();
  return performance.now() - began;
}

const [dir, tasks] = subprocessArguments(import.meta.url) ?? [];
if (dir !== undefined) process.stdout.write(JSON.stringify(await measure(dir, Number(tasks))));
