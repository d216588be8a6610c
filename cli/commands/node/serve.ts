/** `conform serve`: runs the reference server, with or without a store, until Ctrl-C. */

import { once } from 'node:events';
import type { Logger } from 'pino';
import { EXIT, type ExitStatus } from '../../../conformance/report/exit-status.ts';
import { textTable } from '../../../conformance/util/text-table.ts';
import type { Decision, Handlers } from '../../../reference/index.ts';
import { closestName } from '../../core/check-command-line.ts';
import { command } from '../../core/command.ts';
import type { Context } from '../../core/context.ts';
import { UsageError } from '../../core/errors.ts';
import { checkPort, formatAddress } from '../../options/address.ts';
import { connectionsFor, descriptorLimit } from '../../options/descriptors.ts';
import { CONFIG, DIR } from '../../options/options.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
/** How long open sessions, and messages to submitters, may continue after Ctrl-C. */
const GRACE_MS = 5000;
/** How long a behaviour keeps a connection whose client has ended its side. */
const HOLD_MS = 60_000;

export const serveCommand = command({
  usage: 'serve',
  configured: 'store',
  onSignal: 'closes',
  describe: 'Run the reference server; with --dir it keeps tasks and takes updates',
  exits: { success: 'stopped by Ctrl-C', usage: 'the command line is wrong, or the port cannot be opened' },
  options: {
    host: { type: 'string', default: '127.0.0.1', requiresArg: true, describe: 'Address to listen on' },
    port: {
      type: 'number',
      default: 1003,
      requiresArg: true,
      describe: 'Port to listen on; 0 picks a free one',
    },
    dir: DIR,
    config: CONFIG,
    manual: {
      type: 'boolean',
      describe: 'Answer 200 and leave tasks NEW, for conform accept or decline (the default)',
    },
    accept: { type: 'boolean', describe: 'Answer 200, and accept each stored task at once' },
    reject: { type: 'boolean', describe: 'Answer 400 to every task' },
    behaviour: {
      type: 'string',
      requiresArg: true,
      describe:
        'Play a server of conform client, good or bad, in place of the reference; --list shows their names',
    },
    list: { type: 'boolean', default: false, describe: 'List the behaviours, and serve nothing' },
    'max-buffered': {
      type: 'number',
      default: 256,
      requiresArg: true,
      describe:
        'MiB that frames, and answers not yet sent, may hold together, 17 to 2047; above it the largest that waits is closed',
    },
    'time-scale': {
      type: 'number',
      default: 1,
      requiresArg: true,
      describe: 'Factor by which time runs faster for the timeouts of stored tasks',
    },
    'log-level': {
      choices: LOG_LEVELS,
      default: 'info',
      requiresArg: true,
      describe:
        'Least level that is logged to standard error, as JSON Lines or text; info has a line for each connection',
    },
  },
  conflicts: [
    ['accept', 'reject'],
    ['accept', 'manual'],
    ['reject', 'manual'],
    ['behaviour', 'dir'],
    ['behaviour', 'accept'],
    ['behaviour', 'reject'],
  ],
  examples: [
    ['$0 serve --port 10030', 'and in another shell: conform --target 127.0.0.1:10030'],
    ['$0 serve --port 10030 --behaviour drips', 'a server that tests the time limit of a client'],
    ['$0 serve --port 10030 --dir ./store', 'keep tasks; see conform tasks, accept, execute, results'],
  ],
  run: async (options, context) => {
    if (options.list) return listBehaviours(context);
    const port = checkPort(options.port, '--port');
    if (options.behaviour !== undefined) return playBehaviour(options.behaviour, options.host, port, context);
    if (!(options.timeScale > 0 && options.timeScale <= 10_000)) {
      throw new UsageError('--time-scale must be a number above 0, up to 10000');
    }
    const { maxBuffered } = options;
    if (!Number.isInteger(maxBuffered) || maxBuffered < 17 || maxBuffered > 2047) {
      throw new UsageError('--max-buffered must be a whole number from 17 to 2047');
    }
    const [{ Server }, logger] = await Promise.all([
      import('../../../reference/index.ts'),
      createLogger(options.logLevel),
    ]);
    const node = options.dir === undefined ? undefined : await openNode(options.dir, options, logger);
    const maxConnections = await connectionLimit(logger);
    const server = new Server(node?.handlers ?? { submit: () => !options.reject }, {
      logger,
      maxConnections,
      maxBufferedBytes: maxBuffered * 1024 * 1024,
    });
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
    return EXIT.success;
  },
});

