/**
 * Signals to every command: whatever it does at that moment, it ends soon with status 130, its report files are complete, and
 * neither a process nor a temporary folder is left. Runs the hardest moments with one signal each; with CONFORM_SIGNALS=all
 * in the environment all moments with all signals, and prints the table.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { builtFile } from '../../conformance/testing/built-file.ts';
import { listen } from '../../conformance/testing/loopback.ts';
import { type Fault, frameOf, serve } from '../../fuzz/testing/servers.ts';
import { findingFiles } from '../../fuzz/triage/finding-files.ts';

const ALL = process.env['CONFORM_SIGNALS'] === 'all';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];
/** The longest time from a signal to the end: that of a target that ignores SIGTERM, and some more for a busy machine. */
const ENDS_MS = 9000;

// Most of the time, a test waits for processes.
t.jobs = ALL ? 2 : 3;

/** What the commands of one test use, and how it learns of moments. */
interface Place {
  /** A folder of its own, the working directory. */
  readonly dir: string;
  /** Addresses, as host:port. */
  readonly silent: string;
  readonly good: string;
  readonly faulty: string;
  /** The command line of a scripted server. */
  readonly exec: (script: string) => string;
  /** Emits 'hook', 'silent', 'good' and 'faulty' for each connection or frame there. */
  readonly seen: EventEmitter;
}

interface Moment {
  readonly name: string;
  readonly args: (place: Place) => readonly string[];
  /** Resolves when the moment has come. */
  readonly until: (place: Place, child: ChildProcess) => Promise<unknown>;
  readonly isHardest?: boolean;
  /** Default 130. */
  readonly status?: number;
  /** Whether the command writes the report `report.json`, in JSON. */
  readonly hasReport?: boolean;
  /** Matches standard output and error. */
  readonly says?: RegExp;
}

const REPORT = ['--reporter', 'json=report.json'];
/** No line that accuses the target, or the kit, of what the signal did. */
const NO_ERROR = /^(?![\s\S]*(?:fault of the kit|Error:|verdict: the target died|\nfails ))/;

/** The handlers are installed, so the command is being loaded. Node itself has one for the other signals, but not for SIGHUP. */
const loading: Moment['until'] = async (_, child) => {
  const bit = 1n;
  for (;;) {
    // Before it executes the program, the new process is a copy of this one.
    const isStarted = commandOf(String(child.pid)).startsWith(process.execPath);
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const caught = BigInt(`0x${/^SigCgt:\s+(\w+)/m.exec(status)?.[1] ?? '0'}`);
    if (isStarted && (caught & bit) !== 0n) return;
    await setTimeout(1);
  }
};
const hook: Moment['until'] = ({ seen }) => once(seen, 'hook');
/** The nth connection or frame there. */
const nth =
  (where: 'silent' | 'good' | 'faulty', count: number): Moment['until'] =>
  async ({ seen }) => {
    for (let left = count; left > 0; left -= 1) await once(seen, where);
  };
const says =
  (text: RegExp): Moment['until'] =>
  async (_, child) => {
    let said = '';
    while (!text.test(said)) said += String((await once(child.stdout ?? child, 'data'))[0]);
  };
/** The command waits in the system for an input. */
const reading: Moment['until'] = async (place, child) => {
  await loading(place, child);
  await setTimeout(700);
};

