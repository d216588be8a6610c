import { chmod, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { replaceFile } from './replace-file.ts';

t.test('a file is created, or replaced with its permissions, and no temporary file is left', async (t) => {
  const dir = t.testdir();
  const file = join(dir, 'report');
  await replaceFile(file, 'first');
  await chmod(file, 0o640);
  await replaceFile(file, 'second');
  t.equal(await readFile(file, 'utf8'), 'second');
  t.equal((await stat(file)).mode & 0o777, 0o640);
  t.strictSame(await readdir(dir), ['report']);
});

t.test('a symbolic link stays, and the file that it names is replaced', async (t) => {
  const dir = t.testdir({ real: 'old' });
  await symlink('real', join(dir, 'link'));
  await replaceFile(join(dir, 'link'), 'new');
  t.equal(await readFile(join(dir, 'real'), 'utf8'), 'new');
  t.strictSame((await readdir(dir)).sort(), ['link', 'real']);
});

t.test('a link to a file that does not exist yet stays, too', async (t) => {
  const dir = t.testdir({ folder: {} });
  await symlink('folder/second', join(dir, 'first'));
  await symlink('real', join(dir, 'folder/second'));
  await replaceFile(join(dir, 'first'), 'new');
  t.equal(await readFile(join(dir, 'folder/real'), 'utf8'), 'new');
  t.equal(await readlink(join(dir, 'first')), 'folder/second');
  await symlink('loop', join(dir, 'loop'));
  await t.rejects(replaceFile(join(dir, 'loop'), 'new'), { code: 'ELOOP' });
});

t.test('a file in a folder that permits no other file is written in place', async (t) => {
  if (process.getuid?.() === 0) return t.pass('no permission stops this user');
  const dir = t.testdir({ closed: { file: 'old and longer' } });
  await chmod(join(dir, 'closed'), 0o500);
  await replaceFile(join(dir, 'closed/file'), 'new');
  t.equal(await readFile(join(dir, 'closed/file'), 'utf8'), 'new');
  await t.rejects(replaceFile(join(dir, 'closed/other'), 'new'), { code: 'EACCES' });
  await chmod(join(dir, 'closed'), 0o700);
  return undefined;
});

t.test('a failure leaves the old content and no temporary file', async (t) => {
  const dir = t.testdir({ folder: { 'report.jsonl': 'old' } });
  await t.rejects(replaceFile(join(dir, 'missing', 'report'), 'new'), { code: 'ENOENT' });
  await t.rejects(replaceFile(join(dir, 'folder'), 'new'), { code: 'EISDIR' });
  t.strictSame(await readdir(join(dir, 'folder')), ['report.jsonl']);
});

t.test('a device is written in place', async (t) => {
  await t.resolves(replaceFile('/dev/null', 'x'));
  await t.rejects(writeFile('/dev/null/x', ''), { code: 'ENOTDIR' }, 'it is still a device');
});
