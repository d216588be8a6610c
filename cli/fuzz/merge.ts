/** `conform fuzz --merge`: joins the shards of a campaign, from their state files, into one report. */

import { EXIT, type ExitStatus, worst } from '../../conformance/report/exit-status.ts';
import { summariseRecords } from '../../conformance/report/summary.ts';
import { commandToRepeat } from '../../conformance/util/command-to-repeat.ts';
import { counted } from '../../conformance/util/counted.ts';
import { printablePath } from '../../conformance/util/printable.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import { CampaignUnion, type MergedCampaign, UnionError } from '../../fuzz/index.ts';
import type { Context } from '../core/context.ts';
import { checkOutputFolder, reportLost, tryWrite } from '../core/output-files.ts';
import { version } from '../core/version.ts';
import { wrong } from '../options/options.ts';
import { colorsFor } from '../terminal/colors.ts';
import { Outputs, reportersOf } from '../terminal/outputs.ts';
import { CorpusFolder } from './corpus/corpus-folder.ts';
import { FindingFolder } from './finding-folder.ts';
import { endLines, findingLines, tableLines } from './lines.ts';
import { type ReportContext, recordsOf } from './records.ts';
import { loadState } from './state.ts';

export interface MergeOptions {
  /** The state files of all shards. */
  readonly files: readonly string[];
  readonly findings: string;
  /** The folder that the corpus of all shards is added to. */
  readonly corpus?: string | undefined;
  readonly reporter?: readonly string[] | undefined;
  /** Whether the end lists the cases of each mutation and each signature. */
  readonly isVerbose: boolean;
}

/** Returns the exit status of the whole campaign. Throws a UsageError unless the files are the shards of one campaign. */
export async function mergeShards(
  { files, findings, corpus, reporter = [], isVerbose }: MergeOptions,
  context: Context,
): Promise<ExitStatus> {
  await checkOutputFolder('--findings', findings);
  if (corpus !== undefined) await checkOutputFolder('--corpus', corpus);
  const reporters = reportersOf(reporter, 1).filter(
    ({ format, file }) => format !== 'pretty' || file !== undefined,
  );
  const merged = await unionOf(files);
  const outputs = new Outputs(reporters, { all: true }, context);
  const isForProgram = reporters.some(({ file }) => file === undefined);
  const out = (text: string): void => (isForProgram ? context.err(text) : context.out(text));
  const { seed, result, because, unfinished } = merged;
  const folder = new FindingFolder(findings);
  const report = reportContext(merged, folder, context.program);
  out(`merged ${counted(files.length, 'shard')} of a campaign on ${report.name}, seed ${seed}\n`);
  const colors = colorsFor(context);
  for (const finding of result.findings) {
    await folder.keep(finding, context.err);
    out(`${findingLines(finding, colors, report.replayLineOf(finding)).join('\n')}\n`);
  }
  const isCorpusLost =
    corpus !== undefined &&
    !(await tryWrite(corpus, context, () => new CorpusFolder(corpus).write(result.corpus)));
  if (isVerbose) out(`${tableLines(result, colors).join('\n')}\n\n`);
  out(`${endLines({ because, progress: result }, seed).join('\n')}\n`);
  if (unfinished.length > 0)
    context.err(
      `conform: these shards have not ended, and count as far as they came: ${unfinished.join(', ')}\n`,
    );
  const records = recordsOf({ kind: 'end', because, progress: result }, report);
  for (const record of records) outputs.take(record);
  outputs.end();
  const statuses = [summariseRecords(records).exitStatus];
  if (isCorpusLost) statuses.push(EXIT.incomplete);
  if (outputs.isLost) statuses.push(reportLost(context));
  return worst(statuses);
}

async function unionOf(files: readonly string[]): Promise<MergedCampaign> {
  const union = new CampaignUnion();
  for (const file of files) {
    const state = await loadState(file, '--merge');
    if (state === undefined) throw wrong('--merge', `${printablePath(file)}: no such file`);
    try {
      union.add(state);
    } catch (error) {
      if (!(error instanceof UnionError)) throw error;
      throw wrong('--merge', `${printablePath(file)}: ${error.message}`);
    }
  }
  try {
    return union.merged();
  } catch (error) {
    if (!(error instanceof UnionError)) throw error;
    throw wrong('--merge', error.message);
  }
}

function reportContext(
  { seed, result, about }: MergedCampaign,
  folder: FindingFolder,
  program: string | undefined,
): ReportContext {
  const { name, address, replay } = about?.target ?? { name: 'a target', address: '', replay: '' };
  return {
    ...{ program, name, address, replay, seed },
    kit: about?.kit ?? version(),
    startedAt: about?.startedAt ?? new Date().toISOString(),
    observes: about?.observes ?? [],
    jobs: about?.jobs ?? 1,
    elapsedMs: () => result.elapsedMs,
    replayLineOf: (finding) => commandToRepeat(program, 'replay', quoted(folder.fileOf(finding)), replay),
  };
}
