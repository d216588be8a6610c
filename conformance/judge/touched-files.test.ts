import { strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { concat, taskId, text } from '../scenario/bytes.ts';
import type { StoreCondition } from '../scenario/scenario.ts';
import { differ, file, snapshot, trees } from '../testing/snapshots.ts';
import { changedPaths, relevantPaths, touched } from './touched-files.ts';

const DATA = Buffer.from('data of id-1');
/** A file that an attempt wrote, and what a report says of it if it may not have written it. */
const WRITTEN: readonly (readonly [path: string, content: string, said?: RegExp])[] = [
  ['store/.locks/x', ''],
  ['store/.hidden/x', 'data of id-1'],
  ['store/locks/id-1.lock', ''],
  ['store/locks/id-1', '4711'],
  ['store/index/id-1.json', '{"task_id":"id-1","status":"SUCCEEDED","count":7}'],
  ['store/id-1.json.lock', ''],
  // A log may name what it refused.
  ['store/logs/id-1.log', 'refused id-1_main.py: data of id-1'],
  ['store/logs/id-1', '[{"results":"data of id-1"}]'],
  ['store/submitted/.id-1.lock', ''],
  ['store/submitted/id-1.lock', '4711'],
  ['store/results/.tmp/id-1', ''],
  ['store/logs/id-1.log', 'data of id-1', /file touched: .*id-1\.log was written/],
  ['store/locks/id-1', '{"result_text":"data of id-1"}', /file touched/],
  ['store/id-1_result.txt', 'data of id-1', /file touched/],
  ['store/late/id-1.json', '{"results":"data of id-1"}', /file touched/],
  ['store/results/.bashrc', 'data of id-1', /file touched/],
  ['store/results/id-1_a.lock', 'data of id-1', /file touched/],
  ['store/results/id-1_a.txt', '', /file touched/],
  ['store/received/id-1.json', '{}', /file touched/],
  ['store/submitted/.._id-1.json', '{}', /file touched/],
  ['store/submitted/.json', '{}', /file touched/],
  ['store/submitted/id-1.log', '', /file touched/],
  ['store/submitted/id-1.draft', '{}', /file touched/],
  ['locks/id-1.lock', '', /file escaped: .*locks\/id-1\.lock was written/],
  ['.id-1.lock', '', /file escaped/],
  ['store-2/locks/id-1.lock', '', /file escaped/],
];

t.test('other files of the store may differ, unless they are a copy of the payload', async (t) => {
  const judge = (before: Parameters<typeof snapshot>[0], after: typeof before): string | undefined => {
    const found = touched(snapshot(before), snapshot(after), [DATA], () => false);
    return found && `${found.kind}: ${found.text}`;
  };
  for (const [path, content, said] of WRITTEN) {
    const name = `${path}: ${content}`;
    if (said) t.match(judge({}, { [path]: content }), said, name);
    else t.equal(judge({}, { [path]: content }), undefined, name);
    t.equal(
      judge({ [path]: 'was' }, { [path]: content }) === undefined,
      said === undefined,
      `changed ${name}`,
    );
    t.equal(judge({ [path]: content }, { [path]: content }), undefined, `not changed ${name}`);
  }
  t.equal(judge({ 'store/submitted/.id-1.lock': '' }, {}), undefined, 'a lock that is removed');
  t.equal(judge({ 'store/locks/id-1.lock': '' }, {}), undefined, 'a lock that is removed');
  t.match(judge({ 'store/received/a.json': '' }, {}), /was removed/);
  const { bytes, ...unread } = file('data of id-1');
  t.ok(bytes);
  t.match(judge({}, { 'store/logs/id-1': unread }), /file touched/, 'a long file is compared by digest');
  t.match(judge({}, { x: '1' }), /x was written/);
  t.match(judge({ x: '1' }, { x: '2' }), /x was changed/);
  t.match(judge({ x: '1' }, {}), /x was removed/);
});

t.test('only files that an attempt can have touched are relevant to it', async (t) => {
  const [own, foreign] = ['0b52cd9e-16ab-4e8a-0c37-b0a5d6a3a3c1', '99999999-16ab-4e8a-0c37-b0a5d6a3a3c1'];
  const ids = { of: () => own, own: new Set([own]) };
  const data = concat(text('data of '), taskId());
  const before = { 'store/old.log': 'x', [`store/received/${own}.json`]: '{}', 'store/received/old': '' };
  const cases: readonly (readonly [path: string, content: string, isRelevant: boolean, ifAlone?: boolean])[] =
    [
      [`store/received/${own}.json`, '{}', true],
      [`${own}.json`, '', true],
      [`/tmp/${own}.json`, '', true],
      [`store/received/${foreign}.json`, own, false],
      [`${foreign}.json`, '', false],
      // The data of the attempt, but not a log or an index that names the id or holds the data among others.
      [`store/received/${foreign}.json`, `data of ${own}`, true],
      ['store/anything', `data of ${own}`, true],
      ['store/old.log', `x refused ${own}: data of ${own}`, false],
      ['store/results/new', `refused ${own}`, false, true],
      ['store/received/.json', '', false, true],
      ['store/new.log', '', false],
      ['store/received/old', 'changed', false],
      ['new.log', '', false],
    ];
  for (const [path, content, isRelevant, ifAlone = isRelevant] of cases)
    for (const alone of [false, true]) {
      const store: readonly StoreCondition[] = [{ kind: 'unchanged', data }];
      const after = snapshot({ ...before, [path]: content });
      const paths = relevantPaths(after.files.keys(), snapshot(before), after, { store, alone }, ids);
      t.equal(paths.has(path), alone ? ifAlone : isRelevant, `${path} ${alone}`);
    }
});

t.test('every file that differs is a changed path, and no file of both snapshots is', async () => {
  fc.assert(
    fc.property(trees, trees, (left, right) => {
      const before = snapshot(left);
      const after = snapshot(right);
      const paths = new Set(changedPaths(before, after));
      const all = Object.keys({ ...left, ...right });
      return all.every((path) => !differ(left, right, path) || paths.has(path));
    }),
  );
  const both = snapshot({ 'store/a': 'a' });
  strictEqual(changedPaths(both, both).length, 0);
});
