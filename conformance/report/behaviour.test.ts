import t from 'tap';
import { clientCatalogue } from '../clients/catalogue/index.ts';
import { judgeClient } from '../clients/judge/judge.ts';
import type { ClientEnd } from '../clients/judge/observation.ts';
import { judgeStore } from '../judge/store-oracle.ts';
import { taskProblem } from '../judge/task-fields.ts';
import { readJson } from '../payload/json.ts';
import { watchGrowth } from '../run/effects/growth.ts';
import { globOf } from '../util/glob.ts';
import { newTaskId } from '../util/task-id.ts';
import { reasonOf, textOf } from './behaviour.ts';

function ofClient(end: ClientEnd): readonly string[] {
  const [scenario] = clientCatalogue.filter(({ id }) => id === 'client-reading/accepted');
  if (scenario === undefined) throw new Error('there is no such scenario');
  const start = { end, seen: { connections: [], further: 0 }, durationMs: 1 };
  const verdict = judgeClient({ ...scenario, sent: [] }, [start]);
  return verdict.verdict === 'fail' ? verdict.mismatches : [];
}

const reporting = (message: string) =>
  ofClient({ kind: 'reported', line: { outcome: 'error', message } as never });
const dying = (how: string) => ofClient({ kind: 'died', how });

function ofTask(members: object): readonly string[] {
  const reading = readJson(JSON.stringify({ created_at: '2026-11-29T10:00:05Z', status: 'NEW', ...members }));
  if (!('value' in reading) || reading.value.type !== 'object') return [];
  const problem = taskProblem(reading.value.members);
  return problem ? [problem.text] : [];
}

async function ofGrowth(memoryBytes: number, descriptors: number): Promise<readonly string[]> {
  const usages = [
    { memoryBytes: 0, descriptors: 0, threads: 1 },
    { memoryBytes, descriptors, threads: 1 },
  ];
  const process = { usage: async () => usages.shift() ?? usages[0] };
  const watch = await watchGrowth(process, { memoryBytes: 1024 * 1024, descriptors: 8 });
  return ((await watch?.highest(0, undefined)) ?? []).map(({ text }) => text);
}

function ofStore(): readonly string[] {
  const id = newTaskId();
  const condition = { kind: 'task', side: 'received', taskId: { slot: 1 }, fields: {} } as never;
  const empty = { store: 'store', files: new Map() };
  const found = judgeStore(condition, empty, empty, () => id);
  return found ? [found.text] : [];
}

const MiB = 1024 * 1024;

t.test('two runs that find the same fault give the same reason, and each entry matches both', async (t) => {
  const pairs: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
    'a deadline': [
      ofClient({ kind: 'not-ended', afterMs: 5312 }),
      ofClient({ kind: 'not-ended', afterMs: 999 }),
    ],
    'a port': [
      reporting('dial tcp 127.0.0.1:41233: connect: connection refused'),
      reporting('dial tcp 127.0.0.1:9: connect: connection refused'),
    ],
    'a text that is cut': [
      reporting(
        `Post "http://127.0.0.1:41233": read of the body ended after 12 bytes: ${'unexpected '.repeat(9)}`,
      ),
      reporting(
        `Post "http://127.0.0.1:933": read of the body ended after 7 bytes: ${'unexpected '.repeat(9)}`,
      ),
    ],
    'a pointer and a process': [
      reporting('[pid 71] <Socket fd=7 raddr=("127.0.0.1", 41233)> at 0x7ffd3c20'),
      reporting('[pid 31873] <Socket fd=12 raddr=("127.0.0.1", 99)> at 0x55e0aabb'),
    ],
    'what a client wrote at its end': [
      dying('exit status 101; it wrote: 10:05:23 thread 7 panicked in /dev/shm/conform-abCdEf/m.json'),
      dying('exit status 101; it wrote: 23:59:01 thread 12 panicked in /dev/shm/conform-XyZabC/m.json'),
    ],
    'a time': [ofTask({ created_at: '2026-11-29 10:00:05' }), ofTask({ created_at: '2026-12-01 23:59:00' })],
    'a time in words': [
      ofTask({ accepted_at: 'Sun Nov 29 2026 10:00:05 GMT' }),
      ofTask({ accepted_at: 'Tue Dec 1 2026 1:00:05 GMT' }),
    ],
    'a time as a number': [ofTask({ created_at: 1764412345 }), ofTask({ created_at: 1764499999 })],
    'a duration as a text': [ofTask({ time_idle_ms: '7' }), ofTask({ time_idle_ms: '12' })],
    growth: [await ofGrowth(41 * MiB, 312), await ofGrowth(41.3 * MiB, 25)],
    'a path': [ofStore(), ofStore()],
    'bytes of a stream': [['the client sent 2621440 bytes'], ['the client sent 2555904 bytes']],
    'generated input': [
      ['got "a1", for ["x"]; wanted "b"'],
      ['got an answer of type 7, for {"y":[]}; wanted an error'],
    ],
    'a lost adapter': [
      ['got the adapter ended with signal SIGABRT (thread 7 at 0x12); wanted an answer'],
      ['got the adapter ended with signal SIGABRT (thread 13 at 0x7ff); wanted an answer'],
    ],
  };
  for (const [name, [one, other]] of Object.entries(pairs)) {
    t.not(one.length, 0, name);
    const reason = reasonOf(one);
    t.equal(reason, reasonOf(other), name);
    for (const mismatches of [one, other])
      t.ok(globOf(reason).test(textOf(mismatches)), `${name}: ${reason}`);
  }
});

t.test('a reason keeps what is wrong', async (t) => {
  const kept = [
    "the answer's status is 500",
    "answer 2's status is -1000",
    "the answer's status is missing",
    'the answer is a frame of type 16777216',
    'the type is 16777216, and that of SUBMIT is 1',
    '3 frames came back',
    'got 16777217; wanted 16777216',
    'got {"task_id":"a1"}; wanted {"task_id":"a2"}',
  ];
  for (const text of kept) t.equal(reasonOf([text]), text);
  const reasons: readonly (readonly [readonly string[], string])[] = [
    [ofClient({ kind: 'not-ended', afterMs: 5312 }), 'the client did not end within * ms'],
    [ofTask({ created_at: '29.11.2026' }), "the stored task's created_at is *, not an RFC 3339 time"],
    [ofTask({ time_cpu_ms: 'x' }), "the stored task's time_cpu_ms is *, not an integer"],
    [ofTask({ status: 'DONE' }), 'the stored task\'s status is "DONE", not one of the eight states'],
    [dying('exit status 101'), 'the client ended without a line (exit status 101)'],
    [ofStore(), 'the store has no store/received/<id>.json'],
    [
      await ofGrowth(41 * MiB, 312),
      'the process grew by * MiB of resident memory; 1 MiB of resident memory is the most; the process grew by * file descriptors; 8 file descriptors is the most',
    ],
  ];
  for (const [mismatches, reason] of reasons) t.equal(reasonOf(mismatches), reason);
});
