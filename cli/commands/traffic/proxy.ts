/** `conform proxy`: stands between a sender and a receiver, passes every byte on, and judges both. */

import { once } from 'node:events';
import { EXIT, type ExitStatus, worst } from '../../../conformance/report/exit-status.ts';
import { FORMATS } from '../../../conformance/reporters/format.ts';
import { commandToRepeat } from '../../../conformance/util/command-to-repeat.ts';
import { counted } from '../../../conformance/util/counted.ts';
import { command } from '../../core/command.ts';
import type { Context } from '../../core/context.ts';
import { UsageError } from '../../core/errors.ts';
import { cannotWrite, checkOutputFolder, reportLost } from '../../core/output-files.ts';
import { version } from '../../core/version.ts';
import { checkPort, formatAddress, parseAddress } from '../../options/address.ts';
import { TARGET } from '../../options/options.ts';
import { ownTarget } from '../../options/own-target.ts';

const FAIL_ON = ['must', 'should', 'never'] as const;

/** How long connections may take to end when the command of --while has ended. */
const DRAIN_MS = 1000;

export const proxyCommand = command({
  usage: 'proxy',
  onSignal: 'closes',
  describe: 'Pass bytes on between client and server, unchanged, and judge both sides',
  exits: {
    success:
      'stopped by Ctrl-C, or the command of --while succeeded; with --fail-on, no side broke such a rule',
    failed: 'with --fail-on, a side broke a rule of that level; or the command of --while failed',
    interrupted: 'interrupted before the command of --while ended',
    usage: 'the command line is wrong, or the port cannot be opened',
    incomplete:
      'with --fail-on, no frame passed that could be judged; or a report or --record could not be written',
  },
  options: {
    listen: {
      type: 'string',
      demandOption: true,
      requiresArg: true,
      describe: 'Where clients connect, as PORT of 127.0.0.1 or as HOST:PORT; port 0 picks a free one',
    },
    target: { ...TARGET, demandOption: true, describe: 'Address of the server, as host:port' },
    while: {
      type: 'string',
      requiresArg: true,
      describe:
        'Run this command, which finds the proxy at $CONFORM_HOST and $CONFORM_PORT, and stop when it ends',
    },
    'fail-on': {
      choices: FAIL_ON,
      default: 'never',
      requiresArg: true,
      describe: 'Exit status 1 if a side broke a MUST, or also for a SHOULD',
    },
    record: {
      type: 'string',
      requiresArg: true,
      describe: 'Folder for a transcript of each connection, and all of them as traffic.pcapng',
    },
    reporter: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: `Report on standard output as NAME, or in a file as NAME=FILE; NAME is ${FORMATS.join(', ')}`,
    },
    quiet: { type: 'boolean', default: false, describe: 'Show what a side broke, and no frames' },
    'i-own-this-target': {
      type: 'boolean',
      default: false,
      describe: 'Permit a server on another machine',
    },
  },
  examples: [
    ['$0 proxy --listen 10030 --target 127.0.0.1:1003', 'then let your client connect to port 10030'],
    [
      "$0 proxy --listen 0 --target 127.0.0.1:1003 --fail-on must --while './test.sh'",
      'a gate for an end-to-end test, which connects to $CONFORM_PORT',
    ],
  ],
  run: async (options, context) => {
    const listen = parseListen(options.listen);
    const named = parseAddress(options.target, '--target');
    const target = await ownTarget(named, options.iOwnThisTarget);
    const [{ JudgedRecorder, summariseRecords }, { Outputs, reportersOf }, { startProxy }] =
      await Promise.all([
        import('../../../conformance/index.ts'),
        import('../../terminal/outputs.ts'),
        import('../../../conformance/proxy/proxy.ts'),
      ]);
    const [{ ProxySession }, { Recording }] = await Promise.all([
      import('../../proxy/session.ts'),
      import('../../proxy/recording.ts'),
    ]);
    const reporters = reportersOf(options.reporter ?? [], 1);
    const isForPeople = reporters.some(({ format, file }) => format === 'pretty' && file === undefined);
    const show = (text: string): void => (isForPeople ? context.out(`${text}\n`) : context.err(`${text}\n`));
    if (options.record !== undefined) await checkOutputFolder('--record', options.record);
    const began = performance.now();
    const elapsedMs = () => Math.round(performance.now() - began);
    const style = { trace: false, all: false, slowest: 0, elapsedMs };
    const outputs = new Outputs(reporters, style, context);
    const onError = (path: string, error: unknown): void => {
      const line = cannotWrite(path, error).trimEnd();
      context.err(`${line}; the recording ends here, and the connections go on\n`);
    };
    const recording = options.record === undefined ? undefined : new Recording(options.record, onError);
    const session = new ProxySession({ show, isQuiet: options.quiet, recording });
    const name = `to ${formatAddress(named)}`;
    const recorder = new JudgedRecorder({
      ...{ kit: version(), startedAt: new Date().toISOString(), elapsedMs, name, command: 'traffic' },
      ...{ program: context.program, replay: '', strict: options.failOn === 'should' },
      filters: { only: [], skip: [], section: [], level: [] },
    });
    const proxy = await startProxy({
      ...{ listen, target },
      opened: (connection) => session.opened(connection),
    }).catch((error: Error) => {
      throw new UsageError(`cannot listen on ${formatAddress(listen)}: ${error.message}`);
    });
    show(`listening on ${formatAddress(proxy.address)}, target ${formatAddress(target)}; Ctrl-C stops`);
    const ran = await untilDone(options.while, proxy.address, context);
    if (!context.interrupted.aborted) await proxy.drain(DRAIN_MS);
    session.close(performance.now());
    await proxy.stop();
    recording?.close();
    const records = [
      ...session.tally.events(
        commandToRepeat(context.program, 'proxy', `--listen ${options.listen} --target ${options.target}`),
      ),
    ].flatMap((event) => recorder.take(event));
    for (const record of records) outputs.take(record);
    outputs.end();
    if (session.unreachable)
      context.err(
        `conform: the target could not be reached for ${counted(session.unreachable.count, 'connection')} (${session.unreachable.code})\n`,
      );
    const judged = options.failOn === 'never' ? EXIT.success : summariseRecords(records).exitStatus;
    const recorded = recording?.isLost ? EXIT.incomplete : EXIT.success;
    const reported = outputs.isLost ? reportLost(context) : EXIT.success;
    return worst([judged, ran, recorded, reported]);
  },
});

