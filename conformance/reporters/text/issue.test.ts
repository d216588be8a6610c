import t from 'tap';
import type { ReportRecord } from '../../report/record.ts';
import { everyVerdict, PLAN, reportOf, scenarioRecord } from '../../testing/records.ts';
import { renderAll } from '../common/renderer.ts';
import { issue } from './issue.ts';

t.test('an issue says what is wrong, the clause, and how to see it again', async (t) => {
  const text = renderAll(issue(), everyVerdict('it was so'));
  const parts = [
    /^## /,
    /\*\*Required\*\*/,
    /docs\/protocol\.md#/,
    /\*\*How to see it again:\*\*/,
    /Found by conform/,
  ];
  for (const part of parts) t.match(text, part);
});

t.test('the bytes of a connection that only sends are a command', async (t) => {
  const sent = { kind: 'sent', segments: 1, tookMs: 0, atMs: 0 } as const;
  const issueOf = (hex: string, total: number): string => {
    const transcript = [{ ...sent, hex, total, asked: total }];
    const records: ReportRecord[] = reportOf([{ ...scenarioRecord('a/b', 'fail'), transcript }]);
    return renderAll(issue(), records);
  };
  const command = /printf 0000000300000000 &#124; xxd -r -p &#124; nc HOST PORT/;
  t.match(issueOf('0000000300000000', 8), command);
  t.notMatch(issueOf('00000003', 8), /xxd/, 'not where the report has only the first bytes');
});

t.test('a run without a failure has nothing to report', async (t) => {
  const text = renderAll(issue(), [PLAN, { record: 'end', durationMs: 1, because: 'complete' }]);
  t.match(text, /^Nothing to report: /);
});
