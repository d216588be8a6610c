/** A receiver whose store is on a disk that is really full: a small file system in memory, where the system permits a mount. */
import { execFileSync } from 'node:child_process';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { dial } from '../net/client.ts';
import { fromUnixMs } from '../protocol/time.ts';
import { Store } from '../store/store.ts';
import { HOST, recordingLogger, startServer } from '../testing/loopback.ts';
import { request } from '../testing/samples.ts';
import { collect } from '../testing/store.ts';
import { Receiver } from './receiver.ts';

const KiB = 1024;
const DISK_BYTES = 512 * KiB;
/** A task takes a few blocks of the disk. */
const taskDescription = 'x'.repeat(10 * KiB);

/** Mounts a file system of DISK_BYTES; undefined where that is not permitted. */
function mountDisk(t: Test): string | undefined {
  const path = t.testdir();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  t.teardown(() => execFileSync('umount', ['--lazy', path]));
  return path;
}

/** Fills the disk up to the last byte. */
async function fill(path: string): Promise<void> {
  const file = join(path, 'ballast-2');
  for (let bytes = DISK_BYTES; bytes > 0; ) {
    const isWritten = await writeFile(file, Buffer.alloc(bytes), { flag: 'a' }).then(
      () => true,
      () => false,
    );
    if (!isWritten) bytes = Math.floor(bytes / 2);
  }
}

t.test('a full disk loses no task that was accepted, and the store recovers', async (t) => {
  const disk = mountDisk(t);
  if (disk === undefined) {
    t.pass('skipped: no file system can be mounted', { skip: 'mount is not permitted' });
    return;
  }
  await writeFile(join(disk, 'ballast'), Buffer.alloc(DISK_BYTES / 2));
  const { logger, records } = recordingLogger();
  const store = await Store.open(join(disk, 'store'), { logger });
  const receiver = new Receiver({ store, clock: () => fromUnixMs(0), logger });
  const { port } = await startServer(t, receiver.submit, { logger });
  const submit = async (taskId: string) => {
    const client = await dial({ host: HOST, port });
    return await client.submitTask({ ...request, taskId, taskDescription });
  };
  const accepted: string[] = [];
  let answer = await submit('0');
  for (let i = 1; answer.status === 200; i += 1) {
    accepted.push(answer.taskId);
    answer = await submit(String(i));
  }
  t.ok(accepted.length > 3, `${accepted.length} tasks fit the disk`);
  t.match(answer, { status: 400, message: 'task could not be stored' });

  await fill(disk);
  for (const id of ['full-1', 'full-2']) t.match(await submit(id), { status: 400 });
  t.match(
    records.filter(({ level }) => level === 'warn'),
    [1, 2, 3].map(() => ({
      message: 'task could not be stored',
      fields: { err: { code: 'io', message: /ENOSPC/ } },
    })),
    'the log names the reason',
  );
  await t.rejects(receiver.accept('0'), { name: 'StoreError' }, 'no task changes');
  t.equal((await store.received.read('0')).status, 'NEW');
  await t.resolves(Store.open(join(disk, 'store')), 'a server can start on a full disk');

  await truncate(join(disk, 'ballast'), 0);
  await rm(join(disk, 'ballast-2'));
  t.match(await submit('after'), { status: 200 });
  t.match(await receiver.accept('0'), { task: { status: 'ACCEPTED' } });
  const reopened = await Store.open(join(disk, 'store'));
  const kept = (await collect(reopened.received.inStatus('NEW'))).map(({ taskId }) => taskId);
  t.strictSame(
    ['0', ...kept].sort(),
    [...accepted, 'after'].sort(),
    'every accepted task is there, and no other one',
  );
});