const MOMENTS: Readonly<Record<string, readonly Moment[]>> = {
  run: [
    { name: 'loading', args: () => REPORT, until: loading },
    {
      name: '--exec starts',
      args: ({ exec }) => ['--exec', exec('never'), ...REPORT],
      until: hook,
      hasReport: true,
    },
    {
      name: '--exec restarts',
      args: ({ exec }) => ['--exec', exec('dies-40'), ...REPORT],
      until: hook,
      hasReport: true,
      isHardest: true,
    },
    {
      name: '--exec stops, and ignores SIGTERM',
      args: ({ exec }) => ['--exec', exec('stubborn'), '--only', 'frame/legal', ...REPORT],
      until: hook,
      hasReport: true,
    },
    {
      name: 'preflight',
      args: ({ silent }) => ['--target', silent, ...REPORT],
      until: nth('silent', 1),
      hasReport: true,
    },
    {
      name: 'scenarios without an answer',
      args: ({ silent }) => ['--target', silent, ...REPORT],
      until: says(/scenarios/),
      hasReport: true,
    },
    {
      name: 'scenarios',
      args: ({ good }) => ['--target', good, ...REPORT],
      until: nth('good', 200),
      hasReport: true,
    },
    {
      name: 'embedded, with its store',
      args: () => ['--reporter', 'jsonl', ...REPORT],
      until: says(/"record":"scenario"/),
      hasReport: true,
    },
    {
      name: '--watch waits for a change',
      args: ({ exec }) => [
        '--exec',
        exec('dies-40'),
        '--only',
        'frame/legal',
        '--watch',
        'inputs',
        ...REPORT,
      ],
      until: says(/watching inputs/),
      hasReport: true,
      status: 0,
    },
    {
      name: 'known failures from a pipe',
      args: ({ good }) => ['--target', good, '--known-failures', 'pipe'],
      until: reading,
    },
  ],
  fuzz: [
    { name: 'loading', args: () => ['fuzz', ...REPORT], until: loading },
    {
      name: '--exec starts',
      args: ({ exec }) => ['fuzz', '--exec', exec('never'), ...REPORT],
      until: hook,
      hasReport: true,
    },
    {
      name: '--exec restarts',
      args: ({ exec }) => ['fuzz', '--exec', exec('dies-300'), ...REPORT],
      until: hook,
      hasReport: true,
    },
    {
      name: 'calibration',
      args: ({ silent }) => ['fuzz', '--target', silent, ...REPORT],
      until: nth('silent', 1),
      hasReport: true,
    },
    {
      name: 'batch',
      args: ({ good }) => ['fuzz', '--target', good, '--resume', 'state.json', ...REPORT],
      until: nth('good', 400),
      hasReport: true,
    },
    {
      name: 'batch of workers',
      args: ({ good }) => ['fuzz', '--target', good, '--workers', '2', ...REPORT],
      until: nth('good', 400),
      hasReport: true,
    },
    {
      name: 'a finding is looked into',
      args: ({ faulty }) => ['fuzz', '--target', faulty, ...REPORT],
      until: says(/investigating/),
      hasReport: true,
      says: /FINDING answers-submits-only/,
      isHardest: true,
    },
    { name: '--promote from a pipe', args: () => ['fuzz', '--promote', 'pipe'], until: reading },
  ],
  replay: [
    {
      name: '--exec starts',
      args: ({ exec }) => ['replay', 'finding.json', '--exec', exec('never')],
      until: hook,
    },
    {
      name: 'calibration',
      args: ({ silent }) => ['replay', 'finding.json', '--target', silent],
      until: nth('silent', 1),
    },
    {
      name: 'a finding',
      args: ({ faulty }) => ['replay', 'finding.json', '--target', faulty],
      until: nth('faulty', 1),
      says: /interrupted after 0 of 1/,
      isHardest: true,
    },
    { name: 'a pipe', args: () => ['replay', 'pipe'], until: reading },
  ],
  bench: [
    { name: 'codec', args: () => ['bench', 'codec'], until: reading },
    { name: 'kit', args: () => ['bench', 'kit', '--only', 'kit/startup'], until: reading },
    { name: 'reference', args: () => ['bench', 'reference', '--only', '* durable*'], until: reading },
    {
      name: 'target without an answer',
      args: ({ silent }) => ['bench', 'target', '--target', silent],
      until: nth('silent', 1),
      isHardest: true,
    },
    {
      name: 'target under load',
      args: ({ good }) => ['bench', 'target', '--target', good],
      until: nth('good', 500),
    },
    {
      name: 'target at a low rate',
      args: ({ good }) => ['bench', 'target', '--target', good, '--rate', '1', '--time', '100s'],
      until: nth('good', 4),
    },
    { name: 'reference server', args: () => ['bench', 'target', '--only', 'target/store*'], until: reading },
    { name: '--compare with a pipe', args: () => ['bench', 'codec', '--compare', 'pipe'], until: reading },
  ],
  submit: [
    {
      name: 'no answer',
      args: ({ silent }) => ['submit', 'x', '--target', silent],
      until: nth('silent', 1),
      isHardest: true,
    },
    {
      name: 'no answer, with a store',
      args: ({ silent }) => ['submit', 'x', '--target', silent, '--dir', 'store'],
      until: nth('silent', 1),
    },
  ],
  update: [
    {
      name: 'before the close',
      args: ({ silent }) => ['update', 'x', 'ACCEPTED', '--target', silent],
      until: nth('silent', 1),
      isHardest: true,
    },
  ],
  results: [
    {
      name: 'before the close',
      args: ({ silent }) => ['results', 'x', '--text', 'y', '--target', silent],
      until: nth('silent', 1),
      isHardest: true,
    },
    {
      name: 'a pipe',
      args: ({ silent }) => ['results', 'x', '--file', 'pipe', '--target', silent],
      until: reading,
    },
  ],
  serve: [
    { name: 'listening', args: () => ['serve', '--port', '0'], until: says(/listening/), status: 0 },
    {
      name: 'with a store',
      args: () => ['serve', '--port', '0', '--dir', 'store'],
      until: says(/listening/),
      status: 0,
    },
  ],
  proxy: [
    {
      name: 'listening',
      args: ({ silent }) => ['proxy', '--listen', '0', '--target', silent],
      until: says(/listening/),
      status: 0,
    },
    {
      name: 'the command of --while runs',
      args: ({ silent }) => ['proxy', '--listen', '0', '--target', silent, '--while', 'sleep 600'],
      until: says(/listening/),
    },
  ],
  decode: [
    { name: 'standard input', args: () => ['decode', '-'], until: reading },
    { name: 'a pipe', args: () => ['decode', 'pipe'], until: reading, isHardest: true },
  ],
  corpus: [
    {
      name: 'calibration',
      args: ({ silent }) => ['corpus', 'minimise', 'inputs', '--target', silent],
      until: nth('silent', 1),
    },
  ],
  encode: [{ name: 'standard input', args: () => ['encode', 'submit', '--fields', '-'], until: reading }],
  report: [
    { name: 'standard input', args: () => ['report', '-'], until: reading },
    { name: 'a pipe', args: () => ['report', 'pipe'], until: reading },
  ],
  diff: [{ name: 'a pipe', args: () => ['diff', 'pipe', 'pipe'], until: reading }],
  inspect: [{ name: 'loading', args: () => ['inspect', 'x'], until: loading }],
  list: [{ name: 'loading', args: () => ['list'], until: loading }],
  explain: [{ name: 'loading', args: () => ['explain', 'M6'], until: loading }],
  fixtures: [{ name: 'loading', args: () => ['fixtures', 'list'], until: loading }],
  tasks: [{ name: 'loading', args: () => ['tasks', '--dir', '.'], until: loading }],
  accept: [{ name: 'loading', args: () => ['accept', 'x', '--dir', '.'], until: loading }],
  decline: [{ name: 'loading', args: () => ['decline', 'x', '--dir', '.'], until: loading }],
  execute: [{ name: 'loading', args: () => ['execute', 'x', '--dir', '.'], until: loading }],
};

