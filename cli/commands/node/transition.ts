/** `conform accept`, `decline` and `execute`: the transitions that a receiver makes on a task of its store. */

import { EXIT } from '../../../conformance/report/exit-status.ts';
import { printable } from '../../../conformance/util/printable.ts';
import { type Command, command } from '../../core/command.ts';
import { CONFIG, DIR, duration, JUSTIFICATION, TASK_ID, TIMEOUT } from '../../options/options.ts';

export const acceptCommand = transitionCommand(
  'accept',
  'Accept a received task, put it into the queue, and notify its submitter',
);
export const declineCommand = transitionCommand(
  'decline',
  'Decline a received task, and notify its submitter',
);
export const executeCommand = transitionCommand(
  'execute',
  'Start the task at the head of the queue, and notify its submitter',
);

function transitionCommand(name: 'accept' | 'decline' | 'execute', describe: string): Command {
  return command({
    usage: `${name} <id>`,
    configured: 'store',
    onSignal: 'stops',
    describe,
    exits: {
      success: 'the task has its new status, whether or not the notification was delivered',
      failed: 'there is no such task, or the life cycle does not permit the step',
    },
    positionals: { id: TASK_ID },
    options: {
      dir: { ...DIR, demandOption: true },
      justification: JUSTIFICATION,
      timeout: TIMEOUT,
      config: CONFIG,
    },
    examples: [
      [`$0 ${name} 0f8fad5b-… --dir ./store`, 'prints the new status and whether the submitter was notified'],
    ],
    run: async ({ id, dir, justification, timeout }, context) => {
      const timeoutMs = duration(timeout, '--timeout');
      const { openReceiver } = await import('../../options/store.ts');
      const receiver = await openReceiver(dir, context, timeoutMs);
      const { task, delivery } = await receiver[name](id, justification);
      context.out(`${task.status} ${printable(task.taskId)} ${delivery.kind}\n`);
      return EXIT.success;
    },
  });
}
