import t from 'tap';
import { reportOf } from '../testing/report.ts';
import { render } from './render.ts';
import type { Bench } from './report.ts';
import { parseReport } from './saved.ts';

const REPORT = reportOf(100, 0.03);
const [SECTION] = REPORT.sections;
const [ROW] = SECTION?.rows ?? [];
const COMPARED = { value: 1, margin: 0, better: 'lower' };

const withSection = (change: object): object => ({ ...REPORT, sections: [{ ...SECTION, ...change }] });
const withRow = (change: object): object => withSection({ rows: [{ ...ROW, ...change }] });

const OTHER_FORMAT = /^b\.json is not a report of format 1; /;
const INVALID = /^b\.json is not a valid report: /;

/** A file that is no report, and the message about it. */
const BAD: readonly (readonly [what: string, file: unknown, message: RegExp])[] = [
  ['an array', [], OTHER_FORMAT],
  ['an empty object', {}, OTHER_FORMAT],
  ['null', null, OTHER_FORMAT],
  ['another format', { ...REPORT, format: 2 }, OTHER_FORMAT],
  ['a format alone', { format: 1 }, INVALID],
  ['no sections', { ...REPORT, sections: [] }, INVALID],
  ['sections that are no list', { ...REPORT, sections: {} }, INVALID],
  ['a section that is no object', { ...REPORT, sections: [null] }, INVALID],
  ['an unknown bench', { ...REPORT, bench: 'disk' }, INVALID],
  ['an unknown member', { ...REPORT, extra: 1 }, /"extra"/],
  ['an unknown member of a section', withSection({ extra: 1 }), /\/sections\/0 .*"extra"/],
  ['an unknown member of a row', withRow({ extra: 1 }), /\/sections\/0\/rows\/0 .*"extra"/],
  ['a machine without a processor', { ...REPORT, machine: { ...REPORT.machine, cpu: undefined } }, INVALID],
  ['a section without rows', withSection({ rows: undefined }), INVALID],
  ['an unknown unit', withSection({ columns: [{ title: 'size', unit: 'miles' }] }), INVALID],
  ['an unknown plot', withSection({ plot: { kind: 'pie', columns: [1] } }), INVALID],
  ['a column that no plot can have', withSection({ plot: { kind: 'bars', columns: [-1] } }), INVALID],
  ['a row without cells', withRow({ cells: undefined }), INVALID],
  ['a cell that is text', withRow({ cells: [1, '2'] }), INVALID],
  ['fewer cells than columns', withRow({ cells: [1] }), /a \| <row> has 1 cells for 2 columns$/],
  ['more cells than columns', withRow({ cells: [1, 2, 3] }), /has 3 cells for 2 columns$/],
  ['a value that is text', withRow({ compared: { ...COMPARED, value: '1' } }), INVALID],
  ['a value that is missing', withRow({ compared: { ...COMPARED, value: undefined } }), INVALID],
  ['a negative margin', withRow({ compared: { ...COMPARED, margin: -1 } }), INVALID],
  ['an unknown direction', withRow({ compared: { ...COMPARED, better: 'more' } }), INVALID],
];

t.test('a file that is no report gives one line with its name', async (t) => {
  for (const [what, file, message] of BAD) {
    const text = JSON.stringify(file);
    await t.rejects(parseReport(text, 'b.json'), { name: 'CompareError', message }, what);
    await t.rejects(parseReport(text, 'b.json'), { message: /^[^\n]+$/ }, what);
  }
  await t.rejects(parseReport('', 'b.json'), { name: 'CompareError', message: 'b.json is not JSON' });
  const infinite = JSON.stringify(withRow({ cells: [1, 99] })).replace('99', '1e999');
  await t.rejects(parseReport(infinite, 'b.json'), { name: 'CompareError', message: INVALID });
});

/** Complete by its type. */
const BENCHES: Readonly<Record<Bench, true>> = {
  codec: true,
  target: true,
  kit: true,
  reference: true,
  proxy: true,
};

t.test('a saved report of each bench is read back', async (t) => {
  for (const bench of Object.keys(BENCHES) as Bench[]) {
    const report = { ...REPORT, bench };
    t.strictSame(await parseReport(render(report, 'json'), 'b.json'), report, bench);
  }
});
