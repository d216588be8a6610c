/** `conform list`: the catalogue. */

import type { Argv } from 'yargs';
import { selectedBy } from './filter.ts';
import { palette } from './palette.ts';
import type { Verb } from './verb.ts';

interface ListOptions {
  only: string[] | undefined;
  json: boolean;
}

export const listVerb: Verb<ListOptions> = {
  command: 'list',
  describe: 'List the scenarios: id, level, clause and the sentence that each one judges',
  builder: (yargs: Argv) =>
    yargs
      .option('only', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'List only scenarios whose id matches; * stands for anything',
      })
      .option('json', { type: 'boolean', default: false, describe: 'As a JSON array' })
      .example("$0 list --only 'submit/*'", 'one section of the protocol')
      .example("$0 list --json | jq -r '.[].id'", 'the ids, for a script'),
  run: async ({ only, json }, io) => {
    const { catalogue } = await import('../conformance/index.ts');
    const scenarios = catalogue.filter(selectedBy(only, catalogue, '--only'));
    if (json) {
      const rows = scenarios.map(({ id, clause, level, requirement, control }) => ({
        id,
        clause,
        level,
        requirement,
        ...(control !== undefined && { control }),
      }));
      io.out(`${JSON.stringify(rows, null, 2)}\n`);
      return 0;
    }
    const { dim } = palette(io);
    const width = Math.max(...scenarios.map(({ id }) => id.length));
    for (const { id, level, clause, requirement } of scenarios) {
      io.out(`${id.padEnd(width)}  ${level.padEnd(6)} ${clause.padEnd(3)}  ${dim(requirement)}\n`);
    }
    return 0;
  },
};
