/** `conform tasks`: lists the tasks of a store. */

import { EXIT } from '../../../conformance/report/exit-status.ts';
import { printable } from '../../../conformance/util/printable.ts';
import { textTable } from '../../../conformance/util/text-table.ts';
import type { TaskFile } from '../../../reference/index.ts';
import { type Instant, nanosecondsBetween, parseTime } from '../../../reference/protocol/time.ts';
import { command } from '../../core/command.ts';
import { CONFIG, DIR } from '../../options/options.ts';
import { colorsFor } from '../../terminal/colors.ts';

const SIDES = ['received', 'submitted'] as const;

export const tasksCommand = command({
  usage: 'tasks',
  configured: 'store',
  describe: 'List the tasks of a store, oldest first',
  printsResult: true,
  exits: { success: 'the list was printed' },
  options: {
    dir: { ...DIR, demandOption: true },
    config: CONFIG,
    json: { type: 'boolean', default: false, describe: 'Print a JSON array with every field' },
  },
  examples: [
    ['$0 tasks --dir ./store', 'a table'],
    ['$0 tasks --dir ./store --json | jq \'.[] | select(.status == "NEW")\'', 'for a script'],
  ],
  run: async ({ dir, json }, context) => {
    const [{ marshalTaskFile }, { openExistingStore }] = await Promise.all([
      import('../../../reference/index.ts'),
      import('../../options/store.ts'),
    ]);
    const store = await openExistingStore(dir);
    const tasks: { side: string; task: TaskFile }[] = [];
    for (const side of SIDES) {
      for await (const entry of store[side].list()) {
        if (entry.kind === 'task') tasks.push({ side, task: entry.task });
        else context.err(`conform tasks: ${side}/${printable(entry.name)}: ${entry.error.message}\n`);
      }
    }
    const dated = tasks.map((one) => ({ ...one, created: created(one.task) }));
    const sorted = dated.sort((a, b) => byAge(a.created, b.created));
    if (json) {
      const rows = sorted.map(({ side, task }) =>
        withSide(side, Buffer.from(marshalTaskFile(task)).toString()),
      );
      context.out(rows.length === 0 ? '[]\n' : `[\n${rows.join(',\n')}\n]\n`);
      return EXIT.success;
    }
    const rows = sorted.map(({ side, task: { taskId, status, createdAt, taskDescription } }) => [
      side,
      status,
      printable(createdAt.slice(0, 'YYYY-MM-DDThh:mm:ss'.length)),
      printable(taskId),
      printable(taskDescription, 60),
    ]);
    context.out(textTable(rows, [{}, {}, {}, {}, { style: colorsFor(context).dim }]));
    return EXIT.success;
  },
});

/** Undefined for what is no time: a file in a store can hold any text. */
function created({ createdAt }: TaskFile): Instant | undefined {
  try {
    return parseTime(createdAt);
  } catch {
    return undefined;
  }
}

/** Oldest first, and those without a time last. */
function byAge(a: Instant | undefined, b: Instant | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return Number(nanosecondsBetween(b, a));
}

/** The text of a task file as an item of an array. It is not parsed, because that would round integers from 2^53 on. */
function withSide(side: string, text: string): string {
  return text.replace('{', `{\n  "side": "${side}",`).replace(/^/gm, '  ');
}
