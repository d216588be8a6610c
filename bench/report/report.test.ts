import fc from 'fast-check';
import t from 'tap';
import { fittedExponent, marginOfFew, marginOfMedian, median, percentile99 } from '../measure/statistics.ts';
import { reportOf } from '../testing/report.ts';
import { chart } from './chart.ts';
import { compare, withBest } from './compare.ts';
import { format } from './format.ts';
import { render, renderWithPlots } from './render.ts';
import type { Report } from './report.ts';

t.test('what is slower beyond the tolerance and beyond doubt is told', (t) => {
  const isSlower = (before: Report, after: Report, tolerance = 0.15): boolean =>
    compare(before, after, tolerance).some((change) => change.isSlower);
  t.ok(isSlower(reportOf(100, 0.03), reportOf(130, 0.03)));
  t.notOk(isSlower(reportOf(100, 0.03), reportOf(100, 0.03)), 'equal');
  t.notOk(isSlower(reportOf(100, 0.03), reportOf(70, 0.03)), 'faster');
  t.notOk(isSlower(reportOf(100, 0.03), reportOf(114, 0.0)), 'within the tolerance');
  t.ok(isSlower(reportOf(130, 0.03, 'higher'), reportOf(100, 0.03, 'higher')), 'fewer a second');
  t.notOk(isSlower(reportOf(100, 0.03, 'higher'), reportOf(130, 0.03, 'higher')), 'more a second');
  t.end();
});

t.test('many rows decide together what is within the margin of each', (t) => {
  const of = (margin: number, ...values: number[]): Report => {
    const report = reportOf(1, 0);
    const rows = values.map((value, index) => {
      const compared = { value, margin, better: 'lower' } as const;
      return { name: `row ${index}`, cells: [], compared };
    });
    return { ...report, sections: report.sections.map((section) => ({ ...section, rows })) };
  };
  const slower = (after: Report): string[] =>
    compare(of(0.3, ...Array(9).fill(1)), after, 0.1)
      .filter((change) => change.isSlower)
      .map(({ name }) => name);
  const all = [1.3, 1.28, 1.32, 1.3, 1.29, 1.31, 1.3, 1.27, 1.33];
  t.strictSame(slower(of(0.3, ...all)), ['codec/encode'], 'all, though no row for itself');
  t.strictSame(slower(of(0.3, ...all.slice(0, 7))), [], 'too few');
  t.strictSame(slower(of(0.3, 1, 1.02, 1.4, 0.98, 0.8, 1, 1, 1, 1)), [], 'rows that swing');
  t.strictSame(slower(of(0.3, 1, 0.99, 3, 1.01, 1, 1, 1, 1, 1)), ['codec/encode row 2'], 'one alone');
  t.strictSame(slower(of(0.3, 0.8, 1.1, 1.4, 1.3, 1.5, 0.9, 1.2, 0.7, 1.4)), [], 'no one can tell');
  const again = of(0.3, 1, 1, 1.05, 1, 1, 1, 1, 1, 1).sections;
  t.strictSame(slower(withBest(of(0.3, 1, 1, 3, 1, 1, 1, 1, 1, 1), again)), [], 'the better of two');
  t.end();
});

t.test('reports without a common figure are not compared', (t) => {
  t.throws(() => compare(reportOf(1, 0), reportOf(1, 0, 'lower', 'another'), 0.1), { name: 'CompareError' });
  t.throws(() => compare(reportOf(0, 0), reportOf(0, 0), 0.1), { name: 'CompareError' }, 'no figure');
  t.end();
});

t.test('every form shows every figure, and what is foreign is escaped', (t) => {
  const report = reportOf(1500, 0.03);
  const table = render(report, 'table');
  t.match(table, /a \| <row> +1 KiB +1\.50 µs\n/);
  t.match(table, /not measured +2 KiB\n/);
  t.match(render(report, 'markdown'), '| a \\| <row> | 1 KiB | 1.50 µs |');
  const page = render(report, 'html');
  t.match(page, '<td>a | &lt;row&gt;</td><td>1 KiB</td><td>1.50 µs</td>');
  t.match(page, /<svg [^>]*>\n<title>Encoding<\/title>/);
  t.notMatch(page, /<row>|<CPU>/);
  const { text, plots } = renderWithPlots(report, 'plots');
  t.match(text, '![Encoding](plots/codec-encode.svg)');
  t.strictSame([...plots.keys()], ['plots/codec-encode.svg']);
  t.end();
});

