import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { basename, join } from 'node:path';
import t, { type Test } from 'tap';
import { gate } from '../testing/loopback.ts';
import * as io from './io.ts';
import { Locks } from './locks.ts';

const ENDED_PROCESS = '99999999-1-0123456789abcdef';

/** What a test changes in the file system of `observed`. */
interface Changes {
  /** Called when a directory is flushed. */
  readonly flush?: () => Promise<void>;
  /** The code with which `link` fails. */
  readonly linkFails?: string;
  /** The code with which a write fails after half of its bytes. */
  readonly writeFails?: () => string | undefined;
  /** Whether a file needs fsync, as on a system whose writes cannot be synced. */
  readonly needsFsync?: boolean;
}

/** directory.ts on a file system that records its calls. */
async function observed(
  t: Test,
  { flush = async () => {}, linkFails, writeFails = () => undefined, needsFsync = false }: Changes = {},
) {
  const calls: string[] = [];
  const kind = (path: unknown) => basename(String(path)).replace(/^\.tmp\..*/, 'temporary');
  const directories = new Set<number>();
  const synced = new Set<number>();
  const { Directory } = await t.mockImport<typeof import('./directory.ts')>('./directory.ts', {
    './io.ts': {
      ...io,
      SYNCED_WRITES: needsFsync ? 0 : io.SYNCED_WRITES,
      open: async (...args: Parameters<typeof io.open>) => {
        const file = await io.open(...args);
        if (kind(args[0]) === 'directory') directories.add(file);
        else directories.delete(file);
        if (Number(args[1]) & constants.O_DSYNC) synced.add(file);
        else synced.delete(file);
        return file;
      },
      write: async (file: number, bytes: Uint8Array, at: number, length: number, position: null) => {
        const code = writeFails();
        const end = code === undefined ? length : length / 2;
        const written = await io.write(file, bytes, at, end, position);
        if (code !== undefined) throw Object.assign(new Error(code), { code });
        calls.push(synced.has(file) ? 'synced write' : 'write');
        return written;
      },
      link: async (from: string, to: string) => {
        if (linkFails !== undefined) throw Object.assign(new Error(linkFails), { code: linkFails });
        calls.push(`link ${kind(from)} to ${kind(to)}`);
        await fs.link(from, to);
      },
      rename: async (from: string, to: string) => {
        calls.push(`rename ${kind(from)} to ${kind(to)}`);
        await fs.rename(from, to);
      },
      fsync: async (file: number) => {
        calls.push(directories.has(file) ? 'flush directory' : 'flush');
        if (directories.has(file)) await flush();
        await io.fsync(file);
      },
    },
  });
  const path = t.testdir({ '.locks': {}, directory: {} });
  const locks = new Locks(join(path, '.locks'));
  const directory = new Directory(path, 'directory', locks);
  await directory.open();
  return { directory, calls, locks };
}

t.test('the bytes and then the name are on the disk before a write resolves', async (t) => {
  for (const needsFsync of [io.SYNCED_WRITES === 0, true]) {
    const { directory, calls } = await observed(t, { needsFsync });
    const bytesFirst = needsFsync ? ['write', 'flush'] : ['synced write'];
    t.equal(await directory.create('a', Buffer.from('1')), true);
    t.strictSame(calls.splice(0), [...bytesFirst, 'link temporary to a', 'flush directory']);
    await directory.replace('a', Buffer.from('2'));
    t.strictSame(calls, [...bytesFirst, 'rename temporary to a', 'flush directory']);
  }
});

t.test('concurrent writes share a flush, but not one that began before them', async (t) => {
  const { opened, open } = gate();
  const { directory, calls } = await observed(t, { flush: () => opened });
  const flushes = () => calls.filter((call) => call === 'flush directory').length;
  const linked = async (count: number) => {
    while (calls.filter((call) => call.startsWith('link')).length < count || flushes() === 0) {
      await new Promise(setImmediate);
    }
  };
  const first = directory.create('first', Buffer.from('x'));
  await linked(1);
  let isEarly = true;
  const others = Array.from({ length: 50 }, async (_, i) => {
    await directory.create(`other-${i}`, Buffer.from('x'));
    return isEarly;
  });
  await linked(51);
  isEarly = false;
  open();
  t.equal(await first, true);
  t.ok((await Promise.all(others)).every((wasEarly) => !wasEarly));
  t.ok(flushes() > 1);
  t.ok(flushes() < 10);
});

