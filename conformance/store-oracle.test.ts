import fc from 'fast-check';
import t from 'tap';
import { concat, taskId, text } from './bytes.ts';
import type { SeenFile, StoreSnapshot } from './observers/observer.ts';
import type { StoreCondition } from './scenario.ts';
import { describeCondition, judgeStore } from './store-oracle.ts';

const idOf = (slot: number): string => `id-${slot}`;
const OWN = 'store/submitted/id-1.json';

function snapshot(files: Readonly<Record<string, string>>): StoreSnapshot {
  const seen = Object.entries(files).map(([path, content]): [string, SeenFile] => {
    const bytes = Buffer.from(content);
    return [path, { sizeBytes: bytes.length, digest: content, bytes, mode: 0o600 }];
  });
  return { store: 'store', files: new Map(seen) };
}

function judge(condition: StoreCondition, before: Record<string, string>, after: Record<string, string>) {
  return judgeStore(condition, snapshot(before), snapshot(after), idOf);
}

const trees = fc.dictionary(
  fc.constantFrom('store/received/a.json', OWN, 'store/results/id-1_x.txt', 'outside.txt'),
  fc.constantFrom('', 'a', 'b'),
);

t.test('unchanged holds exactly for equal trees', async () => {
  fc.assert(
    fc.property(trees, trees, (before, after) => {
      const same =
        JSON.stringify(Object.entries(before).sort()) === JSON.stringify(Object.entries(after).sort());
      return (judge({ kind: 'unchanged' }, before, after) === undefined) === same;
    }),
  );
});

t.test('only-task holds exactly if nothing else differs', async () => {
  fc.assert(
    fc.property(trees, trees, fc.boolean(), (before, after, results) => {
      const condition = { kind: 'only-task', side: 'submitted', taskId: taskId(), results } as const;
      const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])];
      const other = paths.some(
        (path) =>
          before[path] !== after[path] && path !== OWN && !(results && path.startsWith('store/results/')),
      );
      return (judge(condition, before, after) === undefined) === !other;
    }),
  );
});

t.test('a store may keep locks in a folder of its own', async (t) => {
  t.equal(judge({ kind: 'unchanged' }, {}, { 'store/.locks/x': '1' }), undefined);
  t.match(judge({ kind: 'unchanged' }, {}, { '.hidden': '1' }), /\.hidden was written/);
  t.match(judge({ kind: 'unchanged' }, { x: '1' }, {}), /x was removed/);
  t.match(judge({ kind: 'unchanged' }, { x: '1' }, { x: '2' }), /x was changed/);
});

t.test('a task has to hold the fields', async (t) => {
  const condition: StoreCondition = {
    kind: 'task',
    side: 'submitted',
    taskId: taskId(),
    fields: { status: 'NEW', time_idle_ms: 5 },
    present: ['created_at'],
  };
  const task = { status: 'NEW', time_idle_ms: 5, created_at: 'now', other: [] };
  const stored = (content: string): string | undefined => judge(condition, {}, { [OWN]: content });
  t.equal(stored(JSON.stringify(task, null, 2)), undefined);
  t.match(stored(JSON.stringify({ ...task, status: 'SUCCEEDED' })), /status is "SUCCEEDED"/);
  t.match(stored(JSON.stringify({ ...task, time_idle_ms: '5' })), /time_idle_ms is "5"/);
  t.match(stored(JSON.stringify({ ...task, time_idle_ms: undefined })), /time_idle_ms is missing/);
  t.match(stored(JSON.stringify({ ...task, created_at: '' })), /no created_at/);
  t.match(stored('[]'), /no JSON object/);
  t.match(stored('{'), /no JSON object/);
  t.match(judge(condition, {}, {}), /has no store\/submitted\/id-1\.json/);
});

t.test('a result file has to hold the bytes', async (t) => {
  const name = concat(taskId(), text('_result.txt'));
  const condition: StoreCondition = { kind: 'result-file', name, bytes: text('done') };
  const path = 'store/results/id-1_result.txt';
  t.equal(judge(condition, {}, { [path]: 'done' }), undefined);
  t.match(judge(condition, {}, { [path]: 'gone' }), /other bytes/);
  t.match(judge(condition, {}, {}), /has no store\/results\/id-1_result\.txt/);
});

t.test('hostile names and contents are escaped', async (t) => {
  t.notMatch(judge({ kind: 'unchanged' }, {}, { 'a\u001b[31m\n::error::': '' }), /\p{Cc}/u);
});

t.test('each condition has its words', async (t) => {
  const conditions: StoreCondition[] = [
    { kind: 'unchanged' },
    { kind: 'task', side: 'received', taskId: taskId(), fields: { status: 'NEW' }, present: ['created_at'] },
    { kind: 'result-file', name: text('a'), bytes: text('b') },
    { kind: 'only-task', side: 'received', taskId: taskId(), results: true },
  ];
  t.equal(new Set(conditions.map(describeCondition)).size, conditions.length);
});
