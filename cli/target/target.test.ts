/** The tasks that a run puts into the store of a user. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { taskId } from '../../conformance/scenario/bytes.ts';
import { targetsOf } from './target.ts';

const ID = '0b52cd9e-16ab-4e8a-0c37-b0a5d6a3a3c1';

/** What a run says of a store that it puts a task into, and the files in the folder afterwards. */
async function runOn(t: Test, keep: boolean): Promise<{ readonly out: string; readonly files: string[] }> {
  const tasksDir = t.testdir({ received: { 'own.json': '{}' } });
  let out = '';
  const context = {
    out: (data: string | Uint8Array) => {
      out += String(data);
    },
    err: (data: string) => t.fail(data),
    isTerminal: false,
    interrupted: new AbortController().signal,
  };
  const options = { exec: undefined, pid: undefined, startTimeout: undefined, slow: false };
  const [named] = targetsOf({ ...options, target: ['127.0.0.1:1'], tasksDir, keep });
  const target = await named?.open(context);
  await target?.store?.preload({ side: 'received', taskId: taskId(1), status: 'NEW' }, () => ID);
  t.same((await readdir(join(tasksDir, 'received'))).length, 2);
  await target?.close();
  return { out, files: (await readdir(join(tasksDir, 'received'))).sort() };
}

t.test('they are removed at the end, and the run says so at its begin', async (t) => {
  const { out, files } = await runOn(t, false);
  t.match(
    out,
    /^this run puts tasks with new ids into .*, and removes them at the end; --keep leaves them\n$/,
  );
  t.strictSame(files, ['own.json']);
});

t.test('--keep leaves them', async (t) => {
  const { out, files } = await runOn(t, true);
  t.match(out, /^this run puts tasks with new ids into \S+\n$/);
  t.strictSame(files, [`${ID}.json`, 'own.json']);
});
