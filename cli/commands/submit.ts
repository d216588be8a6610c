/** `conform submit`: hands one task to a receiver and prints its answer. */

import type { Argv } from 'yargs';
import { printable } from '../../conformance/util/printable.ts';
import type { Address, SubmitResponse } from '../../reference/index.ts';
import type { Command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { parseAddress } from '../options/address.ts';
import { checkMilliseconds, DIR, TARGET, TIMEOUT } from '../options/options.ts';

interface SubmitOptions {
  text: string;
  target: string;
  dir: string | undefined;
  from: string;
  timeout: number;
}

/** Exit statuses of this command, besides those of a failure. */
const ACCEPTED = 0;
const REJECTED = 1;

export const submitCommand: Command<SubmitOptions> = {
  command: 'submit <text>',
  describe: 'Submit one task and print the answer; exit 0 accepted, 1 rejected, 3 no legal answer',
  builder: (yargs: Argv) =>
    yargs
      .positional('text', { type: 'string', demandOption: true, describe: 'The task description' })
      .option('target', { ...TARGET, demandOption: true, describe: 'The receiver, as host:port' })
      .option('dir', { ...DIR, describe: 'Keep the task in this store, to follow what becomes of it' })
      .option('from', {
        type: 'string',
        default: '',
        describe: 'from_addr: where the receiver may call back, as host:port of a conform serve --dir',
      })
      .option('timeout', TIMEOUT)
      .example(
        "$0 submit 'Summarise the paper' --target 127.0.0.1:1003",
        'prints status, task id and message',
      )
      .example('$0 submit … --target 127.0.0.1:1003 --dir ./mine --from 127.0.0.1:1004', 'keeps the task'),
  run: async (options, context) => {
    const target = parseAddress(options.target, '--target');
    checkMilliseconds(options.timeout, '--timeout');
    const { status, taskId, message } = await submit(target, options, context);
    context.out(`${status} ${printable(taskId)} ${printable(message)}\n`);
    return status === 200 ? ACCEPTED : REJECTED;
  },
};

async function submit(target: Address, options: SubmitOptions, context: Context): Promise<SubmitResponse> {
  const { dial, generateTaskId, Submitter } = await import('../../reference/index.ts');
  const call = { timeoutMs: options.timeout, signal: context.interrupted };
  const { text: taskDescription, from: fromAddr, target: toAddr } = options;
  if (options.dir === undefined) {
    const client = await dial({ ...target, ...call });
    try {
      return await client.submitTask({ taskId: generateTaskId(), taskDescription, fromAddr, toAddr }, call);
    } finally {
      client.close();
    }
  }
  const [{ systemClock }, { openStore }] = await Promise.all([
    import('../core/clock.ts'),
    import('../options/store.ts'),
  ]);
  const submitter = new Submitter({ store: await openStore(options.dir), clock: systemClock() });
  const submitted = await submitter.submit({ taskDescription, to: target, fromAddr }, call);
  if (submitted.kind === 'accepted' || submitted.kind === 'rejected') return submitted.response;
  throw submitted.error;
}
