import { strictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { type FileSnapshot, MAX_KEPT_FILE_BYTES, type StoreSnapshot } from '../observers/observer.ts';
import { concat, taskId, text } from '../scenario/bytes.ts';
import type { StoreCondition } from '../scenario/scenario.ts';
import { changedPaths, describeCondition, judgeStore, pathsOf, relevantPaths } from './store-oracle.ts';

const idOf = (slot: number): string => `id-${slot}`;
const OWN = 'store/submitted/id-1.json';

/** A plain file, with some properties replaced. */
function file(content: string | Uint8Array, type: FileSnapshot['type'] = 'file'): FileSnapshot {
  const bytes = Buffer.from(content);
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { type, sizeBytes: bytes.length, digest, bytes, mode: 0o600 };
}

type Tree = Readonly<Record<string, string | FileSnapshot>>;

function snapshot(tree: Tree): StoreSnapshot {
  const seen = Object.entries(tree).map(([path, content]): [string, FileSnapshot] => [
    path,
    typeof content === 'string' ? file(content) : content,
  ]);
  return { store: 'store', files: new Map(seen) };
}

function judge(condition: StoreCondition, before: Tree, after: Tree): string | undefined {
  return judgeStore(condition, snapshot(before), snapshot(after), idOf)?.text;
}

const trees = fc.dictionary(
  fc.constantFrom('store/received/a.json', OWN, 'store/results/id-1_x.txt', 'outside.txt'),
  fc.oneof(fc.constantFrom('', 'a', 'b'), fc.constant(file('a', 'link'))),
);

function differ(before: Tree, after: Tree, path: string): boolean {
  return JSON.stringify(before[path]) !== JSON.stringify(after[path]);
}

t.test('the condition unchanged holds exactly for equal trees', async () => {
  fc.assert(
    fc.property(trees, trees, (before, after) => {
      const isSame = !Object.keys({ ...before, ...after }).some((path) => differ(before, after, path));
      return (judge({ kind: 'unchanged' }, before, after) === undefined) === isSame;
    }),
  );
});

t.test('the condition only-task holds exactly if no other file differs', async () => {
  fc.assert(
    fc.property(trees, trees, fc.boolean(), (before, after, results) => {
      const folder = results && ({ folder: 'results' } as const);
      const condition = { kind: 'only-task', side: 'submitted', taskId: taskId(), ...folder } as const;
      const isOther = Object.keys({ ...before, ...after }).some(
        (path) =>
          differ(before, after, path) && path !== OWN && !(results && path.startsWith('store/results/')),
      );
      return (judge(condition, before, after) === undefined) === !isOther;
    }),
  );
});

t.test('a store may keep locks in a dot-folder and remove a temporary file', async (t) => {
  t.equal(judge({ kind: 'unchanged' }, {}, { 'store/.locks/x': '1' }), undefined);
  t.equal(judge({ kind: 'unchanged' }, { 'store/received/.x': '1' }, {}), undefined);
  t.match(judge({ kind: 'unchanged' }, {}, { 'store/received/.x': '1' }), /\.x was written/);
  t.match(judge({ kind: 'unchanged' }, {}, { '.hidden': '1' }), /\.hidden was written/);
  t.match(judge({ kind: 'unchanged' }, { x: '1' }, {}), /x was removed/);
  t.match(judge({ kind: 'unchanged' }, { x: '1' }, { x: '2' }), /x was changed/);
});

const CONDITION: StoreCondition = {
  kind: 'task',
  side: 'submitted',
  taskId: taskId(),
  fields: { status: 'NEW', time_idle_ms: 5 },
  present: ['created_at'],
};

function stored(content: string | FileSnapshot): string | undefined {
  return judge(CONDITION, {}, { [OWN]: content });
}

t.test('a task must hold the fields', async (t) => {
  const task = { status: 'NEW', time_idle_ms: 5, created_at: 'now', other: [] };
  t.equal(stored(JSON.stringify(task, null, 2)), undefined);
  t.match(stored(JSON.stringify({ ...task, status: 'SUCCEEDED' })), /status is "SUCCEEDED"/);
  t.match(stored(JSON.stringify({ ...task, status: ['NEW'] })), /status is a JSON array/);
  t.match(stored(JSON.stringify({ ...task, time_idle_ms: '5' })), /time_idle_ms is "5"/);
  t.match(stored(JSON.stringify({ ...task, time_idle_ms: 6 })), /time_idle_ms is written 6/);
  t.match(stored('{"status":"NEW","time_idle_ms":5.0,"created_at":"now"}'), /written 5\.0/);
  t.match(stored(JSON.stringify({ ...task, time_idle_ms: undefined })), /time_idle_ms is missing/);
  for (const created_at of ['', null, undefined])
    t.match(stored(JSON.stringify({ ...task, created_at })), /no created_at/);
  t.match(judge(CONDITION, {}, {}), /has no store\/submitted\/id-1\.json/);
});

t.test('any JSON text of the same value passes', async () => {
  const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\t'), maxLength: 3 });
  fc.assert(
    fc.property(space, fc.string(), fc.string({ minLength: 1 }), (indent, status, at) => {
      const condition: StoreCondition = { ...CONDITION, kind: 'task', fields: { status } };
      const written = JSON.stringify({ created_at: at, status: 'first', more: 1 }, null, indent);
      const twice = `${written.slice(0, -1)},"status":${JSON.stringify(status)}}`;
      return judge(condition, {}, { [OWN]: twice }) === undefined;
    }),
  );
});

t.test('a mismatch says what is in place of the task file', async (t) => {
  t.match(stored('[]'), /JSON array, not an object/);
  t.match(stored('{'), /not JSON/);
  t.match(stored(''), /not JSON/);
  t.match(stored(file(Uint8Array.of(0x22, 0xff, 0x22))), /not UTF-8/);
  t.match(stored(file('/etc/passwd', 'link')), /a link/);
  t.match(stored(file('', 'other')), /pipe, socket or device/);
  const { bytes, ...unread } = file('{}');
  t.equal(bytes?.length, 2);
  t.match(stored({ ...unread, sizeBytes: MAX_KEPT_FILE_BYTES + 1 }), /too many for a task/);
});

t.test('a result file must hold the bytes', async (t) => {
  const name = concat(taskId(), text('_result.txt'));
  const condition: StoreCondition = { kind: 'result-file', name, bytes: concat(text('done by '), taskId(2)) };
  const path = 'store/results/id-1_result.txt';
  const { bytes, ...unread } = file('done by id-2');
  t.ok(bytes);
  t.equal(judge(condition, {}, { [path]: 'done by id-2' }), undefined);
  t.equal(judge(condition, {}, { [path]: unread }), undefined, 'a long file is compared by digest');
  t.match(judge(condition, {}, { [path]: 'gone by id-2' }), /"gone by id-2"/);
  t.match(judge(condition, {}, { [path]: { ...unread, digest: '' } }), /are not the 12/);
  t.match(judge(condition, {}, { [path]: file('done by id-2', 'link') }), /a link/);
  t.match(judge(condition, {}, {}), /has no store\/results\/id-1_result\.txt/);
});

t.test('a task file must be legal, and bytes must be in some file of the store', async (t) => {
  const valid: StoreCondition = { kind: 'valid-task', side: 'submitted', taskId: taskId() };
  t.equal(judge(valid, {}, { [OWN]: '{"created_at":"2025-06-01T12:00:00Z","status":"NEW"}' }), undefined);
  t.match(judge(valid, {}, { [OWN]: '{"status":"NEW"}' }), /no created_at/);
  t.match(judge(valid, {}, {}), /has no store/);
  const kept: StoreCondition = { kind: 'kept', bytes: concat(text('for '), taskId()) };
  const { bytes, ...unread } = file('a large file');
  t.ok(bytes);
  t.equal(judge(kept, {}, { 'store/index': 'all for id-1.' }), undefined);
  t.equal(judge(kept, {}, { 'store/index': unread }), undefined, 'of an unread file nothing is known');
  t.match(judge(kept, {}, { 'store/index': 'for id-2', 'server.log': 'for id-1' }), /contains "for id-1"/);
});

t.test('hostile names and contents are escaped', async () => {
  const hostile = fc.constantFrom('a\u001b[31m', '\n::error::', '\u202e', '\u0000', 'ok');
  const condition: StoreCondition = { kind: 'result-file', name: text('a\nb'), bytes: text('x') };
  fc.assert(
    fc.property(hostile, hostile, (name, content) => {
      const lines = [
        judge({ kind: 'unchanged' }, {}, { [name]: '' }),
        stored(content),
        stored(JSON.stringify({ status: content })),
        stored(`{"status":"NEW","time_idle_ms":${content}`),
        judge(condition, {}, { 'store/results/a\nb': content }),
        describeCondition(condition),
      ];
      return lines.every((line) => line !== undefined && !/[\p{Cc}\p{Cf}]/u.test(line));
    }),
  );
});

t.test('each condition has a description and its paths', async (t) => {
  const conditions: StoreCondition[] = [
    { kind: 'unchanged' },
    CONDITION,
    { kind: 'result-file', name: concat(taskId(), text('_a')), bytes: text('b') },
    { kind: 'only-task', side: 'received', taskId: taskId(), folder: 'results' },
    { kind: 'only-task', side: 'received', taskId: taskId() },
    { kind: 'kept', bytes: text('b') },
    { kind: 'valid-task', side: 'submitted', taskId: taskId() },
  ];
  t.equal(new Set(conditions.map(describeCondition)).size, conditions.length);
  t.match(
    describeCondition({ kind: 'valid-task', side: 'received', taskId: taskId(2) }),
    /received\/<other task_id>\.json/,
  );
  t.match(conditions.map(describeCondition)[2], /results\/<task_id>_a with the 1 byte that was sent/);
  t.strictSame(
    conditions.flatMap((condition) => pathsOf(condition, 'store', idOf)),
    [OWN, 'store/results/id-1_a', OWN],
  );
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
