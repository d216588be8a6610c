import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { listen } from '../../conformance/testing/loopback.ts';
import { type Fault, frameOf, serve } from '../../fuzz/testing/servers.ts';
import { conformHere, conformWith } from '../testing/process.ts';

const FINDING = {
  id: 'answers-submits-only-00000000',
  invariant: 'answers-submits-only',
  symptom: 'answers-submits-only U1: a frame of type 3 was answered',
  case: {
    arrangement: 'at-once',
    connections: [[{ do: 'frame', type: 3, declared: 'exact', payload: '' }]],
  },
};

const answersUpdates: Fault = ({ type }, socket) => {
  if (type !== 3) return undefined;
  socket.end(frameOf('{"task_id":"a","status":200,"message":"ok"}'));
  return 'handled';
};

async function target(t: Test, fault?: Fault): Promise<string> {
  const { address, close } = await serve(fault);
  t.teardown(close);
  return `${address.host}:${address.port}`;
}

/** What may stand in a folder of findings in the place of a finding. */
const DAMAGED: Readonly<Record<string, (path: string) => unknown>> = {
  'an empty file': (path) => writeFile(path, ''),
  'a part of a finding': (path) => writeFile(path, JSON.stringify(FINDING).slice(0, 100)),
  'another JSON file': (path) => writeFile(path, '{"id":"x"}'),
  'a finding with a damaged case': (path) => writeFile(path, JSON.stringify({ ...FINDING, case: {} })),
  'bytes that are no text': (path) => writeFile(path, Buffer.of(0xff, 0xfe, 0, 0x7b)),
  'a folder': (path) => mkdir(path),
  'a link to nothing': (path) => symlink('nothing', path),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
};

t.test('each damaged finding is named, and the others are replayed', async (t) => {
  const [good, bad] = [await target(t), await target(t, answersUpdates)];
  const whole = `${JSON.stringify(FINDING)}\n`;
  const dir = t.testdir({ 'a.json': whole, 'z.json': whole });
  const names = Object.keys(DAMAGED).map((name) => `${name.replaceAll(' ', '-')}.json`);
  for (const [at, damage] of Object.values(DAMAGED).entries()) await damage(join(dir, names[at] ?? ''));
  const namesThem = (t: Test, err: string): void => {
    const lines = err.trimEnd().split('\n');
    t.equal(lines.length, names.length, 'a line for each');
    for (const name of names)
      t.equal(
        lines.filter((line) => line.startsWith('conform: ') && line.includes(`/${name}`)).length,
        1,
        `${name}: ${err}`,
      );
    for (const line of lines) t.match(line, /; it is not replayed$/);
  };
  const fixed = await conformHere('replay', dir, '--target', good);
  t.match(fixed, { status: 4, out: /(fixed .*\n){2}0 of 10 still fail, 8 not replayed\n$/ });
  namesThem(t, fixed.err);
  const failing = await conformHere('replay', dir, '--target', bad);
  t.match(failing, { status: 1, out: /\n2 of 10 still fail, 8 not replayed\n$/ });
  namesThem(t, failing.err);
  const empty = t.testdir({ 'b.json': '' });
  t.match(await conformHere('replay', empty, '--target', good), { status: 4 }, 'nothing but a damaged one');
  t.match(await conformHere('replay', join(empty, 'b.json'), '--target', good), { status: 2 });
  t.match(await conformWith(Buffer.from(whole), 'replay', '-', '--target', good), {
    status: 0,
    out: /fixed .*\n0 of 1 still fail\n$/,
  });
});

t.test('when the target is gone, each finding that is left is named', async (t) => {
  const whole = JSON.stringify(FINDING);
  const dir = t.testdir({ 'a.json': whole, 'b.json': whole, 'c.json': whole });
  const script = fileURLToPath(new URL('../testing/scripted-server.mjs', import.meta.url));
  const replayed = (last: number) => {
    const marker = join(dir, `marker-${last}`);
    // The second start ends at once.
    const exec = `test ! -e '${marker}' && exec '${process.execPath}' '${script}' {port} dies-${last} 1 '${marker}'`;
    return conformHere('replay', dir, '--exec', exec);
  };
  // Connection 28 is that of the first case.
  t.match(await replayed(25), {
    status: 4,
    out: /\ncould not tell .*: the target is gone\n(skipped .*: the target is gone\n){2}0 of 3 still fail, 1 undecided, 2 not replayed\n$/,
  });
  t.match(await replayed(28), {
    status: 1,
    out: /\nfails .*, and it does not come back\n(skipped .*: the target is gone\n){2}1 of 3 still fail, 2 not replayed\n$/,
  });
});

