import t from 'tap';
import type { Section } from '../report/report.ts';
import { type JudgedServer, type Mutants, mutantSections } from './mutants.ts';

/** What a run would show of servers of each kind. `mutant-N` takes N seconds. */
const JUDGED: readonly JudgedServer[] = [
  ...Array.from(
    { length: 20 },
    (_, index): JudgedServer => ({
      name: `mutant-${index + 1}`,
      kind: 'mutant',
      ms: 1000 * (index + 1),
      lines: 10,
      verdict: 'does not conform',
      firstFailure: 'a/named',
      isNamed: true,
    }),
  ),
  {
    name: 'broad',
    kind: 'mutant',
    ms: 100,
    lines: 90,
    verdict: 'does not conform',
    firstFailure: 'a/b',
    isNamed: false,
  },
  { name: 'undetected', kind: 'mutant', ms: 100, lines: 10, verdict: 'conforms', isNamed: false },
  { name: 'only-slow', kind: 'mutant', ms: 100, lines: 10, verdict: 'conforms' },
  { name: 'latency', kind: 'late', ms: 7000, lines: 10, verdict: 'conforms' },
  { name: 'latency-long', kind: 'slow', ms: 90_000, lines: 10, verdict: 'conforms' },
  { name: 'accused', kind: 'variant', ms: 3000, lines: 10, verdict: 'does not conform' },
];

const MUTANTS: Mutants = {
  servers: JUDGED,
  measureServers: async (servers, { onServer }) =>
    JUDGED.filter(({ name }) => servers.some((server) => server.name === name)).map((server) => {
      onServer(server.name);
      return server;
    }),
};

function rowsOf(sections: readonly Section[], id: string): (readonly [string, ...(number | null)[]])[] {
  const { rows = [] } = sections.find((section) => section.id === id) ?? {};
  return rows.map(({ name, cells }) => [name, ...cells]);
}

t.test('the sections show each figure next to its aim', async (t) => {
  const onRow = (): void => {};
  const sections = await mutantSections(MUTANTS, { jobs: 2, onRow }, () => true);
  t.strictSame(rowsOf(sections, 'kit/mutants'), [
    ['mutants, median', 9e9, 4e9],
    ['mutants, 90th percentile', 18e9, 8e9],
    ['mutants, slowest', 20e9, 30e9],
    ['variants that answer or close after some 200 ms, slowest', 7e9, 20e9],
    ['variants that answer after 3 s, slowest', 90e9, 120e9],
    ['other variants, slowest', 3e9, null],
  ]);
  t.match(sections[0]?.notes, [/23 mutants and 3 conforming variants, 2 at a time/, /accused: accused\.$/]);
  t.strictSame(rowsOf(sections, 'kit/mutants-lines'), [['broad', 90, 80]]);
  t.strictSame(rowsOf(sections, 'kit/mutants-first'), [['mutants', 22, 20, 90, 90]]);
  t.strictSame(rowsOf(sections, 'kit/mutants-slowest').length, 10);
  t.strictSame(rowsOf(sections, 'kit/mutants-slowest')[0], ['mutant-20', 20e9, 10]);
  t.strictSame(rowsOf(sections, 'kit/mutants-other'), [
    ['broad: a/b', 1e8],
    ['undetected: none', 1e8],
  ]);
});

t.test('only selected servers are judged', async (t) => {
  const shown: string[] = [];
  const options = { jobs: 1, onRow: (row: string) => void shown.push(row) };
  const sections = await mutantSections(MUTANTS, options, (_, row) => row === 'mutant-3');
  t.strictSame(shown, ['kit/mutants 1 of 1: mutant-3']);
  t.strictSame(rowsOf(sections, 'kit/mutants'), [
    ['mutants, median', 3e9, 4e9],
    ['mutants, 90th percentile', 3e9, 8e9],
    ['mutants, slowest', 3e9, 30e9],
  ]);
  t.strictSame(await mutantSections(MUTANTS, options, () => false), []);
});
