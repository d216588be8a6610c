/** `conform submit`: hands one task to a receiver and prints its answer. */

import type { Argv } from 'yargs';
import { parseAddress } from './address.ts';
import { UsageError } from './io.ts';
import type { Verb } from './verb.ts';

interface SubmitOptions {
  text: string;
  target: string;
  from: string;
  to: string | undefined;
  timeout: number;
}

/** Exit statuses of this verb. */
const ACCEPTED = 0;
const NOT_ACCEPTED = 1;
const NO_ANSWER = 3;

export const submitVerb: Verb<SubmitOptions> = {
  command: 'submit <text>',
  describe: 'Submit one task and print the answer; exit 0 accepted, 1 rejected, 3 no legal answer',
  builder: (yargs: Argv) =>
    yargs
      .positional('text', { type: 'string', demandOption: true, describe: 'The task description' })
      .option('target', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'The receiver, as host:port',
      })
      .option('from', { type: 'string', default: '', describe: "The submitter's address, from_addr" })
      .option('to', { type: 'string', describe: "The receiver's address, to_addr; default: the target" })
      .option('timeout', {
        type: 'number',
        default: 5000,
        requiresArg: true,
        describe: 'Milliseconds to wait',
      })
      .example(
        "$0 submit 'Summarise the paper' --target 127.0.0.1:1003",
        'prints status, task id and message',
      ),
  run: async (options, io) => {
    const target = parseAddress(options.target, '--target');
    if (!(Number.isInteger(options.timeout) && options.timeout > 0)) {
      throw new UsageError('--timeout must be a whole number of milliseconds, 1 or more');
    }
    const [{ ClientError, dial, generateTaskId, STATUS_ACCEPTED }, { printable }] = await Promise.all([
      import('../reference/index.ts'),
      import('../conformance/index.ts'),
    ]);
    const call = { timeoutMs: options.timeout, signal: io.interrupted };
    try {
      const client = await dial({ ...target, ...call });
      try {
        const request = {
          taskId: generateTaskId(),
          taskDescription: options.text,
          fromAddr: options.from,
          toAddr: options.to ?? options.target,
        };
        const { status, taskId, message } = await client.submitTask(request, call);
        io.out(`${status} ${printable(taskId)} ${printable(message)}\n`);
        return status === STATUS_ACCEPTED ? ACCEPTED : NOT_ACCEPTED;
      } finally {
        client.close();
      }
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
      io.err(`conform: ${printable(error.message)}${code === undefined ? '' : ` (${code})`}\n`);
      return NO_ANSWER;
    }
  },
};
