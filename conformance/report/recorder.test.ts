import t from 'tap';
import { mismatch } from '../judge/mismatch.ts';
import type { Verdict } from '../judge/oracle.ts';
import type { RunEvent } from '../run/events.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answers } from '../scenario/steps.ts';
import { KnownFailureList } from './known-failures.ts';
import type { ReportRecord } from './record.ts';
import { Recorder } from './recorder.ts';
import { NO_FILTERS, type Provenance } from './run-records.ts';
import { summariseRecords } from './summary.ts';

const FAIL: Verdict = {
  verdict: 'fail',
  disposition: 'answered',
  expected: [],
  observed: '',
  mismatches: [mismatch('task_id missing', "the answer's task_id is missing")],
};
const PASS: Verdict = { verdict: 'pass', outcome: answers(), disposition: 'answered' };

function result(id: string, verdicts: readonly [Verdict, ...Verdict[]], isProvisional = false): RunEvent {
  const scenario: Scenario = {
    ...{ id, clause: 'S3', level: 'MUST', requirement: 'It is so.', steps: [], control: 'a/control' },
    accept: [answers()],
  };
  const attemptOf = (verdict: Verdict) => ({ ...verdict, transcript: [], targetDied: false, durationMs: 0 });
  const [first, ...others] = verdicts;
  const attempts = [attemptOf(first), ...others.map(attemptOf)] as const;
  const event = { kind: 'result', result: { scenario, attempts, onlyAsControl: false } } as const;
  return isProvisional ? { ...event, isProvisional } : event;
}

const END: RunEvent = { kind: 'end', because: 'complete' };

function recordsOf(events: readonly RunEvent[], extra: Partial<Provenance> = {}): readonly ReportRecord[] {
  const recorder = new Recorder({
    ...{ kit: '1', startedAt: '', elapsedMs: () => 0, replay: '', strict: false, filters: NO_FILTERS },
    ...extra,
  });
  return events.flatMap((event) => recorder.take(event));
}

t.test('a failure has its cause and its control', async (t) => {
  const [record] = recordsOf([result('a/b', [FAIL])]);
  t.match(record, { cause: "the answer's task_id is missing", control: 'a/control' });
});

t.test('the cause depends on the type of the frame that was sent', async (t) => {
  const head = Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0);
  const sent = { kind: 'sent', head, total: 8, asked: 8, segments: 1, tookMs: 0, atMs: 0 } as const;
  const verdict: Verdict = { ...FAIL, mismatches: [mismatch('answered', 'the target answered')] };
  const event = result('a/b', [verdict]);
  if (event.kind !== 'result') return t.fail();
  const [attempt] = event.result.attempts;
  const attempts = [{ ...attempt, transcript: [sent] }] as const;
  const [record] = recordsOf([{ ...event, result: { ...event.result, attempts } }]);
  return t.match(record, { cause: 'the target answers a SEND_RESULTS' });
});

t.test('the end lists the causes with their roots and numbers', async (t) => {
  const ids = ['a/one', 'submit/task-id-echoed', 'a/two'];
  const records = recordsOf([...ids.map((id) => result(id, [FAIL])), result('a/three', [PASS]), END]);
  t.match(records.at(-1), {
    causes: [{ cause: "the answer's task_id is missing", root: 'submit/task-id-echoed', failures: 3 }],
  });
  t.match(recordsOf([result('a/b', [PASS]), END]).at(-1), { causes: [] });
});

t.test('a run that ends before its plan has a whole report', async (t) => {
  const target = { host: '127.0.0.1', port: 1003 };
  const records = recordsOf([{ kind: 'end', because: 'out-of-time', target }]);
  t.match(records, [
    { record: 'plan', target: { address: '127.0.0.1:1003' } },
    { record: 'end', because: 'out-of-time' },
  ]);
  t.equal(summariseRecords(records).exitStatus, 4);
});

t.test('a provisional failure has a record at once, which the final one replaces', async (t) => {
  const provisional = result('a/b', [FAIL], true);
  t.match(recordsOf([provisional]), [{ record: 'scenario', verdict: 'fail', provisional: true }]);
  const [, final, end] = recordsOf([provisional, result('a/b', [FAIL, FAIL, PASS]), END]);
  t.match(final, { failedPlays: 2, attempts: 3, provisional: undefined });
  t.match(end, { causes: [{ root: 'a/b', failures: 1 }] });
});

t.test('a known failure counts once, by its final record', async (t) => {
  const list = () =>
    new KnownFailureList("a/b  # the answer's task_id is missing", {
      ids: ['a/b'],
      isPlanned: () => true,
      today: '2026-01-01',
    });
  const provisional = result('a/b', [FAIL], true);
  const [first, , end] = recordsOf([provisional, result('a/b', [FAIL, FAIL]), END], {
    knownFailures: list(),
  });
  t.match(first, { provisional: true, known: { line: 1 } });
  t.match(end, { knownFailures: [{ covered: 1, stale: undefined }], causes: [] });
});

t.test('what a run waits for has no record', async (t) => {
  t.strictSame(recordsOf([{ kind: 'waiting', ids: ['a/b'], leftMs: 1 }]), []);
});
