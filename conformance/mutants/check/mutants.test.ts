/** The kill check: every mutant is killed by each scenario that it names, and every scenario kills a mutant. */

import { readFileSync } from 'node:fs';
import t from 'tap';
import { catalogue } from '../../catalogue/index.ts';
import { mutants, variants } from '../index.ts';
import { isSurvivor, judgePairs, pairsOf } from './kill-check.ts';
import { idsMatching } from './verdicts.ts';

t.test('mutants and variants have unique names and name scenarios that exist', async (t) => {
  const readme = readFileSync('README.md', 'utf8').replaceAll(/\s+/g, ' ');
  for (const figure of [
    `${catalogue.length} scenarios`,
    `one of ${mutants.length} servers that have one fault each`,
    `any of ${variants.length} servers that use the freedoms of the protocol`,
  ])
    t.ok(readme.includes(figure), `README.md has to say: ${figure}`);
  const lists = [
    ...mutants.map(({ name, fails }) => ({ name, patterns: fails })),
    ...variants.map(({ name, touches }) => ({ name, patterns: touches })),
  ];
  t.equal(new Set(lists.map(({ name }) => name)).size, lists.length, 'names are unique');
  for (const { name, patterns } of lists) {
    t.not(patterns.length, 0, `${name} names a scenario`);
    for (const pattern of patterns)
      t.not(idsMatching([pattern], catalogue).length, 0, `${name}: ${pattern} exists`);
  }
});

t.test('every named scenario kills its mutant, and every scenario kills a mutant', async (t) => {
  const withoutKill = new Set(catalogue.map(({ id }) => id));
  const survivors: string[] = [];
  for (const pair of await judgePairs(pairsOf(mutants, catalogue), catalogue, t.testdir())) {
    const { mutant, scenario, verdict } = pair;
    if (!isSurvivor(pair)) withoutKill.delete(scenario.id);
    else survivors.push(`${mutant.name} survives ${scenario.id}: ${JSON.stringify(verdict)}`);
  }
  t.strictSame(survivors, []);
  t.strictSame([...withoutKill], []);
});