t.test('what only repeats the names of the rows is not shown', (t) => {
  const report = reportOf(1500, 0.03);
  const shown = (isName: boolean): string => {
    const sections = report.sections.map((section) => ({
      ...section,
      of: 'size',
      columns: section.columns.map((column, index) => ({ ...column, isName: isName && index === 0 })),
    }));
    return render({ ...report, sections }, 'markdown');
  };
  t.match(shown(true), '| size | time |');
  t.match(shown(false), '| size | size | time |', 'whatever its title');
  t.end();
});

t.test('plots stay within their picture', (t) => {
  const [section] = reportOf(1500, 0.03).sections;
  if (section === undefined) throw new Error('the report has no section');
  const kind = fc.constantFrom('lines' as const, 'bars' as const);
  const values = fc.array(fc.double({ min: 1, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(kind, values, (kind, values) => {
      const rows = values.map((value, index) => ({ name: `row ${index}`, cells: [index + 1, value] }));
      const svg = chart({ ...section, rows, plot: { kind, columns: [1] } }) ?? '';
      const [, width = '', height = ''] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
      const at = [...svg.matchAll(/ (c?[xy])="([\d.-]+)"/g)];
      return (
        at.length > 0 &&
        at.every(([, axis = '', pixels]) => {
          const value = Number(pixels);
          return value >= 0 && value <= Number(axis.endsWith('x') ? width : height);
        })
      );
    }),
  );
  t.end();
});

t.test('numbers take the unit that suits them', (t) => {
  t.equal(format(999, 'ns'), '999 ns');
  t.equal(format(999.9, 'ns'), '1.00 µs');
  t.equal(format(1536, 'bytes'), '1.50 KiB');
  t.equal(format(1.234e6, 'per-second'), '1.23 M/s');
  t.equal(format(0, 'bytes'), '0 B');
  t.equal(format(12, 'ratio'), '12.00 ×');
  t.end();
});

t.test('statistics of repeated measurements', (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.throws(() => median([]), RangeError);
  t.equal(marginOfMedian([5, 5, 5]), 0);
  t.equal(marginOfMedian([10, 10, 10, 1000]), 0, 'an outlier does not count');
  t.ok(marginOfMedian([8, 9, 10, 11, 12]) > 0.1);
  t.equal(marginOfFew([5]), 0);
  t.ok(
    Math.abs(marginOfFew([9, 10, 11]) - ((1.2533 * 9.925) / Math.sqrt(3)) * 0.1) < 1e-9,
    'as the tables have it',
  );
  t.equal(percentile99(Array.from({ length: 200 }, (_, index) => 200 - index)), 198);
  t.equal(percentile99([1, 2, 3]), null);
  t.ok(marginOfFew([10, 10, 10, 1000]) > 1, 'an outlier counts');
  fc.assert(
    fc.property(
      fc.double({ min: -2, max: 3, noNaN: true }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      (exponent, factor) => {
        const points = [1, 10, 100].map((x) => [x, factor * x ** exponent] as const);
        return Math.abs(fittedExponent(points) - exponent) < 1e-9;
      },
    ),
  );
  t.end();
});

t.test('reports whose figures mean something else are not compared', (t) => {
  const report = reportOf(100, 0.03);
  t.throws(() => compare({ ...report, bench: 'kit' }, report, 0.1), {
    name: 'CompareError',
    message: 'the saved report is of conform bench kit, not codec',
  });
  const columns = [
    { title: 'size', unit: 'bytes' },
    { title: 'another time', unit: 'ns' },
  ] as const;
  const renamed = { ...report, sections: report.sections.map((section) => ({ ...section, columns })) };
  t.throws(() => compare(renamed, report, 0.1), {
    name: 'CompareError',
    message: /^the saved report has other columns in codec\/encode: .*$/,
  });
  t.end();
});
