/** The gate: every scenario has a killer, and every mutant is killed by the scenarios that it names. */

import t from 'tap';
import { catalogue } from '../../catalogue/index.ts';
import { mutants, variations } from '../index.ts';
import { isSurvivor, pairsOf, play } from './kill-check.ts';
import { idsLike } from './pair.ts';

t.test('the table is sound', async (t) => {
  t.ok(mutants.length >= 80);
  const names = [...mutants, ...variations].map(({ name }) => name);
  t.equal(new Set(names).size, names.length, 'names are unique');
  for (const { name, fails } of mutants) {
    t.ok(fails.length > 0, `${name} names a scenario`);
    for (const pattern of fails) t.ok(idsLike([pattern], catalogue).length > 0, `${name}: ${pattern} exists`);
  }
  for (const { name, touches } of variations)
    for (const pattern of touches)
      t.ok(idsLike([pattern], catalogue).length > 0, `${name}: ${pattern} exists`);
});

t.test('every mutant is killed by what it names, and every scenario kills one', async (t) => {
  const unkilled = new Set(catalogue.map(({ id }) => id));
  const survivors: string[] = [];
  for (const pair of await play(pairsOf(mutants, catalogue), catalogue, t.testdir())) {
    const { mutant, scenario, verdict } = pair;
    if (!isSurvivor(pair)) unkilled.delete(scenario.id);
    else survivors.push(`${mutant.name} survives ${scenario.id}: ${JSON.stringify(verdict)}`);
  }
  t.strictSame(survivors, []);
  t.strictSame([...unkilled], []);
});
