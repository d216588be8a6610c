import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { isAbandoned, processLabel, processName } from './process-name.ts';

t.test('names of this process are not abandoned, and all differ', async (t) => {
  const names = await Promise.all(Array.from({ length: 100 }, () => processName('a.b')));
  t.equal(new Set(names).size, 100);
  for (const name of names.slice(0, 3)) {
    t.equal(processLabel(name), 'a.b');
    t.equal(await isAbandoned(name), false);
  }
});

t.test('a name is abandoned when its process has ended', async (t) => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  const name = `a.${child.pid}-0-0123456789abcdef`;
  t.equal(await isAbandoned(name), false);
  child.stdin?.end();
  await once(child, 'exit');
  t.equal(await isAbandoned(name), true);
});

t.test(
  'a name is abandoned when its pid is that of a later process',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const name = (await processName('a')).replace(/-\d+-/, '-1-');
    t.equal(await isAbandoned(name), true);
  },
);

t.test('a name of another form has no label and is not abandoned', async (t) => {
  for (const name of [
    '',
    'a',
    'a.json',
    'a.1-2-3',
    '.99999999-1-0123456789abcdef',
    'a.0-1-0123456789abcdef',
  ]) {
    t.equal(processLabel(name), undefined, name);
    t.equal(await isAbandoned(name), false, name);
  }
});
