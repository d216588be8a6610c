import t from 'tap';
import type { ScenarioRecord } from '../../report/record.ts';
import { PLAN, scenarioRecord } from '../../testing/records.ts';
import { explanation } from './explanation.ts';

const FAILED = scenarioRecord('a/b', 'fail', { text: 'x' });

t.test('permitted outcomes are alternatives, and conditions on the store hold too', async (t) => {
  const record = { ...FAILED, expected: ['one', 'two'], conditions: ['three', 'four'] } as ScenarioRecord;
  t.strictSame(explanation(record, PLAN).slice(0, 4), [
    'expected: one; or two',
    'and:      three',
    'and:      four',
    'observed: x; failed 3 of 3 attempts',
  ]);
});
