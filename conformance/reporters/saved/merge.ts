/** Merges the reports of all shards of a run into one report, or into one for each of its parts or targets. */

import { causesIn } from '../../report/causes.ts';
import type {
  Cause,
  EndRecord,
  KnownFailureEntry,
  PlanRecord,
  ReportRecord,
  ScenarioRecord,
} from '../../report/record.ts';
import { globOf } from '../../util/glob.ts';
import { printable } from '../../util/printable.ts';
import { type Report, titleOf } from '../common/report.ts';
import { ReportError } from './read.ts';

/** The first of these reasons that a shard has is the reason of the merged report. */
const ENDS = [
  'interrupted',
  'out-of-time',
  'store-not-recognised',
  'cannot-run',
  'target-died',
  'bailed',
  'unanswered',
  'complete',
] as const;

/**
 * The records of the merged report; of a run of several parts or targets, those of a report for each of them. Throws ReportError
 * unless the reports are all shards of one run, each once.
 */
export function merge(reports: readonly Report[]): readonly ReportRecord[] {
  const indexes = reports.map(({ plan }) => plan.shard?.index);
  // In a run of one target, each shard has one report, and its targets are compared.
  if (new Set(indexes).size === indexes.length) return mergeOne(reports);
  const groups = new Map<string, Report[]>();
  for (const report of reports) {
    const { command, target } = report.plan;
    const key = JSON.stringify([command, target.name]);
    groups.set(key, [...(groups.get(key) ?? []), report]);
  }
  return [...groups.values()].flatMap((group) => {
    try {
      return mergeOne(group);
    } catch (error) {
      const [first] = group;
      if (!(error instanceof ReportError) || first === undefined || groups.size === 1) throw error;
      throw new ReportError(`${printable(titleOf(first.plan))}: ${error.message}`);
    }
  });
}

function mergeOne(reports: readonly Report[]): readonly ReportRecord[] {
  const [first] = reports;
  if (first === undefined) throw new ReportError('there is no report to merge');
  if (reports.some(({ plan }) => plan.planned.some((id) => id.startsWith('fuzz/'))))
    throw new ReportError(
      'it is the report of a campaign; conform fuzz --merge joins the state files of its shards',
    );
  checkAlike(reports.map(({ plan }) => plan));
  checkShards(reports.map(({ plan }) => plan));
  const { shard: _, ...plan } = first.plan;
  const planned = reports.flatMap(({ plan }) => plan.planned);
  const isPlanned = new Set(planned);
  if (isPlanned.size < planned.length) {
    const twice = planned.find((id, index) => planned.indexOf(id) < index);
    throw new ReportError(`${twice} was judged by more than one shard`);
  }
  const controls = new Map<string, ScenarioRecord>();
  const judged: ScenarioRecord[] = [];
  for (const record of reports.flatMap(({ scenarios }) => scenarios)) {
    if (!record.onlyAsControl) judged.push(record);
    else if (!isPlanned.has(record.id) || record.targetDied) controls.set(record.id, record);
  }
  const merged: readonly ReportRecord[] = [
    {
      ...plan,
      startedAt: reports.map(({ plan }) => plan.startedAt).sort()[0] ?? plan.startedAt,
      planned: planned.sort(),
      controls: [...controls.keys()].filter((id) => !isPlanned.has(id)).sort(),
    },
    ...judged,
    ...controls.values(),
  ];
  return [...merged, ...endOf(reports, judged, causesIn(merged))];
}

function checkAlike(plans: readonly PlanRecord[]): void {
  const unreached = plans.find(({ profile, about }) => profile === undefined && about === undefined);
  if (unreached) throw new ReportError('a shard did not reach the target');
  const facets: Readonly<Record<string, (plan: PlanRecord) => unknown>> = {
    'versions of the kit': ({ kit }) => kit,
    targets: ({ target }) => target.name,
    seeds: ({ seed }) => seed,
    'numbers of shards': ({ shard }) => shard?.of,
    filters: ({ filters }) => filters,
    levels: ({ strict }) => strict,
  };
  for (const [name, facet] of Object.entries(facets)) {
    const values = new Set(plans.map((plan) => JSON.stringify(facet(plan)) ?? 'none'));
    if (values.size > 1)
      throw new ReportError(`the reports have different ${name}: ${[...values].join(', ')}`);
  }
}

