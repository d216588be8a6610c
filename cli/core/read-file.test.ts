import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { decodeText, MAX_FILE_BYTES, readBytes, readText, readTextIfAny } from './read-file.ts';

/** A folder with one file of each kind. */
function folder(t: Test): string {
  const dir = t.testdir({ plain: 'a\r\n', empty: '', folder: {} });
  symlinkSync('plain', join(dir, 'link'));
  symlinkSync('absent', join(dir, 'dangling'));
  symlinkSync('loop', join(dir, 'loop'));
  execFileSync('mkfifo', [join(dir, 'pipe')]);
  writeFileSync(join(dir, 'huge'), '');
  truncateSync(join(dir, 'huge'), 1.5e9);
  return dir;
}

t.test('files of any kind', async (t) => {
  const dir = folder(t);
  // The path of a socket has at most some 100 bytes, and can be renamed to a longer one.
  const short = mkdtempSync(join(tmpdir(), 'conform-'));
  const server = createServer().listen(join(short, 's'));
  await once(server, 'listening');
  renameSync(join(short, 's'), join(dir, 'socket'));
  rmdirSync(short);
  t.teardown(() => server.close());
  for (const [name, expected] of [
    ['plain', 'a\r\n'],
    ['empty', ''],
    ['link', 'a\r\n'],
    ['folder', /: it is a directory$/],
    ['dangling', /: no such file$/],
    ['absent', /: no such file$/],
    ['loop', /: a link in its path leads back to itself$/],
    ['plain/x', /: a part of its path is not a directory$/],
    ['socket', /: it is a socket, or a device that is absent$/],
    ['huge', new RegExp(`: more than ${MAX_FILE_BYTES} bytes`)],
    ['new\nline', /new\\nline: no such file$/],
  ] as const) {
    const read = readText(join(dir, name));
    if (typeof expected === 'string') t.equal(await read, expected, name);
    else await t.rejects(read, { name: 'UsageError', message: expected }, name);
  }
  t.equal(await readTextIfAny(join(dir, 'absent')), undefined);
  await t.rejects(readTextIfAny(join(dir, 'folder')), { name: 'UsageError' });
});

t.test('a pipe is read until its other end closes', async (t) => {
  const pipe = join(folder(t), 'pipe');
  const reading = readText(pipe);
  const writer = spawn('sh', ['-c', '{ printf one; printf two; } >"$0"', pipe]);
  const ended = once(writer, 'exit');
  t.equal(await reading, 'onetwo');
  await ended;
});

t.test('what never ends is refused', async (t) => {
  await t.rejects(readBytes('/dev/zero', { most: 1e6 }), {
    message: '/dev/zero: more than 1000000 bytes, which is the most that is read',
  });
  for (const file of ['/dev/zero', join(folder(t), 'pipe')])
    await t.rejects(readBytes(file, { onlyRegular: true }), {
      message: /: it is a pipe or a device, and must be a file$/,
    });
});

t.test('text in any usual encoding', async (t) => {
  const text = '{"a":"é€"}\n';
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`), utf16, Buffer.from(utf16).swap16()])
    t.equal(decodeText(bytes), text);
});