t.test('a target that dies before anything is replayed: how it ended, in one line', async (t) => {
  const dir = t.testdir({ 'a.json': JSON.stringify(FINDING) });
  const script = fileURLToPath(new URL('../testing/scripted-server.mjs', import.meta.url));
  const exec = `exec '${process.execPath}' '${script}' {port} dies-5 1 '${join(dir, 'marker')}'`;
  for (const verb of ['replay', 'fuzz']) {
    const paths = verb === 'replay' ? [dir] : ['--findings', join(dir, 'new')];
    const { status, out, err } = await conformHere(verb, ...paths, '--exec', exec);
    t.match(
      err,
      /^conform: no connection to the target \(ECONNREFUSED\); its process: exit status 1\n/,
      verb,
    );
    t.equal(status, 3);
    t.notMatch(out, /fixed|findings/);
    await rm(join(dir, 'marker'));
  }
});

/** What accepts a connection without a server, as a proxy, a tunnel or a load balancer does. */
const WITHOUT_SERVER: Readonly<Record<string, (socket: Socket) => void>> = {
  closes: (socket) => socket.end(),
  'closes after the first byte': (socket) => socket.once('data', () => socket.end()),
  'is silent': (socket) => socket.resume(),
};

for (const [name, behave] of Object.entries(WITHOUT_SERVER)) {
  t.test(`a port that ${name} has no verdict`, async (t) => {
    const { address, close } = await listen(behave);
    t.teardown(close);
    const dir = t.testdir({ 'a.json': JSON.stringify(FINDING) });
    const at = ['--target', `${address.host}:${address.port}`];
    const err = /^conform: .*(answers no legal SUBMIT|closed before its answer|deadline of 300 ms)/m;
    const verbs: readonly (readonly [status: number, args: readonly [string, ...string[]]])[] = [
      [4, ['replay', dir, '--deadline', '300ms']],
      [
        4,
        [
          'fuzz',
          '--runs',
          '10',
          '--deadline',
          '300ms',
          '--findings',
          join(dir, 'new'),
          '--reporter',
          'jsonl',
        ],
      ],
      [3, ['submit', 'hello', '--timeout', '300ms']],
    ];
    for (const [status, args] of verbs) {
      const ended = await conformHere(...args, ...at);
      t.match(ended, { status, err }, args[0]);
      t.notMatch(ended.out, /fixed|0 findings/);
      if (args[0] === 'fuzz') t.match(ended.out, /"because":"unanswered"\}\n$/, 'the report is complete');
    }
  });
}

t.test('a campaign that cannot save a part reports that, and keeps the rest and its verdict', async (t) => {
  for (const lost of ['findings', 'corpus', 'resume'] as const) {
    const dir = t.testdir({ f: {}, c: {}, s: {} });
    const paths = { findings: join(dir, 'f'), corpus: join(dir, 'c'), resume: join(dir, 's', 'state.json') };
    const folder = lost === 'resume' ? join(dir, 's') : paths[lost];
    let isFirst = true;
    // The paths are checked before the first frame.
    const at = await target(t, (frame, socket) => {
      if (isFirst) {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, '');
      }
      isFirst = false;
      return answersUpdates(frame, socket);
    });
    const report = join(dir, 'report.jsonl');
    const plan = ['fuzz', '--target', at, '--seed', '1', '--runs', '2000', '--until-finding'];
    const files = Object.entries(paths).flatMap(([option, path]) => [`--${option}`, path]);
    const { status, out, err } = await conformHere(...plan, ...files, '--reporter', `jsonl=${report}`);
    t.equal(status, 1, lost);
    t.match(err, /^conform: cannot write \S+ \((ENOTDIR|EEXIST)[^)]*\)[^\n]*\n$/, 'one line');
    t.match(out, /FINDING answers-submits-only-[\s\S]*1 finding/);
    t.match(await readFile(report, 'utf8'), /"record":"end".*\n$/);
    const filesOf = async (path: string) => (await readdir(path).catch(() => [])).length;
    if (lost !== 'findings') t.equal(await filesOf(paths.findings), 5);
    if (lost !== 'corpus') t.ok((await filesOf(paths.corpus)) > 0);
    if (lost !== 'resume') t.match(JSON.parse(await readFile(paths.resume, 'utf8')), { seed: 1 });
    t.notOk((await readdir(dir)).some((name) => name.endsWith('.tmp')));
  }
});
