import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { gate } from '../testing/loopback.ts';
import { Locks } from './locks.ts';

/** Locks in a file system in which `failNext` makes the next use of a call fail, and other ones on the same directory. */
async function onFailingDisk(t: Test) {
  let failing = '';
  const failIf = (call: string) => {
    if (call !== failing) return;
    failing = '';
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  const module = await t.mockImport<typeof import('./locks.ts')>('./locks.ts', {
    'node:fs/promises': {
      ...fs,
      readdir: async (path: string) => {
        failIf('readdir');
        return await fs.readdir(path);
      },
      rm: async (path: string, options: { force: true }) => {
        failIf('rm');
        await fs.rm(path, options);
      },
      writeFile: async (path: string, data: string, options: { flag: string; mode: number }) => {
        await fs.writeFile(path, data, options);
        // The file is there, as after a failed close.
        failIf('writeFile');
      },
    },
  });
  const path = join(t.testdir(), '.locks');
  const locks = new module.Locks(path, 20);
  await locks.open();
  const failNext = (call: 'readdir' | 'rm' | 'writeFile') => {
    failing = call;
  };
  return { path, locks, failNext, other: new Locks(path, 20) };
}

t.test('a lock that could not be acquired is free', async (t) => {
  for (const call of ['readdir', 'writeFile'] as const) {
    const { path, locks, failNext, other } = await onFailingDisk(t);
    failNext(call);
    let calls = 0;
    const work = async () => {
      calls += 1;
    };
    await t.rejects(locks.run('a', work), { name: 'StoreError', code: 'io' }, call);
    t.equal(calls, 0, call);
    t.strictSame(await fs.readdir(path), [], call);
    await other.run('a', work);
    await locks.run('a', work);
    t.equal(calls, 2, call);
  }
});

t.test(
  'work that is done stays done when its lock could not be removed, which the next call does',
  async (t) => {
    const { path, locks, failNext, other } = await onFailingDisk(t);
    const done = async () => 'done';
    failNext('rm');
    t.equal(await locks.run('a', done), 'done');
    t.equal((await fs.readdir(path)).length, 1);
    await t.rejects(other.run('a', done), { code: 'locked' });
    t.equal(await locks.run('b', done), 'done');
    t.strictSame(await fs.readdir(path), []);
    t.equal(await other.run('a', done), 'done');
  },
);

t.test(
  'a lock that was not free is acquired later, although a ticket could not be removed meanwhile',
  async (t) => {
    const { path, locks, failNext, other } = await onFailingDisk(t);
    const { opened, open } = gate();
    const held = gate();
    const holding = other.run('a', async () => {
      held.open();
      await opened;
    });
    await held.opened;
    failNext('rm');
    await t.rejects(
      locks.run('a', async () => 'never'),
      { code: 'locked' },
    );
    open();
    await holding;
    t.equal(await locks.run('a', async () => 'done'), 'done');
    t.strictSame(await fs.readdir(path), []);
  },
);
