import t from 'tap';
import { catalogue } from '../../catalogue/index.ts';
import { mutants, variants } from '../index.ts';
import { summary } from './detection.ts';
import type { Row } from './matrix.ts';

t.test('the summary counts what was detected, and what the reports show first', async (t) => {
  const [first, second] = catalogue;
  const rows = new Map<string, Row>([
    [mutants[0]?.name ?? '', new Map([[first?.id ?? '', 'fail']])],
    [mutants[1]?.name ?? '', new Map([[second?.id ?? '', 'pass']])],
  ]);
  const lines = summary({
    catalogue: catalogue.slice(0, 2),
    mutants: mutants.slice(0, 2),
    variants: variants.slice(0, 1),
    rows,
    measured: [{ isNamed: true }, { isNamed: false }, {}],
  });
  t.strictSame(lines.slice(2), [
    '| mutants detected | 1 of 2 (50 %) |',
    '| reports whose first failure is one that the mutant names | 1 of 2 (50 %) |',
    '| scenarios with a killer | 1 of 2 (50 %) |',
    '| false alarms on 1 conforming variants | 0 |',
  ]);
});
