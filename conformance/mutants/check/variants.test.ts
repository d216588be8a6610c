/** No variation is accused of anything: the other half of the gate, beside mutants.test.ts. */

import { join } from 'node:path';
import t from 'tap';
import { catalogue } from '../../catalogue/index.ts';
import type { Level } from '../../scenario/scenario.ts';
import { variations } from '../index.ts';
import { sideBySide } from './kill-check.ts';
import { accuses, idsLike, judged } from './pair.ts';

/** Several variations at a time do no harm: each has a server of its own. */
const LANES = 4;

t.test('there are variations, and each comes near something', async (t) => {
  t.ok(variations.length >= 15);
  for (const { name, touches } of variations)
    for (const pattern of touches)
      t.ok(idsLike([pattern], catalogue).length > 0, `${name}: ${pattern} exists`);
});

t.test('no variation is accused', async (t) => {
  const folder = t.testdir();
  const levels = new Map(catalogue.map(({ id, level }) => [id, level]));
  const levelOf = (id: string): Level => levels.get(id) ?? 'MUST';
  const subjects = variations.map((variation) => ({
    ...variation,
    ids: new Set(idsLike(variation.touches, catalogue)),
  }));
  const results = await sideBySide(subjects, LANES, async ({ name, does, ids, withoutStore = false }) => {
    const options = { server: does, folder: join(folder, name), catalogue, ids, withoutStore };
    return { name, verdicts: await judged({ ...options, jobs: LANES }) };
  });
  for (const { name, verdicts } of results) {
    const accused = [...verdicts].filter(([id, { verdict }]) => accuses(verdict, levelOf(id)));
    t.strictSame(accused, [], name);
    t.ok(
      [...verdicts.values()].some(({ verdict }) => verdict === 'pass'),
      `${name} was looked at`,
    );
  }
});
