/** `conform report`: renders reports that were saved as JSON Lines in any other format. */

import type { ReportRecord } from '../../conformance/index.ts';
import {
  EXIT,
  EXIT_MEANINGS,
  type RunStatus,
  statusOfRuns,
  worst,
} from '../../conformance/report/exit-status.ts';
import { FORMATS, ONE_REPORT } from '../../conformance/reporters/format.ts';
import { command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { checkOutputFile, makeFolderOf, tryWrite } from '../core/output-files.ts';
import { replaceFile } from '../core/replace-file.ts';
import { checkWhole } from '../options/options.ts';
import { readRecords } from '../options/saved-reports.ts';
import { colorsFor } from '../terminal/colors.ts';

export const reportCommand = command({
  usage: 'report <files..>',
  describe: 'Render saved reports in another format, or compare several targets',
  exits: EXIT_MEANINGS,
  positionals: {
    files: {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Files that --reporter jsonl=FILE wrote; - is standard input',
    },
  },
  options: {
    format: { choices: FORMATS, default: 'pretty', requiresArg: true, describe: 'Format of the report' },
    output: {
      type: 'string',
      requiresArg: true,
      describe: 'Write to this file instead of standard output, which is also -',
    },
    merge: { type: 'boolean', default: false, describe: 'Join the files: they are the shards of one run' },
    trace: {
      type: 'boolean',
      default: false,
      describe: 'Show the bytes on the wire of every scenario, not only of failures',
    },
    all: {
      type: 'boolean',
      default: false,
      describe: 'Explain every failure in the text report, not only the first one of each cause',
    },
    slowest: {
      type: 'number',
      requiresArg: true,
      describe: 'List this many of the slowest scenarios at the end of the text report',
    },
  },
  examples: [
    ['$0 report run.jsonl --format html --output run.html', 'one HTML page'],
    ['$0 report a.jsonl b.jsonl --format markdown', 'two implementations in one table'],
    ['$0 report reports/*.jsonl --format matrix --output all.html', 'hundreds of targets on one page'],
    ['$0 report --merge shard-*.jsonl', 'the whole run, with its exit status'],
  ],
  run: async ({ files, format, output, merge: isMerge, trace, all, slowest = 0 }, context) => {
    checkWhole(slowest, '--slowest', 0);
    const file = output === '-' ? undefined : output;
    if (file !== undefined) {
      await makeFolderOf('--output', file);
      await checkOutputFile('--output', file);
    }
    const { assemble, merge, NO_COLORS, renderer } = await import('../../conformance/reporters/index.ts');
    const style = {
      colors: file === undefined ? colorsFor(context) : NO_COLORS,
      live: false,
      trace,
      all,
      slowest,
    };
    const rendering = renderer(format, style);
    const runs: RunStatus[] = [];
    let text = '';
    // The records of one file at a time: what is kept of them is for the format to decide.
    for await (const records of isMerge ? merged(files, { assemble, merge }) : eachOf(files)) {
      for (const { plan, summary } of assemble(records))
        runs.push({ command: plan.command, exitStatus: summary.exitStatus });
      if (runs.length > 1 && ONE_REPORT.includes(format)) {
        throw new UsageError(`--format ${format} is for one report; --merge joins the shards of one run`);
      }
      for (const record of records) text += rendering.take(record);
    }
    text += rendering.end();
    if (file === undefined) context.out(text);
    const isWritten = file === undefined || (await tryWrite(file, context, () => replaceFile(file, text)));
    const status = statusOfRuns(runs);
    return isWritten ? status : worst([status, EXIT.incomplete]);
  },
});

async function* eachOf(files: readonly string[]): AsyncGenerator<readonly ReportRecord[], void> {
  for (const name of files) yield await readRecords(name);
}

/** The shards of one run as one report. */
async function* merged(
  files: readonly string[],
  { assemble, merge }: Pick<typeof import('../../conformance/reporters/index.ts'), 'assemble' | 'merge'>,
): AsyncGenerator<readonly ReportRecord[], void> {
  const read: ReportRecord[] = [];
  for await (const records of eachOf(files)) read.push(...records);
  yield merge(assemble(read));
}
