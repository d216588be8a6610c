import t from 'tap';
import { catalogue } from '../catalogue/index.ts';
import { clauseLines, clauses, clausesIn } from './clauses.ts';

t.test('the clause of every scenario is in the protocol, with a text', async (t) => {
  const found = new Map(clauses().map((clause) => [clause.name, clause]));
  for (const name of new Set(catalogue.map(({ clause }) => clause))) {
    const clause = found.get(name);
    t.ok(clause?.title, name);
    t.ok(clause && clauseLines(clause).join('').length > 40, name);
  }
  t.equal(found.size, clauses().length, 'each name is used once');
});

t.test('the text of a clause is plain', async (t) => {
  const protocol =
    '## 2 Frame\n\nAn introduction.\n\n### F2\n\n**Length cap.** A **long** one is refused\n([F1](#f1)).\n\n' +
    '_Observed_: `task_id` and result_type\nof `_x_`.\n\n### F3\n\n**Next.** Text.\n';
  const [first, second, ...others] = clausesIn(protocol);
  t.match(first, { name: 'F2', title: 'Length cap' });
  t.strictSame(first && clauseLines(first), [
    'A long one is refused',
    '(F1).',
    '',
    'Observed: `task_id` and result_type',
    'of `_x_`.',
  ]);
  t.match(second, { name: 'F3', title: 'Next', text: 'Text.' });
  t.strictSame(others, []);
  for (const clause of clauses())
    t.notMatch(clauseLines(clause).join('\n'), /\*\*|\]\(|_Observed_/, clause.name);
});
