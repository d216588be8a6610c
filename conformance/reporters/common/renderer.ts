/**
 * The interface of every report format: records → pieces of text. A renderer does no I/O; the caller writes the text.
 */

import type { ReportRecord } from '../../report/record.ts';
import { assemble, type Report } from './report.ts';

/** What a run waits for, for a display of progress. */
export interface Waiting {
  /** Ids of the scenarios that are awaited. */
  readonly ids: readonly string[];
  /** Until the last of them ends at the latest, in milliseconds. */
  readonly leftMs: number;
}

/** Renders one text. Call `take` for each record in order, then `end` once. */
export interface Renderer {
  /** The text for the next record. It may be empty. */
  readonly take: (record: ReportRecord) => string;
  /** The text while the run only waits. Absent for a format that shows no progress. */
  readonly waiting?: (event: Waiting) => string;
  /** The text after the last record. */
  readonly end: () => string;
}

/** A format that is rendered after the last record. */
export function whole(render: (reports: readonly Report[]) => string): Renderer {
  const records: ReportRecord[] = [];
  return {
    take: (record) => {
      records.push(record);
      return '';
    },
    end: () => render(assemble(records)),
  };
}

/** The complete text for a list of records. */
export function renderAll(renderer: Renderer, records: readonly ReportRecord[]): string {
  return records.map((record) => renderer.take(record)).join('') + renderer.end();
}