t.test('a file whose name could not be flushed is removed', async (t) => {
  let broken = true;
  const { directory } = await observed(t, {
    flush: async () => {
      if (broken) throw new Error('EIO');
    },
  });
  await t.rejects(directory.create('a', Buffer.from('1')), { code: 'io' });
  t.strictSame(await fs.readdir(directory.path), []);
  broken = false;
  t.equal(await directory.create('a', Buffer.from('2')), true, 'a later write succeeds');
});

t.test('on a full disk and on a read-only one, nothing changes, and later writes succeed', async (t) => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE']) {
    let fails = true;
    const { directory } = await observed(t, { writeFails: () => (fails ? code : undefined) });
    await fs.writeFile(join(directory.path, 'old'), 'old');
    await t.rejects(directory.create('new', Buffer.from('1234')), { code: 'io' }, code);
    await t.rejects(directory.replace('old', Buffer.from('1234')), { code: 'io' }, code);
    t.strictSame(await fs.readdir(directory.path), ['old']);
    t.equal(await fs.readFile(join(directory.path, 'old'), 'utf8'), 'old');
    fails = false;
    t.equal(await directory.create('new', Buffer.from('1234')), true);
    await directory.replace('old', Buffer.from('1234'));
  }
});

t.test('without hard links, a file is created once, whole, and never replaced', async (t) => {
  for (const linkFails of ['EPERM', 'ENOTSUP', 'ENOSYS']) {
    const { directory, calls } = await observed(t, { linkFails });
    const created = await Promise.all(
      Array.from({ length: 20 }, (_, i) => directory.create('a', Buffer.from(`writer ${i}`))),
    );
    t.equal(created.filter(Boolean).length, 1, linkFails);
    const winner = `writer ${created.indexOf(true)}`;
    t.same((await directory.read('a', 100))?.bytes, Buffer.from(winner));
    t.strictSame(await fs.readdir(directory.path), ['a'], 'no temporary file is left');
    t.strictSame(
      calls.filter((call) => call.startsWith('rename')),
      ['rename temporary to a'],
    );
  }
  const { directory } = await observed(t, { linkFails: 'EIO' });
  await t.rejects(directory.create('b', Buffer.from('x')), { code: 'io' });
});

t.test('without hard links, a lock holds up only the file of its name', async (t) => {
  const { directory, calls, locks } = await observed(t, { linkFails: 'EPERM' });
  await directory.replace('old', Buffer.from('1'));
  const { opened, open } = gate();
  const held = gate();
  const holding = locks.run('create directory/a', async () => {
    held.open();
    await opened;
  });
  await held.opened;
  const waiting = directory.create('a', Buffer.from('2'));
  // The file is written, and then waits for its lock.
  while (calls.filter((call) => call.endsWith('write')).length < 2) await new Promise(setImmediate);
  t.equal(await directory.create('b', Buffer.from('3')), true);
  await directory.replace('old', Buffer.from('4'));
  t.strictSame((await fs.readdir(directory.path)).sort(), ['b', 'old'], 'no temporary file is left');
  open();
  await holding;
  t.equal(await waiting, true);
});

t.test('only a regular file of limited size is read', async (t) => {
  const { directory } = await observed(t);
  await directory.create('a', Buffer.from('123'));
  t.match(await directory.read('a', 3), { bytes: Buffer.from('123'), version: await directory.version('a') });
  await t.rejects(directory.read('a', 2), { code: 'unreadable' });
  t.equal(await directory.read('b', 3), undefined);
  t.equal(await directory.version('b'), undefined);
  await fs.symlink('a', join(directory.path, 'link'));
  await t.rejects(directory.read('link', 3), { code: 'unreadable' });
  await fs.mkdir(join(directory.path, 'directory'));
  await t.rejects(directory.read('directory', 3), { code: 'unreadable' });
});

t.test('every change gives another version', async (t) => {
  const { directory } = await observed(t);
  await directory.create('a', Buffer.from('x'));
  let before = await directory.version('a');
  for (let i = 0; i < 20; i++) {
    await directory.replace('a', Buffer.from('x'));
    const after = await directory.version('a');
    t.not(after, before);
    before = after;
  }
});

t.test('temporary files are not listed, and those of ended processes are removed', async (t) => {
  const { directory } = await observed(t);
  await fs.writeFile(join(directory.path, `.tmp.${ENDED_PROCESS}`), '');
  await directory.create('a', Buffer.from('x'));
  t.strictSame(await directory.names(), ['a']);
  await directory.open();
  t.strictSame(await fs.readdir(directory.path), ['a']);
});
