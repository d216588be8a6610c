/** `conform explain`: shows what a scenario sends and accepts, without running it. */

import { EXIT } from '../../conformance/report/exit-status.ts';
import { closestName } from '../core/check-command-line.ts';
import { command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { colorsFor } from '../terminal/colors.ts';

export const explainCommand = command({
  usage: 'explain <id>',
  describe: 'Explain a scenario: the requirement, the bytes that it sends, and what it accepts',
  exits: { success: 'done' },
  positionals: {
    id: { type: 'string', demandOption: true, describe: 'Scenario id, as conform list shows it' },
  },
  options: {},
  examples: [
    ['$0 explain frame/length-over-cap', 'clause, steps, permitted outcomes, control and likely cause'],
  ],
  run: async ({ id }, context) => {
    const { catalogue, explain } = await import('../../conformance/index.ts');
    const scenario = catalogue.find((candidate) => candidate.id === id);
    if (scenario === undefined) {
      const ids = catalogue.map((other) => other.id);
      throw new UsageError(`no scenario ${JSON.stringify(id)}; did you mean ${closestName(id, ids)}?`);
    }
    const { bold, dim } = colorsFor(context);
    const [title, ...lines] = explain(scenario);
    context.out(
      `${bold(title ?? '')}\n${lines.map((line) => (line.startsWith('  ') ? dim(line) : line)).join('\n')}\n`,
    );
    return EXIT.success;
  },
});
