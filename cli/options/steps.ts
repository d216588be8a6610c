/** `conform accept`, `decline` and `execute`: the receiver's steps on a task of a store. */

import type { Argv } from 'yargs';
import { printable } from '../../conformance/util/printable.ts';
import type { Command } from '../core/command.ts';
import { checkMilliseconds, DIR, JUSTIFICATION, TIMEOUT } from './options.ts';

interface StepOptions {
  id: string;
  dir: string;
  justification: string | undefined;
  timeout: number;
}

export const acceptCommand = stepCommand(
  'accept',
  'Accept a received task: it joins the queue, and its submitter is told',
);
export const declineCommand = stepCommand('decline', 'Decline a received task, and tell its submitter');
export const executeCommand = stepCommand(
  'execute',
  'Begin the task at the head of the queue, and tell its submitter',
);

function stepCommand(name: 'accept' | 'decline' | 'execute', describe: string): Command<StepOptions> {
  return {
    command: `${name} <id>`,
    describe,
    builder: (yargs: Argv) =>
      yargs
        .positional('id', { type: 'string', demandOption: true, describe: 'The task id' })
        .option('dir', { ...DIR, demandOption: true })
        .option('justification', JUSTIFICATION)
        .option('timeout', TIMEOUT)
        .example(
          `$0 ${name} 0f8fad5b-… --dir ./store`,
          'prints the new status and whether the submitter was told',
        ),
    run: async ({ id, dir, justification, timeout }, context) => {
      const timeoutMs = checkMilliseconds(timeout, '--timeout');
      const { openReceiver } = await import('./store.ts');
      const receiver = await openReceiver(dir, context, timeoutMs);
      const { task, delivery } = await receiver[name](id, justification);
      context.out(`${task.status} ${printable(task.taskId)} ${delivery.kind}\n`);
      return 0;
    },
  };
}
