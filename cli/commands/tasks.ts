/** `conform tasks`: what a store holds. */

import type { Argv } from 'yargs';
import { printable } from '../../conformance/util/printable.ts';
import type { TaskFile } from '../../reference/index.ts';
import type { Command } from '../core/command.ts';
import { DIR } from '../options/options.ts';
import { colorsFor } from '../terminal/colors.ts';

interface TasksOptions {
  dir: string;
  json: boolean;
}

const SIDES = ['received', 'submitted'] as const;

export const tasksCommand: Command<TasksOptions> = {
  command: 'tasks',
  describe: 'List the tasks of a store, oldest first; files that are none are named on standard error',
  builder: (yargs: Argv) =>
    yargs
      .option('dir', { ...DIR, demandOption: true })
      .option('json', { type: 'boolean', default: false, describe: 'As a JSON array, every field' })
      .example('$0 tasks --dir ./store', 'a table')
      .example('$0 tasks --dir ./store --json | jq \'.[] | select(.status == "NEW")\'', 'for a script'),
  run: async ({ dir, json }, context) => {
    const [{ marshalTaskFile }, { openExistingStore }] = await Promise.all([
      import('../../reference/index.ts'),
      import('../options/store.ts'),
    ]);
    const store = await openExistingStore(dir);
    const tasks: { side: string; task: TaskFile }[] = [];
    for (const side of SIDES) {
      for await (const entry of store[side].list()) {
        if (entry.kind === 'task') tasks.push({ side, task: entry.task });
        else context.err(`conform tasks: ${side}/${printable(entry.name)}: ${entry.error.message}\n`);
      }
    }
    tasks.sort((a, b) => (a.task.createdAt < b.task.createdAt ? -1 : 1));
    if (json) {
      const rows = tasks.map(({ side, task }) => ({
        side,
        ...(JSON.parse(Buffer.from(marshalTaskFile(task)).toString()) as object),
      }));
      context.out(`${JSON.stringify(rows, null, 2)}\n`);
      return 0;
    }
    const { dim } = colorsFor(context);
    for (const { side, task } of tasks) {
      const { taskId, status, createdAt, taskDescription } = task;
      const what = dim(printable(taskDescription, 60));
      context.out(
        `${side.padEnd(9)}  ${status.padEnd(9)}  ${createdAt.slice(0, 19)}  ${printable(taskId)}  ${what}\n`,
      );
    }
    return 0;
  },
};
