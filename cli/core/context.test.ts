import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { builtFile } from '../../conformance/testing/built-file.ts';
import { reportOf, scenarioRecord } from '../../conformance/testing/records.ts';
import { main } from '../main.ts';
import { type Context, programName } from './context.ts';

const FULL = '/dev/full';
const NO_SPACE = 'conform: cannot write standard output (ENOSPC)\n';

const dir = t.testdir();
const saved = (name: string, verdict: 'pass' | 'fail'): string => {
  const file = join(dir, name);
  const records = reportOf([scenarioRecord('a/b', verdict)]);
  writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return file;
};
const pass = saved('pass.jsonl', 'pass');
const fail = saved('fail.jsonl', 'fail');

type Lost = Readonly<Partial<Record<'stdout' | 'stderr', 'full' | 'gone'>>>;

/** A command whose standard output or standard error is full or has no reader: its exit status, and the other stream. */
const LOST: readonly (readonly [string, Lost, number, (string | RegExp)?])[] = [
  [`report ${pass}`, { stdout: 'full' }, 4, NO_SPACE],
  [`report ${fail}`, { stdout: 'full', stderr: 'gone' }, 1],
  [`report ${fail} --output ${FULL}`, { stderr: 'gone' }, 1, ''],
  [`--only frame/legal --reporter json=${join(dir, 'run.json')}`, { stdout: 'full', stderr: 'gone' }, 4],
  ['list', { stdout: 'full' }, 2, NO_SPACE],
  ['list', { stdout: 'gone' }, 0, ''],
  ['--version', { stdout: 'full' }, 2, NO_SPACE],
  ['nonsense', { stderr: 'full' }, 2, ''],
];

const skip = !existsSync(FULL) && `this system has no ${FULL}`;
for (const [line, lost, status, other] of LOST) {
  const how = Object.entries(lost).flat().join(' is ').replace(' is stderr', ', stderr');
  t.test(`conform ${line.replaceAll(`${dir}/`, '')}: ${how}`, { skip }, async (t) => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const stream = (name: keyof Lost) => (lost[name] === 'full' ? openSync(FULL, 'w') : 'pipe');
    const child = spawn(process.execPath, [builtFile('cli.js'), ...line.split(' ')], {
      env,
      stdio: ['ignore', stream('stdout'), stream('stderr')],
    });
    if (lost.stdout === 'gone') child.stdout?.destroy();
    if (lost.stderr === 'gone') child.stderr?.destroy();
    const kept = lost.stdout === undefined ? child.stdout : child.stderr;
    const isKept = kept && !kept.destroyed;
    const [[code], shown] = await Promise.all([once(child, 'close'), isKept ? text(kept) : '']);
    t.equal(code, status);
    if (typeof other === 'string') t.equal(shown, other);
    else if (other) t.match(shown, other);
  });
}

t.test('the other reports of a run are complete', { skip }, async (t) => {
  t.match(JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')), { summary: { exitStatus: 0 } });
});

/** A command whose standard output is lost, in this process: whether it is full or has no reader, and its exit status. */
const STATUSES: readonly (readonly [string, 'full' | 'gone', number, RegExp])[] = [
  [`report ${fail}`, 'full', 1, /^$/],
  [`report ${fail}`, 'gone', 1, /^$/],
  [`report ${pass} --output ${FULL}`, 'gone', 4, /ENOSPC/],
  [`report ${fail} --output ${join(pass, 'file')}`, 'gone', 2, /^conform: .+\n$/],
  [`diff ${pass} ${fail} --json`, 'full', 1, /^$/],
];

t.test('what a command found decides its status, whatever becomes of its output', { skip }, async (t) => {
  for (const [line, how, status, shown] of STATUSES) {
    let err = '';
    let isLost = false;
    const context: Context = {
      out: () => {
        isLost = how === 'full';
      },
      err: (text) => {
        err += text;
      },
      isTerminal: false,
      interrupted: new AbortController().signal,
      isOutputLost: () => isLost,
    };
    t.equal(await main(line.split(' '), context), status, `${line}: ${how}`);
    t.match(err, shown);
  }
});

t.test('an error that nothing catches ends the process with the status of a fault', async (t) => {
  const fault = JSON.stringify(builtFile('cli/core/fault.js'));
  const script = `import(${fault}).then((m) => { m.exitOnFault(); setImmediate(() => { throw new Error('x') }) })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [[code], shown] = await Promise.all([once(child, 'close'), text(child.stderr)]);
  t.equal(code, 6);
  t.match(shown, /^conform: a fault of the kit itself: Error: x\n/);
});

t.test('what npx started is called by npx again', async (t) => {
  const npx = { npm_command: 'exec', npm_lifecycle_event: 'npx' };
  t.equal(programName(npx, '/home/me/tasksubmit-conform/'), 'npx conform');
  t.equal(
    programName(npx, '/home/me/.npm/_npx/0a1b/node_modules/tasksubmit-conform/'),
    'npx tasksubmit-conform',
  );
  t.equal(programName({}, '/usr/lib/node_modules/tasksubmit-conform/'), undefined);
  t.equal(programName({ npm_command: 'run-script', npm_lifecycle_event: 'test' }, '/x/'), undefined);
});
