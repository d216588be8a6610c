import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { builtFile } from '../../conformance/testing/built-file.ts';

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

const ACTION: Action = parse(readFileSync('action.yml', 'utf8'));

/** Runs the lines of the action's step as they stand, with its inputs filled in as the runner does. */
async function runStep(t: Test, name: string, given: Readonly<Record<string, string>>) {
  const step = ACTION.runs.steps.find((step) => step.name === name);
  const dir = t.testdir({
    output: '',
    summary: '',
    'conform.config.json': JSON.stringify({ only: 'frame/truncated-*' }),
  });
  const value = (expression: string): string => {
    const [, input] = /^inputs\.([a-z-]+)$/.exec(expression) ?? [];
    if (input !== undefined) return given[input] ?? ACTION.inputs[input]?.default ?? '';
    if (expression === 'github.action_path') return process.cwd();
    throw new Error(`unknown expression ${expression}`);
  };
  const filled = Object.entries(step?.env ?? {}).map(([key, text]) => [
    key,
    text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => value(expression)),
  ]);
  t.notMatch(step?.run, /\$\{\{/, 'no expression becomes a part of the script');
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step?.run ?? 'exit 99'], {
    cwd: dir,
    env: {
      PATH: process.env['PATH'],
      GITHUB_OUTPUT: join(dir, 'output'),
      GITHUB_STEP_SUMMARY: join(dir, 'summary'),
      ...Object.fromEntries(filled),
    },
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.resume();
  const [status] = await once(child, 'close');
  const read = (file: string) =>
    existsSync(join(dir, file)) ? readFileSync(join(dir, file), 'utf8') : undefined;
  return {
    status,
    out,
    read,
    reports: existsSync(join(dir, 'conform-report')) ? readdirSync(join(dir, 'conform-report')).sort() : [],
  };
}

t.test(
  'the action judges what it is to start, and leaves reports, annotations and a job summary',
  async (t) => {
    const exec = `${process.execPath} ${builtFile('cli.js')} serve --port {port} --dir {dir} --log-level silent`;
    const { status, out, read, reports } = await runStep(t, 'Judge', { exec });
    t.equal(status, 0, out);
    t.match(out, /^conforms: /m);
    t.match(out, /^::notice title=conform/m);
    t.strictSame(reports, ['annotations.txt', 'conform.html', 'conform.jsonl', 'conform.junit']);
    t.equal(read('output'), 'exit-status=0\n');
    t.match(read('summary'), /^## ✅ /);
  },
);

t.test('the action fails with the status of the command, and takes no input for a script', async (t) => {
  const hostile = 'nonsense"; touch owned; echo "$(touch owned) `touch owned`';
  const { status, read } = await runStep(t, 'Judge', { target: hostile, 'known-failures': '$(touch owned)' });
  t.equal(status, 2);
  t.equal(read('output'), 'exit-status=2\n');
  t.equal(read('owned'), undefined);
});
