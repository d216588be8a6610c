import t from 'tap';
import { reportWith } from '../testing/report.ts';
import { publish } from './publish.ts';
import type { Report, Row } from './report.ts';

const COLUMNS = [
  { title: 'time', unit: 'ns' },
  { title: '±', unit: 'ns', isMargin: true },
  { title: 'rate', unit: 'per-second' },
] as const;

/** A row whose time is 100 ns, give or take that much, and whose compared figure has that margin. */
function row(name: string, halfWidthNs: number | null, margin?: number): Row {
  const compared = margin === undefined ? {} : { compared: { value: 1, margin, better: 'lower' as const } };
  return { name, cells: [100, halfWidthNs, 1e7], ...compared };
}

function reportOf(...rows: readonly Row[]): Report {
  return reportWith(rows, { columns: COLUMNS, plot: { kind: 'bars', columns: [0] } });
}

t.test('only steady rows are published', (t) => {
  const cases: readonly (readonly [row: Row, isPublished: boolean])[] = [
    [row('exact', 0), true],
    [row('steady', 9.9), true],
    [row('just steady', 10), true],
    [row('just unsteady', 10.1), false],
    [row('wide', 569), false],
    [row('without an interval', null), true],
    [row('steady ratio', 1, 0.1), true],
    [row('unsteady ratio', 1, 0.2), false],
    [row('nothing measured', null, Number.POSITIVE_INFINITY), false],
  ];
  const { text, plots } = publish(reportOf(...cases.map(([row]) => row)), 'plots');
  const plot = plots.get('plots/codec-encode.svg') ?? '';
  for (const [{ name }, isPublished] of cases) {
    t.equal(text.includes(`| ${name} | 100 ns |`), isPublished, name);
    t.equal(plot.includes(`>${name}<`), isPublished, `${name}, in the plot`);
  }
  t.match(
    text,
    '\nNot steady enough to publish: just unsteady; wide; unsteady ratio; nothing measured.\n',
    'the page names the others',
  );
  t.end();
});

t.test('a report of steady rows has no such note', (t) => {
  const { text, plots } = publish(reportOf(row('steady', 5)), 'plots');
  t.notMatch(text, 'Not steady');
  t.match(text, '![Encoding](plots/codec-encode.svg)');
  t.strictSame([...plots.keys()], ['plots/codec-encode.svg']);
  t.end();
});

t.test('a section without a steady row has neither table nor plot', (t) => {
  const { text, plots } = publish(reportOf(row('wide', 50)), 'plots');
  t.match(text, '### Encoding\n\nA note.\n\nNot steady enough to publish: wide.\n');
  t.equal(plots.size, 0);
  t.end();
});
