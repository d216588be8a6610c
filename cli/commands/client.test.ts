/** `conform client` as a process: the client of the reference, the example in Python, and a client that breaks the interface. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);

interface Ended {
  readonly status: number;
  readonly out: string;
}

async function conform(...args: readonly string[]): Promise<Ended> {
  try {
    const { stdout } = await run(process.execPath, ['dist/cli.js', ...args]);
    return { status: 0, out: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { status: code, out: stdout };
  }
}

const SOME = ['--only', 'client-reading/accepted', '--only', 'client-sending/results-extension-forbidden'];

t.test('the client of the reference conforms', async (t) => {
  const { status, out } = await conform('client', ...SOME);
  t.equal(status, 0, out);
  t.match(out, /2 scenarios against the client of the reference, and \d+ more as controls/);
});

const hasPython = await run('python3', ['--version']).then(
  () => true,
  () => false,
);

t.test('the example in Python conforms', { skip: !hasPython }, async (t) => {
  const { status, out } = await conform('client', '--exec', 'python3 docs/adapters/client.py', ...SOME);
  t.equal(status, 0, out);
});

t.test('a client that breaks the interface gets no verdict, and one line says why', async (t) => {
  const { status, out } = await conform('client', '--exec', 'echo hello', ...SOME);
  t.equal(status, 4, out);
  t.match(out, /cannot run: a first submit: expected one line of JSON on standard output.*hello/);
});

t.test('a client that submits nothing fails, and the report repeats the scenario', async (t) => {
  const echo = `echo '{"outcome":"error"}'`;
  const { status, out } = await conform('client', '--exec', echo, '--only', 'client-sending/s*');
  t.equal(status, 1, out);
  t.match(out, /FAIL client-sending\/speaks-first/);
  t.match(out, /again: +conform client --exec '.*' --only client-sending\/speaks-first/);
});

t.test('options that cannot work together are refused', async (t) => {
  t.equal((await conform('client', '--wait')).status, 2);
  t.equal((await conform('client', '--only', 'nothing/*')).status, 2);
  t.equal((await conform('serve', '--behaviour', 'nothing')).status, 2);
});

t.test('scenarios and behaviours are listed and explained', async (t) => {
  t.match((await conform('list', '--client', '--clause', 'F9')).out, /client-sending\/results-over-frame/);
  t.match(
    (await conform('explain', 'client-bad-server/drips')).out,
    /conform serve --behaviour drips plays it/,
  );
  t.match((await conform('serve', '--list')).out, /^drips /m);
});
