/**
 * TAP 14. One test point per scenario, written when its record is final: complete for the first failure with a cause, with a
 * reference for the others. Then one for the run: it fails whenever the exit status is
 * not 0, even if no scenario failed.
 */

import { effectiveVerdict } from '../../report/effective-verdict.ts';
import type { PlanRecord, ReportRecord, ScenarioRecord } from '../../report/record.ts';
import { plain } from '../common/escape.ts';
import { because, clauseUrl, explanation, replayLine, unreachableLines } from '../common/explanation.ts';
import type { Renderer } from '../common/renderer.ts';
import { assemble } from '../common/report.ts';
import { stringify } from './yaml-block.ts';

export function tap(): Renderer {
  const records: ReportRecord[] = [];
  const provisional = new Map<string, ScenarioRecord>();
  /** The id of the first failure with each cause. */
  const roots = new Map<string, string>();
  let points = 0;
  const next = (record: ScenarioRecord, plan: PlanRecord): string => {
    points += 1;
    const cause = record.verdict === 'fail' ? record.cause : undefined;
    const root = cause === undefined ? undefined : roots.get(cause);
    if (cause !== undefined && root === undefined) roots.set(cause, record.id);
    return point(points, record, plan, root && `same cause as ${plain(root)}: ${plain(cause ?? '')}`);
  };
  return {
    take: (record) => {
      records.push(record);
      const [plan] = records;
      if (record.record === 'plan') return `TAP version 14\n1..${record.planned.length + 1}\n`;
      if (record.record !== 'scenario' || record.onlyAsControl || plan?.record !== 'plan') return '';
      if (record.provisional) {
        provisional.set(record.id, record);
        return '';
      }
      provisional.delete(record.id);
      return next(record, plan);
    },
    end: () => {
      const [report] = assemble(records);
      if (report === undefined) return 'TAP version 14\nBail out! the report is empty\n';
      const { summary, missing, plan } = report;
      const pending = [...provisional.values()].map((record) => next(record, plan)).join('');
      if (missing.length > 0 || report.end === undefined)
        return `${pending}Bail out! ${escaped(summary.reason)}\n`;
      const ok = summary.exitStatus === 0 ? 'ok' : 'not ok';
      const said = unreachableLines(report);
      const block = said.length === 0 ? '' : stringify({ explanation: said.join('\n') });
      return `${pending}${ok} ${points + 1} - ${summary.verdict}: ${escaped(summary.reason)} (exit ${summary.exitStatus})\n${block}`;
    },
  };
}

function point(
  number: number,
  record: ScenarioRecord,
  plan: PlanRecord,
  reference: string | undefined,
): string {
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
    ...(reference === undefined
      ? { explanation: explanation(record, plan).join('\n') }
      : { cause: reference }),
    see: clauseUrl(record.clause),
    again: replayLine(plan, record),
  })}`;
}

/** Escapes what TAP would read as a directive or an escape. */
function escaped(text: string): string {
  return text.replace(/[\\#]/g, '\\$&');
}
