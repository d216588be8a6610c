/** `conform update`: tells a submitter what became of a task. */

import type { Argv } from 'yargs';
import { printable } from '../../conformance/util/printable.ts';
import type { Command } from '../core/command.ts';
import { parseAddress } from '../options/address.ts';
import { checkMilliseconds, JUSTIFICATION, TARGET, TIMEOUT } from '../options/options.ts';

interface UpdateOptions {
  id: string;
  status: string;
  target: string;
  justification: string | undefined;
  timeout: number;
}

export const updateCommand: Command<UpdateOptions> = {
  command: 'update <id> <status>',
  describe: 'Send one STATUS_UPDATE to a submitter; there is no answer',
  builder: (yargs: Argv) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'The task id' })
      .positional('status', { type: 'string', demandOption: true, describe: 'Such as ACCEPTED or DECLINED' })
      .option('target', { ...TARGET, demandOption: true })
      .option('justification', JUSTIFICATION)
      .option('timeout', TIMEOUT)
      .example('$0 update 0f8fad5b-… ACCEPTED --target 127.0.0.1:1003', 'sends one STATUS_UPDATE frame'),
  run: async ({ id, status, target, justification = '', timeout }, context) => {
    const address = parseAddress(target, '--target');
    const call = { timeoutMs: checkMilliseconds(timeout, '--timeout'), signal: context.interrupted };
    const { dial, validateTaskStatusUpdate } = await import('../../reference/index.ts');
    const update = { taskId: id, status, justification };
    validateTaskStatusUpdate(update);
    const client = await dial({ ...address, ...call });
    try {
      await client.sendStatusUpdate(update, call);
    } finally {
      client.close();
    }
    context.out(`sent ${printable(id)}\n`);
    return 0;
  },
};
