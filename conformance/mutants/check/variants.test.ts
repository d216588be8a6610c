/** Conforming variants raise no false alarm: no scenario of level MUST or SHOULD fails on a server that conforms. */

import { join } from 'node:path';
import t from 'tap';
import { catalogue } from '../../catalogue/index.ts';
import type { Level } from '../../scenario/scenario.ts';
import { variants } from '../index.ts';
import { mapConcurrently } from './parallel.ts';
import { idsMatching, isFalseAlarm, judgeServer } from './verdicts.ts';

/** How many variants are judged at a time, each with a server of its own, and how many scenarios of each. */
const JOBS = 4;

t.test('no conforming variant raises a false alarm', async (t) => {
  const folder = t.testdir();
  const levels = new Map(catalogue.map(({ id, level }) => [id, level]));
  const levelOf = (id: string): Level => levels.get(id) ?? 'MUST';
  const results = await mapConcurrently(
    variants,
    JOBS,
    async ({ name, does, touches, withoutStore = false }) => {
      const ids = new Set(idsMatching(touches, catalogue));
      const options = { server: does, folder: join(folder, name), catalogue, ids, withoutStore };
      return { name, verdicts: await judgeServer({ ...options, jobs: JOBS }) };
    },
  );
  for (const { name, verdicts } of results) {
    const falseAlarms = [...verdicts].filter(([id, { verdict }]) => isFalseAlarm(verdict, levelOf(id)));
    t.strictSame(falseAlarms, [], name);
    t.ok(
      [...verdicts.values()].some(({ verdict }) => verdict === 'pass'),
      `${name} passes a scenario`,
    );
  }
});
