import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { builtFile } from '../../conformance/testing/built-file.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { conformScript } from './process.ts';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: {
    readonly steps: readonly {
      readonly name: string;
      readonly run?: string;
      readonly shell?: string;
      readonly env?: Readonly<Record<string, string>>;
    }[];
  };
}

/** Ends at the first frame whose payload is no JSON. */
const CRASHES = `import net from 'node:net';
const server = net.createServer((socket) => socket.on('error', () => {}).once('data', (frame) => {
  if (frame.length < 8) return socket.end();
  const { task_id } = JSON.parse(frame.subarray(8).toString());
  const payload = Buffer.from(JSON.stringify({ task_id, status: 200, message: 'ok' }));
  socket.end(Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, payload.length]), payload]));
}));
server.listen(Number(process.argv[2]), '127.0.0.1');
`;

const ACTION: Action = parse(readFileSync('action.yml', 'utf8'));

/** A folder of the runner, in which the package is installed. */
function installed(t: Test): string {
  const temp = t.testdir({ conform: { node_modules: {} } });
  symlinkSync(packageRoot(), join(temp, 'conform/node_modules/tasksubmit-conform'));
  return temp;
}

/**
 * A folder of the runner with a package whose command prints its words, a line each, and ends with this status: for what only
 * the script decides.
 */
function standIn(t: Test, status: number): string {
  const command = `console.log(process.argv.slice(2).join('\\n')); process.exitCode = ${status};`;
  return t.testdir({
    conform: { node_modules: { 'tasksubmit-conform': { dist: { 'cli.js': command } } } },
  });
}

/**
 * A folder of the runner with a package whose command runs in the process of the test, for which a process of its own would take
 * most of the time.
 */
function withCommandHere(t: Test): string {
  const command = `const script = ${JSON.stringify(commandHere)};
const { spawnSync } = require('node:child_process');
const words = ['-c', script, 'conform', ...process.argv.slice(2)];
process.exitCode = spawnSync('bash', words, { stdio: 'inherit' }).status;
`;
  return t.testdir({ conform: { node_modules: { 'tasksubmit-conform': { dist: { 'cli.js': command } } } } });
}

const commandHere = await conformScript(t, ['GITHUB_STEP_SUMMARY']);

/** The root of the package; its build is current. */
function packageRoot(): string {
  return dirname(dirname(builtFile('cli.js')));
}

interface Run {
  readonly inputs?: Readonly<Record<string, string>>;
  /** Outputs of earlier steps, such as `judge.reports`. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** The folder of the runner. Default: one in which the package is installed. */
  readonly temp?: string;
  /** The working directory. Default: an empty one. */
  readonly dir?: string;
  readonly path?: string;
}

/** Runs the lines of the action's step as they stand, with its inputs filled in as the runner does. */
async function runStep(t: Test, name: string, { inputs = {}, outputs = {}, ...given }: Run = {}) {
  const step = ACTION.runs.steps.find((step) => step.name === name);
  const temp = given.temp ?? installed(t);
  const dir = given.dir ?? join(temp, 'work');
  mkdirSync(dir, { recursive: true });
  for (const file of ['output', 'summary']) writeFileSync(join(dir, file), '');
  const value = (expression: string): string => {
    const [, kind = '', key = ''] = /^(inputs|steps|[a-z]+)\.(\S+)$/.exec(expression) ?? [];
    if (kind === 'inputs' && key in ACTION.inputs) return inputs[key] ?? ACTION.inputs[key]?.default ?? '';
    if (kind === 'steps') return outputs[key.replace('.outputs', '')] ?? '';
    const known = CONTEXT[expression] ?? (expression === 'runner.temp' ? temp : undefined);
    if (known === undefined) throw new Error(`unknown expression ${expression}`);
    return known;
  };
  const filled = Object.entries(step?.env ?? {}).map(([key, text]) => [
    key,
    text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => value(expression)),
  ]);
  t.notMatch(step?.run, /\$\{\{/, 'no expression becomes a part of the script');
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step?.run ?? 'exit 99'], {
    cwd: dir,
    env: {
      PATH: given.path ?? process.env['PATH'],
      GITHUB_OUTPUT: join(dir, 'output'),
      GITHUB_STEP_SUMMARY: join(dir, 'summary'),
      ...Object.fromEntries(filled),
    },
  });
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  const read = (file: string) =>
    existsSync(join(dir, file)) ? readFileSync(join(dir, file), 'utf8') : undefined;
  const filesIn = (folder: string): readonly string[] =>
    existsSync(join(dir, folder)) ? readdirSync(join(dir, folder)).sort() : [];
  return { status, out, err, read, filesIn, dir, temp };
}

const CONTEXT: Readonly<Record<string, string>> = {
  'github.action_path': packageRoot(),
  'github.job': 'build',
  'strategy.job-index': '2',
};

const EXEC = `${process.execPath} ${builtFile('cli.js')} serve --port {port} --dir {dir} --log-level silent`;

