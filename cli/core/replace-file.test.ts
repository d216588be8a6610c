import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
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
