import t from 'tap';
import { reportOf } from '../testing/report.ts';
import { compare, withBest } from './compare.ts';
import type { Report } from './report.ts';

t.test('a figure is slower when its whole interval is beyond the tolerance', (t) => {
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

t.test('many rows together show a change that is within the margin of each', (t) => {
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
  t.strictSame(slower(of(0.3, ...all)), ['codec/encode'], 'all rows together, but no single one');
  t.strictSame(slower(of(0.3, ...all.slice(0, 7))), [], 'too few rows');
  t.strictSame(slower(of(0.3, 1, 1.02, 1.4, 0.98, 0.8, 1, 1, 1, 1)), [], 'rows that are not steady');
  t.strictSame(slower(of(0.3, 1, 0.99, 3, 1.01, 1, 1, 1, 1, 1)), ['codec/encode row 2'], 'one row alone');
  t.strictSame(slower(of(0.3, 0.8, 1.1, 1.4, 1.3, 1.5, 0.9, 1.2, 0.7, 1.4)), [], 'rows that differ too much');
  const again = of(0.3, 1, 1, 1.05, 1, 1, 1, 1, 1, 1).sections;
  t.strictSame(
    slower(withBest(of(0.3, 1, 1, 3, 1, 1, 1, 1, 1, 1), again)),
    [],
    'the better of two measurements counts',
  );
  t.end();
});

t.test('reports without a common figure are not compared', (t) => {
  t.throws(() => compare(reportOf(1, 0), reportOf(1, 0, 'lower', 'another'), 0.1), { name: 'CompareError' });
  t.throws(() => compare(reportOf(0, 0), reportOf(0, 0), 0.1), { name: 'CompareError' }, 'no figure');
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
