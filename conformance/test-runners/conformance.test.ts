import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { EXIT } from '../report/exit-status.ts';
import { summariseRecords } from '../report/summary.ts';
import { SUBMIT } from '../scenario/bytes.ts';
import { answering, response } from '../testing/answering.ts';
import { closedPort } from '../testing/loopback.ts';
import { ConformanceError, type ConformanceOptions, conformance } from './index.ts';
import type { TestRunner } from './test-runner.ts';

/** A test that ended: passed, or skipped with a reason, or failed with an error. */
interface Ended {
  readonly name: string;
  readonly skipped?: string;
  readonly error?: unknown;
}

/** A runner that executes the tests of a suite one after the other, as all runners do. `filter`: by their names. `repeats`: of a test that fails. */
async function execute(
  options: ConformanceOptions,
  filter: (name: string) => boolean = () => true,
  repeats = 0,
) {
  const bodies = new Map<string, Parameters<TestRunner['test']>[2]>();
  let after = async (): Promise<void> => {};
  let suite = '';
  const runner: TestRunner = {
    describe: (name, body) => {
      suite = name;
      body();
    },
    test: (name, _options, body) => bodies.set(name, body),
    after: (action) => {
      after = action;
    },
  };
  conformance(runner, options);
  const ended: Ended[] = [];
  for (const [name, body] of bodies) {
    if (!filter(name)) continue;
    let last: Ended = { name };
    for (let attempt = 0; attempt <= repeats; attempt += 1) {
      last = await end(name, body);
      if (!('error' in last)) break;
    }
    ended.push(last);
  }
  await after();
  return { suite, ended };
}

async function end(name: string, body: Parameters<TestRunner['test']>[2]): Promise<Ended> {
  let skipped: string | undefined;
  try {
    await body({
      skip: (reason) => {
        skipped = reason;
      },
    });
    return { name, ...(skipped !== undefined && { skipped }) };
  } catch (error) {
    return { name, error };
  }
}

const SHOULD = 'frame/long-pause-inside-type';
const LAST = 'every planned scenario was judged';

/** Answers each frame that comes in one chunk, whatever its type and its fields are; closes on anything else. */
async function careless(t: Test, onConnection = () => {}): Promise<string> {
  const server = await answering((chunk) => {
    onConnection();
    if (chunk.length < 8 || chunk.length < 8 + chunk.readUInt32BE(4)) return Buffer.alloc(0);
    const asSubmit = Buffer.from(chunk);
    asSubmit.writeUInt32BE(SUBMIT, 0);
    try {
      return response(asSubmit, 200);
    } catch {
      return Buffer.alloc(0);
    }
  });
  t.teardown(() => server.close());
  return `127.0.0.1:${server.address.port}`;
}

t.test('each scenario is a test, and all tests share one run', async (t) => {
  const target = await careless(t);
  let starts = 0;
  let status: number | undefined;
  const { suite, ended } = await execute({
    target: () => {
      starts += 1;
      return target;
    },
    only: ['frame/truncated-header-*'],
    skip: ['frame/truncated-header-0'],
    title: 'my server',
    onRecords: (records) => {
      status = summariseRecords(records).exitStatus;
    },
  });
  t.equal(suite, 'my server');
  t.strictSame(
    ended.map(({ name }) => name),
    [1, 2, 3, 4, 5, 6, 7].map((length) => `frame/truncated-header-${length} (F4)`).concat(LAST),
  );
  for (const one of ended) t.strictSame(one, { name: one.name }, 'it passes');
  t.equal(starts, 1);
  t.equal(status, EXIT.success);
});

