import { writeFile } from 'node:fs/promises';
import type net from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import type { ProcessUsage } from '../observers/observer.ts';
import { observeStore } from '../observers/store.ts';
import { summarise } from '../report/summary.ts';
import { render, SUBMIT, taskId, text } from '../scenario/bytes.ts';
import { submit } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answers, closes, silent } from '../scenario/steps.ts';
import { answering, response } from '../testing/answering.ts';
import { listen } from '../testing/loopback.ts';
import { attemptsOf, eventsOf, LEGAL, resultsOf } from '../testing/runs.ts';
import { watchGrowth } from './effects/growth.ts';
import type { RunOptions } from './runner.ts';
import { DeadlineEstimate } from './timing/deadlines.ts';

t.test('a fault of the kit is an error, not a verdict on the target', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const watched: Scenario = { ...LEGAL, maxGrowth: { memoryBytes: 1000 } };
  const process = { usage: () => Promise.reject(new Error('injected')) };
  const events = await eventsOf([watched], { target: server.address, process });
  t.match(resultsOf(events)['test/legal'], { attempts: [{ verdict: 'error', reason: /injected/ }] });
  t.equal(summarise(events).exitStatus, 6);
});

t.test('each copy has other task ids, and one failed copy fails the scenario', async (t) => {
  const ids = new Set<string>();
  const server = await answering((chunk) => {
    ids.add((JSON.parse(chunk.subarray(8).toString()) as { task_id: string }).task_id);
    return response(chunk, 200);
  });
  t.teardown(server.close);
  const echoed = { ...LEGAL, accept: [answers({ taskId: taskId() })] };
  for (const arrangement of ['at-once', 'in-turn'] as const) {
    ids.clear();
    const scenario: Scenario = { ...echoed, copies: { count: 20, arrangement } };
    t.match(await attemptsOf([scenario], { target: server.address }), { 'test/legal': { verdict: 'pass' } });
    t.ok(ids.size >= 20, arrangement);
  }

  let answered = 0;
  const mixingServer = await answering((chunk) => {
    answered += 1;
    return answered === 15 ? response(Buffer.from(submitOf('another')), 200) : response(chunk, 200);
  });
  t.teardown(mixingServer.close);
  const many: Scenario = { ...echoed, copies: { count: 20, arrangement: 'at-once' } };
  t.match(await attemptsOf([many], { target: mixingServer.address }), { 'test/legal': { verdict: 'fail' } });
});

function submitOf(id: string): Uint8Array {
  return render(submit({ task_id: text(JSON.stringify(id)) }), () => '');
}

t.test('background connections stay open during the scenario, which a sequential server shows', async (t) => {
  const queue: net.Socket[] = [];
  const serveNext = (): void => {
    const socket = queue[0];
    const next = (): void => {
      queue.shift();
      serveNext();
    };
    if (socket?.destroyed) {
      next();
      return;
    }
    socket?.once('data', (chunk) => socket.end(response(chunk, 200)));
    socket?.once('close', next);
  };
  const server = await listen((socket) => {
    queue.push(socket.once('end', () => socket.end()));
    if (queue.length === 1) serveNext();
  });
  t.teardown(server.close);
  const scenario: Scenario = { ...LEGAL, accept: [closes()], background: { count: 1, steps: [] } };
  const verdicts = await attemptsOf([{ ...scenario, accept: [silent()] }], { target: server.address });
  t.match(
    verdicts,
    { 'test/legal': { verdict: 'pass' } },
    'no answer comes while the background connection is open',
  );
});

t.test('conditions on the store are judged, and effects on it may come late', async (t) => {
  const root = t.testdir({ store: { received: {}, submitted: {}, results: {} } });
  const store = await observeStore(join(root, 'store'));
  const server = await answering((chunk) => {
    const { task_id } = JSON.parse(chunk.subarray(8).toString()) as { task_id: string };
    const isSubmit = chunk.readUInt32BE(0) === SUBMIT;
    const task = JSON.stringify({ task_id, status: isSubmit ? 'NEW' : 'ACCEPTED' });
    const folder = join(root, 'store', isSubmit ? 'received' : 'submitted');
    setImmediate(() => void writeFile(join(folder, `${task_id}.json`), task));
    return response(chunk, 200);
  });
  t.teardown(server.close);
  const stored = (status: string): Scenario => ({
    ...LEGAL,
    id: `test/${status}`,
    store: [
      { kind: 'task', side: 'received', taskId: taskId(), fields: { status } },
      { kind: 'only-task', side: 'received', taskId: taskId() },
    ],
  });
  const preloaded: Scenario = {
    ...LEGAL,
    id: 'test/preloaded',
    preloaded: [{ side: 'submitted', taskId: taskId(2), status: 'ACCEPTED' }],
    store: [{ kind: 'task', side: 'submitted', taskId: taskId(2), fields: { status: 'ACCEPTED' } }],
  };
  const scenarios = [stored('NEW'), { ...stored('SUCCEEDED') }, preloaded];
  t.match(await attemptsOf(scenarios, { target: server.address, store }), {
    'test/NEW': { verdict: 'pass' },
    'test/SUCCEEDED': { verdict: 'fail', mismatches: [{ text: /status is "NEW"/ }] },
    'test/preloaded': { verdict: 'pass' },
  });
  t.match(await attemptsOf(scenarios, { target: server.address }), {
    'test/NEW': { verdict: 'skipped', reason: /--tasks-dir/ },
    'test/preloaded': { verdict: 'skipped' },
  });
});

