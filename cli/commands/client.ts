/** `conform client`: judges a client, which the kit starts for each message, or a person does. */

import { PROGRAM_EXIT_MEANINGS } from '../../conformance/report/exit-status.ts';
import { command } from '../core/command.ts';
import { judge } from '../judging/judge.ts';
import { SELECTION } from '../options/filter.ts';
import { JUDGE_OPTIONS, onSignalOfJudge } from '../options/judge.ts';
import { CONFIG } from '../options/options.ts';

export const clientCommand = command({
  usage: 'client',
  configured: 'client',
  onSignal: onSignalOfJudge,
  describe: 'Judge your client; without --exec, the client of the reference',
  exits: {
    ...PROGRAM_EXIT_MEANINGS,
    success: 'the client conforms: no MUST failed, apart from known failures and what depends on them',
    incomplete: 'not every planned scenario could be judged, or the client does not keep to the interface',
  },
  options: {
    exec: {
      type: 'string',
      requiresArg: true,
      group: 'Client:',
      describe:
        'Command that starts your client, which sends one message; docs/clients.md gives the interface',
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
    config: CONFIG,
    jobs: {
      type: 'number',
      requiresArg: true,
      group: 'Execution:',
      describe: 'Clients that run concurrently; default: twice the number of processors, 16 without --exec',
    },
  },
  conflicts: [['exec', 'wait']],
  examples: [
    ["$0 client --exec './my-client'", 'judge a client; it reads CONFORM_HOST, CONFORM_PORT and others'],
    ["$0 client --exec './my-client' --only 'client-reading/*'", 'judge what it makes of answers'],
    ['$0 client --port 10030 --wait', 'judge a client that you start by hand'],
  ],
  run: async (options, context) => {
    const [{ clientCatalogue }, { clientPart }] = await Promise.all([
      import('../../conformance/index.ts'),
      import('../judging/client.ts'),
    ]);
    return judge([clientPart(options, clientCatalogue)], options, context);
  },
});
