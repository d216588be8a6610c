import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { gateCommand } from '../commands/gate.ts';
import { RUN_OPTIONS } from '../options/run.ts';
import { conformIn, type Ended } from '../testing/process.ts';
import { configFor } from './config.ts';

const SCHEMA = JSON.parse(readFileSync('fixtures/schema/config.schema.json', 'utf8'));
const FINDING = JSON.stringify({
  id: 'reacts-00000000',
  invariant: 'reacts',
  symptom: 'reacts S8: no reaction',
  case: { arrangement: 'at-once', connections: [[{ do: 'fin' }]] },
});

/** The ids that `conform` would run in a folder with these files, or its error. */
function dryRun(t: Test, files: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  return conformIn(t.testdir(files), '--dry-run', ...args);
}

t.test('the schema has the options of a run and of a gate, and no others', async (t) => {
  const options = Object.keys({ ...RUN_OPTIONS, ...gateCommand.options }).filter((name) => name !== 'config');
  t.strictSame(
    Object.keys(SCHEMA.properties)
      .filter((name) => name !== '$schema')
      .sort(),
    options.sort(),
  );
});

t.test('options come from a file, and the command line overrides them', async (t) => {
  const config = JSON.stringify({ $schema: 'x', only: ['frame/legal'] });
  const only = { status: 0, out: 'frame/legal\n', err: '' };
  t.strictSame(await dryRun(t, { 'conform.config.json': config }), only);
  t.strictSame(
    await dryRun(t, { 'package.json': JSON.stringify({ conform: { only: 'frame/legal' } }) }),
    only,
  );
  t.strictSame(await dryRun(t, { 'other.json': config }, '--config', 'other.json'), only);
  t.strictSame(await dryRun(t, { 'other.json': `\ufeff${config}\r\n` }, '--config=other.json'), only);
  t.strictSame(await dryRun(t, { 'conform.config.json': config }, '--only', 'submit/status'), {
    ...only,
    out: 'submit/status\n',
  });
  const exec = JSON.stringify({ exec: 'true {port}', only: ['frame/legal'] });
  t.strictSame(await dryRun(t, { 'conform.config.json': exec }, '--target', 'a:1'), only);
});

t.test('client and library take their own command from a file, and not that of the server', async (t) => {
  const config = {
    exec: 'server {port}',
    'client-exec': 'c',
    'library-exec': 'l',
    only: 'frame/*',
    jobs: 3,
    strict: true,
  };
  t.strictSame(configFor('client', config), { strict: true, exec: 'c' });
  t.strictSame(configFor('library', config), { strict: true, exec: 'l' });
  t.strictSame(configFor('library', { exec: 'server {port}' }), {});
  t.strictSame(configFor('all', config), config);
});

t.test('the target of a file holds for fuzz and replay', async (t) => {
  const fuzz = (config: object, ...args: string[]) =>
    conformIn(t.testdir({ 'conform.config.json': JSON.stringify(config) }), 'fuzz', '--runs', '1', ...args);
  const line = 'conform: no connection to the target (ECONNREFUSED)\n';
  const more = { 'start-timeout': 2, deadline: 700, jobs: 7, reporter: 'junit=x.xml', only: 'frame/*' };
  t.match(await fuzz({ target: ['mine=127.0.0.1:1'], ...more }), { status: 3, err: line });
  t.match(await fuzz({ exec: 'exit 7', 'start-timeout': 2 }), {
    status: 2,
    err: /^conform: the command has no \{port\}/,
  });
  t.match(await fuzz({ exec: 'exit 7' }, '--target', '127.0.0.1:1'), { status: 3, err: line });
  t.match(await fuzz({ target: ['a:1', 'b:1'] }), {
    status: 2,
    err: /^conform: the configuration file names 2 targets, and this command takes one: give it with --target\n$/,
  });
  t.match(await fuzz({ tagret: 'a:1' }), {
    status: 2,
    err: /there is no option "tagret"; did you mean target\?\n$/,
  });
  const folder = t.testdir({ 'conform.config.json': '{"target":"127.0.0.1:1"}', f: {} });
  await writeFile(join(folder, 'f', 'x.json'), FINDING);
  t.match(await conformIn(folder, 'replay', 'f'), { status: 3, err: line });
});

t.test('a file that is wrong is one line and exit 2', async (t) => {
  const wrong = async (text: string) => dryRun(t, { 'conform.config.json': text });
  t.match(await wrong('{"onyl": "x"}'), {
    status: 2,
    out: '',
    err: /there is no option "onyl"; did you mean only\?\n$/,
  });
  t.match(await wrong('{"retries": "x"}'), { status: 2, err: /^conform: .*retries must be integer\n$/ });
  t.match(await wrong('{'), { status: 2, err: /^conform: conform.config.json is not JSON: .*\n$/ });
  t.match(await dryRun(t, {}, '--config', 'nix.json'), {
    status: 2,
    err: /^conform: nix.json: no such file\n$/,
  });
});
