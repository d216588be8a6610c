/** A renderer that keeps the records of one run at a time, for reports on many targets. */

import type { ReportRecord } from '../../report/record.ts';
import type { Renderer } from '../common/renderer.ts';
import { OutcomeTable } from './outcome-table.ts';

/** Records of each run have to come together, from the plan to the end. `render` makes the text after the last one. */
export function byTarget(render: (table: OutcomeTable) => string): Renderer {
  const table = new OutcomeTable();
  let records: ReportRecord[] = [];
  const finish = (): void => {
    table.add(records);
    records = [];
  };
  return {
    take: (record) => {
      if (record.record === 'plan') finish();
      records.push(record);
      return '';
    },
    end: () => {
      finish();
      return render(table);
    },
  };
}
