import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Context } from '../core/context.ts';
import { openTarget } from './target.ts';

const context: Context = {
  out: () => {},
  err: () => {},
  isTerminal: false,
  interrupted: new AbortController().signal,
};

const NONE = {
  target: undefined,
  exec: undefined,
  pid: undefined,
  tasksDir: undefined,
  against: undefined,
  startTimeout: undefined,
};

/** The options of a replay for a target that was opened with these options. */
async function replayOf(options: Partial<Parameters<typeof openTarget>[0]>): Promise<string> {
  const { replay, close } = await openTarget({ ...NONE, ...options }, context);
  await close();
  return replay;
}

t.test('the options of a replay name everything that the campaign used', async (t) => {
  const target = '127.0.0.1:1003';
  const against = '127.0.0.1:1004';
  t.equal(await replayOf({ target }), '--target 127.0.0.1:1003');
  t.equal(
    await replayOf({ target, against, tasksDir: 'my tasks', pid: 7 }),
    "--target 127.0.0.1:1003 --tasks-dir 'my tasks' --pid 7 --against 127.0.0.1:1004",
  );
});

t.test('the embedded server needs no option, but what it is compared with does', async (t) => {
  t.equal(await replayOf({}), '');
  t.equal(await replayOf({ against: '[::1]:1004' }), '--against [::1]:1004');
});

t.test('a restart empties {dir}, so that a server has forgotten what it received', async (t) => {
  const server = `node -e 'require("node:net").createServer().listen(Number(process.argv[1]), "127.0.0.1")' {port} {dir}`;
  const { target, close } = await openTarget({ ...NONE, exec: server }, context);
  t.teardown(close);
  const { tasksDir = '', restart } = target;
  writeFileSync(join(tasksDir, 'received', 'task.json'), '{}');
  await restart?.();
  t.strictSame(readdirSync(join(tasksDir, 'received')), []);
});
