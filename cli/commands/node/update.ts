/** `conform update`: sends the new status of a task to its submitter. */

import { EXIT } from '../../../conformance/report/exit-status.ts';
import { printable } from '../../../conformance/util/printable.ts';
import { notOneOf } from '../../core/check-command-line.ts';
import { command } from '../../core/command.ts';
import { UsageError } from '../../core/errors.ts';
import { parseAddress } from '../../options/address.ts';
import { CONFIG, duration, JUSTIFICATION, TARGET, TASK_ID, TIMEOUT } from '../../options/options.ts';

export const updateCommand = command({
  usage: 'update <id> <status>',
  configured: 'peer',
  onSignal: 'stops',
  describe: 'Send one STATUS_UPDATE to a submitter, which does not answer it',
  exits: {
    success: 'the message was sent',
    failed: 'the message is not valid, and was not sent',
    unreachable: 'the submitter cannot be reached',
  },
  positionals: {
    id: TASK_ID,
    status: { type: 'string', demandOption: true, describe: 'New status, such as ACCEPTED or DECLINED' },
  },
  options: {
    target: { ...TARGET, demandOption: true, describe: 'Address of the submitter, as host:port' },
    justification: JUSTIFICATION,
    timeout: TIMEOUT,
    config: CONFIG,
  },
  examples: [['$0 update 0f8fad5b-… ACCEPTED --target 127.0.0.1:1003', 'sends one STATUS_UPDATE frame']],
  run: async ({ id, status, target, justification = '', timeout }, context) => {
    const { dial, TASK_STATUSES, validateTaskStatusUpdate } = await import('../../../reference/index.ts');
    if (!TASK_STATUSES.some((known) => known === status))
      throw new UsageError(notOneOf(`<status> ${JSON.stringify(status)}`, status, TASK_STATUSES));
    const address = parseAddress(target, '--target');
    const call = { timeoutMs: duration(timeout, '--timeout'), signal: context.interrupted };
    const update = { taskId: id, status, justification };
    validateTaskStatusUpdate(update);
    const client = await dial({ ...address, ...call });
    try {
      await client.sendStatusUpdate(update, call);
    } finally {
      client.close();
    }
    context.out(`sent ${printable(id)}\n`);
    return EXIT.success;
  },
});
