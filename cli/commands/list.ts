/** `conform list`: lists the catalogue. */

import type { Requirement } from '../../conformance/index.ts';
import { EXIT } from '../../conformance/report/exit-status.ts';
import { textTable } from '../../conformance/util/text-table.ts';
import { command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { CATALOGUES } from '../judging/catalogues.ts';
import { SELECTION, selectionOf } from '../options/filter.ts';
import { colorsFor } from '../terminal/colors.ts';

export const listCommand = command({
  usage: 'list',
  describe: 'List the scenarios: id, level, clause and requirement',
  printsResult: true,
  exits: { success: 'the list was printed' },
  options: {
    ...SELECTION,
    client: { type: 'boolean', default: false, describe: 'List the scenarios of conform client' },
    library: { type: 'boolean', default: false, describe: 'List the scenarios of conform library' },
    traffic: {
      type: 'boolean',
      default: false,
      describe: 'List the rules of conform proxy and conform inspect',
    },
    json: { type: 'boolean', default: false, describe: 'Print a JSON array' },
  },
  examples: [
    ["$0 list --only 'submit/*'", 'one section of the protocol'],
    ['$0 list --client', 'what clients are judged by'],
    ["$0 list --library --only 'library-times/*'", 'what is asked about times'],
    ['$0 list --traffic', 'what the traffic of both sides is judged by'],
    ["$0 list --json | jq -r '.[].id'", 'the ids, for a script'],
  ],
  run: async ({ json, client, library, traffic, ...selection }, context) => {
    const isGiven = { client, library, traffic };
    const kinds = (['client', 'library', 'traffic'] as const).filter((kind) => isGiven[kind]);
    if (kinds.length > 1) throw new UsageError('give one of --client, --library and --traffic');
    const listed: readonly Requirement[] = await CATALOGUES[kinds[0] ?? 'server']();
    const scenarios = listed.filter(selectionOf(selection, listed));
    if (json) {
      const rows = scenarios.map(({ id, clause, level, requirement, control }) => ({
        id,
        clause,
        level,
        requirement,
        ...(control !== undefined && { control }),
      }));
      context.out(`${JSON.stringify(rows, null, 2)}\n`);
    } else {
      const rows = scenarios.map(({ id, level, clause, requirement }) => [id, level, clause, requirement]);
      context.out(textTable(rows, [{}, {}, {}, { style: colorsFor(context).dim }]));
    }
    return EXIT.success;
  },
});
