/** `conform submit`: submits one task to a receiver and prints the answer. */

import { EXIT } from '../../../conformance/report/exit-status.ts';
import { printable } from '../../../conformance/util/printable.ts';
import type { Address, CallOptions, SubmitResponse } from '../../../reference/index.ts';
import { command } from '../../core/command.ts';
import { parseAddress } from '../../options/address.ts';
import { CONFIG, DIR, duration, TARGET, TIMEOUT } from '../../options/options.ts';

export const submitCommand = command({
  usage: 'submit <text>',
  configured: 'peer',
  onSignal: 'stops',
  describe: 'Submit one task, and print the answer of the receiver',
  exits: {
    success: 'the receiver accepted the task',
    failed: 'the receiver rejected the task, or the text is over its bound',
    unreachable: 'the receiver cannot be reached, or gives no legal answer',
  },
  positionals: { text: { type: 'string', demandOption: true, describe: 'Task description' } },
  options: {
    target: { ...TARGET, demandOption: true, describe: 'Address of the receiver, as host:port' },
    dir: { ...DIR, describe: 'Keep the task in this store, to follow its status' },
    from: {
      type: 'string',
      default: '',
      describe: 'from_addr: where a conform serve --dir takes status updates, as host:port',
    },
    timeout: TIMEOUT,
    config: CONFIG,
  },
  examples: [
    ["$0 submit 'Summarise the paper' --target 127.0.0.1:1003", 'prints status, task id and message'],
    ['$0 submit … --target 127.0.0.1:1003 --dir ./mine --from 127.0.0.1:1004', 'keeps the task'],
  ],
  run: async (options, context) => {
    const target = parseAddress(options.target, '--target');
    const call = { timeoutMs: duration(options.timeout, '--timeout'), signal: context.interrupted };
    const { status, taskId, message } = await submit(target, options, call);
    context.out(`${status} ${printable(taskId)} ${printable(message)}\n`);
    return status === 200 ? EXIT.success : EXIT.failed;
  },
});

interface SubmitValues {
  readonly text: string;
  readonly target: string;
  readonly dir: string | undefined;
  readonly from: string;
}

async function submit(target: Address, options: SubmitValues, call: CallOptions): Promise<SubmitResponse> {
  const { dial, generateTaskId, Submitter } = await import('../../../reference/index.ts');
  const { text: taskDescription, from: fromAddr, target: toAddr } = options;
  if (options.dir === undefined) {
    const client = await dial({ ...target, ...call });
    try {
      return await client.submitTask({ taskId: generateTaskId(), taskDescription, fromAddr, toAddr }, call);
    } finally {
      client.close();
    }
  }
  const { openStore, systemClock } = await import('../../options/store.ts');
  const submitter = new Submitter({ store: await openStore(options.dir), clock: systemClock() });
  const submitted = await submitter.submit({ taskDescription, to: target, fromAddr }, call);
  if (submitted.kind === 'accepted' || submitted.kind === 'rejected') return submitted.response;
  throw submitted.error;
}
