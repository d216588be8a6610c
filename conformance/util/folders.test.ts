import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { makeFolder, TemporaryFolderError, temporaryFolder } from './folders.ts';

const HAS_TMPFS = process.platform === 'linux';

t.test('a folder is made with its parents, once', async (t) => {
  const dir = t.testdir({ file: '' });
  symlinkSync('missing', join(dir, 'link'));
  t.equal(makeFolder(join(dir, 'a', 'b'), 0o700), true);
  t.equal(makeFolder(`${join(dir, 'a', 'b')}/`), false);
  for (const path of ['a', 'a/b']) t.equal(statSync(join(dir, path)).mode & 0o777, 0o700, path);
  for (const [path, code] of [
    ['file', 'EEXIST'],
    ['link', 'EEXIST'],
    ['link/new', 'EEXIST'],
  ] as const)
    t.throws(() => makeFolder(join(dir, path)), { code }, path);
  t.throws(() => makeFolder(join(dir, 'file', 'new')), { code: /^(?:ENOTDIR|EEXIST)$/ });
  for (const path of process.platform === 'linux' ? ['/proc/conform', '/proc/conform/new'] : [])
    t.throws(() => makeFolder(path), { code: 'ENOENT' }, path);
});

t.test('a folder is new, empty and private', async (t) => {
  const [one, other] = await Promise.all([temporaryFolder(), temporaryFolder()]);
  t.teardown(() => [one, other].map(({ path }) => rmSync(path, { recursive: true })));
  t.not(one.path, other.path);
  t.strictSame(readdirSync(one.path), []);
  t.equal(statSync(one.path).mode & 0o777, 0o700);
});

t.test('the first place in memory is used', { skip: !HAS_TMPFS && 'needs /dev/shm' }, async (t) => {
  const disk = t.testdir();
  const { path, isInMemory } = await temporaryFolder([disk, '/proc', join(disk, 'missing'), '/dev/shm']);
  t.teardown(() => rmSync(path, { recursive: true }));
  if (isInMemory) t.equal(dirname(path), '/dev/shm');
  else t.equal(dirname(path), disk, 'too little is free');
});

t.test('without a place in memory, the first one that can be written to is used', async (t) => {
  const disk = t.testdir();
  for (const places of [[disk], [disk, join(disk, 'missing')], ['/proc', join(disk, 'missing'), disk]]) {
    const { path, isInMemory } = await temporaryFolder(places);
    t.equal(dirname(path), disk);
    t.notOk(isInMemory);
  }
});

t.test('no usable place is one line', async (t) => {
  const missing = join(t.testdir(), 'missing');
  await t.rejects(temporaryFolder([missing, '/proc']), {
    constructor: TemporaryFolderError,
    message:
      /^no folder for temporary files can be made in .*missing \(ENOENT\) or \/proc \(E\w+\); TMPDIR names/,
  });
});

t.test('the end of the process removes a folder that is left', async (t) => {
  const program = fileURLToPath(new URL('../testing/leaving-program.ts', import.meta.url));
  for (const fate of ['error', 'exit']) {
    const { stdout, status } = spawnSync(process.execPath, [...process.execArgv, program, fate], {
      encoding: 'utf8',
    });
    t.equal(status, fate === 'error' ? 1 : 7);
    t.match(stdout, /conform-/);
    t.notOk(existsSync(stdout), fate);
  }
});
