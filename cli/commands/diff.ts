/** `conform diff`: what changed between two reports, also in what the protocol leaves free. */

import type { Argv } from 'yargs';
import type { Change, Report } from '../../conformance/index.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { Command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { colorsFor } from '../terminal/colors.ts';
import { readRecords } from './report.ts';

interface DiffOptions {
  before: string;
  after: string;
  json: boolean;
}

export const diffCommand: Command<DiffOptions> = {
  command: 'diff <before> <after>',
  describe: 'Name every change of behaviour between two reports; exit status 1 if there is any',
  builder: (yargs: Argv) =>
    yargs
      .positional('before', {
        type: 'string',
        demandOption: true,
        describe: 'Written by --reporter jsonl=FILE',
      })
      .positional('after', { type: 'string', demandOption: true, describe: 'Likewise' })
      .option('json', { type: 'boolean', default: false, describe: 'As a JSON array' })
      .example('$0 diff v1.jsonl v2.jsonl', 'what a release changes'),
  run: async ({ before, after, json }, context) => {
    const { diff } = await import('../../conformance/index.ts');
    const changes = diff(await readOne(before), await readOne(after));
    if (json) {
      context.out(`${JSON.stringify(changes, null, 2)}\n`);
    } else {
      const { good, bad, warn } = colorsFor(context);
      const style = { worse: bad, better: good, other: warn, behaviour: warn, added: warn, removed: warn };
      for (const change of changes) context.out(lines(change, style[change.change]).join(''));
      context.out(changes.length === 1 ? '1 change\n' : `${changes.length} changes\n`);
    }
    return changes.length > 0 ? 1 : 0;
  },
};

async function readOne(file: string): Promise<Report> {
  const { assemble } = await import('../../conformance/index.ts');
  const reports = assemble(await readRecords(file));
  const [report] = reports;
  if (report === undefined || reports.length > 1) throw new UsageError(`${file} holds more than one report`);
  return report;
}

function lines({ id, change, before, after }: Change, style: (text: string) => string): readonly string[] {
  const side = (sign: string, one: Change['before']): string => {
    if (one === undefined) return '';
    const texts = [one.verdict ?? '', one.behaviour, one.because].filter((text) => text !== '');
    return `  ${sign} ${texts.map((text) => printable(text, 500)).join('; ')}\n`;
  };
  return [`${style(change.padEnd(9))} ${id}\n`, side('-', before), side('+', after)];
}
