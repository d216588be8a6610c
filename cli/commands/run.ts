/** `conform run`, and `conform` without a command: judges targets, or the embedded reference server. */

import { EXIT_MEANINGS } from '../../conformance/report/exit-status.ts';
import { command } from '../core/command.ts';
import { judge } from '../judging/judge.ts';
import { onSignalOfJudge } from '../options/judge.ts';
import { RUN_OPTIONS, SERVER_CONFLICTS } from '../options/run.ts';

export const runCommand = command({
  usage: 'run',
  isDefault: true,
  configured: 'run',
  onSignal: onSignalOfJudge,
  describe: 'Judge your server; without --target or --exec, the embedded reference server',
  exits: EXIT_MEANINGS,
  options: RUN_OPTIONS,
  conflicts: SERVER_CONFLICTS,
  examples: [
    ["$0 --target 127.0.0.1:1003 --only 'frame/*'", 'judge one section of the protocol'],
    ['$0 --target 127.0.0.1:1003 --reporter junit=junit.xml', 'also write a report for CI'],
    ['$0 --target 127.0.0.1:1003 --known-failures known.txt', 'succeed in spite of listed failures'],
  ],
  run: async (options, context) => {
    const [{ catalogue }, { serverParts }] = await Promise.all([
      import('../../conformance/index.ts'),
      import('../judging/server.ts'),
    ]);
    return judge(serverParts(options, catalogue), options, context);
  },
});
