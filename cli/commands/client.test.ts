/** `conform client`: the client of the reference, the example in Python, and a client that breaks the interface. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { conform, conformHere } from '../testing/process.ts';

const run = promisify(execFile);

const SOME = ['--only', 'client-reading/accepted', '--only', 'client-sending/results-extension-forbidden'];

t.test('the client of the reference conforms, in a thread of the built command', async (t) => {
  const { status, out } = await conform('client', ...SOME);
  t.equal(status, 0, out);
  t.match(out, /2 scenarios against the client of the reference, and \d+ more as controls/);
});

/** The file of the program, since a `python3` of a version manager is a script that takes longer to start than Python. */
const python = await run('python3', ['-c', 'import sys; print(sys.executable)']).then(
  ({ stdout }) => stdout.trim(),
  () => undefined,
);

t.test('the example in Python conforms', { skip: python === undefined }, async (t) => {
  const exec = `'${python}' docs/adapters/client.py`;
  const { status, out } = await conformHere('client', '--exec', exec, ...SOME);
  t.equal(status, 0, out);
});

t.test('a client that breaks the interface gets no verdict, and one line says why', async (t) => {
  const { status, out } = await conformHere('client', '--exec', 'echo hello', ...SOME);
  t.equal(status, 4, out);
  t.match(out, /cannot run: a first submit: expected one line of JSON on standard output.*hello/);
});

t.test('a client that submits nothing fails, and the report repeats the scenario', async (t) => {
  const echo = `echo '{"outcome":"error"}'`;
  const { status, out } = await conformHere('client', '--exec', echo, '--only', 'client-sending/s*');
  t.equal(status, 1, out);
  t.match(out, /FAIL client-sending\/speaks-first/);
  t.match(out, /again: +conform client --exec '.*' --only client-sending\/speaks-first/);
});

t.test('options that cannot work together are refused', async (t) => {
  t.equal((await conformHere('client', '--wait')).status, 2);
  t.equal((await conformHere('client', '--only', 'nothing/*')).status, 2);
  t.equal((await conformHere('serve', '--behaviour', 'nothing')).status, 2);
});

t.test('scenarios and behaviours are listed and explained', async (t) => {
  t.match(
    (await conformHere('list', '--client', '--clause', 'F9')).out,
    /client-sending\/results-over-frame/,
  );
  t.match(
    (await conformHere('explain', 'client-bad-server/drips')).out,
    /conform serve --behaviour drips plays it/,
  );
  t.match((await conformHere('serve', '--list')).out, /^drips /m);
});