/** Reads `PORT` and `HOST:PORT`, with an IPv6 host in brackets. Throws UsageError. */
function parseListen(text: string): { readonly host: string; readonly port: number } {
  const [, v6, plain, port = ''] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d+)$/.exec(text) ?? [];
  if (port === '')
    throw new UsageError(`--listen ${JSON.stringify(text)} is neither PORT nor HOST:PORT; for example 10030`);
  return { host: v6 ?? plain ?? '127.0.0.1', port: checkPort(Number(port), '--listen') };
}

/** Waits for a signal, or for the end of the command. Resolves to what becomes of the command, if there is one. */
async function untilDone(
  line: string | undefined,
  { host, port }: { readonly host: string; readonly port: number },
  { interrupted, err }: Context,
): Promise<ExitStatus> {
  const stopped = interrupted.aborted ? Promise.resolve() : once(interrupted, 'abort');
  if (line === undefined) {
    await stopped;
    return EXIT.success;
  }
  const { ProcessGroup } = await import('../../../conformance/observers/process-group.ts');
  const group = await ProcessGroup.start(line, {
    env: { CONFORM_HOST: host, CONFORM_PORT: String(port) },
  });
  for (const stream of group.output) stream.ref().on('data', (data: Buffer) => err(data.toString()));
  const ended = group.exit.aborted ? Promise.resolve() : once(group.exit, 'abort');
  await Promise.race([stopped, ended]);
  const { exited } = group;
  await group.end();
  if (exited === undefined) return EXIT.interrupted;
  if (exited.code === 0) return EXIT.success;
  err(`conform: the command of --while ended with ${exited.signal ?? `status ${exited.code}`}\n`);
  return EXIT.failed;
}
