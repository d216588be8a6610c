import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { type Launched, launch } from '../../conformance/observers/launch.ts';
import { DeadlineEstimate } from '../../conformance/run/timing/deadlines.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import { type BuggyServer, buildBuggyServer } from '../testing/buggy-server.ts';
import { Checkup } from './checkup.ts';
import type { Target } from './target.ts';

/** What a checkup says. */
type Outcome = 'fine' | 'reported' | 'refuses' | 'hangs' | 'closes' | 'answers';

/** A frame that shows the fault of a program. */
interface Trigger {
  readonly type: number;
  readonly payload: string;
}

/** Sends the frame, and does not wait for a reaction. */
async function send({ type, payload }: Trigger, address: Address): Promise<void> {
  const socket = connect(address);
  await once(socket, 'connect');
  const body = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(type, 0);
  header.writeUInt32BE(body.length, 4);
  socket.on('error', () => {}).resume();
  socket.end(Buffer.concat([header, body]));
}

interface OutcomeOptions {
  /** What the checkup does not know of the target. Default: it knows all. */
  readonly hides?: readonly (keyof Target)[];
  /** Waits until the target is in the state that is meant. Default: as soon as it listens. */
  readonly isReady?: (launched: Launched) => Promise<void>;
}

/** What checkups say of the command: after nothing, and twice after the trigger, with a restart before each. */
async function outcomes(
  t: Test,
  command: string,
  trigger: Trigger,
  { hides = [], isReady = async () => {} }: OutcomeOptions = {},
): Promise<readonly Outcome[]> {
  const launched = await launch(command);
  t.teardown(launched.stop);
  await isReady(launched);
  const target: Target = { ...launched };
  const seen: Target = { ...target, ...Object.fromEntries(hides.map((name) => [name, undefined])) };
  const { address } = target;
  const health = { deadlines: new DeadlineEstimate(1500).now, newTaskId };
  const checkup = new Checkup({
    ...{ target: seen, health, usualMs: 5 },
    isHealthy: (state) => state.kind === 'answers' && state.status === 200,
  });
  const outcome = async (): Promise<Outcome> => {
    const ailment = await checkup.examine({ isThorough: true });
    if (ailment === undefined) return 'fine';
    return ailment.kind === 'reported' ? 'reported' : ailment.health.kind;
  };
  const all = [await outcome()];
  for (let round = 0; round < 2; round += 1) {
    await send(trigger, address);
    all.push(await outcome());
    await target.restart?.();
    await isReady(launched);
    checkup.skip();
  }
  return all;
}

/** Starts the server in the background, and ends a second after it listens. */
const inBackground = (command: string): string =>
  `(${command}) & until bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}' 2>/dev/null; do sleep 0.05; done; sleep 1`;

/** Resolves when the process that the command started has ended. The watch alone would not keep this process going. */
async function firstProcessEnds({ life }: Launched): Promise<void> {
  while (!life.hasEnded()) await setTimeout(20);
}

const UPDATE: Trigger = { type: 3, payload: '{}' };
const SUBMIT: Trigger = { type: 1, payload: '{}' };
const RESULT: Trigger = { type: 2, payload: '{}' };
const ESCAPE: Trigger = { type: 3, payload: '{"task_id":"\\u0000"}' };
const UNKNOWN: Trigger = { type: 99, payload: '{}' };
/** Stops the servers in JavaScript and in Python after half a second. */
const LATE: Trigger = { type: 98, payload: '{}' };