const answersUpdates: Fault = ({ type }, socket) => {
  if (type !== 3) return undefined;
  socket.end(frameOf('{"task_id":"a","status":200,"message":"ok"}'));
  return 'handled';
};

/** The finding of `answersUpdates`. The kit waits after its frame, so a signal at the frame comes before the verdict. */
const FINDING = findingFiles({
  id: 'answers-submits-only-00000000',
  invariant: 'answers-submits-only',
  clause: 'U1',
  detail: 'seen',
  symptom: 'answers-submits-only U1: answers a frame that is not a SUBMIT',
  value: {
    arrangement: 'at-once',
    connections: [[{ do: 'bytes', bytes: Buffer.from('0000000300000000', 'hex') }]],
  },
  failed: 3,
  attempts: 3,
  isMinimal: true,
  distinguishing: [],
  origin: { lane: 'given' },
  mutations: [],
  originalBytes: 8,
  transcript: [],
  wire: [],
  target: { usual_ms: 1 },
});

async function placeFor(t: Test): Promise<Place> {
  // In memory, because the kit puts temporary folders there first.
  const dir = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/signals-') : t.testdir();
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'tmp'));
  mkdirSync(join(dir, 'work'));
  const work = join(dir, 'work');
  execFileSync('mkfifo', [join(work, 'pipe')]);
  mkdirSync(join(work, 'inputs'));
  writeFileSync(join(work, 'inputs', 'a.bin'), Buffer.from('0000000300000000', 'hex'));
  writeFileSync(join(work, 'finding.json'), String(FINDING.get('answers-submits-only-00000000.json')));
  const seen = new EventEmitter();
  const emits =
    (name: string, fault: Fault): Fault =>
    (frame, socket) => {
      if (name !== 'faulty' || (frame.type === 3 && frame.payload.length === 0)) seen.emit(name);
      return fault(frame, socket);
    };
  const hookServer = await listen(() => seen.emit('hook'));
  const silent = await listen((socket) => {
    seen.emit('silent');
    socket.resume();
  });
  const good = await serve(emits('good', () => undefined));
  const faulty = await serve(emits('faulty', answersUpdates));
  for (const server of [hookServer, silent, good, faulty]) t.teardown(server.close);
  const name = ({ address }: typeof silent): string => `127.0.0.1:${address.port}`;
  const script = fileURLToPath(new URL('./scripted-server.mjs', import.meta.url));
  return {
    dir,
    silent: name(silent),
    good: name(good),
    faulty: name(faulty),
    exec: (what) =>
      `exec ${process.execPath} ${script} {port} ${what} ${hookServer.address.port} ${join(dir, 'marker')} {dir}`,
    seen,
  };
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ status: number | null; signal: string | null; text: string }>;
}