t.test(
  'a failure names clause, cause and what repeats it; a further one with the cause is short',
  async (t) => {
    const target = await careless(t);
    const { ended } = await execute({
      target,
      only: ['json/task-description-number', 'json/from-addr-number'],
    });
    const errors = ended.slice(0, 2).map(({ error }) => error);
    for (const error of errors) t.ok(error instanceof ConformanceError);
    const [first, second] = errors as [ConformanceError, ConformanceError];
    for (const part of [
      'json/task-description-number',
      'clause M4',
      'expected:',
      'observed:',
      'likely:',
      '→ sent ',
      `conform --target ${target} --only json/task-description-number`,
    ])
      t.ok(first.message.includes(part), part);
    t.match(second.message, /same cause as json\/task-description-number/);
    t.ok(second.message.split('\n').length < 6);
    t.notOk(first.stack?.includes('    at '), 'the place in the kit says nothing');
    t.strictSame(ended.at(-1), { name: LAST }, 'the failures are shown by their tests');
  },
);

t.test(
  'a failed SHOULD, a known failure and what cannot be judged are skipped with the reason',
  async (t) => {
    const target = await careless(t);
    const dir = t.testdir({ 'known.txt': 'frame/split-inside-type  # no answer came back\n' });
    const knownFailures = join(dir, 'known.txt');
    const only = ['frame/split-inside-type', 'timeouts/idle-in-header', SHOULD];
    const { ended } = await execute({ target, only, knownFailures });
    const reasonOf = (id: string) => ended.find(({ name }) => name.startsWith(`${id} `))?.skipped;
    t.match(reasonOf('frame/split-inside-type'), /^known: /);
    t.match(reasonOf('timeouts/idle-in-header'), /--slow/);
    t.match(reasonOf(SHOULD), /^warning: /);
    const strict = await execute({ target, only: [SHOULD], strict: true });
    t.ok(strict.ended[0]?.error instanceof ConformanceError, 'unless SHOULD counts');
  },
);

t.test('with bail, a run ends at a failure that counts, and at no other one', async (t) => {
  const target = await careless(t);
  const dir = t.testdir({ 'known.txt': 'frame/split-inside-type  # no answer came back\n' });
  const knownFailures = join(dir, 'known.txt');
  const options = { target, jobs: 1, retries: 0, bail: true, skip: ['frame/truncated-header-0'] };
  const only = ['frame/split-inside-type', 'frame/truncated-header-*'];
  const { ended } = await execute({ ...options, only, knownFailures });
  for (const { name, error } of ended) t.equal(error, undefined, name);

  const orders = [1, 2].map((seed) => ({
    ...options,
    seed,
    only: [SHOULD, 'frame/truncated-header-*'],
  }));
  const isCut = async (strict: boolean) => {
    const runs = await Promise.all(orders.map((one) => execute({ ...one, strict })));
    return runs.some(({ ended }) => ended.some(({ error }) => error && /not judged: /.test(String(error))));
  };
  t.equal(await isCut(true), true, 'a SHOULD counts with strict');
  t.equal(await isCut(false), false);
});

t.test('an entry that is stale, or a lack that is not permitted, fails the last test', async (t) => {
  const target = await careless(t);
  const dir = t.testdir({ 'known.txt': 'frame/truncated-header-1  # no answer came back\n' });
  const only = ['frame/truncated-header-1'];
  const stale = await execute({ target, only, knownFailures: join(dir, 'known.txt') });
  t.match(stale.ended, [
    { name: /^frame/, error: undefined },
    { name: LAST, error: { message: /line 1, frame\/truncated/ } },
  ]);
  const lacking = await execute({
    target,
    only: [...only, 'timeouts/idle-in-header'],
    require: ['timeouts'],
  });
  t.match(lacking.ended.at(-1), { name: LAST, error: { message: /timeouts/ } });
});

t.test('where there is no verdict, one test fails and the others are skipped with the reason', async (t) => {
  const only = ['frame/truncated-header-1', 'frame/truncated-header-2'];
  const { host, port } = await closedPort();
  const shapes = [
    { name: /^frame/, error: ConformanceError },
    { name: /^frame/, skipped: /^not judged: / },
    { name: LAST, error: Error },
  ];
  t.match((await execute({ target: { host, port }, only, startTimeoutMs: 100 })).ended, shapes);
  const { ended } = await execute({ exec: 'echo no such server; exit 3 # {port}', only });
  t.match(ended, shapes);
  t.match(ended[0], { error: { message: /no such server/ } }, 'it says what the command wrote');
});