t.test('growth of memory is judged if the process can be measured', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const scenario: Scenario = { ...LEGAL, maxGrowth: { memoryBytes: 1000 } };
  const growing = (step: number): RunOptions['process'] => {
    let memoryBytes = 0;
    return {
      usage: async () => {
        const usage = { memoryBytes, descriptors: 0, threads: 0 };
        memoryBytes = step;
        return usage;
      },
    };
  };
  const verdictWith = (process: RunOptions['process']) =>
    attemptsOf([scenario], { target: server.address, process });
  t.match(await verdictWith(growing(1000)), { 'test/legal': { verdict: 'pass' } });
  t.match(await verdictWith(growing(1001)), {
    'test/legal': { verdict: 'fail', mismatches: [{ text: /grew by .* memory/ }] },
  });
  t.match(await verdictWith(undefined), { 'test/legal': { verdict: 'skipped', reason: /--pid/ } });
  t.match(await verdictWith({ usage: async () => undefined }), { 'test/legal': { verdict: 'inconclusive' } });
});

t.test('slow and heavy scenarios run only on request', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const scenarios: Scenario[] = [
    { ...LEGAL, id: 'test/slow', slow: true },
    { ...LEGAL, id: 'test/heavy', heavy: true },
  ];
  const target = server.address;
  t.match(await attemptsOf(scenarios, { target }), {
    'test/slow': { verdict: 'skipped', reason: /--slow/ },
    'test/heavy': { verdict: 'pass' },
  });
  t.match(await attemptsOf(scenarios, { target, slow: true, heavy: false }), {
    'test/slow': { verdict: 'pass' },
    'test/heavy': { verdict: 'skipped', reason: /--i-own-this-target/ },
  });
});

/** A process whose memory has each of these values in turn, and then the last. */
function usages(values: readonly (number | undefined)[]) {
  const left = [...values];
  const usage = async (): Promise<ProcessUsage | undefined> => {
    const memoryBytes = left.length > 1 ? left.shift() : left[0];
    return memoryBytes === undefined ? undefined : { memoryBytes, descriptors: 0, threads: 0 };
  };
  return { usage, isAtEnd: () => left.length === 1 };
}

const BOUNDS = { memoryBytes: 10 };
const DEADLINES = { ...new DeadlineEstimate().now, answerMs: 1000, quietMs: 1 };

t.test('memory that is freed later has not remained, but was seen', async (t) => {
  const freed = [100, 200, 100];
  const remaining = await watchGrowth(usages(freed), BOUNDS);
  t.strictSame(await remaining?.remaining(DEADLINES, undefined), []);

  // The measurement goes on until the last value has been read.
  const process = usages(freed);
  const seen = await watchGrowth(process, BOUNDS);
  let grown = (await seen?.highest(0, undefined)) ?? [];
  t.match(grown, [{ text: /grew by/ }]);
  grown = (await seen?.highest(0, undefined)) ?? [];
  t.strictSame(grown, [], 'it is seen only where it was measured');
  t.ok(process.isAtEnd());
});

t.test('the highest usage of a period counts, before and after', async (t) => {
  const bursts = usages([100, 300, 100, 100, 310]);
  const watch = await watchGrowth(bursts, BOUNDS, 51);
  t.strictSame(await watch?.highest(500, undefined), []);
  const more = await watchGrowth(usages([100, undefined, 311]), BOUNDS);
  t.match(await more?.highest(500, undefined), [{ text: /grew by/ }]);
});

t.test('a process that cannot be measured is not watched', async (t) => {
  t.equal(await watchGrowth(usages([undefined]), BOUNDS), undefined);
});

t.test('next to connections that the target does not serve, only growth is judged', async (t) => {
  let open = 0;
  const server = await listen((socket) => {
    open += 1;
    socket.on('close', () => {
      open -= 1;
    });
    socket.once('end', () => socket.end());
    socket.once('data', (chunk) => {
      if (open === 1) socket.end(response(chunk, 200));
      else socket.end();
    });
  });
  t.teardown(server.close);
  const scenario: Scenario = {
    ...LEGAL,
    maxGrowth: { memoryBytes: 1000 },
    background: { count: 1, steps: [] },
  };
  const verdictWith = (memory: readonly number[]) =>
    attemptsOf([scenario], { target: server.address, process: usages(memory) });
  t.match(await verdictWith([1]), {
    'test/legal': { verdict: 'inconclusive', reason: /did not answer next to 1 other/ },
  });
  const grown = await verdictWith([1, 2000]);
  t.match(grown, { 'test/legal': { verdict: 'fail', mismatches: [{ text: /grew by .* memory/ }] } });
  t.match(grown, { 'test/legal': { mismatches: { length: 1 } } }, 'which may be why no answer came');
});
