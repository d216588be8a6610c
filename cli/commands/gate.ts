/** `conform gate`: judges a server, a client and a library in one run, with one exit status. */

import { EXIT_MEANINGS } from '../../conformance/report/exit-status.ts';
import { command } from '../core/command.ts';
import { judge } from '../judging/judge.ts';
import { onSignalOfJudge } from '../options/judge.ts';
import { RUN_OPTIONS, SERVER_CONFLICTS } from '../options/run.ts';

export const gateCommand = command({
  usage: 'gate',
  configured: 'gate',
  onSignal: onSignalOfJudge,
  describe: 'Judge server, client and library in one run; without any, the reference',
  exits: {
    ...EXIT_MEANINGS,
    success: 'all conform: no MUST failed, apart from known failures and what depends on them',
    unreachable: 'the server cannot be started or reached, or died and did not come back',
  },
  options: {
    'client-exec': {
      type: 'string',
      requiresArg: true,
      group: 'Target:',
      describe: 'Command that starts your client, which sends one message, as docs/clients.md says',
    },
    'library-exec': {
      type: 'string',
      requiresArg: true,
      group: 'Target:',
      describe: 'Command that starts the adapter of your library, as docs/libraries.md says',
    },
    ...RUN_OPTIONS,
  },
  conflicts: SERVER_CONFLICTS,
  examples: [
    ['$0 gate', 'judge the server, the client and the library of the reference'],
    [
      "$0 gate --exec './server {port}' --client-exec ./client --library-exec ./adapter",
      'judge all that an implementation has',
    ],
    ['$0 gate --target 127.0.0.1:1003 --client-exec ./client', 'judge a server and a client'],
  ],
  run: async (options, context) => {
    const [{ catalogue, clientCatalogue }, { serverParts }, { clientPart }, { libraryPart }] =
      await Promise.all([
        import('../../conformance/index.ts'),
        import('../judging/server.ts'),
        import('../judging/client.ts'),
        import('../judging/library.ts'),
      ]);
    const {
      target,
      exec,
      tasksDir,
      pid,
      clientExec,
      libraryExec,
      slow,
      seed,
      retries,
      startTimeout,
      deadline,
    } = options;
    const server = target ?? exec ?? tasksDir ?? pid;
    // Without any, all three of the reference.
    const isReference = [server, clientExec, libraryExec].every((given) => given === undefined);
    const isJudged = (given: unknown): boolean => isReference || given !== undefined;
    const parts = [
      ...(isJudged(server) ? serverParts(options, catalogue) : []),
      ...(isJudged(clientExec) ? [clientPart({ exec: clientExec, slow, retries }, clientCatalogue)] : []),
      ...(isJudged(libraryExec)
        ? [await libraryPart({ exec: libraryExec, startTimeout, deadline, seed, retries })]
        : []),
    ];
    return judge(parts, options, context);
  },
});
