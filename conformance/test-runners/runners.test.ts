/** The examples of docs/library.md with the three test runners, each in a process, against the reference and a server with faults. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { builtFile } from '../testing/built-file.ts';
import type { TestRunner } from './test-runner.ts';

/** The types of the three runners fit: a compiler error otherwise. */
type Fits<Runner extends TestRunner> = Runner;
export type Fitting = [
  Fits<typeof import('node:test')>,
  Fits<typeof import('vitest')>,
  Fits<typeof import('tap').default>,
];

interface Runner {
  /** The example in docs/library.md, and the name of the file here. */
  readonly example: string;
  readonly file: string;
  readonly args: (file: string) => readonly string[];
  /** The result and the name of a test in a line of the output. */
  readonly line: (result: 'pass' | 'fail' | 'skip', name: string) => RegExp;
}

const TAP_RESULT = { pass: 'ok \\d+ - @( # time|$)', fail: 'not ok \\d+ - @', skip: 'ok \\d+ - @ # SKIP' };
const VITEST_RESULT = { pass: '✓.*@', fail: '×.*@', skip: '↓.*@' };

const RUNNERS: readonly Runner[] = [
  {
    example: 'node-test.test.ts',
    file: 'node-test.test.mjs',
    args: (file) => ['--test', '--test-reporter=tap', file],
    line: (result, name) => new RegExp(`^ *${TAP_RESULT[result].replace('@', name)}`, 'm'),
  },
  {
    example: 'vitest.test.mjs',
    file: 'vitest.test.mjs',
    args: (file) => ['node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose', file],
    line: (result, name) => new RegExp(`^ *${VITEST_RESULT[result].replace('@', name)}`, 'm'),
  },
  {
    example: 'tap.test.mjs',
    file: 'tap.test.mjs',
    args: (file) => [file],
    // A test that is skipped while it runs passes, and holds the reason.
    line: (result, name) =>
      new RegExp(`^ *${TAP_RESULT[result === 'skip' ? 'pass' : result].replace('@', name)}`, 'm'),
  },
];

const PAGE = readFileSync('docs/library.md', 'utf8');

function exampleNamed(name: string): string {
  const [, code] =
    new RegExp(`^// ${name.replaceAll('.', '\\.')}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(PAGE) ?? [];
  if (code === undefined) throw new Error(`docs/library.md has no example ${name}`);
  return code;
}

/** A project that has installed the package and the test runners. */
function project(t: Test, files: Readonly<Record<string, string>>): string {
  const dir = t.testdir({ 'package.json': '{ "type": "module" }', ...files });
  const modules = join(dir, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync(builtFile('cli.js'), join(modules, '.bin/conform'));
  symlinkSync(resolve('.'), join(modules, 'tasksubmit-conform'));
  for (const name of ['tap', 'vitest']) symlinkSync(resolve('node_modules', name), join(modules, name));
  return dir;
}

async function execute({ args, file }: Runner, cwd: string) {
  // Of the runner that runs this test.
  const own = /^(TAP|NODE_OPTIONS|NODE_TEST_CONTEXT|_TAPJS|VITEST)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
  const child = spawn(process.execPath, args(file), {
    cwd,
    env: { ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { status: Number(status), out: out + err };
}

/** Answers a frame of any type, if it comes in one chunk. */
const CARELESS = `import net from 'node:net';
const server = net.createServer((socket) => socket.on('error', () => {}).once('data', (frame) => {
  const [, id] = /"task_id":"([^"]*)"/.exec(frame.toString()) ?? [];
  if (id === undefined || frame.length !== 8 + frame.readUInt32BE(4)) return socket.end();
  const payload = Buffer.from(JSON.stringify({ task_id: id, status: 200, message: 'ok' }));
  socket.end(Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, payload.length]), payload]));
}));
server.listen(Number(process.argv[2]), '127.0.0.1');
`;

const FAULTY = `{
  exec: 'node careless.mjs {port}',
  only: ['frame/truncated-header-1', 'frame/split-inside-type', 'timeouts/idle-in-header'],
}`;

t.test('the example of each runner judges the reference, and shows what fails', { jobs: 3 }, async (t) => {
  for (const runner of RUNNERS)
    t.test(runner.example, async (t) => {
      const example = exampleNamed(runner.example).replace('frame/*', 'frame/split-*');
      const dir = project(t, { [runner.file]: example, 'careless.mjs': CARELESS });
      const good = await execute(runner, dir);
      t.equal(good.status, 0, good.status === 0 ? 'the reference conforms' : good.out);
      t.match(good.out, runner.line('pass', 'frame/split-inside-type \\(F3\\)'));
      t.match(good.out, runner.line('pass', 'every planned scenario was judged'));

      const faulty = example.replace(/\{\s+(?:\/\/.*\n\s+)?exec:[\s\S]*\}(?=\);)/, FAULTY);
      writeFileSync(join(dir, runner.file), faulty);
      const { status, out } = await execute(runner, dir);
      t.equal(status, 1, 'a failure fails the suite');
      t.match(out, runner.line('pass', 'frame/truncated-header-1 \\(F4\\)'));
      t.match(out, runner.line('fail', 'frame/split-inside-type \\(F3\\)'));
      t.match(out, runner.line('skip', 'timeouts/idle-in-header \\(T6\\)'));
      t.match(out, /MUST, clause F3\): no answer came back/);
      t.match(out, /it waits for a timeout of the protocol/, 'the reason of the skipped test');
      t.match(out, /conform --exec 'node careless\.mjs \{port\}' --only/);
    });
});
