import t from 'tap';
import { aimsSections } from './aims.ts';

const OPTIONS = { rounds: 3, seconds: 0.02, onRow: () => {} };

t.test('a row gives what was measured, the aim and the baseline', async (t) => {
  const row = 'durable SUBMIT, 1 connection: latency';
  const [section] = await aimsSections(OPTIONS, (id, name) => id === 'reference/aims' && name === row);
  t.strictSame(
    section?.columns.map(({ title }) => title),
    ['measured', '±', 'aim', 'baseline', 'measured / baseline', 'aim'],
  );
  t.equal(section?.rows.length, 1);
  const [{ name, cells, compared } = { name: '', cells: [], compared: undefined }] = section?.rows ?? [];
  t.equal(name, row);
  const [measured, , aimNs, baseline, ratio, aim] = cells;
  t.ok(Number(measured) > 0);
  t.equal(aimNs, null, 'a time on a disk has no aim');
  t.ok(Number(baseline) > 0);
  t.equal(aim, 1.3);
  t.equal(compared?.value, ratio);
  const isMet = Number(ratio) <= 1.3;
  t.equal(section?.notes[0], isMet ? 'Every aim is met.' : `These miss an aim: ${row}.`);
});

t.test('without a selected row there is no section', async (t) => {
  t.strictSame(await aimsSections(OPTIONS, () => false), []);
});
