/** `conform run`, and `conform` without a command: judges targets, or the embedded reference server. */

import { EXIT_MEANINGS } from '../../conformance/report/exit-status.ts';
import { command } from '../core/command.ts';
import { judge } from '../judging/judge.ts';
import { onSignalOfJudge } from '../options/judge.ts';
import { MANY_TARGETS_CONFLICTS, manyTargetsOf, RUN_COMMAND_OPTIONS } from '../options/many-targets.ts';
import { SERVER_CONFLICTS } from '../options/run.ts';

export const runCommand = command({
  usage: 'run',
  isDefault: true,
  configured: 'run',
  onSignal: onSignalOfJudge,
  describe: 'Judge your server; without --target or --exec, the embedded reference',
  exits: EXIT_MEANINGS,
  options: RUN_COMMAND_OPTIONS,
  conflicts: [...SERVER_CONFLICTS, ...MANY_TARGETS_CONFLICTS],
  examples: [
    ["$0 --target 127.0.0.1:1003 --only 'frame/*'", 'judge one section of the protocol'],
    ['$0 --target 127.0.0.1:1003 --reporter junit=junit.xml', 'also write a report for CI'],
    ['$0 --target 127.0.0.1:1003 --known-failures known.txt', 'succeed in spite of listed failures'],
    ['$0 run --targets targets.txt --reports reports --reporter matrix=all.html', 'judge many servers'],
  ],
  run: async (options, context) => {
    const [{ catalogue }, { serverParts }] = await Promise.all([
      import('../../conformance/index.ts'),
      import('../judging/server.ts'),
    ]);
    const many = manyTargetsOf(options);
    if (many !== undefined) {
      const { judgeTargets } = await import('../targets/judge-targets.ts');
      return judgeTargets(options, many, catalogue, context);
    }
    return judge(serverParts(options, catalogue), options, context);
  },
});
