/**
 * What a store costs by the number of its tasks, each number in a process of its own: to open it, to look at every task
 * for the first time, to sweep it, and to add one more.
 */

import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
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
  /** What the process keeps of the tasks, in memory. */
  readonly keptBytes: number;
}

export async function storeSizeSection({ onRow, signal }: SectionOptions): Promise<Section> {
  const points: (Measured & { readonly tasks: number })[] = [];
  for (const tasks of NUMBERS) {
    onRow(`a store of ${tasks} tasks`);
    points.push({ tasks, ...(await measuredStore(tasks, signal)) });
  }
  const exponentOf = (what: string, figure: (point: Measured) => number): string =>
    describeGrowth(what, 'the number of tasks', points, (point) => [point.tasks, figure(point)]);
  return {
    id: 'target/store-size',
    title: 'The store of the reference, by the number of its tasks',
    of: 'tasks',
    columns: [
      { title: 'tasks', unit: 'count', isName: true },
      { title: 'open', unit: 'ns' },
      { title: 'first look', unit: 'ns' },
      { title: 'a task', unit: 'ns' },
      { title: 'sweep', unit: 'ns' },
      { title: 'one more', unit: 'ns' },
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
      exponentOf('first look', ({ listMs }) => listMs),
      exponentOf('sweep', ({ sweepMs }) => sweepMs),
      exponentOf('one more', ({ submitMs }) => submitMs),
      exponentOf('memory', ({ keptBytes }) => keptBytes),
      'First look: every file is read. Sweep: tasks that came to an end are known and not read again. One more: the median of 50, each safe on the disk.',
    ],
    plot: { kind: 'lines', columns: [2, 4] },
  };
}

async function measuredStore(tasks: number, signal: AbortSignal | undefined): Promise<Measured> {
  const parent = await mkdtemp(join(tmpdir(), 'conform-bench-'));
  try {
    const args = [join(parent, 'store'), String(tasks)];
    return (await runSubprocess(import.meta.url, args, { signal })) as Measured;
  } finally {
    // Where the signal ended the process, it may still be writing.
    await rm(parent, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function measure(dir: string, tasks: number): Promise<Measured> {
  // The first opening makes the folders.
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
  const look = (): Promise<unknown> =>
    received.sweep(
      'NEW',
      () => false,
      (task) => task,
    );
  const listMs = await timed(look);
  const sweepMs = await timed(look);
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
