import fc from 'fast-check';
import t from 'tap';
import { reportOf } from '../testing/report.ts';
import { chart } from './chart.ts';
import { format } from './format.ts';
import { render } from './render.ts';

t.test('every format shows every figure and escapes the names', (t) => {
  const report = reportOf(1500, 0.03);
  const table = render(report, 'table');
  t.match(table, /a \| <row> +1 KiB +1\.50 µs\n/);
  t.match(table, /not measured +2 KiB\n/);
  t.match(render(report, 'markdown'), '| a \\| <row> | 1 KiB | 1.50 µs |');
  const page = render(report, 'html');
  t.match(page, '<td>a | &lt;row&gt;</td><td>1 KiB</td><td>1.50 µs</td>');
  t.match(page, /<svg [^>]*>\n<title>Encoding<\/title>/);
  t.notMatch(page, /<row>|<CPU>/);
  t.end();
});

t.test('a column that repeats the names of the rows is not shown', (t) => {
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
  t.match(shown(false), '| size | size | time |', 'its title does not decide that');
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

t.test('numbers have the unit that suits their size', (t) => {
  t.equal(format(999, 'ns'), '999 ns');
  t.equal(format(999.9, 'ns'), '1.00 µs');
  t.equal(format(1536, 'bytes'), '1.50 KiB');
  t.equal(format(1.234e6, 'per-second'), '1.23 M/s');
  t.equal(format(0, 'bytes'), '0 B');
  t.equal(format(12, 'ratio'), '12.00 ×');
  t.end();
});
