import { readdir, readFile } from 'node:fs/promises';
import t from 'tap';
import { needsControl } from '../judge/oracle.ts';
import { type Bytes, MiB, render, size } from '../scenario/bytes.ts';
import { LEVELS, sectionOf } from '../scenario/requirement.ts';
import { leavesTrace, type Scenario } from '../scenario/scenario.ts';
import { catalogue } from './index.ts';

const byId = new Map(catalogue.map((scenario) => [scenario.id, scenario]));

/** The control of a scenario, the control's control, and so on. Stops at a repetition. */
function controlsOf(scenario: Scenario): Scenario[] {
  const chain: Scenario[] = [];
  let next = byId.get(scenario.control ?? '');
  while (next && next !== scenario && !chain.includes(next)) {
    chain.push(next);
    next = byId.get(next.control ?? '');
  }
  return chain;
}

/** The ids of the scenarios that break a rule. */
function offenders(breaks: (scenario: Scenario) => boolean): string[] {
  return catalogue.filter(breaks).map(({ id }) => id);
}

t.test('each id is a kebab path and occurs once', async (t) => {
  t.ok(catalogue.length >= 592, `no scenario is lost: ${catalogue.length}`);
  const repeated = catalogue.map(({ id }) => id).filter((id, index, ids) => ids.indexOf(id) !== index);
  t.strictSame(repeated, []);
  t.strictSame(
    offenders(({ id }) => !/^[a-z]+(-[a-z]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/.test(id)),
    [],
  );
});

t.test('each file exports scenarios of its section, and the catalogue has all of them', async (t) => {
  const files = (await readdir(import.meta.dirname, { recursive: true })).filter(
    (file) => file !== 'index.ts' && file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const inFiles: string[] = [];
  for (const file of files) {
    const exported: Record<string, unknown> = await import(`./${file}`);
    const tables: (readonly Scenario[])[] = Object.values(exported).filter((value) => Array.isArray(value));
    const ids = tables.flatMap((scenarios) => scenarios.map(({ id }) => id));
    t.strictSame([...new Set(ids.map(sectionOf))], [file.replace(/(\/[a-z-]+)?\.ts$/, '')], file);
    inFiles.push(...ids);
  }
  t.strictSame(inFiles.sort(), [...byId.keys()].sort());
});

t.test('every clause has a heading in the protocol document', async (t) => {
  const document = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
  const headings = new Set(document.match(/(?<=^### )[A-Z]\d+$/gm));
  t.ok(headings.size > 0);
  t.strictSame(
    offenders(({ clause }) => !headings.has(clause)),
    [],
  );
});

t.test('no scenario has a level that the text of its clause does not contain', async (t) => {
  const document = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
  const levelsOf = new Map<string | undefined, readonly string[]>(
    document
      .split(/^(?=##)/m)
      .map((text) => [
        /^### ([A-Z]\d+)$/m.exec(text)?.[1],
        LEVELS.filter((level) => new RegExp(`\\b${level}\\b`).test(text)),
      ]),
  );
  t.strictSame(levelsOf.get('S7'), ['MAY']);
  t.strictSame(
    offenders(({ clause, level }) => levelsOf.get(clause)?.includes(level) !== true),
    [],
  );
});

t.test('every requirement is one sentence', async (t) => {
  t.strictSame(
    offenders(({ requirement }) => !/^\P{Ll}[^\n]*[^.!?\s]\.$/u.test(requirement)),
    [],
  );
  t.strictSame(
    offenders(({ requirement }) => /[.!?]\s/.test(requirement)),
    [],
  );
});

t.test('every scenario has steps and accepted outcomes', async (t) => {
  t.strictSame(
    offenders(({ steps, accept }) => steps.length === 0 || accept.length === 0),
    [],
  );
});

t.test('every scenario that accepts a refusal has a control', async (t) => {
  t.strictSame(
    offenders(({ accept, control }) => control === undefined && accept.some(needsControl)),
    [],
  );
});

t.test('every scenario that must leave no trace in the store has a control that leaves one', async (t) => {
  t.strictSame(
    offenders((scenario) => {
      if (scenario.store === undefined || scenario.needs === 'keeping' || leavesTrace(scenario)) return false;
      return !controlsOf(scenario).some(leavesTrace);
    }),
    [],
  );
});

t.test('every control exists, and no chain of controls is a circle', async (t) => {
  t.strictSame(
    offenders(({ control }) => control !== undefined && !byId.has(control)),
    [],
  );
  t.strictSame(
    offenders((scenario) => [scenario, ...controlsOf(scenario)].at(-1)?.control !== undefined),
    [],
    'every chain ends',
  );
});

t.test('every control can pass with another disposition than its scenario', async (t) => {
  t.strictSame(
    offenders((scenario) => controlsOf(scenario).at(-1)?.accept.some(needsControl) === true),
    [],
    'the last control of a chain passes only with an answer',
  );
  const refusals = ({ accept }: Scenario) =>
    accept.map(({ kind }) => kind).filter((kind) => kind !== 'answers');
  t.strictSame(
    offenders((scenario) => {
      const control = controlsOf(scenario)[0];
      if (control === undefined || leavesTrace(control)) return false;
      return refusals(scenario).some((kind) => refusals(control).includes(kind));
    }),
    [],
    'a scenario and its control never accept the same refusal',
  );
});

t.test(
  'no control has a laxer level than its scenario, because its failure would only be a warning',
  async (t) => {
    t.strictSame(
      offenders((scenario) =>
        controlsOf(scenario).some(({ level }) => LEVELS.indexOf(level) > LEVELS.indexOf(scenario.level)),
      ),
      [],
    );
  },
);

t.test('no scenario sends more than 17 MiB, and every size is that of the rendered bytes', async (t) => {
  const idOf = () => '3b9f0c52-7a1e-e6d4-1c88-90f5ab27d163';
  const sizes = ({ steps }: Scenario) => steps.map((step) => (step.do === 'send' ? size(step.bytes) : 0));
  t.strictSame(
    offenders((scenario) => sizes(scenario).reduce((sum, n) => sum + n, 0) > 17 * MiB),
    [],
  );
  t.strictSame(
    offenders(({ steps }) =>
      steps.some((step) => step.do === 'send' && render(step.bytes, idOf).length !== size(step.bytes)),
    ),
    [],
  );
});

t.test('a scenario that watches the whole store is recognised by its files', async (t) => {
  const shown = (bytes: Bytes, id: string) => Buffer.from(render(bytes, () => id)).toString('latin1');
  const hasSlot = (bytes: Bytes): boolean => shown(bytes, 'a') !== shown(bytes, 'b');
  t.strictSame(
    offenders(({ store = [] }) =>
      store.some((condition) => 'data' in condition && condition.data && !hasSlot(condition.data)),
    ),
    [],
    'the data holds a task id',
  );
  t.strictSame(
    offenders(({ store = [], steps, alone }) => {
      const watches = store.some(({ kind }) => kind === 'unchanged' || kind === 'only-task');
      const sent = steps.flatMap((step) => (step.do === 'send' ? [shown(step.bytes, 'id')] : []));
      return watches && !alone && sent.some((text) => text.includes('"task_id":""'));
    }),
    [],
    'with an empty id, it runs alone',
  );
});
