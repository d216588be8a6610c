/** `conform explain`: what a scenario does and judges, before it is played. */

import type { Argv } from 'yargs';
import type { Command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { colorsFor } from '../terminal/colors.ts';

interface ExplainOptions {
  id: string;
}

export const explainCommand: Command<ExplainOptions> = {
  command: 'explain <id>',
  describe: 'Explain a scenario: its sentence, the bytes that it sends, and what is accepted',
  builder: (yargs: Argv) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'As conform list shows it' })
      .example(
        '$0 explain frame/length-over-cap',
        'clause, steps, permitted outcomes, control, likely cause',
      ),
  run: async ({ id }, context) => {
    const { catalogue, explain } = await import('../../conformance/index.ts');
    const scenario = catalogue.find((candidate) => candidate.id === id);
    if (scenario === undefined) {
      const { default: leven } = await import('leven');
      const nearest = catalogue.map((other) => other.id).sort((a, b) => leven(a, id) - leven(b, id))[0];
      throw new UsageError(`no scenario ${JSON.stringify(id)}; did you mean ${nearest}?`);
    }
    const { bold, dim } = colorsFor(context);
    const [title, ...lines] = explain(scenario);
    context.out(
      `${bold(title ?? '')}\n${lines.map((line) => (line.startsWith('  ') ? dim(line) : line)).join('\n')}\n`,
    );
    return 0;
  },
};
