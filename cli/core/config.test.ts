import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { gateCommand } from '../commands/gate.ts';
import { FUZZ_OPTIONS } from '../fuzz/options.ts';
import { FUZZ_TARGET_OPTIONS } from '../fuzz/target.ts';
import { RUN_COMMAND_OPTIONS } from '../options/many-targets.ts';
import { DIR } from '../options/options.ts';
import { conformHereIn, conformIn, type Ended } from '../testing/process.ts';
import { configFor, readConfig } from './config.ts';

const SCHEMA = JSON.parse(readFileSync('fixtures/schema/config.schema.json', 'utf8'));
const FINDING = JSON.stringify({
  id: 'reacts-00000000',
  invariant: 'reacts',
  symptom: 'reacts S8: no reaction',
  case: { arrangement: 'at-once', connections: [[{ do: 'fin' }]] },
});

/** The ids that `conform` would run in a folder with these files, or its error. */
function dryRun(t: Test, files: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  return conformHereIn(t.testdir(files), '--dry-run', ...args);
}

t.test('the schema has the options of a run and of a gate, and no others', async (t) => {
  // What a person asks for at a terminal does not hold for every run.
  const isRun = (name: string): boolean => !['config', 'watch', 'last-failed'].includes(name);
  const options = Object.keys({ ...RUN_COMMAND_OPTIONS, ...gateCommand.options, dir: DIR, fuzz: {} }).filter(
    isRun,
  );
  t.strictSame(
    Object.keys(SCHEMA.properties)
      .filter((name) => name !== '$schema')
      .sort(),
    options.sort(),
  );
  const target = Object.keys(FUZZ_TARGET_OPTIONS).filter((name) => !['against', 'deadline'].includes(name));
  // The page is for the person who starts the campaign; the others are no campaign.
  const others = [...target, 'merge', 'minimise-only', 'promote', 'ui'];
  t.strictSame(
    Object.keys(SCHEMA.properties.fuzz.properties).sort(),
    Object.keys(FUZZ_OPTIONS)
      .filter((name) => !others.includes(name))
      .sort(),
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
  t.strictSame(configFor('run', config), config);
});

t.test('each command takes its part of a file', async (t) => {
  const config = {
    target: ['x=a:1'],
    jobs: 3,
    deadline: '700ms',
    dir: 's',
    fuzz: { time: '5m', against: 'b:1' },
  };
  t.strictSame(configFor('run', config), { target: ['x=a:1'], jobs: 3, deadline: '700ms' });
  t.strictSame(configFor('fuzz', config), { target: 'a:1', deadline: '700ms', time: '5m', against: 'b:1' });
  t.strictSame(configFor('replay', config), { target: 'a:1', deadline: '700ms', against: 'b:1' });
  t.strictSame(configFor('store', config), { dir: 's' });
  t.strictSame(configFor('peer', config), { target: 'a:1' });
  t.strictSame(configFor('store-or-peer', config), { dir: 's' });
  t.strictSame(configFor('store-or-peer', { target: 'a:1' }), { target: 'a:1' });
  t.strictSame(
    configFor('store-or-peer', config, (option) => option === 'target'),
    {},
  );
});

t.test('a file of targets is for run alone, and no other command takes the reference for them', async (t) => {
  const config = { targets: 'list.txt', reports: 'out', 'client-exec': 'c' };
  t.strictSame(configFor('run', config), config);
  const message = /only conform run judges: give one with --target/;
  for (const part of ['gate', 'fuzz', 'replay'] as const) {
    t.throws(() => configFor(part, config), { name: 'UsageError', message });
    t.doesNotThrow(() => configFor(part, { ...config, exec: 'server {port}' }), part);
    t.doesNotThrow(() => configFor(part, config, (option) => option === 'target'), part);
  }
  t.strictSame(configFor('client', config), { exec: 'c' });
});

t.test('an option of the command line replaces what it excludes', async (t) => {
  const text = JSON.stringify({ dir: 'none' });
  const dir = t.testdir({ 'conform.config.json': text });
  t.match(await conformHereIn(dir, 'serve', '--behaviour', 'nix'), {
    status: 2,
    err: /^conform: no behaviour "nix"/,
  });
  t.match(await conformHereIn(dir, 'tasks'), {
    status: 2,
    err: /conform\.config\.json, line 1: --dir none does not exist\n$/,
  });
});

t.test('a target of the command line has not the permission that the file gives for its own', async (t) => {
  const config = { target: 'mine.example:1', 'i-own-this-target': true, strict: true };
  t.chdir(t.testdir({ 'conform.config.json': JSON.stringify(config) }));
  const optionsFor = async (...args: string[]) => (await readConfig('run', args)).options;
  t.strictSame(await optionsFor(), config);
  for (const args of [['--target', 'other.example:1'], ['--exec=x {port}'], ['--tasksDir', 'x']])
    t.strictSame(await optionsFor(...args), { strict: true }, args.join(' '));
});

t.test('an option in camel case replaces that of the file', async (t) => {
  t.chdir(t.testdir({ 'conform.config.json': JSON.stringify({ 'max-time': '5s', bail: true }) }));
  for (const word of ['--maxTime', '--maxTime=5x', '--max-time'])
    t.strictSame((await readConfig('run', [word, '5x'])).options, { bail: true }, word);
});

t.test('the target of a file holds for fuzz and replay', async (t) => {
  const fuzz = (config: object, ...args: string[]) =>
    conformHereIn(
      t.testdir({ 'conform.config.json': JSON.stringify(config) }),
      'fuzz',
      '--runs',
      '1',
      ...args,
    );
  const line = 'conform: no connection to the target (ECONNREFUSED)\n';
  const more = {
    'start-timeout': '2s',
    deadline: '700ms',
    jobs: 7,
    reporter: 'junit=x.xml',
    only: 'frame/*',
  };
  t.match(await fuzz({ target: ['mine=127.0.0.1:1'], ...more }), { status: 3, err: line });
  t.match(await fuzz({ exec: 'exit 7', 'start-timeout': '2s' }), {
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
  t.match(await conformHereIn(folder, 'replay', 'f'), { status: 3, err: line });
});

t.test('help and completion do not need a correct file', async (t) => {
  const folder = t.testdir({ 'conform.config.json': '{' });
  t.match(await conformIn(folder, 'run', '--help'), { status: 0, out: /--target/, err: '' });
  const completed = await conformHereIn(folder, '--complete', 'run', '--on');
  t.match(completed, { status: 0, out: /^--only$/m, err: '' });
});

t.test('a file that is wrong is one line and exit 2', async (t) => {
  const wrong = async (text: string) => dryRun(t, { 'conform.config.json': text });
  t.match(await wrong('{"onyl": "x"}'), {
    status: 2,
    out: '',
    err: /there is no option "onyl"; did you mean only\?\n$/,
  });
  t.match(await wrong('{"retries": "x"}'), {
    status: 2,
    err: /^conform: conform\.config\.json, line 1: retries must be a whole number from 0 to 100, and is "x"\n$/,
  });
  t.match(await wrong('{'), {
    status: 2,
    err: /^conform: conform\.config\.json, line 1, column 2: it is not JSON: .*\n$/,
  });
  t.match(await dryRun(t, {}, '--config', 'nix.json'), {
    status: 2,
    err: /^conform: nix.json: no such file\n$/,
  });
});

t.test('targets of a file and one of the command line replace each other', async (t) => {
  const many = {
    targets: 't.txt',
    reports: 'r',
    'connection-rate': 5,
    'i-own-these-targets': true,
    strict: true,
  };
  const dir = t.testdir({
    'many.json': JSON.stringify(many),
    'one.json': JSON.stringify({ target: 'a:1', strict: true }),
  });
  const optionsOf = async (file: string, ...args: string[]) =>
    (await readConfig('run', [`--config=${join(dir, file)}`, ...args])).options;
  t.strictSame(await optionsOf('many.json'), many);
  t.strictSame(await optionsOf('many.json', '--target', 'b:1'), { strict: true });
  t.strictSame(await optionsOf('one.json', '--targets', 't.txt'), { strict: true });
  const owned = await optionsOf('many.json', '--targets', 'other.txt');
  t.equal(
    owned['i-own-these-targets'],
    undefined,
    'the permission is for the targets that it was given with',
  );
});