function startAt({ dir }: Place, args: readonly string[]): Run {
  // Without the options that the test runner adds, which install handlers of their own.
  const child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, builtFile('cli.js'), ...args], {
    cwd: join(dir, 'work'),
    env: { ...process.env, TMPDIR: join(dir, 'tmp'), XDG_CACHE_HOME: join(dir, 'cache') },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  const ended = once(child, 'close').then(([status, signal]) => ({ status, signal, text }));
  return { child, ended };
}

/** What is wrong after the end. */
async function faultsOf(
  { dir }: Place,
  { hasReport, says: expected = NO_ERROR }: Moment,
  text: string,
): Promise<string[]> {
  const faults: string[] = [];
  if (!expected.test(text)) faults.push(`says ${JSON.stringify(text.slice(-600))}`);
  const left = readdirSync(join(dir, 'tmp'));
  if (left.length > 0) faults.push(`leaves ${left.join()}`);
  const running = (): string[] =>
    readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(dir));
  // The guard of a target ends a moment after the kit.
  for (let tries = 0; tries < 100 && running().length > 0; tries += 1) await setTimeout(20);
  const processes = running();
  if (processes.length > 0) faults.push(`leaves processes: ${processes.map(commandOf).join('; ')}`);
  if (!hasReport) return faults;
  try {
    JSON.parse(readFileSync(join(dir, 'work/report.json'), 'utf8'));
  } catch (error) {
    faults.push(`report: ${(error as Error).message}`);
  }
  return faults;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

const rows: string[] = [];

/** Two signals further apart are no longer one. This process was held up between them. */
const TOGETHER_MS = 5;

/** Signals the command at that moment, twice at once, as timeout of coreutils does: the process, and its group. */
async function signalled(t: Test, moment: Moment, signal: Signal) {
  const place = await placeFor(t);
  const { child, ended } = startAt(place, moment.args(place));
  t.teardown(() => child.kill('SIGKILL'));
  await Promise.race([moment.until(place, child), ended]);
  const began = performance.now();
  child.kill(signal);
  child.kill(signal);
  const isTogether = performance.now() - began < TOGETHER_MS;
  const late = setTimeout(2 * ENDS_MS, undefined, { ref: false }).then(() => child.kill('SIGKILL'));
  const { status, signal: killed, text } = await ended;
  void late;
  return { place, status, killed, text, isTogether, tookMs: Math.round(performance.now() - began) };
}

async function check(t: Test, verb: string, moment: Moment, signal: Signal): Promise<void> {
  let run = await signalled(t, moment, signal);
  while (!run.isTogether) run = await signalled(t, moment, signal);
  const { place, status, killed, text, tookMs } = run;
  const faults = await faultsOf(place, moment, text);
  const expected = moment.status ?? 130;
  rows.push(
    `${verb} | ${moment.name} | ${signal} | ${status ?? killed} | ${tookMs} ms | ${faults.join('; ') || 'complete'}`,
  );
  t.equal(status, expected, text.slice(-600));
  t.strictSame(faults, []);
  t.ok(tookMs < ENDS_MS, `${tookMs} ms`);
}

const isPossible = process.platform === 'linux' || 'reads /proc';
let count = 0;
for (const [verb, moments] of Object.entries(MOMENTS))
  for (const moment of moments.filter(({ isHardest }) => ALL || isHardest)) {
    const signals = ALL ? SIGNALS : SIGNALS.slice(count % 3, (count % 3) + 1);
    count += 1;
    for (const signal of signals)
      t.test(`${signal} to ${verb}: ${moment.name}`, { skip: isPossible !== true && isPossible }, (t) =>
        check(t, verb, moment, signal),
      );
  }

t.test(
  'a second signal, later, ends at once, and files are complete',
  { skip: isPossible !== true && isPossible },
  async (t) => {
    const started = async () => {
      const place = await placeFor(t);
      const args = ['--exec', place.exec('stubborn'), '--only', 'frame/legal', ...REPORT];
      const { child, ended } = startAt(place, args);
      t.teardown(() => child.kill('SIGKILL'));
      await Promise.race([once(place.seen, 'hook'), ended]);
      return { place, child, ended };
    };
    const [single, twice] = await Promise.all([started(), started()]);
    for (const { child } of [single, twice]) child.kill('SIGINT');
    await setTimeout(400);
    twice.child.kill('SIGINT');
    const first = await Promise.race([single.ended.then(() => 'single'), twice.ended.then(() => 'twice')]);
    t.equal(first, 'twice', 'does not wait for the target');
    const { place } = twice;
    const { status, text } = await twice.ended;
    t.equal(status, 130);
    t.equal((await single.ended).status, 130);
    // The guard ends the target after the kit.
    await setTimeout(500);
    t.strictSame(
      await faultsOf(place, { name: '', args: () => [], until: loading, hasReport: true }, text),
      [],
    );
  },
);

t.teardown(() => {
  if (ALL) t.comment(`verb | moment | signal | status | time | files\n${rows.join('\n')}`);
});
