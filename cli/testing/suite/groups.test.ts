import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { groupsOfFiles } from './groups.ts';
import { startOfGroup } from './start-group.ts';

const NOT_OURS = /^(?:node_modules|dist|\.\w+)$/;

t.test('every test file is in one group of one suite', async (t) => {
  const folders = readdirSync('.', { withFileTypes: true }).filter(({ name }) => !NOT_OURS.test(name));
  const files = folders.flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(entry.name, { recursive: true, encoding: 'utf8' }).map((file) => `${entry.name}/${file}`)
      : [entry.name],
  );
  const grouped = [...groupsOfFiles('quick'), ...groupsOfFiles('slow')].flat();
  t.strictSame([...grouped].sort(), files.filter((file) => file.endsWith('.test.ts')).sort());
  t.ok(grouped.length > 200, 'the files are found');
});

/** Runs the files as a group. */
async function run(t: Test, files: Readonly<Record<string, string>>) {
  const dir = t.testdir(files);
  const { args, env } = startOfGroup(Object.keys(files).map((name) => join(dir, name)));
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const [out, [status]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const results = [...out.matchAll(/^(not ok|ok) \d+ - \S*\/([\w-]+)\.test\.ts/gm)];
  return { status: Number(status), results: results.map(([, result, name]) => `${result} ${name}`) };
}

const PASSES = `import t from 'tap'; t.test('a', async (t) => t.ok(true));`;

t.test('each file of a group is a test, and a failure in one of them fails the group', async (t) => {
  const files = {
    'a.test.ts': PASSES,
    'failing.test.ts': `import t from 'tap'; t.test('a', async (t) => t.ok(false));`,
    'at-the-top.test.ts': `import t from 'tap'; t.ok(false);`,
    'unloadable.test.ts': `import './absent.ts';`,
    'late.test.ts': `import t from 'tap'; t.test('a', () => new Promise(() => setImmediate(() => { throw new Error('x'); })));`,
    'z.test.ts': PASSES,
  };
  const { status, results } = await run(t, files);
  t.not(status, 0);
  t.strictSame(results, [
    'ok a',
    'not ok failing',
    'not ok at-the-top',
    'not ok unloadable',
    'not ok late',
    'ok z',
  ]);
});

const TEARDOWN = `import { existsSync } from 'node:fs';
import t from 'tap';
t.test('a', async (t) => {
  const folder = t.testdir();
  t.teardown(() => {
    if (!existsSync(folder)) throw new Error('the folder is gone');
  });
});
`;

t.test('what a test registered for its end runs while its folder is there', async (t) => {
  t.equal((await run(t, { 'a.test.ts': TEARDOWN })).status, 0);
  t.strictSame(
    await run(t, { 'a.test.ts': TEARDOWN, 'b.test.ts': PASSES }),
    { status: 0, results: ['ok a', 'ok b'] },
    'a group passes when its files pass',
  );
});

t.test('a file that is alone and fails, or one that ends the process, fails its group', async (t) => {
  t.match(await run(t, { 'a.test.ts': `import t from 'tap'; t.ok(false);` }), { status: 1 });
  t.strictSame(await run(t, { 'a.test.ts': 'process.exit(0);', 'z.test.ts': PASSES }), {
    status: 1,
    results: ['not ok a'],
  });
});
