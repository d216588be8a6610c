/** `conform client`: judges a client, which the kit starts once for each scenario, or a person does. */

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ClientDriver } from '../../conformance/index.ts';
import { EXIT_MEANINGS } from '../../conformance/report/exit-status.ts';
import { packageFile } from '../../conformance/util/package-file.ts';
import { temporaryFolder } from '../../conformance/util/temporary-folder.ts';
import { command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { judgeProgram } from '../judging/judge-program.ts';
import { checkPort } from '../options/address.ts';
import { SELECTION } from '../options/filter.ts';
import { JUDGE_OPTIONS } from '../options/judge.ts';
import { checkWhole } from '../options/options.ts';
import { quoted } from '../target/target.ts';

export const clientCommand = command({
  usage: 'client',
  onSignal: 'stops',
  describe: 'Judge your client; without --exec, the client of the reference',
  exits: {
    ...EXIT_MEANINGS,
    success: 'the client conforms: every planned scenario was judged, and no MUST failed',
    incomplete: 'not every planned scenario could be judged, or the client does not keep to the interface',
  },
  options: {
    exec: {
      type: 'string',
      requiresArg: true,
      group: 'Client:',
      describe: 'Command that starts your client once for each scenario; docs/clients.md gives the interface',
    },
    port: {
      type: 'number',
      requiresArg: true,
      group: 'Client:',
      describe: 'Port on which the kit listens; default: a free port for each start',
    },
    wait: {
      type: 'boolean',
      group: 'Client:',
      describe: 'You start the client by hand: print what to do, and ask what it reported; needs --port',
    },
    ...SELECTION,
    slow: {
      type: 'boolean',
      default: false,
      group: 'Selection:',
      describe: 'Start the client 200 times instead of 20 to compare its task ids',
    },
    ...JUDGE_OPTIONS,
    jobs: {
      type: 'number',
      requiresArg: true,
      group: 'Execution:',
      describe: 'Clients that run concurrently; default: twice the number of processors',
    },
  },
  conflicts: [['exec', 'wait']],
  examples: [
    ["$0 client --exec './my-client'", 'judge a client; it reads CONFORM_HOST, CONFORM_PORT and others'],
    ["$0 client --exec './my-client' --only 'client-reading/*'", 'judge what it makes of answers'],
    ['$0 client --port 10030 --wait', 'judge a client that you start by hand'],
  ],
  run: async (options, context) => {
    const { exec, slow, wait = false } = options;
    const port = options.port === undefined ? undefined : checkPort(options.port, '--port');
    if (wait && port === undefined)
      throw new UsageError('--wait needs --port, so that your client can find the kit');
    if (options.jobs !== undefined) checkWhole(options.jobs, '--jobs', 1);
    const isOneByOne = port !== undefined;
    const jobs = isOneByOne ? 1 : (options.jobs ?? 2 * availableParallelism());
    const { clientCatalogue, commandDriver, judgeClients } = await import('../../conformance/index.ts');
    const folder = await temporaryFolder();
    const clients = wait ? undefined : commandDriver(exec ?? ownClient(), folder.path);
    const note = (text: string): void => context.err(`conform: ${text}\n`);
    try {
      const driver = clients?.start ?? (await byHand(context));
      return await judgeProgram(
        {
          command: 'client',
          name: exec ?? (wait ? 'started by hand' : 'of the reference'),
          replay: replayOf(exec, wait, port),
          catalogue: clientCatalogue,
          judge: (run) =>
            judgeClients({
              ...{ ...run, driver, jobs, port, slow, isByHand: wait },
              catalogue: clientCatalogue,
              onNote: note,
            }),
        },
        options,
        context,
      );
    } finally {
      const left = (await clients?.close()) ?? [];
      if (left.length > 0) note(`the client left processes, which were ended: ${left.join(', ')}`);
      await folder.remove();
    }
  },
});

async function byHand(context: Context): Promise<ClientDriver> {
  const { handDriver } = await import('../judging/by-hand.ts');
  return handDriver(context);
}

/** The command that starts the client of the reference. */
function ownClient(): string {
  return [process.execPath, fileURLToPath(packageFile('dist/cli/adapters/client.js'))].map(quoted).join(' ');
}

function replayOf(exec: string | undefined, wait: boolean, port: number | undefined): string {
  return [
    ...(exec === undefined ? [] : [`--exec ${quoted(exec)}`]),
    ...(port === undefined ? [] : [`--port ${port}`]),
    ...(wait ? ['--wait'] : []),
  ].join(' ');
}
