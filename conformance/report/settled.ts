/** Provisional records, and the final ones that replace them. */

import type { ReportRecord } from './record.ts';

/** The records without those that a later record of the same scenario replaces, in their order. */
export function settled<R extends ReportRecord>(records: readonly R[]): readonly R[] {
  const last = new Map<string, R>();
  for (const record of records) if (record.record === 'scenario') last.set(record.id, record);
  return records.filter(
    (record) => record.record !== 'scenario' || !record.provisional || last.get(record.id) === record,
  );
}
