/** `conform library`: judges the functions of a library through an adapter; without --exec, the reference. */

import { PROGRAM_EXIT_MEANINGS } from '../../conformance/report/exit-status.ts';
import { command } from '../core/command.ts';
import { judge } from '../judging/judge.ts';
import { SELECTION } from '../options/filter.ts';
import { JUDGE_OPTIONS, onSignalOfJudge } from '../options/judge.ts';

export const libraryCommand = command({
  usage: 'library',
  configured: 'library',
  onSignal: onSignalOfJudge,
  describe: 'Judge the functions of a library in any language, through an adapter',
  exits: {
    ...PROGRAM_EXIT_MEANINGS,
    success: 'the library conforms: no MUST failed, apart from known failures and what depends on them',
    incomplete: 'the adapter breaks its interface, or not every planned scenario could be judged',
  },
  options: {
    exec: {
      type: 'string',
      requiresArg: true,
      group: 'Target:',
      describe:
        'Command that starts your adapter; it reads requests and writes answers, as docs/libraries.md says',
    },
    'start-timeout': {
      type: 'string',
      requiresArg: true,
      group: 'Target:',
      describe: 'How long your adapter may take until it answers the first request; default: 10s',
    },
    deadline: {
      type: 'string',
      requiresArg: true,
      group: 'Target:',
      describe: 'How long no answer may come while requests are open; default: 10s',
    },
    ...SELECTION,
    ...JUDGE_OPTIONS,
    seed: {
      type: 'number',
      requiresArg: true,
      group: 'Execution:',
      describe: 'Number that fixes the generated input; default: 1',
    },
    config: {
      type: 'string',
      requiresArg: true,
      group: 'Execution:',
      describe: 'File with options; default: conform.config.json, or "conform" in package.json',
    },
  },
  examples: [
    ["$0 library --exec 'python3 adapter.py'", 'judge a library through its adapter'],
    ["$0 library --exec ./adapter --only 'library-times/*' --all", 'only times, with each failure explained'],
  ],
  run: async (options, context) => {
    const { libraryPart } = await import('../judging/library.ts');
    return judge([await libraryPart(options)], options, context);
  },
});