t.test('programs in C', async (t) => {
  const [sanitized, plain] = await Promise.all([buildBuggyServer(), buildBuggyServer([])]);
  t.teardown(() => Promise.all([sanitized?.remove(), plain?.remove()]));
  const isLacking = sanitized === undefined || plain === undefined;
  const lacks = isLacking ? 'no gcc with sanitizers' : false;
  const program = (name: string, command: (servers: Required<Servers>) => string, more: Case): void => {
    t.test(name, { skip: lacks }, async (t) => {
      if (sanitized === undefined || plain === undefined) return;
      const { trigger, outcome } = more;
      const all = await outcomes(t, command({ sanitized, plain }), trigger);
      t.strictSame(all, ['fine', outcome, outcome]);
    });
  };
  const dies: Case = { trigger: SUBMIT, outcome: 'refuses' };
  program('SIGSEGV at once', ({ plain }) => plain.command('null-dereference'), dies);
  program('AddressSanitizer', ({ sanitized }) => sanitized.command('null-dereference'), dies);
  program(
    'AddressSanitizer, which sleeps before it ends the process',
    ({ sanitized }) => `ASAN_OPTIONS=sleep_before_dying=1 ${sanitized.command('double-free')}`,
    { trigger: UPDATE, outcome: 'refuses' },
  );
  program(
    'undefined behaviour that ends the process',
    ({ sanitized }) => `UBSAN_OPTIONS=halt_on_error=1 ${sanitized.command('shift-exponent')}`,
    { trigger: UPDATE, outcome: 'refuses' },
  );
  program(
    'undefined behaviour that is only reported',
    ({ sanitized }) => sanitized.command('shift-exponent'),
    { trigger: UPDATE, outcome: 'reported' },
  );
  program('an abort', ({ plain }) => plain.command('abort-escape'), { trigger: ESCAPE, outcome: 'refuses' });
  program('an exit', ({ plain }) => plain.command('exit-result'), { trigger: RESULT, outcome: 'refuses' });
  program(
    'the death of a child of a shell that goes on',
    ({ plain }) => `(${plain.command('null-dereference')}) & wait; sleep 60`,
    dies,
  );
  program('a deadlock', ({ plain }) => plain.command('deadlock'), { trigger: UPDATE, outcome: 'hangs' });
  program('no fault', ({ sanitized }) => sanitized.command(), { trigger: UPDATE, outcome: 'fine' });
});

interface Servers {
  readonly sanitized: BuggyServer;
  readonly plain: BuggyServer;
}

interface Case {
  readonly trigger: Trigger;
  readonly outcome: Outcome;
}

const scriptAt = (name: string): string => join(import.meta.dirname, '../testing', name);
const lacksPython = spawnSync('python3', ['--version']).status === 0 ? false : 'no python3';

t.test('an exception in Python that ends only a thread is no death', { skip: lacksPython }, async (t) => {
  const all = await outcomes(t, `exec python3 ${scriptAt('thread-server.py')} {port}`, UNKNOWN);
  t.strictSame(all, ['fine', 'fine', 'fine']);
});

t.test(
  'a death without a word, after the process has computed for a while',
  { skip: lacksPython },
  async (t) => {
    const all = await outcomes(t, `exec python3 ${scriptAt('thread-server.py')} {port}`, LATE);
    t.strictSame(all, ['fine', 'refuses', 'refuses']);
  },
);

t.test('an exception in Python that ends the process', { skip: lacksPython }, async (t) => {
  const all = await outcomes(t, `exec python3 ${scriptAt('thread-server.py')} {port} single`, UNKNOWN);
  t.strictSame(all, ['fine', 'refuses', 'refuses']);
});

t.test('an exception in Python, in a process whose parent has ended', { skip: lacksPython }, async (t) => {
  const command = inBackground(`exec python3 ${scriptAt('thread-server.py')} {port}`);
  const all = await outcomes(t, command, UNKNOWN, { isReady: firstProcessEnds });
  t.strictSame(all, ['fine', 'fine', 'fine']);
});

t.test(
  'a traceback with each legal answer, in a process whose parent has ended',
  { skip: lacksPython },
  async (t) => {
    const command = inBackground(`exec python3 ${scriptAt('thread-server.py')} {port} logging`);
    const all = await outcomes(t, command, UNKNOWN, { isReady: firstProcessEnds });
    t.strictSame(all, ['fine', 'fine', 'fine']);
  },
);

t.test('the end of a process whose parent has ended', { skip: lacksPython }, async (t) => {
  const command = inBackground(`exec python3 ${scriptAt('thread-server.py')} {port} single`);
  const all = await outcomes(t, command, UNKNOWN, { isReady: firstProcessEnds });
  t.strictSame(all, ['fine', 'refuses', 'refuses']);
});

const JAVASCRIPT = `exec ${process.execPath} ${scriptAt('ending-server.mjs')} {port}`;

t.test('an uncaught exception in JavaScript', async (t) => {
  t.strictSame(await outcomes(t, JAVASCRIPT, UNKNOWN), ['fine', 'refuses', 'refuses']);
});

t.test('an exception in JavaScript that is handled is no death', async (t) => {
  t.strictSame(await outcomes(t, `${JAVASCRIPT} handled`, UNKNOWN), ['fine', 'fine', 'fine']);
});

t.test('a death after half a second, without signs of life', async (t) => {
  t.strictSame(await outcomes(t, JAVASCRIPT, LATE, { hides: ['life'] }), ['fine', 'refuses', 'refuses']);
});
