import { readFile } from 'node:fs/promises';
import t from 'tap';
import { catalogue } from '../../catalogue/index.ts';
import { LEVELS, sectionOf } from '../../scenario/requirement.ts';
import type { ClientScenario } from '../scenario/client-scenario.ts';
import { behaviours } from './behaviours.ts';
import { clientCatalogue } from './index.ts';

const byId = new Map(clientCatalogue.map((scenario) => [scenario.id, scenario]));

function offenders(breaks: (scenario: ClientScenario) => boolean): readonly string[] {
  return clientCatalogue.filter(breaks).map(({ id }) => id);
}

t.test('each id is a kebab path of a known section, and occurs once in all catalogues', async (t) => {
  t.ok(clientCatalogue.length >= 113, `no scenario is lost: ${clientCatalogue.length}`);
  const ids = [...catalogue, ...clientCatalogue].map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length);
  t.strictSame(
    offenders(({ id }) => !/^client-[a-z]+(-[a-z]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/.test(id)),
    [],
  );
  t.strictSame(
    [...new Set(clientCatalogue.map(({ id }) => sectionOf(id)))],
    ['client-sending', 'client-reading', 'client-bad-server'],
  );
});

t.test('all but the first scenario have a control, and controls form no circle', async (t) => {
  t.strictSame(
    offenders(({ control }) => control === undefined),
    ['client-sending/speaks-first'],
  );
  const isRooted = (scenario: ClientScenario): boolean => {
    let next: ClientScenario | undefined = scenario;
    for (let depth = 0; next?.control !== undefined && depth < 20; depth += 1) next = byId.get(next.control);
    return next !== undefined && next.control === undefined;
  };
  t.strictSame(
    offenders((scenario) => !isRooted(scenario)),
    [],
  );
});

t.test('no scenario has a level that the text of its clause does not contain', async (t) => {
  const document = await readFile(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');
  const texts = new Map(
    document.split(/^(?=##)/m).map((text) => [/^### ([A-Z]\d+)$/m.exec(text)?.[1], text] as const),
  );
  t.strictSame(
    offenders(({ clause, level }) => !new RegExp(`\\b${level}\\b`).test(texts.get(clause) ?? '')),
    [],
  );
  t.ok(clientCatalogue.every(({ level }) => LEVELS.includes(level)));
});

t.test('each requirement and each likely cause is a sentence, and something is judged', async (t) => {
  t.strictSame(
    offenders(
      ({ requirement, likely = 'None.' }) =>
        !/^[A-Z].*\.$/.test(requirement) || !/^[A-Z0-9].*\.$/.test(likely),
    ),
    [],
  );
  t.strictSame(
    offenders(({ sent = [], reported }) => sent.length === 0 && reported === undefined),
    [],
  );
});

t.test('behaviours have names that occur once, and each is met by a scenario', async (t) => {
  const names = behaviours.map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  t.ok(names.every((name) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)));
  const met = new Set(clientCatalogue.map(({ play }) => play.server));
  t.strictSame(
    behaviours.filter((behaviour) => !met.has(behaviour)).map(({ name }) => name),
    [],
  );
});
