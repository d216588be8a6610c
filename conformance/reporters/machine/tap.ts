/**
 * TAP 14. One test point per scenario, written when it ends, then one for the run: it fails whenever the exit status is
 * not 0, even if no scenario failed.
 */

import type { PlanRecord, ReportRecord, ScenarioRecord } from '../../report/record.ts';
import { effectiveVerdict } from '../../report/summary.ts';
import { plain } from '../common/escape.ts';
import { because, explanation, replayLine } from '../common/explanation.ts';
import type { Renderer } from '../common/renderer.ts';
import { assemble } from '../common/report.ts';
import { stringify } from './yaml-block.ts';

export function tap(): Renderer {
  const records: ReportRecord[] = [];
  let points = 0;
  return {
    take: (record) => {
      records.push(record);
      const [plan] = records;
      if (record.record === 'plan') return `TAP version 14\n1..${record.planned.length + 1}\n`;
      if (record.record !== 'scenario' || record.onlyAsControl || plan?.record !== 'plan') return '';
      points += 1;
      return point(points, record, plan);
    },
    end: () => {
      const [report] = assemble(records);
      if (report === undefined) return 'TAP version 14\nBail out! the report is empty\n';
      const { summary, missing } = report;
      if (missing.length > 0 || report.end === undefined) return `Bail out! ${escaped(summary.reason)}\n`;
      const ok = summary.exitStatus === 0 ? 'ok' : 'not ok';
      return `${ok} ${points + 1} - ${summary.verdict}: ${escaped(summary.reason)} (exit ${summary.exitStatus})\n`;
    },
  };
}

function point(number: number, record: ScenarioRecord, plan: PlanRecord): string {
  const { word, conforms } = effectiveVerdict(record, plan.strict);
  const reason = escaped(because(record));
  const title = `${number} - ${escaped(plain(record.id))}`;
  if (word === 'pass') return `ok ${title}\n`;
  if (word === 'skipped') return `ok ${title} # SKIP ${reason}\n`;
  const directive = conforms ? ` # TODO ${word}: ${reason}` : '';
  return `not ok ${title}${directive}\n${stringify({
    message: reason,
    severity: conforms ? 'todo' : record.verdict === 'error' ? 'error' : 'fail',
    verdict: word,
    level: record.level,
    clause: record.clause,
    requirement: record.requirement,
    explanation: explanation(record).join('\n'),
    again: replayLine(plan, record),
  })}`;
}

/** Escapes what TAP would read as a directive or an escape. */
function escaped(text: string): string {
  return text.replace(/[\\#]/g, '\\$&');
}
