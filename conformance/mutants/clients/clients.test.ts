/** Each mutant client fails what it names, each scenario has a mutant that it kills, and no variant is accused. */

import t from 'tap';
import { clientCatalogue } from '../../clients/catalogue/index.ts';
import { judgeClients } from '../../clients/run/runner.ts';
import type { Judged } from '../../report/judged.ts';
import { globOf } from '../../util/glob.ts';
import { clientOf, type Parts } from './client.ts';
import { clientMutants, clientVariants } from './index.ts';

/** How many clients of this process run at a time. Some need the process for long, and others wait for it. */
const JOBS = 4;

/** The results of the selected scenarios, by id. */
async function judge(
  parts: Partial<Parts>,
  isSelected: (id: string) => boolean,
  retries = 0,
): Promise<ReadonlyMap<string, Judged>> {
  const results = new Map<string, Judged>();
  const driver = clientOf(parts);
  for await (const event of judgeClients({
    ...{ catalogue: clientCatalogue, driver, jobs: JOBS, retries },
    isSelected: ({ id }) => isSelected(id),
  })) {
    if (event.kind === 'result') results.set(event.judged.scenario.id, event.judged);
    else if (event.kind === 'end' && event.because !== 'complete')
      throw new Error(event.detail ?? event.because);
  }
  return results;
}

function shown(judged: Judged | undefined): string {
  if (judged === undefined) return 'not judged';
  const { verdict, observed } = judged;
  if (verdict.verdict === 'fail') return `fail: ${verdict.mismatches.join('; ')}`;
  return `${verdict.verdict}: ${'reason' in verdict ? verdict.reason : observed}`;
}

t.test('every scenario has a mutant that it kills', async (t) => {
  const named = clientMutants.flatMap(({ fails }) => fails.map(globOf));
  t.strictSame(
    clientCatalogue.filter(({ id }) => !named.some((pattern) => pattern.test(id))).map(({ id }) => id),
    [],
  );
  for (const { name, fails } of clientMutants)
    for (const pattern of fails)
      t.ok(
        clientCatalogue.some(({ id }) => globOf(pattern).test(id)),
        `${name} names scenarios that exist: ${pattern}`,
      );
});

t.test('each mutant fails what it names', { jobs: 4 }, async (t) => {
  for (const { name, fails, breaks } of clientMutants)
    t.test(name, async (t) => {
      const patterns = fails.map(globOf);
      const isNamed = (id: string): boolean => patterns.some((pattern) => pattern.test(id));
      const results = await judge(breaks, isNamed);
      for (const { id } of clientCatalogue.filter((scenario) => isNamed(scenario.id)))
        t.equal(results.get(id)?.verdict.verdict, 'fail', `${id}: ${shown(results.get(id))}`);
    });
});

/** Scenarios with frames of megabytes, which only the first variant meets. */
const LARGE = /large|over-frame|slow-reader|reading-stops|results-reset|blanks|bad-server\/over-cap$/;

t.test('no variant is accused', async (t) => {
  for (const [index, { name, does }] of clientVariants.entries())
    t.test(name, async (t) => {
      const isPlayed = (id: string): boolean => index === 0 || !LARGE.test(id);
      const results = await judge(does, isPlayed, 2);
      t.equal(results.size, clientCatalogue.filter(({ id }) => isPlayed(id)).length);
      const others = [...results.values()].filter(({ verdict }) => verdict.verdict !== 'pass');
      t.strictSame(
        others.map((judged) => `${judged.scenario.id}: ${shown(judged)}`),
        [],
      );
    });
});
