import t from 'tap';
import { COMMANDS } from '../main.ts';
import { readCommandLine } from './command-line.ts';
import { UsageError, type UsageErrorCode } from './errors.ts';

/** Command lines that are wrong before their command runs. */
const WRONG: readonly (readonly [string, UsageErrorCode, RegExp])[] = [
  ['sevre --port 1', 'unknown-command', /^unknown command sevre; did you mean serve\?$/],
  ['nonsense', 'unknown-command', /^unknown command nonsense; conform --help lists the commands$/],
  ['--targt x', 'unknown-option', /^unknown option --targt; did you mean --target\?$/],
  ['run --targt=x', 'unknown-option', /^unknown option --targt; did you mean --target\?$/],
  ['submit hello --taget 127.0.0.1:1', 'unknown-option', /^unknown option --taget; did you mean --target\?$/],
  ['serve --tasks-dir x', 'unknown-option', /^unknown option --tasks-dir; conform serve --help lists/],
  ['list -x', 'unknown-option', /^unknown option -x; conform list --help lists the options$/],
  ['--retries -1abc', 'missing-value', /^--retries needs a value; /],
  ['--target.host x', 'unknown-option', /^unknown option --target\.host; /],
  ['--no-srict', 'unknown-option', /^unknown option --no-srict; did you mean --strict\?$/],
  ['list extra', 'unexpected-argument', /^unexpected argument extra; see conform list --help$/],
  ['run extra', 'unexpected-argument', /^unexpected argument extra; see conform run --help$/],
  ['--strict extra', 'unexpected-argument', /^unexpected argument extra; /],
  ['explain a b', 'unexpected-argument', /^unexpected argument b; see conform explain --help$/],
  ['submit', 'missing-argument', /^the argument <text> is missing; see conform submit --help$/],
  ['diff a', 'missing-argument', /^the argument <after> is missing; /],
  ['report', 'missing-argument', /^the argument <files> is missing; /],
  ['submit hello', 'missing-argument', /^the option --target is missing; see conform submit --help$/],
  ['tasks', 'missing-argument', /^the option --dir is missing; /],
  ['--target', 'missing-value', /^--target needs a value; see conform run --help$/],
  ['--only --strict', 'missing-value', /^--only needs a value; /],
  ['submit hello --target -- a:1', 'missing-value', /^--target needs a value; /],
  ['-- list', 'unexpected-argument', /^unexpected argument list; /],
  ['--only x -- y', 'unexpected-argument', /^unexpected argument y; /],
  ['--strict -- --bail', 'unexpected-argument', /^unexpected argument --bail; /],
  ['submit a -- --help', 'unexpected-argument', /^unexpected argument --help; /],
  ['submit -- a b', 'unexpected-argument', /^unexpected argument b; /],
  ['submit --target a:1 --', 'missing-argument', /^the argument <text> is missing; /],
  ['submit hello --target', 'missing-value', /^--target needs a value; see conform submit --help$/],
  ['--seed=', 'missing-value', /^--seed needs a value; /],
  ['--retries= --strict', 'missing-value', /^--retries needs a value; /],
  ['fuzz --runs=', 'missing-value', /^--runs needs a value; see conform fuzz --help$/],
  ['--seed 1 --seed 2', 'repeated-option', /^--seed is given twice; /],
  ['serve --dir a --dir b', 'repeated-option', /^--dir is given twice; /],
  ['--target a:1 --exec b', 'conflicting-options', /^--target and --exec exclude each other; /],
  ['--exec b --pid 1', 'conflicting-options', /^--exec and --pid exclude each other; /],
  ['fuzz --target a:1 --exec b', 'conflicting-options', /^--target and --exec exclude each other; /],
  ['serve --accept --reject', 'conflicting-options', /^--accept and --reject exclude each other; /],
  ['--level must', 'invalid-value', /^--level "must" is not one of MUST, SHOULD, MAY; did you mean MUST\?$/],
  ['--level SHULD', 'invalid-value', /SHULD" is not one of .*; did you mean SHOULD\?$/],
  ['serve --log-level loud', 'invalid-value', /^--log-level "loud" is not one of debug, info, /],
  [
    'bench kt',
    'invalid-value',
    /^<what> "kt" is not one of codec, target, kit, reference, proxy; did you mean kit\?$/,
  ],
  ['encode task', 'invalid-value', /^<kind> "task" is not one of submit, response, /],
  ['report x --format htm', 'invalid-value', /^--format "htm" is not one of .*; did you mean html\?$/],
  ['serve --port many', 'invalid-value', /^--port "many" is not a number; /],
];

for (const [line, code, message] of WRONG) {
  t.test(line, async (t) => {
    await t.rejects(readCommandLine(line.split(' '), COMMANDS), { name: 'UsageError', code, message });
  });
}

t.test('the message is one line in English whatever the locale is', async (t) => {
  const before = process.env['LC_ALL'];
  process.env['LC_ALL'] = 'de_DE.UTF-8';
  t.teardown(() => {
    if (before === undefined) delete process.env['LC_ALL'];
    else process.env['LC_ALL'] = before;
  });
  for (const [line, , message] of WRONG) {
    const error = await readCommandLine(line.split(' '), COMMANDS).catch((error: unknown) => error);
    if (!(error instanceof UsageError)) throw error;
    t.match(error.message, message);
    t.notMatch(error.message, /\n/);
  }
});

t.test('a correct command line gives the command and its values', async (t) => {
  const read = async (line: string) => {
    const { command, given } = (await readCommandLine(line.split(' '), COMMANDS)) ?? {};
    return { usage: command?.usage, given };
  };
  t.match(await read('--target a=b:1 --target c:2 --retries 0'), {
    usage: 'run',
    given: { target: ['a=b:1', 'c:2'], retries: 0, strict: false },
  });
  t.match(await read('run --no-strict --only x y'), {
    usage: 'run',
    given: { only: ['x', 'y'], strict: false },
  });
  t.match(await read('run --tasksDir x --target a:1'), { usage: 'run', given: { tasksDir: 'x' } });
  t.match(await read('report a b --format=html'), {
    usage: 'report <files..>',
    given: { files: ['a', 'b'], format: 'html' },
  });
  t.match(await read('bench kit --tolerance -1'), { given: { what: 'kit', tolerance: -1 } });
});

/** Command lines with a lone `-` or with `--`, and values that they give. */
const DASHES: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['report a -', { files: ['a', '-'] }],
  ['report - --merge', { files: ['-'], merge: true }],
  ['report --output - a', { files: ['a'], output: '-' }],
  ['report a -- -b --c', { files: ['a', '-b', '--c'] }],
  ['report --format html -- -', { files: ['-'], format: 'html' }],
  ['diff - b', { before: '-', after: 'b' }],
  ['diff -- -a -b', { before: '-a', after: '-b' }],
  ['diff a --json -- -b', { before: 'a', after: '-b', json: true }],
  ['decode -', { file: '-' }],
  ['decode -- -', { file: '-' }],
  ['encode submit --fields -', { fields: '-' }],
  ['explain -- -x', { id: '-x' }],
  ['replay -', { path: '-' }],
  ['replay -- --findings', { path: '--findings' }],
  ['submit --target a:1 -', { text: '-', target: 'a:1' }],
  ['submit --target a:1 -- --text', { text: '--text', target: 'a:1' }],
  ['submit --target a:1 -- --', { text: '--', target: 'a:1' }],
  ['submit --target a:1 -- --help', { text: '--help', target: 'a:1' }],
  ['submit --target a:1 -- 5', { text: '5', target: 'a:1' }],
  ['update --target a:1 -- -id NEW', { id: '-id', status: 'NEW' }],
  ['accept --dir d -- -id', { id: '-id', dir: 'd' }],
  ['--only x --', { only: ['x'] }],
  ['--known-failures -', { knownFailures: '-' }],
];

for (const [line, given] of DASHES) {
  t.test(`conform ${line}`, async (t) => {
    t.match((await readCommandLine(line.split(' '), COMMANDS))?.given, given);
  });
}
