/**
 * The pages of the documentation, run: every line of an `sh` block, in order, in an empty directory for each page.
 *
 * - A line whose command ends with another status than 0 ends with `# exit N`.
 * - `127.0.0.1:1003` stands for a running reference server, and `127.0.0.1:2003` for a second one.
 * - A line that begins with `npm` is not run: it has to name a script of package.json.
 * - A line that is one command of `conform` runs in a process that runs all of them. A campaign sends a fifth of its cases. A run
 *   that would judge the reference or its library by all scenarios judges it by those of one section: cli.test.ts and
 *   judge-library.test.ts judge them by all.
 * - A code block whose first line is a comment with a file name becomes that file.
 * - A code block whose first line is a comment with the path of a source file has to be a part of that file.
 *
 * The examples of docs/library.md run in package.test.ts.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import t, { type Test } from 'tap';
import { type CommandRunner, commandRunner, serve } from './cli/testing/process.ts';
import { builtFile } from './conformance/testing/built-file.ts';

interface Block {
  readonly language: string;
  readonly text: string;
}

const GENERATED = ['coverage.md', 'detection.md', 'performance.md'];
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md') && !GENERATED.includes(name))
    .map((name) => `docs/${name}`),
];
const SCRIPTS = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).scripts);

/** Stand for the addresses of two servers. */
const STANDS = ['127.0.0.1:1003', '127.0.0.1:2003'];
/** What only a process has: a shell that takes its output. */
const NEEDS_PROCESS = /[|&;<>`]/;

interface Stage {
  /** What is on the `PATH` and in the environment of all pages. */
  readonly env: NodeJS.ProcessEnv;
  readonly addresses: ReadonlyMap<string, string>;
  readonly commands: CommandRunner;
}

interface Result {
  readonly status: number | null;
  readonly output: string;
}

// A minute on a free machine, and several next to other test files.
t.setTimeout(600_000);

t.test('every shell line of the documentation works', async (t) => {
  const stage = await setUp(t);
  for (const page of PAGES) {
    const blocks = blocksOf(readFileSync(page, 'utf8'));
    if (blocks.length > 0) await t.test(page, (t) => runPage(t, blocks, stage));
  }
  t.equal(await stage.commands.end(), 0, 'no command leaves anything open');
});

async function setUp(t: Test): Promise<Stage> {
  const env = environment(t.testdir());
  const addresses = new Map<string, string>();
  for (const stand of STANDS)
    addresses.set(stand, (await serve(t, '--dir', join(t.testdirName, `store-${addresses.size}`))).address);
  return { env, addresses, commands: commandRunner(t, env) };
}

async function runPage(t: Test, blocks: readonly Block[], stage: Stage): Promise<void> {
  const dir = t.testdir();
  for (const { language, text } of blocks) {
    const [, name] = /^(?:#|\/\/) (\S+\.[a-z]+)\n/.exec(text) ?? [];
    if (name?.includes('/')) {
      const quoted = text.slice(text.indexOf('\n') + 1);
      t.ok(readFileSync(name, 'utf8').includes(quoted), `${name} holds what the page quotes`);
    } else if (name !== undefined) writeFileSync(join(dir, name), text);
    if (language !== 'sh') continue;
    for (const line of linesOf(text)) {
      const [, script] = /^npm (?:run )?(\S+)/.exec(line) ?? [];
      if (script !== undefined) {
        t.ok(script === 'ci' || SCRIPTS.includes(script), line);
        continue;
      }
      let command = line;
      for (const [stand, address] of stage.addresses) command = command.replaceAll(stand, address);
      const expected = Number(/# exit (\d+)$/.exec(line)?.[1] ?? 0);
      const { status, output } = await run(command, dir, stage);
      t.equal(status, expected, line, status === expected ? {} : { output: output.slice(-2000) });
    }
  }
}

/** A `PATH` on which `conform` is the built command. */
function environment(dir: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, npm_lifecycle_event: __, ...own } = process.env;
  const program = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(builtFile('cli.js'))} "$@"`;
  writeFileSync(join(dir, 'conform'), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
  return { ...own, XDG_CACHE_HOME: join(dir, '.cache'), PATH: `${dir}${delimiter}${own['PATH']}` };
}

/** Runs a line. A process of its own for the command would take most of the time, so only lines that need it have one. */
async function run(text: string, cwd: string, stage: Stage): Promise<Result> {
  // In a checkout, npx finds the command that is `conform` here.
  const line = text.replace(/^npx (?=conform )/, '');
  const unquoted = line.replaceAll(/'[^']*'|"[^"]*"/g, '');
  if (!line.startsWith('conform ') || NEEDS_PROCESS.test(unquoted)) return inShell(line, cwd, stage.env);
  const words = await inShell(`conform() { printf '%s\\0' "$@"; }; ${line}`, cwd, stage.env);
  const args = words.output.split('\0').slice(0, -1);
  const { status, out, err } = await stage.commands.run(cwd, ...lightened(args, cwd));
  return { status, output: out + err };
}

/** For a command that judges the reference, options for few of its scenarios. */
const FEW: ReadonlyMap<string, readonly string[]> = new Map([
  ['run', ['--section', 'status']],
  ['library', ['--only', 'library-times/*']],
]);
/** Options by which a line names what it judges, or selects its scenarios itself. */
const CHOOSES = [
  '--exec',
  '--only',
  '--section',
  '--clause',
  '--level',
  '--targets',
  '--update-known-failures',
];

/**
 * The words of a command, or those of one that does less: of a run against the reference, few scenarios; of a campaign, a fifth
 * of the cases, with the corpus of the kit only for the first one of a page.
 */
function lightened(args: readonly string[], dir: string): readonly string[] {
  const verb = args[0]?.startsWith('--') ? 'run' : (args[0] ?? 'run');
  const few = FEW.get(verb);
  if (few !== undefined && !args.some((word) => CHOOSES.includes(word))) return [...args, ...few];
  const at = args.indexOf('--runs') + 1;
  if (args[0] !== 'fuzz' || at === 0) return args;
  const fewer = args.with(at, String(Math.ceil(Number(args[at]) / 5)));
  return args.includes('--corpus') ? fewer : [...fewer, ...corpusIn(dir)];
}

/** The options for a corpus of one input. None for the first campaign in a folder: that of the kit has some 1 600. */
function corpusIn(dir: string): readonly string[] {
  const folder = join(dir, '.corpora');
  const isFirst = !existsSync(folder);
  if (isFirst) mkdirSync(folder);
  // A campaign adds to its corpus, so each has its own.
  const corpus = mkdtempSync(join(folder, 'of-'));
  writeFileSync(join(corpus, 'empty-frame.bin'), new Uint8Array(8));
  return isFirst ? [] : ['--corpus', corpus];
}

async function inShell(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Result> {
  const child = spawn('bash', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  const [status] = await once(child, 'close');
  return { status, output };
}

/** The fenced blocks of a page. */
function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^( *)```(\w+)[^\n]*\n(.*?)^\1```$/gms)].map(
    ([, indent = '', language = '', text = '']) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** Lines of shell, one a command, without comments that fill a line. */
function linesOf(text: string): string[] {
  return text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
