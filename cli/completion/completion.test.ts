import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { COMMANDS } from '../main.ts';
import { conformHere, conformScript } from '../testing/process.ts';
import { candidates } from './candidates.ts';
import { NAMES } from './names.ts';
import { SCRIPTS, SHELLS } from './scripts.ts';

const run = promisify(execFile);

/** The words before the last one, the last one, and what is offered: all of it, or some. */
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['ga', ['gate']],
  ['comp', ['completion']],
  ['gate --client-', ['--client-exec']],
  ['--kn', ['--known-failures']],
  ['run --no-c', ['--no-color']],
  ['explain fra', ['frame/']],
  ['explain frame/length-over-cap-in', ['frame/length-over-cap-in-part']],
  ['explain M6', ['M6']],
  ['explain receiver/half', ['receiver/half-close']],
  ['--only frame/length-over-cap-in', ['frame/length-over-cap-in-part']],
  ['run --skip sub', ['submit/']],
  ['run --section fra', ['frame']],
  ['run --section frame --section jso', ['json']],
  ['run --section frame jso', ['json']],
  ['run --clause m6', ['M6']],
  ['run --level MU', ['MUST']],
  ['run --level=MU', ['--level=MUST']],
  ['run --level = MU', ['MUST']],
  ['run --reporter jun', ['junit']],
  ['run --reporter=jun', ['--reporter=junit']],
  ['diff --fail-on wo', ['worse']],
  ['init --ci gitl', ['gitlab']],
  ['completion fi', ['fish']],
  // Files, which the shell knows.
  ['run --known-failures ', []],
  ['run --reporter junit=', []],
  ['report ', []],
  ['run --exec ./ser', []],
  ['nonsense ', []],
  ['run --nonsense ', []],
];

t.test('a shell is offered what may follow', async (t) => {
  for (const [line, offered] of CASES)
    t.strictSame(await candidates(line.split(' '), COMMANDS, NAMES), offered, line);
  const all = await candidates([''], COMMANDS, NAMES);
  t.equal(all.length, COMMANDS.length, 'every command');
  const clients = await candidates(['client', '--section', ''], COMMANDS, NAMES);
  t.ok(clients.length > 0 && clients.every((name) => name.startsWith('client-')), 'sections for clients');
});

t.test('the command prints a candidate a line, and succeeds whatever the words are', async (t) => {
  t.match(await conformHere('--complete', 'explain', 'frame/length-over-cap-in'), {
    status: 0,
    out: 'frame/length-over-cap-in-part\n',
    err: '',
  });
  for (const words of [[], ['nonsense', '--only'], ['run', '--', '--only', '']])
    t.match(await conformHere('--complete', ...words), { status: 0, err: '' }, words.join(' '));
});

t.test('each shell has a script, and another shell is refused with the names', async (t) => {
  for (const shell of SHELLS)
    t.match(await conformHere('completion', shell), { status: 0, out: SCRIPTS[shell], err: '' });
  t.match(await conformHere('completion', 'tcsh'), {
    status: 2,
    err: /"tcsh" is not one of bash, zsh, fish/,
  });
});

/** What bash puts in place of the last word, by the script, as a user's shell calls it. */
async function inBash(t: Test, ...words: string[]): Promise<readonly string[]> {
  const program = `conform() (
${await conformScript(t)}
)
${SCRIPTS.bash}
compopt() { :; }
COMP_WORDS=(conform ${words.map((word) => JSON.stringify(word)).join(' ')})
COMP_CWORD=${words.length}
_conform_complete
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await run('bash', ['--norc', '-c', program], { cwd: t.testdir() });
  t.equal(stderr, '');
  return stdout.trim().split('\n');
}

t.test('the script for bash completes', async (t) => {
  t.strictSame(await inBash(t, 'run', '--section', 'fra'), ['frame']);
  t.strictSame(await inBash(t, 'explain', 'frame/length-over-cap-in'), ['frame/length-over-cap-in-part']);
  t.strictSame(await inBash(t, 'diff', ''), [''], 'files are those of the shell');
});

/** `shell -n` reads a script without running it. */
t.test('zsh and fish accept the syntax of their scripts', async (t) => {
  const dir = t.testdir({ zsh: SCRIPTS.zsh, fish: SCRIPTS.fish });
  for (const shell of ['zsh', 'fish'] as const)
    await t.test(shell, async (t) => {
      const { status, stderr, error } = spawnSync(shell, ['-n', join(dir, shell)], { encoding: 'utf8' });
      if (error) t.pass(`no ${shell} on this machine`);
      else t.equal(status, 0, stderr);
    });
});
