import fc from 'fast-check';
import t from 'tap';
import { type FileSnapshot, MAX_KEPT_FILE_BYTES } from '../observers/observer.ts';
import { concat, taskId, text } from '../scenario/bytes.ts';
import type { StoreCondition } from '../scenario/scenario.ts';
import { differ, file, snapshot, type Tree, trees } from '../testing/snapshots.ts';
import { describeCondition, judgeStore, pathsOf } from './store-oracle.ts';

const idOf = (slot: number): string => `id-${slot}`;
const OWN = 'store/submitted/id-1.json';

function judge(condition: StoreCondition, before: Tree, after: Tree): string | undefined {
  return judgeStore(condition, snapshot(before), snapshot(after), idOf)?.text;
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

t.test('the file of the task may note a refusal, but not hold what the message carries', async (t) => {
  const condition = {
    kind: 'only-task',
    side: 'submitted',
    taskId: taskId(),
    data: text('carried'),
  } as const;
  const before = { [OWN]: '{"status":"COMPLETED"}' };
  for (const [after, isPermitted] of [
    ['{"status":"COMPLETED","note":"refused"}', true],
    ['{"status":"SUCCEEDED","results":"carried"}', false],
    ['carried', false],
  ] as const) {
    t.equal(judge(condition, before, { [OWN]: after }) === undefined, isPermitted, after);
    // Where its file may be stored in a folder, a task may name the text.
    t.equal(judge({ ...condition, folder: 'results' }, before, { [OWN]: after }), undefined);
  }
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
