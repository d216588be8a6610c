/** The records of one or more runs as reports, for formats that are rendered after the last record. */

import { type CauseGroup, groupByCause } from '../../report/causes.ts';
import type { EndRecord, PlanRecord, ReportRecord, ScenarioRecord } from '../../report/record.ts';
import { settled } from '../../report/settled.ts';
import { type Summary, summariseRecords } from '../../report/summary.ts';

/** A run with its scenarios and its summary. */
export interface Report {
  readonly plan: PlanRecord;
  /**
   * In the order of the plan, which is not the order in which they ended. Scenarios that ran only as controls are last.
   */
  readonly scenarios: readonly ScenarioRecord[];
  /** The findings by cause, those that only ran as controls included. The first group explains most. */
  readonly groups: readonly CauseGroup[];
  /** The ids of planned scenarios that have no record. */
  readonly missing: readonly string[];
  /** Absent when the run was interrupted before its end. */
  readonly end?: EndRecord;
  readonly summary: Summary;
}

/** What was judged, for the title of its report: `client ./my-client`; a server by its name alone. */
export function titleOf({ command, target }: PlanRecord): string {
  return command === undefined ? target.name : `${command} ${target.name}`;
}

/** Whether the reports are of one kind, so that their scenarios are the same and can be compared. */
export function isComparison(reports: readonly Report[]): boolean {
  return reports.length > 1 && new Set(reports.map(({ plan }) => plan.command)).size === 1;
}

/** One report per plan. Records before the first plan are ignored. */
export function assemble(records: readonly ReportRecord[]): readonly Report[] {
  const runs: { readonly plan: PlanRecord; readonly records: ReportRecord[] }[] = [];
  for (const record of records) {
    if (record.record === 'plan') runs.push({ plan: record, records: [record] });
    else runs.at(-1)?.records.push(record);
  }
  return runs.map(({ plan, records }) => {
    const places = new Map([...plan.planned, ...plan.controls].map((id, place) => [id, place]));
    const placeOf = ({ id }: ScenarioRecord): number => places.get(id) ?? places.size;
    const scenarios = settled(records)
      .filter((record) => record.record === 'scenario')
      .sort((a, b) => placeOf(a) - placeOf(b));
    const judged = new Set(scenarios.map(({ id }) => id));
    const end = records.find((record) => record.record === 'end');
    return {
      plan,
      scenarios,
      groups: groupByCause(records),
      missing: plan.planned.filter((id) => !judged.has(id)),
      ...(end && { end }),
      summary: summariseRecords(records),
    };
  });
}
