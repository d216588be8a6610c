import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { Context } from './context.ts';
import { checkOutputFile, checkOutputFolder, closeQuietly, tryWrite, why } from './output-files.ts';
import { replaceFile } from './replace-file.ts';

/** What the kit says about a path as a file and as a folder that it will write; undefined if it can be written. */
const PATHS: readonly (readonly [path: string, file: string | undefined, folder: string | undefined])[] = [
  ['new', undefined, undefined],
  ['file', undefined, 'ENOTDIR'],
  ['folder', 'EISDIR', undefined],
  ['folder/new', undefined, undefined],
  ['missing/new', 'ENOENT', undefined],
  ['file/new', 'ENOTDIR', 'ENOTDIR'],
  ['link-to-new', undefined, undefined],
  ['link-to-missing', 'ENOENT', undefined],
  ['link-to-itself', 'ELOOP', 'ELOOP'],
  ['closed/new', 'EACCES', 'EACCES'],
  ['read-only', 'EACCES', 'ENOTDIR'],
];
/** No permission stops this user. */
const isRoot = process.getuid?.() === 0;

t.test('what cannot be written is refused before the work begins, and nothing is created', async (t) => {
  const dir = t.testdir({ file: '', folder: {}, closed: {}, 'read-only': '' });
  await Promise.all([
    symlink('new', join(dir, 'link-to-new')),
    symlink('missing/new', join(dir, 'link-to-missing')),
    symlink('link-to-itself', join(dir, 'link-to-itself')),
    chmod(join(dir, 'closed'), 0o500),
    chmod(join(dir, 'read-only'), 0o400),
  ]);
  const before = await readdir(dir);
  for (const [name, file, folder] of PATHS) {
    const path = join(dir, name);
    for (const [check, code] of [
      [checkOutputFile, file],
      [checkOutputFolder, folder],
    ] as const) {
      if (code === 'EACCES' && isRoot) continue;
      const result = check('--option', path);
      if (code === undefined) await t.resolves(result, `${check.name} ${name}`);
      else
        await t.rejects(
          result,
          { name: 'UsageError', message: `--option ${path} cannot be written (${why(code)})` },
          `${check.name} ${name}`,
        );
    }
  }
  t.strictSame(await readdir(dir), before);
});

t.test('a named pipe is written while a program reads it, and nothing waits for a reader', async (t) => {
  const path = join(t.testdir(), 'pipe');
  execFileSync('mkfifo', [path]);
  const message = /^--option \S+ cannot be written \(ENXIO: a named pipe that no program reads\)$/;
  await t.rejects(checkOutputFile('--option', path), { name: 'UsageError', message });
  await t.rejects(replaceFile(path, 'text'), { code: 'ENXIO' });
  const end = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  t.teardown(() => closeSync(end));
  await checkOutputFile('--option', path);
  await replaceFile(path, 'text');
  t.equal(readFileSync(end, 'utf8'), 'text');
});

function contextWith(lines: string[]): Context {
  return {
    out: () => {},
    err: (text) => void lines.push(text),
    isTerminal: false,
    interrupted: new AbortController().signal,
  };
}

t.test('a write or a removal that fails is one line, and any other error is passed on', async (t) => {
  const dir = t.testdir({ full: { file: '' } });
  const lines: string[] = [];
  const context = contextWith(lines);
  const write = (path: string) => tryWrite(path, context, () => writeFile(path, 'x'));
  t.equal(await write(join(dir, 'good')), true);
  t.strictSame(lines, []);
  t.equal(await write(join(dir, 'no/file')), false);
  if (existsSync('/dev/full')) t.equal(await write('/dev/full'), false);
  await closeQuietly(() => rmdir(join(dir, 'full')), context);
  await closeQuietly(async () => void (await mkdir(join(dir, 'closed'))), context);
  t.match(lines.shift(), /^conform: cannot write .*no\/file \(ENOENT: its folder does not exist\)\n$/);
  if (existsSync('/dev/full'))
    t.equal(lines.shift(), 'conform: cannot write /dev/full (ENOSPC: no space is left on the disk)\n');
  t.match(lines.shift(), /^conform: cannot remove .*full \(ENOTEMPTY\)\n$/);
  t.strictSame(lines, []);
  const fault = () => Promise.reject(new TypeError('x'));
  await t.rejects(tryWrite('x', context, fault), TypeError);
  await t.rejects(closeQuietly(fault, context), TypeError);
});
