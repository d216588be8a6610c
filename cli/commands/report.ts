/** `conform report`: a report that was kept as JSON Lines, in any other format. */

import { readFileSync, writeFileSync } from 'node:fs';
import type { Argv } from 'yargs';
import type { ReportRecord } from '../../conformance/index.ts';
import type { Command } from '../core/command.ts';
import { codeOf, UsageError } from '../core/errors.ts';
import { colorsFor } from '../terminal/colors.ts';

interface ReportOptions {
  files: string[];
  format: string;
  output: string | undefined;
  merge: boolean;
  trace: boolean;
}

export const reportCommand: Command<ReportOptions> = {
  command: 'report <files..>',
  describe: 'Render reports kept as JSON Lines in another format; several stand side by side',
  builder: (yargs: Argv) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Written by --reporter jsonl=FILE; - is standard input',
      })
      .option('format', {
        type: 'string',
        default: 'pretty',
        requiresArg: true,
        describe: 'pretty, tap, json, jsonl, junit, markdown, github, sarif, html, badge or badge-svg',
      })
      .option('output', {
        type: 'string',
        requiresArg: true,
        describe: 'Write to this file instead of standard output',
      })
      .option('merge', { type: 'boolean', default: false, describe: 'They are the shards of one run' })
      .option('trace', { type: 'boolean', default: false, describe: 'Show the wire log of every scenario' })
      .example('$0 report run.jsonl --format html --output run.html', 'a page to look at')
      .example('$0 report a.jsonl b.jsonl --format markdown', 'implementations side by side')
      .example('$0 report --merge shard-*.jsonl', 'the whole run, with its exit status'),
  run: async ({ files, format, output, merge: isMerge, trace }, context) => {
    const { assemble, FORMATS, merge, NO_COLOURS, ONE_REPORT, renderAll, renderer, worst } = await import(
      '../../conformance/index.ts'
    );
    const known = FORMATS.find((name) => name === format);
    if (known === undefined) throw new UsageError(`--format ${format} is none of ${FORMATS.join(', ')}`);
    const read: ReportRecord[] = [];
    for (const file of files) read.push(...(await readRecords(file)));
    const records = isMerge ? merge(assemble(read)) : read;
    const reports = assemble(records);
    if (reports.length > 1 && ONE_REPORT.includes(known)) {
      throw new UsageError(`--format ${known} is for one report; --merge puts shards together`);
    }
    const style = { palette: output === undefined ? colorsFor(context) : NO_COLOURS, live: false, trace };
    write(renderAll(renderer(known, style), records), output, context.out);
    return worst(reports.map(({ summary }) => summary.exitStatus));
  },
};

/** Throws UsageError when the file cannot be read, and ReportError when it is no report. */
export async function readRecords(file: string): Promise<readonly ReportRecord[]> {
  const { readReport } = await import('../../conformance/index.ts');
  const isStandardInput = file === '-' || file === '';
  try {
    return await readReport(readFileSync(isStandardInput ? 0 : file, 'utf8'), isStandardInput ? '-' : file);
  } catch (error) {
    if (error instanceof Error && error.name === 'ReportError') throw error;
    throw new UsageError(`cannot read ${JSON.stringify(file)} (${codeOf(error)})`);
  }
}

function write(text: string, output: string | undefined, out: (text: string) => void): void {
  if (output === undefined) {
    out(text);
    return;
  }
  try {
    writeFileSync(output, text);
  } catch (error) {
    throw new UsageError(`cannot write ${JSON.stringify(output)} (${codeOf(error)})`);
  }
}
