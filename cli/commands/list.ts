/** `conform list`: the catalogue. */

import type { Argv } from 'yargs';
import type { Command } from '../core/command.ts';
import { SELECTION, type SelectionOptions, selectionOf } from '../options/filter.ts';
import { colorsFor } from '../terminal/colors.ts';

interface ListOptions extends SelectionOptions {
  json: boolean;
}

export const listCommand: Command<ListOptions> = {
  command: 'list',
  describe: 'List the scenarios: id, level, clause and the sentence that each one judges',
  builder: (yargs: Argv) =>
    yargs
      .options(SELECTION)
      .option('json', { type: 'boolean', default: false, describe: 'As a JSON array' })
      .example("$0 list --only 'submit/*'", 'one section of the protocol')
      .example("$0 list --json | jq -r '.[].id'", 'the ids, for a script'),
  run: async ({ json, ...selection }, context) => {
    const { catalogue } = await import('../../conformance/index.ts');
    const scenarios = catalogue.filter(selectionOf(selection, catalogue));
    if (json) {
      const rows = scenarios.map(({ id, clause, level, requirement, control }) => ({
        id,
        clause,
        level,
        requirement,
        ...(control !== undefined && { control }),
      }));
      context.out(`${JSON.stringify(rows, null, 2)}\n`);
      return 0;
    }
    const { dim } = colorsFor(context);
    const width = Math.max(...scenarios.map(({ id }) => id.length));
    for (const { id, level, clause, requirement } of scenarios) {
      context.out(`${id.padEnd(width)}  ${level.padEnd(6)} ${clause.padEnd(3)}  ${dim(requirement)}\n`);
    }
    return 0;
  },
};