function checkShards(plans: readonly PlanRecord[]): void {
  const of = plans[0]?.shard?.of;
  if (of === undefined) throw new ReportError('a report covers a whole run, not a shard');
  const indexes = plans.map(({ shard }) => shard?.index);
  const twice = indexes.find((index, place) => indexes.indexOf(index) < place);
  if (twice !== undefined) throw new ReportError(`shard ${twice} of ${of} is given twice`);
  const missing = Array.from({ length: of }, (_, place) => place + 1).filter(
    (index) => !indexes.includes(index),
  );
  if (missing.length > 0) throw new ReportError(`these shards of ${of} are missing: ${missing.join(', ')}`);
}

/** Empty if a shard has no end record, because the run was then interrupted. */
function endOf(
  reports: readonly Report[],
  judged: readonly ScenarioRecord[],
  causes: readonly Cause[],
): readonly EndRecord[] {
  const ends = reports.flatMap(({ end }) => (end ? [end] : []));
  if (ends.length < reports.length) return [];
  const because = ENDS.find((reason) => ends.some((end) => end.because === reason)) ?? 'interrupted';
  const known = ends.flatMap(({ knownFailures }) => (knownFailures ? [knownFailures] : []));
  return [
    {
      record: 'end',
      durationMs: Math.max(...ends.map(({ durationMs }) => durationMs)),
      because,
      ...(known.length > 0 && {
        knownFailures: mergeKnown(known.flat()).map((entry) =>
          because === 'complete' ? withoutUse(entry, judged) : entry.entry,
        ),
      }),
      causes,
    },
  ];
}

/** An entry of the known failures, and the number of scenarios that it matches, if that is known. */
interface MergedEntry {
  readonly entry: KnownFailureEntry;
  readonly matched: number | undefined;
  /** Another entry that names the scenario has precedence. */
  readonly isFirstFor: (id: string) => boolean;
}

/** A glob may cover failures in several shards. Its limit applies to their sum. */
function mergeKnown(entries: readonly KnownFailureEntry[]): readonly MergedEntry[] {
  const lines = [...new Set(entries.map(({ line }) => line))].sort((a, b) => a - b);
  const patterns = lines.map((line) => entries.find((entry) => entry.line === line)?.pattern ?? '');
  return lines.flatMap((line) => {
    const same = entries.filter((entry) => entry.line === line);
    const [first] = same;
    if (first === undefined) return [];
    const { pattern, reason, max, matched } = first;
    const covered = same.reduce((sum, entry) => sum + entry.covered, 0);
    // A glob that covers nothing in one shard may cover a failure in another.
    const stale = same.find((entry) => entry.stale !== undefined && !(covered > 0 && isIdle(entry)));
    const common = { line, pattern, reason, max, covered };
    const entry: KnownFailureEntry =
      covered > max
        ? { ...common, stale: 'covers too many', details: [] }
        : { ...common, details: stale?.details ?? [], ...(stale?.stale && { stale: stale.stale }) };
    const isFirstFor = (id: string): boolean =>
      pattern === (patterns.find((one) => one === id) ?? patterns.find((one) => globOf(one).test(id)));
    return [{ entry, matched, isFirstFor }];
  });
}

function isIdle({ stale }: KnownFailureEntry): boolean {
  return stale === 'passes' || stale === 'skipped' || stale === 'not judged';
}

/** The entry, which is stale if all scenarios that it matches were judged, by whatever shards, and it covered none of them. */
function withoutUse(
  { entry, matched, isFirstFor }: MergedEntry,
  judged: readonly ScenarioRecord[],
): KnownFailureEntry {
  const pattern = globOf(entry.pattern);
  const ofEntry = judged.filter(({ id }) => pattern.test(id));
  if (entry.covered > 0 || entry.stale !== undefined || ofEntry.length !== matched) return entry;
  const others = ofEntry.filter(({ id }) => isFirstFor(id));
  const [first] = others;
  if (first === undefined) return entry;
  const stale = first.verdict === 'pass' ? 'passes' : first.verdict === 'skipped' ? 'skipped' : 'not judged';
  return { ...entry, stale, details: others.map(({ id }) => id) };
}
