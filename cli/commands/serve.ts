/** `conform serve`: the reference server, with or without a store, until Ctrl-C. */

import { once } from 'node:events';
import type { Logger } from 'pino';
import type { Argv } from 'yargs';
import type { Decision, Handlers } from '../../reference/index.ts';
import type { Command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { checkPort, formatAddress } from '../options/address.ts';
import { DIR } from '../options/options.ts';

interface ServeOptions {
  host: string;
  port: number;
  dir: string | undefined;
  accept: boolean | undefined;
  reject: boolean | undefined;
  manual: boolean | undefined;
  'time-scale': number;
  'log-level': string;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
/** How long sessions in flight, and messages to submitters, may go on after Ctrl-C. */
const GRACE_MS = 5000;

export const serveCommand: Command<ServeOptions> = {
  command: 'serve',
  describe: 'Run the reference server; with --dir it keeps its tasks and serves both sides of the protocol',
  builder: (yargs: Argv) =>
    yargs
      .option('host', {
        type: 'string',
        default: '127.0.0.1',
        requiresArg: true,
        describe: 'The address to listen on',
      })
      .option('port', {
        type: 'number',
        default: 1003,
        requiresArg: true,
        describe: 'The port to listen on; 0 takes a free one',
      })
      .option('dir', DIR)
      .option('manual', {
        type: 'boolean',
        describe: 'Answer 200 and leave tasks NEW, for conform accept or decline (the default)',
      })
      .option('accept', {
        type: 'boolean',
        describe: 'Answer 200, and accept each stored task at once',
      })
      .option('reject', { type: 'boolean', describe: 'Answer 400 to every task' })
      .conflicts({ accept: ['reject', 'manual'], reject: ['manual'] })
      .option('time-scale', {
        type: 'number',
        default: 1,
        requiresArg: true,
        describe: 'Let time run so many times as fast for the timeouts of stored tasks',
      })
      .option('log-level', {
        choices: LOG_LEVELS,
        default: 'info',
        requiresArg: true,
        describe: 'What to log to standard error: JSON Lines, or readable on a terminal',
      })
      .example('$0 serve --port 10030', 'in one shell, and in another: conform --target 127.0.0.1:10030')
      .example(
        '$0 serve --port 10030 --dir ./store',
        'keep tasks; see conform tasks, accept, execute, results',
      ),
  run: async (options, context) => {
    const port = checkPort(options.port, '--port');
    if (!(options.timeScale > 0 && options.timeScale <= 10_000)) {
      throw new UsageError('--time-scale must be a number above 0, up to 10000');
    }
    const [{ Server }, logger] = await Promise.all([
      import('../../reference/index.ts'),
      createLogger(options.logLevel),
    ]);
    const node = options.dir === undefined ? undefined : await openNode(options.dir, options, logger);
    const server = new Server(node?.handlers ?? { submit: () => !options.reject }, { logger });
    try {
      const address = await server.listenAndServe({ host: options.host, port });
      context.out(`listening on ${formatAddress(address)}; Ctrl-C stops\n`);
    } catch (error) {
      await node?.close();
      throw new UsageError(`cannot listen on ${options.host}:${port}: ${(error as Error).message}`);
    }
    if (!context.interrupted.aborted) await once(context.interrupted, 'abort');
    context.out('closing\n');
    await server.close({ graceMs: GRACE_MS });
    await node?.close();
    return 0;
  },
};

/** Both roles on one store, with the sweeps for their timeouts. */
async function openNode(
  dir: string,
  { accept, reject, timeScale }: Pick<ServeOptions, 'accept' | 'reject'> & { timeScale: number },
  logger: Logger,
): Promise<{ handlers: Handlers; close: () => Promise<void> }> {
  const [{ Receiver, Submitter, Sweeper }, { systemClock }, { dialBack, openStore }] = await Promise.all([
    import('../../reference/index.ts'),
    import('../core/clock.ts'),
    import('../options/store.ts'),
  ]);
  const clock = systemClock(timeScale);
  const store = await openStore(dir, { logger });
  const receiver = new Receiver({
    store,
    clock,
    logger,
    policy: () => !reject,
    dialBack: dialBack(GRACE_MS),
  });
  const submitter = new Submitter({ store, clock });
  const every = (seconds: number): number => Math.max(1, Math.round((seconds * 1000) / timeScale));
  const sweeper = new Sweeper({
    clock,
    receiver,
    submitter,
    logger,
    acceptIntervalMs: every(10),
    stallIntervalMs: every(10),
    headIntervalMs: every(30),
  });
  const handlers: Handlers = {
    submit: async (request, peer) => {
      const decision = await receiver.submit(request, peer);
      // Behind the answer: whoever is told 200 finds the task NEW (S9).
      if (accept && isAcceptance(decision)) setImmediate(() => void acceptTask(request.taskId));
      return decision;
    },
    statusUpdate: submitter.statusUpdate,
    results: submitter.results,
  };
  const acceptTask = async (taskId: string): Promise<void> => {
    try {
      await receiver.accept(taskId);
    } catch (err) {
      logger.warn({ taskId, err }, 'task not accepted');
    }
  };
  const close = async (): Promise<void> => {
    await sweeper.stop();
    await receiver.idle();
  };
  return { handlers, close };
}

function isAcceptance(decision: Decision): boolean {
  return typeof decision === 'boolean' ? decision : decision.accept;
}

async function createLogger(level: string): Promise<Logger> {
  const { pino } = await import('pino');
  if (!process.stderr.isTTY) return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
  const { default: pretty } = await import('pino-pretty');
  return pino({ level, base: null }, pretty({ destination: 2, sync: true }));
}
