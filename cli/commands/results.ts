/** `conform results`: delivers the results of a task, from a store or straight to a submitter. */

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Argv } from 'yargs';
import { printable } from '../../conformance/util/printable.ts';
import type { Result } from '../../reference/index.ts';
import type { Command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { parseAddress } from '../options/address.ts';
import { checkMilliseconds, DIR, TARGET, TIMEOUT } from '../options/options.ts';

interface ResultsOptions {
  id: string;
  text: string | undefined;
  file: string | undefined;
  dir: string | undefined;
  target: string | undefined;
  timeout: number;
}

export const resultsCommand: Command<ResultsOptions> = {
  command: 'results <id>',
  describe: 'Deliver the results of a task: of one executed in a store, or straight to a submitter',
  builder: (yargs: Argv) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'The task id' })
      .option('text', { type: 'string', requiresArg: true, describe: 'A text as the result' })
      .option('file', { type: 'string', requiresArg: true, describe: 'A file as the result; no source code' })
      .option('dir', { ...DIR, describe: 'The store with the executed task; its submitter is told' })
      .option('target', { ...TARGET, describe: 'Without a store: the submitter, as host:port' })
      .option('timeout', TIMEOUT)
      .example("$0 results 0f8fad5b-… --dir ./store --text 'all is well'", 'completes the task and delivers')
      .example(
        '$0 results 0f8fad5b-… --target 127.0.0.1:1003 --file report.pdf',
        'sends one SEND_RESULTS frame',
      ),
  run: async (options, context) => {
    const timeoutMs = checkMilliseconds(options.timeout, '--timeout');
    const { id, dir, target } = options;
    if ((dir === undefined) === (target === undefined))
      throw new UsageError('give one of --dir and --target');
    const result = await readResult(options);
    if (dir === undefined) return send(id, result, target ?? '', timeoutMs, context);
    const { openReceiver } = await import('../options/store.ts');
    const { task, delivery } = await (await openReceiver(dir, context, timeoutMs)).complete(id, result);
    context.out(`${task.status} ${printable(task.taskId)} ${delivery.kind}\n`);
    return 0;
  },
};

async function readResult({ text, file }: ResultsOptions): Promise<Result> {
  if (text !== undefined && file === undefined) return { kind: 'text', text };
  if (file === undefined || text !== undefined) throw new UsageError('give one of --text and --file');
  try {
    return { kind: 'file', filename: basename(file), data: await readFile(file) };
  } catch (error) {
    throw new UsageError(
      `--file ${printable(file)}: ${(error as NodeJS.ErrnoException).code ?? 'cannot be read'}`,
    );
  }
}

async function send(
  id: string,
  result: Result,
  target: string,
  timeoutMs: number,
  context: Context,
): Promise<number> {
  const address = parseAddress(target, '--target');
  const [{ dial, formatTime, resultMessage }, { systemClock }] = await Promise.all([
    import('../../reference/index.ts'),
    import('../core/clock.ts'),
  ]);
  const message = resultMessage({ taskId: id, completedAt: formatTime(systemClock()()) }, result);
  const call = { timeoutMs, signal: context.interrupted };
  const client = await dial({ ...address, ...call });
  try {
    await client.sendResults(message, call);
  } finally {
    client.close();
  }
  context.out(`sent ${printable(id)}\n`);
  return 0;
}