t.test(
  'the action judges what it is to start, and leaves reports, annotations and a job summary',
  async (t) => {
    const args = "--only 'frame/truncated-header-*'";
    const { status, out, read, filesIn } = await runStep(t, 'Judge', { inputs: { exec: EXEC, args } });
    t.equal(status, 0, 'it conforms');
    t.match(out, /^conforms: 8 of 8 scenarios/m);
    t.match(out, /^::notice title=conform/m);
    t.strictSame(filesIn('conform-report'), [
      'annotations.txt',
      'conform.html',
      'conform.jsonl',
      'conform.junit',
    ]);
    const outputs = ['reports=conform-report', 'artifact=conform-report-build-2', 'exit-status=0', ''];
    t.equal(read('output'), outputs.join('\n'));
    t.match(read('summary'), /^## ✅ /);
  },
);

t.test('twice in one job, the reports are in two folders', async (t) => {
  const temp = standIn(t, 0);
  const dir = join(temp, 'work');
  mkdirSync(join(dir, 'conform-report'), { recursive: true });
  const { out, read } = await runStep(t, 'Judge', { inputs: { exec: EXEC, reporters: 'tap' }, dir, temp });
  t.strictSame(
    out.split('\n').filter((word) => word.includes('=')),
    ['github=conform-report-2/annotations.txt', 'tap=conform-report-2/conform.tap'],
  );
  t.match(read('output'), /^artifact=conform-report-2-build-2$/m);
});

t.test('the job summary names the cause of failures', async (t) => {
  const exec = `${process.execPath} -e 'require("net").createServer((s) => s.on("error", () => {}).end()).listen(+process.argv[1], "127.0.0.1")' {port}`;
  // It does not become better when it is given time to start.
  const args = '--only submit/answered-once --start-timeout 2s';
  const inputs = { exec, args, 'artifact-name': 'mine' };
  const { status, read, out } = await runStep(t, 'Judge', { inputs, temp: withCommandHere(t) });
  t.equal(status, 1);
  t.match(read('summary'), /no answer came back/);
  t.match(out, /^::error /m);
  t.match(read('output'), /^artifact=mine$/m);
});

t.test('the action fails with the status of the command, and takes no input for a script', async (t) => {
  const wrong = await runStep(t, 'Judge', {
    inputs: { target: 'nonsense' },
    temp: withCommandHere(t),
  });
  t.equal(wrong.status, 2);
  t.match(wrong.read('output'), /^exit-status=2$/m);
  const hostile = 'nonsense"; touch owned; echo "$(touch owned) `touch owned`';
  for (const [inputs, words] of [
    [
      { target: hostile, 'known-failures': '$(touch owned)' },
      ['--target', hostile, '--known-failures', '$(touch owned)'],
    ],
    [
      { args: '--only $(touch owned) `touch owned` ; touch owned' },
      ['--only', '$(touch', 'owned)', '`touch', 'owned`', ';', 'touch', 'owned'],
    ],
    [
      { 'tasks-dir': '$(touch owned)', target: '127.0.0.1:1', args: "'two words'" },
      ['--target', '127.0.0.1:1', '--tasks-dir', '$(touch owned)', 'two words'],
    ],
  ] as const) {
    const { status, out, read } = await runStep(t, 'Judge', { inputs, temp: standIn(t, 5) });
    t.equal(status, 5);
    t.strictSame(out.trimEnd().split('\n').slice(-words.length), words);
    t.match(read('output'), /^exit-status=5$/m);
    t.equal(read('owned'), undefined);
  }
  for (const [step, inputs] of [
    ['Judge', { args: "--only 'frame/" }],
    ['Fuzz', { 'fuzz-args': '--target "x' }],
  ] as const) {
    const outputs = { 'judge.reports': 'conform-report' };
    const { status, out, read } = await runStep(t, step, { inputs, outputs, temp: standIn(t, 0) });
    t.equal(status, 2, 'a quote that is not closed');
    t.match(out, /^::error title=conform::(fuzz-)?args cannot be read: a quote is not closed\.\n$/);
    t.match(read('output'), step === 'Judge' ? /^exit-status=2$/m : /^$/);
  }
});

t.test('the findings of the fuzzer are in the folder of the reports', async (t) => {
  const temp = installed(t);
  const dir = join(temp, 'work');
  mkdirSync(join(dir, 'conform-report'), { recursive: true });
  writeFileSync(join(dir, 'crashes.mjs'), CRASHES);
  const inputs = {
    exec: `${process.execPath} crashes.mjs {port}`,
    fuzz: '20s',
    'fuzz-args': '--until-finding',
  };
  const outputs = { 'judge.reports': 'conform-report' };
  const { status, filesIn, read } = await runStep(t, 'Fuzz', { inputs, outputs, dir, temp });
  t.equal(status, 1, 'findings fail the step');
  t.ok(filesIn('conform-report/findings').length > 0);
  t.ok(filesIn('conform-report').includes('fuzz.html'));
  t.match(read('summary'), /crash|died/);
});

t.test('the fuzzer needs a target of its own, and takes options of its own', async (t) => {
  const outputs = { 'judge.reports': 'conform-report' };
  const fuzz = (inputs: Run['inputs'], files: Readonly<Record<string, string>> = {}) => {
    const temp = standIn(t, 3);
    const dir = join(temp, 'work');
    mkdirSync(join(dir, 'conform-report'), { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
    return runStep(t, 'Fuzz', { inputs: { fuzz: '1s', ...inputs }, outputs, dir, temp });
  };
  const target = JSON.stringify({ target: '127.0.0.1:1' });
  for (const [inputs, files] of [
    [{ args: '--target 127.0.0.1:1' }],
    [{ 'fuzz-args': '--seed 1' }],
    [{ 'fuzz-args': '--config other.json' }, { 'other.json': '{}', 'conform.config.json': target }],
    [{}, { 'conform.config.json': '{}', 'package.json': JSON.stringify({ conform: { exec: 'x' } }) }],
  ] as const) {
    const { status, out, err } = await fuzz(inputs, files);
    t.equal(status, 2, JSON.stringify(inputs));
    t.match(out, /^::error title=conform::Nothing to fuzz: /m, err);
  }
  for (const [inputs, files] of [
    [{ 'fuzz-args': '--target 127.0.0.1:1' }],
    [{ 'fuzz-args': '--target=127.0.0.1:1' }],
    [{ 'fuzz-args': '--config=other.json' }, { 'other.json': target }],
    [{}, { 'conform.config.json': `\ufeff${target}` }],
    [{}, { 'package.json': JSON.stringify({ conform: { target: '127.0.0.1:1' } }) }],
  ] as const) {
    const { status, out, err } = await fuzz(inputs, files);
    t.equal(status, 3, `${JSON.stringify(inputs)} ${out}${err}`);
    t.match(out, /^fuzz\n--time\n1s\n/);
  }
});

t.test('no input is a pattern for files', async (t) => {
  const temp = standIn(t, 0);
  const dir = join(temp, 'work');
  mkdirSync(dir);
  writeFileSync(join(dir, 'tap'), '');
  const { out } = await runStep(t, 'Judge', { inputs: { exec: EXEC, reporters: 't*' }, dir, temp });
  t.match(out, /^t\*=conform-report\/conform\.t\*$/m);
});

t.test('the workflow that uses the action gives it inputs that it has, and passes', async (t) => {
  const { jobs } = parse(readFileSync('.github/workflows/ci.yml', 'utf8'));
  const step = jobs.action.steps.find(({ uses }: { readonly uses?: string }) => uses === './');
  for (const name of Object.keys(step.with)) t.ok(name in ACTION.inputs, name);
  const temp = withCommandHere(t);
  mkdirSync(join(temp, 'work'));
  symlinkSync(join(packageRoot(), 'dist'), join(temp, 'work/dist'));
  const inputs = { ...step.with, args: "--only 'frame/truncated-header-*'" };
  const { status, out } = await runStep(t, 'Judge', { inputs, temp });
  t.equal(status, 0, status === 0 ? 'it conforms' : out);
});

t.test('the release of the action is installed, without what development needs', async (t) => {
  const temp = t.testdir({ bin: {} });
  writeFileSync(join(temp, 'bin/npm'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
  const path = `${join(temp, 'bin')}:${process.env['PATH']}`;
  const released = await runStep(t, 'Install conform', { temp, path });
  t.equal(released.status, 0);
  const words = released.out.trim().split('\n');
  t.equal(words.at(-1), `tasksubmit-conform@${packageJson.version}`);
  for (const word of ['install', '--omit=dev', join(temp, 'conform')]) t.ok(words.includes(word), word);
  const packed = await runStep(t, 'Install conform', { temp, path, inputs: { package: './my pack.tgz' } });
  t.equal(packed.out.trim().split('\n').at(-1), './my pack.tgz');
});

t.test('a Node.js that is new enough is used', async (t) => {
  t.equal(
    packageJson.engines.node,
    '^20.19.0 || ^22.12.0 || >=23',
    'which the step and the versions below say',
  );
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
  const { read } = await runStep(t, 'Look for Node.js', { path });
  t.equal(read('output'), 'usable=true\n');
  const temp = t.testdir({ bin: {} });
  for (const [version, usable] of [
    ['18.20.0', false],
    ['20.18.3', false],
    ['20.19.0', true],
    ['21.7.3', false],
    ['22.11.0', false],
    ['22.12.0', true],
    ['23.0.0', true],
    ['24.0.0', true],
  ]) {
    const script = `#!/bin/sh\nshift\nexec ${process.execPath} -e 'Object.defineProperty(process, "versions", { value: { node: "${version}" } });'"$1"\n`;
    writeFileSync(join(temp, 'bin/node'), script, { mode: 0o755 });
    const { read } = await runStep(t, 'Look for Node.js', {
      temp,
      path: `${join(temp, 'bin')}:/usr/bin:/bin`,
    });
    t.equal(read('output'), `usable=${usable}\n`, String(version));
  }
});
