/** `conform library`: judges the functions of a library through an adapter; without --exec, the reference. */

import { fileURLToPath } from 'node:url';
import { EXIT_MEANINGS } from '../../conformance/report/exit-status.ts';
import { packageFile } from '../../conformance/util/package-file.ts';
import { printable } from '../../conformance/util/printable.ts';
import { command } from '../core/command.ts';
import { judgeProgram } from '../judging/judge-program.ts';
import { SELECTION } from '../options/filter.ts';
import { JUDGE_OPTIONS } from '../options/judge.ts';
import { checkMilliseconds, checkSeconds, checkWhole } from '../options/options.ts';
import { quoted } from '../target/target.ts';

const START_SECONDS = 10;
const ANSWER_MS = 10_000;
const SEED = 1;

export const libraryCommand = command({
  usage: 'library',
  configured: 'all',
  onSignal: 'stops',
  describe: 'Judge the functions of a library in any language, through an adapter',
  exits: {
    ...EXIT_MEANINGS,
    success: 'the library conforms: every planned scenario was judged, and no MUST failed',
    failed: 'a MUST failed, or with --strict a SHOULD',
    unreachable: 'not used',
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
      type: 'number',
      default: START_SECONDS,
      requiresArg: true,
      group: 'Target:',
      describe: 'Seconds that your adapter may take until it answers the first request',
    },
    deadline: {
      type: 'number',
      default: ANSWER_MS,
      requiresArg: true,
      group: 'Target:',
      describe: 'Milliseconds that may pass without an answer while requests are open',
    },
    ...SELECTION,
    ...JUDGE_OPTIONS,
    seed: {
      type: 'number',
      default: SEED,
      requiresArg: true,
      group: 'Execution:',
      describe: 'Number that fixes the generated input',
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
    const { exec, startTimeout, deadline, seed } = options;
    checkSeconds(startTimeout, '--start-timeout');
    checkMilliseconds(deadline, '--deadline');
    checkWhole(seed, '--seed', 0);
    const [{ judgeLibrary }, { allLibraryScenarios }] = await Promise.all([
      import('../../conformance/libraries/run/judge-library.ts'),
      import('../judging/library-catalogue.ts'),
    ]);
    const catalogue = allLibraryScenarios(seed);
    const line = exec ?? referenceLine();
    return judgeProgram(
      {
        command: 'library',
        name: exec === undefined ? 'reference' : printable(exec),
        replay: exec === undefined ? '' : `--exec ${quoted(exec)}`,
        catalogue,
        judge: (run) =>
          judgeLibrary(line, {
            ...run,
            catalogue,
            clock: Date.now,
            startMs: 1000 * startTimeout,
            answerMs: deadline,
          }),
      },
      options,
      context,
    );
  },
});

/** Starts the adapter of the reference with this Node.js. */
function referenceLine(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const program = packageFile(isSource ? 'docs/adapters/reference.ts' : 'dist/docs/adapters/reference.js');
  return [process.execPath, ...process.execArgv, fileURLToPath(program)].map(quoted).join(' ');
}
