/** The recipes of docs/ci.md: the commands of each, as they stand in its file, against the reference. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { recipe } from '../init/recipe.ts';
import { conformHere, conformScript, serve } from './process.ts';

/** The arguments of npx, before those of the kit. The last one is for a package that is installed. */
const NPX = ['--yes tasksubmit-conform', '--yes tasksubmit-conform@1', 'tasksubmit-conform'];

/** Accepts what it can read, and ends the connection of the rest. It starts in a fifth of the time of the reference. */
const SERVER = `import net from 'node:net';
net.createServer((socket) => socket.on('error', () => {}).once('data', (frame) => {
  if (frame.length < 8 || frame.length < 8 + frame.readUInt32BE(4)) return socket.end();
  const { task_id } = JSON.parse(frame.subarray(8).toString());
  const payload = Buffer.from(JSON.stringify({ task_id, status: 200, message: 'ok' }));
  socket.end(Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, payload.length]), payload]));
})).listen(Number(process.argv[process.argv.indexOf('--port') + 1]), '127.0.0.1');
`;

/** The command for the npx of all projects: a process of its own would take most of the time of each. */
const conformOfAll = await conformScript(t);

/** A folder with `server`, and an npx that knows only the name of the package. Few scenarios run. */
function project(t: Test): string {
  const dir = t.testdir({ 'conform.config.json': JSON.stringify({ only: 'frame/truncated-header-*' }) });
  const node = JSON.stringify(process.execPath);
  const cases = NPX.map((words) => `"${words} "*) shift ${words.split(' ').length} ;;`);
  const npx = `case "$* " in\n${cases.join('\n')}\n*) exit 99 ;;\nesac\n${conformOfAll}`;
  mkdirSync(join(dir, 'bin'));
  const server = join(dir, 'server.mjs');
  writeFileSync(server, SERVER);
  for (const [name, script] of [
    ['bin/npx', npx],
    ['server', `exec ${node} ${JSON.stringify(server)} "$@"`],
  ] as const)
    writeFileSync(join(dir, name), `#!/usr/bin/env bash\n${script}\n`, { mode: 0o755 });
  return dir;
}

async function run(t: Test, dir: string, commands: readonly string[]): Promise<void> {
  const { NODE_OPTIONS: _, ...own } = process.env;
  const env = { ...own, PATH: `${join(dir, 'bin')}${delimiter}${own['PATH']}` };
  for (const command of commands) {
    const child = spawn('sh', ['-c', command], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    t.equal(status, 0, command, status === 0 ? {} : { output: out + err });
    if (command.includes('npx ') || command.startsWith('make'))
      t.match(out, /^(?:conforms: [1-9]|::notice title=conform.*conforms: [1-9])/m);
  }
}

interface Recipe {
  readonly heading: string;
  /** The commands in the file. */
  readonly commands: (code: string) => readonly string[];
  /** The files that the service keeps. */
  readonly kept: readonly string[];
}

const RECIPES: readonly Recipe[] = [
  {
    heading: 'GitHub Actions, without the action',
    commands: (code) =>
      parse(code).jobs.conformance.steps.flatMap(({ run }: { readonly run?: string }) => run ?? []),
    kept: ['report.html', 'report.jsonl'],
  },
  {
    heading: 'GitLab',
    commands: (code) => parse(code).conformance.script,
    kept: ['junit.xml', 'report.html', 'report.jsonl'],
  },
  {
    heading: 'CircleCI',
    commands: (code) =>
      parse(code).jobs.conformance.steps.flatMap(({ run }: { readonly run?: string }) => run ?? []),
    kept: ['results/conform/junit.xml', 'results/report.html'],
  },
  {
    heading: 'Buildkite',
    commands: (code) => parse(code).steps.map(({ command }: { readonly command: string }) => command),
    kept: ['junit.xml', 'report.html'],
  },
  {
    heading: 'Jenkins',
    commands: (code) => [...code.matchAll(/^ *sh "(.*)"$/gm)].map(([, command = '']) => command),
    kept: ['junit.xml', 'report.html'],
  },
  {
    heading: 'pre-commit',
    commands: (code) => [parse(code).repos[0].hooks[0].entry],
    kept: [],
  },
];

t.test('the commands of each recipe judge the server', async (t) => {
  for (const { heading, commands, kept } of RECIPES)
    await t.test(heading, async (t) => {
      const dir = project(t);
      const found = commands(await recipe(heading));
      t.ok(found.some((command) => command.startsWith('npx ')));
      await run(t, dir, found);
      for (const file of kept) t.ok(existsSync(join(dir, file)), file);
    });
});

t.test('the workflow that init writes judges the server', async (t) => {
  const dir = project(t);
  rmSync(join(dir, 'conform.config.json'));
  const { status } = await conformHere('init', dir, '--exec', './server --port {port} --dir {dir}');
  t.equal(status, 0);
  const { steps } = parse(readFileSync(join(dir, '.github/workflows/conformance.yml'), 'utf8')).jobs
    .conformance;
  const commands = steps.flatMap(({ run }: { readonly run?: string }) => run ?? []);
  t.equal(commands.length, 1);
  const few = " --only 'frame/truncated-header-*'";
  await run(
    t,
    dir,
    commands.map((command: string) => command + few),
  );
  t.ok(existsSync(join(dir, 'report.html')));
});

t.test('the rule of the Makefile judges the server', async (t) => {
  const dir = project(t);
  writeFileSync(join(dir, 'Makefile'), await recipe('Makefile'));
  await run(t, dir, ['make --silent conformance']);
  t.ok(existsSync(join(dir, 'report.html')));
});

t.test('the service of the Compose file judges the other one', async (t) => {
  const dir = project(t);
  const { services } = parse(await recipe('Docker Compose'));
  const { address } = await serve(t, '--dir', join(dir, 'store'));
  t.match(services.conform.command, / --target server:1003 /);
  t.match(services.server.command, /--port 1003/);
  await run(t, dir, [services.conform.command.replace('server:1003', address)]);
  t.ok(existsSync(join(dir, 'junit.xml')));
});

t.test('no recipe runs npx conform, which is another package', async (t) => {
  for (const page of ['docs/ci.md', 'docs/library.md', 'action.yml'])
    t.notMatch(readFileSync(page, 'utf8'), /npx (?:--\S+ )*conform\b/, page);
});
