/** The run against one of many targets: its records, as `conform run` writes them. */

import type { ReportRecord, RunOptions as RunnerOptions, Scenario } from '../../conformance/index.ts';
import type { Context } from '../core/context.ts';
import { closeQuietly } from '../core/output-files.ts';
import type { PartRun } from '../judging/part.ts';
import { provenanceOf } from '../judging/parts.ts';
import { filtersOf } from '../judging/plans.ts';
import { serverParts } from '../judging/server.ts';
import type { RunCommandOptions } from '../options/many-targets.ts';
import { type ListedTarget, targetText } from './target-list.ts';

/** What is the same for every target. */
export interface Judging extends Omit<PartRun, 'provenance'> {
  readonly options: RunCommandOptions;
  readonly catalogue: readonly Scenario[];
  /** A limit of the rate of connections. Default: none. */
  readonly beforeConnections: RunnerOptions['beforeConnections'];
}

/** Throws UsageError for options that no target can be judged with. */
export function checkOptions(target: ListedTarget, { options, catalogue }: Judging): void {
  serverParts(optionsFor(target, options), catalogue);
}

/** `isFlooded`: whether scenarios that flood are run; undefined: if the target is on this machine. */
export async function judgeOne(
  target: ListedTarget,
  { options, catalogue, beforeConnections, ...run }: Judging,
  isFlooded: boolean | undefined,
  context: Context,
): Promise<readonly ReportRecord[]> {
  const course = { beforeConnections, ...(isFlooded !== undefined && { heavy: isFlooded }) };
  const filters = filtersOf(options);
  const records: ReportRecord[] = [];
  for (const part of serverParts(optionsFor(target, options), catalogue, course)) {
    const open = await part.open(namedContext(target, context));
    try {
      for await (const record of open.judge({
        ...run,
        provenance: provenanceOf(open, options, filters, context),
      }))
        if ('record' in record) records.push(record);
    } finally {
      await closeQuietly(open.close, context);
    }
  }
  return records;
}

function optionsFor(target: ListedTarget, options: RunCommandOptions): RunCommandOptions {
  return { ...options, target: [targetText(target)] };
}

/** Notes begin with the name of the target. */
function namedContext({ name }: ListedTarget, context: Context): Context {
  const err = (text: string): void => context.err(text.replace(/^conform: /, `conform: ${name}: `));
  return { ...context, out: (data) => err(String(data)), err };
}
