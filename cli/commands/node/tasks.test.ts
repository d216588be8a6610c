/** `conform tasks`: order, characters and integers of what other programs wrote into a store. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Store } from '../../../reference/index.ts';
import { conformHere } from '../../testing/process.ts';

/** A store with a received task for each of these members of a task file. */
async function storeWith(t: Test, tasks: Readonly<Record<string, string>>): Promise<string> {
  const dir = t.testdir();
  await Store.open(dir);
  for (const [id, members] of Object.entries(tasks))
    await writeFile(
      join(dir, 'received', `${id}.json`),
      `{"task_id":"${id}","task_description":"<","status":"NEW",${members}}`,
    );
  return dir;
}

t.test('tasks stand in the order of their times, whatever the form of these is', async (t) => {
  const times = {
    none: 'yesterday',
    fifth: '2026-01-02T03:04:06Z',
    first: '2026-01-02T09:04:05+07:00',
    fourth: '2026-01-02T03:04:05.9Z',
    second: '2026-01-02T03:04:05Z',
    third: '2026-01-02T03:04:05.000000001Z',
  };
  const dir = await storeWith(
    t,
    Object.fromEntries(Object.entries(times).map(([id, time]) => [id, `"created_at":"${time}"`])),
  );
  const { out } = await conformHere('tasks', '--dir', dir);
  t.strictSame(out.match(/\b(?:none|first|second|third|fourth|fifth)\b/g), [
    'first',
    'second',
    'third',
    'fourth',
    'fifth',
    'none',
  ]);
  const rows = JSON.parse((await conformHere('tasks', '--dir', dir, '--json')).out);
  t.match(rows[0], { side: 'received', task_id: 'first', task_description: '<' });
  t.equal(rows.length, 6);
});

t.test('a time in a store reaches no terminal as it is', async (t) => {
  const dir = await storeWith(t, { a: String.raw`"created_at":"\u001b[2J\u202e"` });
  const { out } = await conformHere('tasks', '--dir', dir);
  t.match(out, String.raw`\x1b[2J\u{202e}`);
  t.notOk(out.includes('\u001b') || out.includes('\u202e'));
});

t.test('JSON holds integers of 64 bits with all digits', async (t) => {
  const dir = await storeWith(t, { a: '"created_at":"","time_cpu_ms":9007199254740993' });
  const { out } = await conformHere('tasks', '--dir', dir, '--json');
  t.match(out, '"time_cpu_ms": 9007199254740993\n');
  t.match(out, /^\[\n {2}\{\n {4}"side": "received",\n {4}"task_id": "a",\n/);
  t.match(out, / {2}\}\n\]\n$/);
});
