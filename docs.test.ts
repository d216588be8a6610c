/**
 * The pages of the documentation, run: every line of an `sh` block, in order, in an empty directory for each page.
 *
 * - A line whose command ends with another status than 0 ends with `# exit N`.
 * - `127.0.0.1:1003` stands for a running reference server, and `127.0.0.1:2003` for a second one.
 * - A line that begins with `npm` is not run: it has to name a script of package.json.
 * - A code block whose first line is a comment with a file name becomes that file.
 * - A code block whose first line is a comment with the path of a source file has to be a part of that file.
 *
 * The examples of docs/library.md run in package.test.ts.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import t, { type Test } from 'tap';
import { serve } from './cli/testing/process.ts';

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
/** Those that take longest, in the order in which they start. */
const LONG = ['docs/fuzzing.md', 'docs/ci.md', 'docs/getting-started.md', 'docs/libraries.md'];
const IN_ORDER = [...LONG, ...PAGES.filter((page) => !LONG.includes(page))];
const SCRIPTS = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).scripts);

// A minute on a free machine, and several next to another test file.
t.setTimeout(600_000);

t.test('every shell line of the documentation works', { jobs: 2, buffered: true }, async (t) => {
  for (const page of IN_ORDER) {
    const blocks = blocksOf(readFileSync(page, 'utf8'));
    if (blocks.length > 0) t.test(page, (t) => runPage(t, blocks));
  }
  t.strictSame(
    LONG.filter((page) => !PAGES.includes(page)),
    [],
    'there are pages',
  );
});

async function runPage(t: Test, blocks: readonly Block[]): Promise<void> {
  const dir = t.testdir();
  const env = environment(dir);
  const addresses = new Map<string, string>();
  for (const stand of ['127.0.0.1:1003', '127.0.0.1:2003'])
    if (blocks.some(({ language, text }) => language === 'sh' && text.includes(stand))) {
      const { address } = await serve(t, '--dir', join(dir, `store-${addresses.size}`));
      addresses.set(stand, address);
    }
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
      for (const [stand, address] of addresses) command = command.replaceAll(stand, address);
      const expected = Number(/# exit (\d+)$/.exec(line)?.[1] ?? 0);
      const { status, output } = await run(command, dir, env);
      t.equal(status, expected, line, status === expected ? {} : { output: output.slice(-2000) });
    }
  }
}

/** A `PATH` on which `conform` is the built command, and `npx conform` too. */
function environment(dir: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, npm_lifecycle_event: __, ...own } = process.env;
  const bin = join(dir, '.bin');
  mkdirSync(bin);
  const programs = {
    conform: `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(join(process.cwd(), 'dist/cli.js'))} "$@"`,
    npx: '"$@"',
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { ...own, XDG_CACHE_HOME: join(dir, '.cache'), PATH: `${bin}${delimiter}${own['PATH']}` };
}

async function run(command: string, cwd: string, env: NodeJS.ProcessEnv) {
  const child = spawn('bash', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  const [status] = await once(child, 'close');
  return { status: status as number | null, output };
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