t.test('a test that is repeated ends alike, and explains its failure again', async (t) => {
  const only = ['json/task-description-number', 'json/from-addr-number'];
  const { host, port } = await closedPort();
  const unreachable = await execute({ target: { host, port }, only, startTimeoutMs: 100 }, undefined, 2);
  t.match(unreachable.ended, [{ error: ConformanceError }, { skipped: /^not judged: / }, { error: Error }]);
  const { ended } = await execute({ target: await careless(t), only }, undefined, 2);
  t.match(ended, [{ error: { message: /expected:/ } }, { error: { message: /same cause as/ } }, {}]);
});

t.test('what cannot be judged fails its test, whatever other tests are executed', async (t) => {
  const server = await answering((chunk) => (chunk.length < 8 ? Buffer.alloc(0) : Buffer.from('no frame')));
  t.teardown(() => server.close());
  const target = `127.0.0.1:${server.address.port}`;
  const { ended } = await execute({ target, only: ['frame/truncated-header-1'] }, (name) => name !== LAST);
  t.match(ended, [
    { name: /^frame/, error: { name: 'ConformanceError', message: /^inconclusive .*control/ } },
  ]);
});

t.test('a target that does not resolve is an error', async (t) => {
  const target = () => new Promise<string>(() => {});
  const { ended } = await execute({ target, only: ['frame/truncated-header-1'], startTimeoutMs: 50 });
  t.match(ended[0], { error: { message: 'not judged: target did not resolve within 0.05 s' } });
});

const PROGRAM = `
import { writeFileSync } from 'node:fs';
import net from 'node:net';
const server = net.createServer((socket) => socket.on('error', () => {}).once('data', (frame) => {
  const [, id = ''] = /"task_id":"([^"]*)"/.exec(frame.toString()) ?? [];
  const payload = Buffer.from(JSON.stringify({ task_id: id, status: 200, message: 'ok' }));
  socket.end(Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, payload.length]), payload]));
}));
server.listen(Number(process.argv[2]), '127.0.0.1');
process.on('SIGTERM', () => {
  writeFileSync('ended', '');
  process.exit();
});
`;

t.test('the target of a command ends after the last test, although the run is not complete', async (t) => {
  const folder = t.testdir({ 'server.mjs': PROGRAM });
  const exec = `cd ${folder} && exec ${process.execPath} server.mjs {port}`;
  const { ended } = await execute({ exec, only: ['frame/*'] }, (name) =>
    name.startsWith('frame/truncated-header-1 '),
  );
  t.equal(ended.length, 1);
  t.ok(existsSync(join(folder, 'ended')));
});

t.test('options that name no target, or select nothing, throw where the tests are registered', async (t) => {
  const register = (options: ConformanceOptions) => () => conformance({ test: () => {} }, options);
  const target = '127.0.0.1:1003';
  for (const options of [
    {},
    { target, exec: 'server {port}' },
    { target: '127.0.0.1' },
    { target: '127.0.0.1:65536' },
    { target, only: ['fame/*'] },
    { target, clause: ['F99'] },
    { target, only: ['frame/*'], skip: ['frame/*'] },
  ])
    t.throws(register(options), { name: 'TypeError' }, JSON.stringify(options));
  const lists: readonly (readonly [list: unknown, message: RegExp])[] = [
    ['absent.txt', /^knownFailures: the list absent\.txt cannot be read \(ENOENT\)$/],
    ['.', /the list \. cannot be read \(EISDIR\)$/],
    [
      'json/escapes # reason\n',
      /^knownFailures is the path of a list, .*, not its text: json\/escapes # reason\\n$/,
    ],
    ['json/escapes # reason'.repeat(500), /, not its text: json\/escapes .*…$/],
    [
      Buffer.from('absent.txt'),
      /^knownFailures is the path of a list, as a string, not a value of type object$/,
    ],
    [['absent.txt'], /not an array$/],
  ];
  for (const [list, message] of lists) {
    const options = { target, knownFailures: list as string };
    t.throws(register(options), { name: 'KnownFailuresError', message });
  }
});
