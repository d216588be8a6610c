/** The records of one or more runs, put together: what formats that are written at the end work on. */

import type { EndRecord, PlanRecord, ReportRecord, ScenarioRecord } from '../../report/record.ts';
import { type Summary, summariseRecords } from '../../report/summary.ts';

export interface Report {
  readonly plan: PlanRecord;
  /** In the order of the plan, which is not the order in which they came to an end; controls last. */
  readonly scenarios: readonly ScenarioRecord[];
  /** Planned, and not there. */
  readonly missing: readonly string[];
  /** Absent when the run was aborted. */
  readonly end?: EndRecord;
  readonly summary: Summary;
}

/** One report a plan; records before the first plan belong to none and are left out. */
export function assemble(records: readonly ReportRecord[]): readonly Report[] {
  const runs: { readonly plan: PlanRecord; readonly records: ReportRecord[] }[] = [];
  for (const record of records) {
    if (record.record === 'plan') runs.push({ plan: record, records: [record] });
    else runs.at(-1)?.records.push(record);
  }
  return runs.map(({ plan, records }) => {
    const places = new Map([...plan.planned, ...plan.controls].map((id, place) => [id, place]));
    const placeOf = ({ id }: ScenarioRecord): number => places.get(id) ?? places.size;
    const scenarios = records
      .filter((record) => record.record === 'scenario')
      .sort((a, b) => placeOf(a) - placeOf(b));
    const judged = new Set(scenarios.map(({ id }) => id));
    const end = records.find((record) => record.record === 'end');
    return {
      plan,
      scenarios,
      missing: plan.planned.filter((id) => !judged.has(id)),
      ...(end && { end }),
      summary: summariseRecords(records),
    };
  });
}
