/** `conform diff`: lists what changed between two reports, also where the protocol permits several behaviours. */

import type { Report } from '../../conformance/index.ts';
import { EXIT } from '../../conformance/report/exit-status.ts';
import { printable, printablePath } from '../../conformance/util/printable.ts';
import { command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { readRecords } from '../options/saved-reports.ts';
import { changeText, countsOf } from '../terminal/changes.ts';

export const diffCommand = command({
  usage: 'diff <before> <after>',
  describe: 'Compare two saved reports, and list each change of behaviour',
  exits: {
    success: 'nothing changed, or nothing became worse with --fail-on worse',
    failed: 'at least one change, or with --fail-on worse one for the worse',
    incomplete:
      'a report judges no scenario, so that nothing could be compared; with --fail-on worse, the second one is not complete',
  },
  positionals: {
    before: {
      type: 'string',
      demandOption: true,
      describe: 'A file that --reporter jsonl=FILE wrote; - is standard input',
    },
    after: { type: 'string', demandOption: true, describe: 'A file of the same kind, of a later run' },
  },
  options: {
    json: { type: 'boolean', default: false, describe: 'Print a JSON array' },
    'fail-on': {
      choices: ['any', 'worse'],
      default: 'any',
      requiresArg: true,
      describe: 'Which changes give exit status 1: each, or only those for the worse',
    },
  },
  examples: [
    ['$0 diff v1.jsonl v2.jsonl', 'what a release changes'],
    ['$0 diff main.jsonl branch.jsonl --fail-on worse', 'refuse a branch that breaks what worked'],
  ],
  run: async ({ before, after, json, failOn }, context) => {
    const { diff } = await import('../../conformance/reporters/index.ts');
    const reports = [await readOne(before), await readOne(after)] as const;
    const changes = diff(...reports);
    const empty = reports.findIndex((report) => !judgesAny(report));
    if (json) {
      context.out(`${JSON.stringify(changes, null, 2)}\n`);
    } else {
      for (const change of changes) context.out(changeText(change, context));
      context.out(`${countsOf(changes)}\n`);
    }
    if (empty >= 0) {
      const name = printable(empty === 0 ? before : after);
      context.err(`conform: ${name} judges no scenario, so that nothing could be compared\n`);
      return EXIT.incomplete;
    }
    const counted = failOn === 'any' ? changes : changes.filter(({ change }) => change === 'worse');
    if (counted.length > 0) return EXIT.failed;
    const lack = failOn === 'worse' ? lackOf(reports[1]) : undefined;
    if (lack === undefined) return EXIT.success;
    context.err(`conform: ${printable(after)} is not complete, so that more may be worse: ${lack}\n`);
    return EXIT.incomplete;
  },
});

async function readOne(file: string): Promise<Report> {
  const { assemble } = await import('../../conformance/reporters/index.ts');
  const reports = assemble(await readRecords(file));
  const [report] = reports;
  if (report === undefined || reports.length > 1)
    throw new UsageError(`${printablePath(file)} does not hold exactly one report`);
  return report;
}

/** Why the report does not show all that became worse. */
function lackOf({ missing, summary }: Report): string | undefined {
  const partial: readonly number[] = [EXIT.unreachable, EXIT.incomplete, EXIT.kitError, EXIT.interrupted];
  if (partial.includes(summary.exitStatus)) return summary.reason;
  return missing.length === 0 ? undefined : `${missing.length} planned scenarios have no verdict`;
}

function judgesAny({ scenarios }: Report): boolean {
  return scenarios.some(({ onlyAsControl, verdict }) => !onlyAsControl && verdict !== 'skipped');
}
