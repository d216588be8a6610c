/** Merges the reports of all shards of a run into one report. */

import { causesIn } from '../../report/causes.ts';
import type {
  Cause,
  EndRecord,
  KnownFailureEntry,
  PlanRecord,
  ReportRecord,
  ScenarioRecord,
} from '../../report/record.ts';
import type { Report } from '../common/report.ts';
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

/** The records of the merged report. Throws ReportError unless the reports are all shards of one run, each once. */
export function merge(reports: readonly Report[]): readonly ReportRecord[] {
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
  return [...merged, ...endOf(reports, causesIn(merged))];
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
function endOf(reports: readonly Report[], causes: readonly Cause[]): readonly EndRecord[] {
  const ends = reports.flatMap(({ end }) => (end ? [end] : []));
  if (ends.length < reports.length) return [];
  const because = ENDS.find((reason) => ends.some((end) => end.because === reason)) ?? 'interrupted';
  const known = ends.flatMap(({ knownFailures }) => (knownFailures ? [knownFailures] : []));
  return [
    {
      record: 'end',
      durationMs: Math.max(...ends.map(({ durationMs }) => durationMs)),
      because,
      ...(known.length > 0 && { knownFailures: mergeKnown(known.flat()) }),
      causes,
    },
  ];
}

/** A glob may cover failures in several shards. Its limit applies to their sum. */
function mergeKnown(entries: readonly KnownFailureEntry[]): readonly KnownFailureEntry[] {
  const lines = new Set(entries.map(({ line }) => line));
  return [...lines].flatMap((line) => {
    const same = entries.filter((entry) => entry.line === line);
    const [first] = same;
    if (first === undefined) return [];
    const covered = same.reduce((sum, entry) => sum + entry.covered, 0);
    const isIdle = ({ stale }: KnownFailureEntry) =>
      stale === 'passes' || stale === 'skipped' || stale === 'not judged';
    // A glob that covers nothing in one shard may cover a failure in another.
    const stale = same.find((entry) => entry.stale !== undefined && !(covered > 0 && isIdle(entry)));
    const { pattern, reason, max } = first;
    if (covered > max)
      return [{ line, pattern, reason, max, covered, stale: 'covers too many', details: [] }];
    return [
      {
        line,
        pattern,
        reason,
        max,
        covered,
        details: stale?.details ?? [],
        ...(stale?.stale && { stale: stale.stale }),
      },
    ];
  });
}
