import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import t from 'tap';
import { type Case, EXACT, type Finding, readFinding } from '../../fuzz/index.ts';
import { FindingFolder } from './finding-folder.ts';

const caseOf = (payload: string): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type: 1, declared: EXACT, payload: Buffer.from(payload) }]],
});
const findingOf = (payload: string): Finding => ({
  id: 'reacts-00000000',
  invariant: 'reacts',
  clause: 'S8',
  detail: 'seen',
  symptom: 'reacts S8: no reaction',
  value: caseOf(payload),
  failed: 3,
  attempts: 3,
  isMinimal: true,
  distinguishing: [],
  origin: { lane: 'given' },
  mutations: [],
  originalBytes: 100,
  transcript: [],
  wire: [],
  target: {},
});
const silent = (line: string): void => {
  throw new Error(line);
};
const payloadIn = async (file: string): Promise<string> => {
  const [action] = readFinding(await readFile(file, 'utf8')).value.connections[0] ?? [];
  return action?.do === 'frame' ? Buffer.from(action.payload).toString() : '';
};

t.test('campaigns that share a folder lose no finding', async (t) => {
  const dir = join(t.testdir({}), 'findings');
  const payloads = ['{}', '[]', '"a"', '{"task_id":1}'];
  const folders = payloads.map(() => new FindingFolder(dir));
  await Promise.all(folders.map((folder, nth) => folder.keep(findingOf(payloads[nth] ?? ''), silent)));
  const names = (await readdir(dir)).filter((name) => name.endsWith('.json'));
  const saved = await Promise.all(names.map((name) => payloadIn(join(dir, name))));
  t.strictSame(saved.toSorted(), payloads.toSorted());
  for (const [nth, folder] of folders.entries())
    t.equal(await payloadIn(folder.fileOf(findingOf(''))), payloads[nth], 'each knows its own file');
  t.equal(
    (await readdir(dir)).length,
    5 * payloads.length,
    'each has all its files, and no other file is left',
  );
});

t.test('of cases that differ only in words and numbers, the smallest stays', async (t) => {
  const dir = t.testdir({});
  const folder = new FindingFolder(dir);
  for (const payload of ['{"abc":12}', '{"a":1}', '{"abcdef":123}'])
    await folder.keep(findingOf(payload), silent);
  const names = (await readdir(dir)).filter((name) => name.endsWith('.json'));
  t.strictSame(names, ['reacts-00000000.json']);
  t.equal(await payloadIn(join(dir, names[0] ?? '')), '{"a":1}');
});

t.test('a damaged file of that name stays', async (t) => {
  const dir = t.testdir({});
  await writeFile(join(dir, 'reacts-00000000.json'), '{');
  const folder = new FindingFolder(dir);
  await folder.keep(findingOf('{}'), silent);
  t.equal(await readFile(join(dir, 'reacts-00000000.json'), 'utf8'), '{');
  t.equal(await payloadIn(folder.fileOf(findingOf('{}'))), '{}');
});

t.test('a finding that cannot be written is saved elsewhere, or else printed', async (t) => {
  const dir = join(t.testdir({ file: '' }), 'file', 'findings');
  const folder = new FindingFolder(dir);
  const lines: string[] = [];
  await folder.keep(findingOf('{}'), (line) => void lines.push(line));
  const file = folder.fileOf(findingOf('{}'));
  t.match(lines, [
    /^conform: cannot write .*reacts-00000000\.json \(ENOTDIR[^)]*\); the finding is saved as .*\n$/,
  ]);
  t.match(lines[0], file);
  t.equal(await payloadIn(file), '{}');

  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = dir;
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  lines.length = 0;
  await new FindingFolder(dir).keep(findingOf('{}'), (line) => void lines.push(line));
  t.match(lines.shift(), /^conform: cannot write .*; its content is\n$/);
  t.match(readFinding(lines.join('')), { id: 'reacts-00000000', value: caseOf('{}') });
});

t.test('a finding is saved elsewhere when the working directory was removed', async (t) => {
  // A long path is shown whole.
  const long = 'long-name'.repeat(20);
  const dir = join(t.testdir({ [long]: { removed: {}, temporary: {} } }), long);
  const program = `
    import { rmdirSync } from 'node:fs';
    import { deserialize } from 'node:v8';
    import { FindingFolder } from '${new URL('finding-folder.ts', import.meta.url)}';
    const [removed, finding] = process.argv.slice(-2);
    process.chdir(removed);
    rmdirSync(removed);
    await new FindingFolder('parent/findings').keep(deserialize(Buffer.from(finding, 'base64')), (line) => process.stdout.write(line));
  `;
  const finding = serialize(findingOf('{}')).toString('base64');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv, '--input-type=module', '--eval', program, '--', join(dir, 'removed'), finding],
    { encoding: 'utf8', timeout: 60_000, env: { ...process.env, TMPDIR: join(dir, 'temporary') } },
  );
  t.match(
    stdout,
    /^conform: cannot write parent\/findings\/\S+ \(ENOENT[^)]*\); the finding is saved as (\S+)\n$/,
    stderr,
  );
  t.equal(await payloadIn(/saved as (\S+)/.exec(stdout)?.[1] ?? ''), '{}');
});

t.test('the files of a finding that was given another name belong together', async (t) => {
  const dir = t.testdir({});
  const file = join(dir, 'the large.one.json');
  await new FindingFolder(dir).replace(file, findingOf('x'.repeat(10_000)), silent);
  t.equal(readFinding(await readFile(file, 'utf8')).id, 'reacts-00000000', 'the id stays');
  // Port 1 is closed, so the script ends after it has looked for the bytes.
  const run = () =>
    spawnSync('bash', [join(dir, 'the large.one.sh'), '127.0.0.1', '1'], { encoding: 'utf8' });
  t.notMatch(run().stdout, /missing/);
  await rm(join(dir, 'the large.one.bin'));
  t.match(run().stdout, /cannot tell: .*the large\.one\.bin is missing/);
});