async function listBehaviours(context: Context): Promise<ExitStatus> {
  const { behaviours } = await import('../../../conformance/index.ts');
  context.out(textTable(behaviours.map(({ name, describe }) => [name, describe])));
  return EXIT.success;
}

/** Plays one of the servers of `conform client` until a signal comes, and prints what each connection sent. */
async function playBehaviour(
  name: string,
  host: string,
  port: number,
  context: Context,
): Promise<ExitStatus> {
  const { annotate, behaviours, playServer, readTranscript } = await import('../../../conformance/index.ts');
  const behaviour = behaviours.find((candidate) => candidate.name === name);
  if (behaviour === undefined) {
    const names = behaviours.map((candidate) => candidate.name);
    throw new UsageError(`no behaviour ${JSON.stringify(name)}; did you mean ${closestName(name, names)}?`);
  }
  if (behaviour.isAbsent) throw new UsageError(`${name}: no server listens, so there is nothing to serve`);
  const server = await playServer(behaviour, {
    ...{ host, port, most: Number.POSITIVE_INFINITY, holdMs: HOLD_MS },
    onEnd: ({ transcript }) =>
      context.out(`${annotate(readTranscript(transcript), {}, 'client').join('\n')}\n`),
  }).catch((error: Error) => {
    throw new UsageError(`cannot listen on ${host}:${port}: ${error.message}`);
  });
  context.out(
    `listening on ${formatAddress({ host, port: server.port })}; Ctrl-C stops\n${behaviour.describe}\n`,
  );
  if (!context.interrupted.aborted) await once(context.interrupted, 'abort');
  context.out('closing\n');
  await server.stop();
  return EXIT.success;
}

/** Both roles on one store, with the sweeps that apply their timeouts. */
async function openNode(
  dir: string,
  {
    accept,
    reject,
    timeScale,
  }: { accept: boolean | undefined; reject: boolean | undefined; timeScale: number },
  logger: Logger,
): Promise<{ handlers: Handlers; close: () => Promise<void> }> {
  const [{ Receiver, Submitter, Sweeper }, { dialBack, openStore, systemClock }] = await Promise.all([
    import('../../../reference/index.ts'),
    import('../../options/store.ts'),
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
  const submitter = new Submitter({ store, clock, logger });
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
      // After the answer: a submitter that gets 200 finds the task NEW (S9).
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
    await receiver.close({ graceMs: GRACE_MS });
  };
  return { handlers, close };
}

function isAcceptance(decision: Decision): boolean {
  return typeof decision === 'boolean' ? decision : decision.accept;
}

/** Fewer connections where the system lets the process open few files, so that the store can still open its own. */
async function connectionLimit(logger: Logger): Promise<number> {
  const descriptors = await descriptorLimit();
  const connections = connectionsFor(descriptors);
  if (connections < connectionsFor(Number.POSITIVE_INFINITY))
    logger.warn(
      { descriptors, connections },
      'few files can be opened (ulimit -n), so few connections are served',
    );
  return connections;
}

async function createLogger(level: string): Promise<Logger> {
  const { pino } = await import('pino');
  if (!process.stderr.isTTY) {
    const standardError = pino.destination({ dest: 2, sync: true });
    // A log that nothing reads any more, or that is full, ends no server.
    standardError.on('error', () => {});
    return pino({ level, base: null }, standardError);
  }
  const { default: pretty } = await import('pino-pretty');
  return pino({ level, base: null }, pretty({ destination: 2, sync: true }));
}
