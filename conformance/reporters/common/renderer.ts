/** The shape of every format: records in, text out, piece by piece. Pure; whoever calls it knows where the text goes. */

import type { ReportRecord } from '../../report/record.ts';
import { assemble, type Report } from './report.ts';

export interface Renderer {
  /** The text that the next record gives rise to; may be empty. */
  readonly take: (record: ReportRecord) => string;
  /** The text behind the last record. */
  readonly end: () => string;
}

/** A format that is written when everything is known. */
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

/** The whole text for records that are there already. */
export function renderAll(renderer: Renderer, records: readonly ReportRecord[]): string {
  return records.map((record) => renderer.take(record)).join('') + renderer.end();
}
