import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { checkConfig, parseConfig } from '../core/config-check.ts';
import { askAll, onTerminal } from '../init/answers.ts';
import { conformHere } from '../testing/process.ts';

const EXEC = 'python3 server.py {port}';

function read(dir: string, file: string): string {
  return readFileSync(join(dir, file), 'utf8');
}

async function configOf(dir: string): Promise<Readonly<Record<string, unknown>>> {
  const file = join(dir, 'conform.config.json');
  const text = read(dir, 'conform.config.json');
  return checkConfig(parseConfig(file, text), { file, text, within: [] });
}

t.test('init writes a configuration that the command accepts, a list and a workflow', async (t) => {
  const dir = join(t.testdir(), 'new folder');
  const { status, out, err } = await conformHere('init', dir, '--exec', EXEC);
  t.equal(status, 0, err);
  const { $schema, ...options } = await configOf(dir);
  t.match($schema, /^https:.*\/tasksubmit-conform@\d\S*\/fixtures\/schema\/config\.schema\.json$/);
  t.strictSame(options, { exec: EXEC, 'known-failures': 'known-failures.txt' });
  t.match(read(dir, 'known-failures.txt'), /^(?:# .*\n)+$/, 'only comments');
  const [run] = commandsOf(read(dir, '.github/workflows/conformance.yml'));
  t.match(run, /^npx --yes tasksubmit-conform@1 --reporter /, 'the command is that of the configuration');
  for (const line of [/^conform\.config\.json: /m, /^ {2}cd '.*new folder'$/m, /--update-known-failures/])
    t.match(out, line);
});

function commandsOf(workflow: string): readonly string[] {
  return parse(workflow).jobs.conformance.steps.flatMap(({ run }: { run?: string }) => run ?? []);
}

t.test('the target and the service are those that are given', async (t) => {
  const dir = t.testdir({
    node_modules: { 'tasksubmit-conform': { fixtures: { schema: { 'config.schema.json': '{}' } } } },
  });
  t.equal((await conformHere('init', dir, '--target', '127.0.0.1:1003', '--ci', 'gitlab')).status, 0);
  t.match(await configOf(dir), {
    $schema: 'node_modules/tasksubmit-conform/fixtures/schema/config.schema.json',
    target: '127.0.0.1:1003',
  });
  t.match(parse(read(dir, '.gitlab-ci.yml')).conformance.script, [
    /^npx --yes tasksubmit-conform@1 --reporter/,
  ]);
  t.notOk(existsSync(join(dir, '.github')));

  const none = t.testdir();
  const { out } = await conformHere('init', none, '--target', 'localhost:1003', '--ci', 'none');
  t.notMatch(out, /workflow/);
  t.notOk(existsSync(join(none, '.gitlab-ci.yml')) || existsSync(join(none, '.github')));
});

t.test('a project with the package installed runs that version', async (t) => {
  const manifest = JSON.stringify({ devDependencies: { 'tasksubmit-conform': '^1.0.0' } });
  const projects = [
    { files: { 'package.json': manifest, 'package-lock.json': '{}' }, install: ['npm ci'] },
    { files: { 'package.json': manifest }, install: ['npm install'] },
  ];
  for (const { files, install } of projects) {
    const dir = t.testdir(files);
    const { out } = await conformHere('init', dir, '--exec', EXEC);
    const commands = commandsOf(read(dir, '.github/workflows/conformance.yml'));
    t.strictSame(commands.slice(0, -1), install);
    t.match(commands.at(-1), /^npx tasksubmit-conform --reporter /);
    t.match(out, /^ {2}npx tasksubmit-conform {2,}judge/m);

    await conformHere('init', dir, '--exec', EXEC, '--ci', 'gitlab', '--force');
    const { script } = parse(read(dir, '.gitlab-ci.yml')).conformance;
    t.match(script, [...install, /^npx tasksubmit-conform --reporter /]);
  }

  const others = t.testdir({ 'package.json': manifest, 'pnpm-lock.yaml': '' });
  const { out } = await conformHere('init', others, '--exec', EXEC);
  t.match(commandsOf(read(others, '.github/workflows/conformance.yml')), [
    /^npx --yes tasksubmit-conform@1 /,
  ]);
  t.match(out, /^ {2}npx tasksubmit-conform {2,}judge/m);

  const { out: none } = await conformHere('init', t.testdir({ 'package.json': '{' }), '--exec', EXEC);
  t.match(none, /^ {2}npx tasksubmit-conform@1 {2,}judge/m);
});

t.test('the reports are kept as an artifact, and out of commits', async (t) => {
  const fresh = t.testdir();
  const { out } = await conformHere('init', fresh, '--exec', EXEC);
  t.match(out, /^ {2}Put into \.gitignore: report\.html report\.jsonl findings\/$/m);
  t.notOk(existsSync(join(fresh, '.gitignore')));
  const { steps } = parse(read(fresh, '.github/workflows/conformance.yml')).jobs.conformance;
  t.equal(steps.at(-1).with.path, 'report.html\nreport.jsonl\n');

  const dir = t.testdir({ '.gitignore': 'node_modules\n/report.html' });
  const added = await conformHere('init', dir, '--exec', EXEC, '--ci', 'gitlab');
  t.match(added.out, /^\.gitignore: +now with junit\.xml report\.jsonl findings\/$/m);
  t.notMatch(added.out, /Put into/);
  const lines = 'node_modules\n/report.html\njunit.xml\nreport.jsonl\nfindings/\n';
  t.equal(read(dir, '.gitignore'), lines);
  const again = await conformHere('init', dir, '--exec', EXEC, '--ci', 'gitlab', '--force');
  t.equal(again.status, 0);
  t.notMatch(again.out, /gitignore/);
  t.equal(read(dir, '.gitignore'), lines);
});

t.test('a file that exists is not replaced, and then nothing is written', async (t) => {
  const dir = t.testdir({ '.gitlab-ci.yml': 'mine', 'known-failures.txt': '# mine\n' });
  const init = (...args: string[]) => conformHere('init', dir, '--exec', EXEC, ...args);
  const refused = await init('--ci', 'gitlab');
  t.equal(refused.status, 2);
  t.equal(refused.err, `conform: ${join(dir, '.gitlab-ci.yml')} exists; --force replaces it\n`);
  t.notOk(existsSync(join(dir, 'conform.config.json')));
  t.equal((await init('--ci', 'gitlab', '--force')).status, 0);
  t.not(read(dir, '.gitlab-ci.yml'), 'mine');
  t.equal(read(dir, 'known-failures.txt'), '# mine\n', 'a list of known failures stays, with --force too');
  t.match(
    (await init('--ci', 'gitlab')).err,
    /config\.json and .*gitlab-ci\.yml exist; --force replaces them\n$/,
  );

  const withPackage = t.testdir({ 'package.json': '{"conform": {"target": "127.0.0.1:1"}}' });
  const { err } = await conformHere('init', withPackage, '--exec', EXEC);
  t.match(
    err,
    /package\.json has options under "conform" already; with --force, conform\.config\.json takes/,
  );
  writeFileSync(join(withPackage, 'package.json'), '{"name": "mine"}');
  t.equal((await conformHere('init', withPackage, '--exec', EXEC)).status, 0);
});

t.test('each mistake is one line, and nothing is written', async (t) => {
  const dir = t.testdir({ file: '' });
  const refuses = async (t: Test, args: readonly string[], line: RegExp): Promise<void> => {
    const { status, err } = await conformHere('init', ...args);
    t.equal(status, 2, args.join(' '));
    t.match(err, line);
    t.match(err, /^conform: .*\n$/);
  };
  await refuses(
    t,
    [dir],
    /init needs --exec COMMAND or --target HOST:PORT, because it can ask only on a term/,
  );
  await refuses(t, [dir, '--exec', './server'], /--exec ".\/server" has no \{port\}/);
  await refuses(
    t,
    [dir, '--exec', './server {prot}'],
    /--exec: the command has \{prot\}, and the placeholders/,
  );
  await refuses(t, [dir, '--target', 'nowhere'], /--target "nowhere" has no port/);
  await refuses(t, [dir, '--exec', EXEC, '--target', 'a:1'], /--exec and --target exclude each other/);
  await refuses(t, [dir, '--exec', EXEC, '--ci', 'githb'], /"githb" is not one of .*did you mean github\?/);
  await refuses(t, [join(dir, 'file'), '--exec', EXEC], /a part of its path is (?:a file|not a directory)/);
  t.notOk(existsSync(join(dir, 'conform.config.json')));
});

t.test('questions are repeated until the answer is valid', async (t) => {
  const play = async (...answers: string[]) => {
    let said = '';
    const found = await askAll(
      async () => answers.shift() ?? Promise.reject(new Error('one question too many')),
      (text) => {
        said += text;
      },
    );
    t.strictSame(answers, [], 'every answer was read');
    return { found, said };
  };
  const exec = await play('./server', ` ${EXEC} `, 'jenkins', 'gitlab');
  t.strictSame(exec.found, { server: { exec: EXEC }, ci: 'gitlab' });
  t.match(exec.said, /has no \{port\}[\s\S]*"jenkins" is not one of github, gitlab, none/);
  const target = await play('', 'here', '[::1]:1003', '');
  t.strictSame(target.found, { server: { target: '[::1]:1003' }, ci: 'github' });
});

t.test('an input that ends before the answer is one line', async (t) => {
  const { signal: interrupted } = new AbortController();
  const typed = (keys: string, isEnd = false) => {
    const input = new PassThrough();
    const talk = onTerminal({ interrupted }, (ask) => ask('Name: '), [input, new PassThrough()]);
    input.write(keys);
    if (isEnd) input.end();
    return talk;
  };
  t.equal(await typed('me\n'), 'me');
  const end = { name: 'UsageError', message: 'the input ended before the answer; nothing was written' };
  await t.rejects(typed('\u0004'), end, 'Ctrl-D');
  await t.rejects(typed('', true), end);
});
