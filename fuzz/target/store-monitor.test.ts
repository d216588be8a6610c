import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { type Case, EXACT } from '../case/case.ts';
import { storeMonitor } from './store-monitor.ts';

const ID = '3b9f0c52-7a1e-e6d4-1c88-90f5ab27d163';
const point = { cases: 0, restarts: 0, isLast: false };
const OTHER_ID = ID.replace('3', '4');
const caseOf = (type: number, fields: object): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type, declared: EXACT, payload: Buffer.from(JSON.stringify(fields)) }]],
});
const idIsPath = caseOf(1, { task_id: '../../x', task_description: 'Summarise the attached paper' });
const nameIsPath = caseOf(4, { task_id: ID, filename: '../../x', file_data: 'Rm9ydHktdHdv' });
const nameInStore = caseOf(4, { task_id: ID, filename: '..\\x', result_text: 'Summarise' });
const ordinary = caseOf(1, { task_id: ID, task_description: 'Summarise the attached paper' });
const task = JSON.stringify({ task_id: '../../x', status: 'NEW' });

type Write = readonly [path: string, content: string];

/** What is there at the beginning, what is written then, the case that was sent, and whether it is a breach. */
const TABLE: readonly [
  what: string,
  before: readonly Write[],
  write: Write,
  sent: Case,
  isBreach: boolean,
][] = [
  ['a task id used as a path makes a file', [], ['x.json', task], idIsPath, true],
  ['it overwrites a file', [['x.json', '{"mine":1}']], ['x.json', task], idIsPath, true],
  ['it overwrites an empty file', [['x.json', '']], ['x.json', task], idIsPath, true],
  ['a filename used as a path', [['x', 'mine']], ['x', 'Forty-two'], nameIsPath, true],
  ['a filename used as a path out of its folder', [], ['store/x', 'Summarise'], nameInStore, true],
  ['a path to an empty file', [], ['x', ''], nameIsPath, true],
  ['it empties a file', [['x', 'mine']], ['x', ''], nameIsPath, true],
  ['an empty file at another place', [], ['store/x', ''], nameIsPath, false],
  ['a file named by a task id', [], [`${ID}.json`, '{}'], ordinary, true],
  ['a lock of a timer', [], ['lock-17', 'Summarise'], nameIsPath, false],
  ['a lock of a timer in the store', [], ['store/.lock', '4711'], nameIsPath, false],
  ['a temporary file of a task in the store', [], [`store/.${ID}.tmp`, '{}'], ordinary, false],
  ['a log that appears', [], ['audit.log', `got ${task} ${ID}`], idIsPath, false],
  ['a log that is replaced', [['a.log', 'old']], ['a.log', `got ${task}`], idIsPath, false],
  ['a log with a name that was sent', [['x', 'one\n']], ['x', `one\n${task}\n`], idIsPath, false],
  ['a file of that name by another program', [], ['x.json', '{"mine":1}'], idIsPath, false],
  ['a file of that name that is written again', [['x.json', task]], ['x.json', task], idIsPath, false],
  ['a file named by the task of another campaign', [], [`${OTHER_ID}.json`, '{}'], idIsPath, false],
];

t.test('what appears or changes outside the folders of the store', async (t) => {
  for (const [what, before, [path, content], sent, isBreach] of TABLE) {
    const folder = await mkdtemp(join(tmpdir(), 'conform-t-'));
    const store = join(folder, 'store');
    for (const side of ['received', 'submitted', 'results'])
      await mkdir(join(store, side), { recursive: true });
    for (const [name, text] of before) await writeFile(join(folder, name), text);
    const monitor = storeMonitor(store);
    await monitor.start();
    await writeFile(join(store, 'received', 'x.json'), task);
    t.equal(await monitor.check(() => [ordinary, sent], point), undefined, `${what}: only the store`);
    await writeFile(join(folder, path), content);
    const breach = await monitor.check(() => [ordinary, sent], point);
    t.equal(breach?.invariant, isBreach ? 'keeps-to-store' : undefined, what);
    t.equal(breach?.value, isBreach ? sent : undefined, `${what}: the case`);
    t.equal(await monitor.check(() => [ordinary, sent], point), undefined, `${what}: reported once`);
    await rm(folder, { recursive: true });
  }
});

t.test('a file that others write all the time costs nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'conform-t-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'store'));
  await writeFile(join(folder, 'log'), 'begin\n');
  const monitor = storeMonitor(join(folder, 'store'));
  await monitor.start();
  let generated = 0;
  const cases = (): Case[] => {
    generated += 1;
    return [idIsPath];
  };
  for (let count = 0; count < 10; count += 1) {
    await appendFile(join(folder, 'log'), `${count}\n`);
    t.equal(await monitor.check(cases, point), undefined);
  }
  t.equal(generated, 0, 'a log only grows');
  for (let count = 0; count < 10; count += 1) {
    await writeFile(join(folder, 'lock'), `${count}`.repeat(count + 1));
    t.equal(await monitor.check(cases, point), undefined);
  }
  t.equal(generated, 3);
});
