/** `conform results`: delivers the results of a task, from a store or directly to a submitter. */

import { basename } from 'node:path';
import { EXIT, type ExitStatus } from '../../../conformance/report/exit-status.ts';
import { printable } from '../../../conformance/util/printable.ts';
import type { Result } from '../../../reference/index.ts';
import { MAX_PAYLOAD_BYTES } from '../../../reference/protocol/constants.ts';
import { command } from '../../core/command.ts';
import type { Context } from '../../core/context.ts';
import { UsageError } from '../../core/errors.ts';
import { readBytes } from '../../core/read-file.ts';
import { parseAddress } from '../../options/address.ts';
import { CONFIG, DIR, duration, TARGET, TASK_ID, TIMEOUT } from '../../options/options.ts';

export const resultsCommand = command({
  usage: 'results <id>',
  configured: 'store-or-peer',
  onSignal: 'stops',
  describe: 'Complete a task of a store with its results, or send results alone',
  exits: {
    success: 'the results were sent',
    failed: 'the results are not permitted, or the life cycle does not permit the step',
    unreachable:
      'the submitter cannot be reached; with --dir, repeat the command, since the store keeps no results',
  },
  positionals: { id: TASK_ID },
  options: {
    text: { type: 'string', requiresArg: true, describe: 'Text of the result' },
    file: { type: 'string', requiresArg: true, describe: 'File with the result; no source code' },
    dir: { ...DIR, describe: 'Directory of the task store; the submitter of the task is notified' },
    target: { ...TARGET, describe: 'Without --dir: address of the submitter, as host:port' },
    timeout: TIMEOUT,
    config: CONFIG,
  },
  examples: [
    ["$0 results 0f8fad5b-… --dir ./store --text 'all is well'", 'completes the task and notifies'],
    ['$0 results 0f8fad5b-… --target 127.0.0.1:1003 --file report.pdf', 'sends one SEND_RESULTS frame'],
  ],
  run: async (options, context) => {
    const timeoutMs = duration(options.timeout, '--timeout');
    const { id, dir, target } = options;
    if ((dir === undefined) === (target === undefined)) throw new UsageError('give either --dir or --target');
    const result = await readResult(options, context.interrupted);
    if (dir === undefined) return send(id, result, target ?? '', timeoutMs, context);
    const { openReceiver } = await import('../../options/store.ts');
    const { task, delivery } = await (await openReceiver(dir, context, timeoutMs)).complete(id, result);
    context.out(`${task.status} ${printable(task.taskId)} ${delivery.kind}\n`);
    if (delivery.kind === 'failed') throw delivery.error;
    return delivery.kind === 'delivered' ? EXIT.success : EXIT.unreachable;
  },
});

interface ResultSource {
  readonly text: string | undefined;
  readonly file: string | undefined;
}

/** Throws UsageError unless exactly one source is given and can be read. */
async function readResult({ text, file }: ResultSource, signal: AbortSignal): Promise<Result> {
  if (text !== undefined && file === undefined) return { kind: 'text', text };
  if (file === undefined || text !== undefined) throw new UsageError('give either --text or --file');
  const data = await readBytes(file, { most: MAX_PAYLOAD_BYTES, signal });
  return { kind: 'file', filename: basename(file), data };
}

async function send(
  id: string,
  result: Result,
  target: string,
  timeoutMs: number,
  context: Context,
): Promise<ExitStatus> {
  const address = parseAddress(target, '--target');
  const [{ dial, formatTime, resultMessage }, { systemClock }] = await Promise.all([
    import('../../../reference/index.ts'),
    import('../../options/store.ts'),
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
  return EXIT.success;
}
