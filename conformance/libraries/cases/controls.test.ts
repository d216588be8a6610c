import t from 'tap';
import { libraryCases } from './index.ts';

t.test('a refusal has a control of the same operation that is no refusal', async (t) => {
  const byId = new Map(libraryCases().map((one) => [one.id, one]));
  const controlled = [...byId.values()].filter(({ control }) => control !== undefined);
  for (const { id, op, message, control = '' } of controlled) {
    const found = byId.get(control);
    t.match(found, { op, control: undefined }, id);
    t.equal(found?.message, message, id);
  }
  for (const { id, expect } of byId.values()) {
    const isRefused = ['malformed', 'no-frame', 'no-time'].includes(expect.kind);
    if (isRefused || (expect.kind === 'validity' && !expect.valid))
      t.ok(byId.get(id)?.control, `${id} has a control`);
  }
  t.ok(controlled.length > 500, String(controlled.length));
});
