import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { type Judged, type JudgedEvent, JudgedRecorder, type JudgedVerdict } from './judged.ts';
import { KnownFailureList } from './known-failures.ts';
import type { ReportRecord } from './record.ts';
import { NO_FILTERS, type Provenance } from './run-records.ts';
import { summariseRecords } from './summary.ts';

const schema = JSON.parse(
  await readFile(new URL('../../fixtures/schema/report.schema.json', import.meta.url), 'utf8'),
);
const isRecord = new Ajv2020({ strict: false }).compile(schema);

const PASS: JudgedVerdict = { verdict: 'pass', accepted: 'the client says "accepted"' };
const FAIL: JudgedVerdict = {
  ...{ verdict: 'fail', expected: ['an error'], mismatches: ['the client says "accepted"'] },
  ...{ cause: 'the client accepts what it must refuse (F2)', failedPlays: 1 },
};

function judged(id: string, verdict: JudgedVerdict): JudgedEvent {
  const scenario = {
    id,
    clause: 'F2',
    level: 'MUST',
    requirement: 'It is so.',
    control: 'a/control',
  } as const;
  const found: Judged = {
    ...{ scenario, verdict, onlyAsControl: false, attempts: 1, observed: 'seen', behaviour: 'seen' },
    durationMs: 1.5,
  };
  return { kind: 'result', judged: found };
}

function recordsOf(events: readonly JudgedEvent[], extra: Partial<Provenance> = {}): readonly ReportRecord[] {
  const recorder = new JudgedRecorder({
    ...{
      kit: '1',
      startedAt: '2026-01-01T00:00:00Z',
      elapsedMs: () => 5,
      name: './client',
      command: 'client',
    },
    ...{ replay: "--exec './client'", strict: false, filters: NO_FILTERS },
    ...extra,
    name: './client',
  });
  return events.flatMap((event) => recorder.take(event));
}

const plan = (...planned: readonly string[]): JudgedEvent => ({
  ...{ kind: 'plan', about: ['starts in 60 ms'], planned, controls: [] },
});

t.test('every verdict is a record of the schema', async (t) => {
  const records = recordsOf([
    plan('a/b', 'a/c', 'a/d', 'a/e', 'a/f'),
    judged('a/b', PASS),
    judged('a/c', FAIL),
    judged('a/d', { verdict: 'inconclusive', reason: 'its control a/control did not pass' }),
    judged('a/e', { verdict: 'skipped', reason: 'needs --slow', lacks: 'timeouts' }),
    judged('a/f', { verdict: 'error', reason: 'no port' }),
    { kind: 'end', because: 'complete' },
  ]);
  for (const record of records) t.ok(isRecord(record), JSON.stringify(isRecord.errors));
  t.match(records.at(-1), { causes: [{ root: 'a/c', failures: 1 }] });
});

t.test('a known failure counts for nothing, and a stale entry fails the run', async (t) => {
  const list = (text: string) =>
    new KnownFailureList(text, { ids: ['a/b', 'a/c'], isPlanned: () => true, today: '2026-01-01' });
  const events = (second: JudgedVerdict): readonly JudgedEvent[] => [
    ...[plan('a/b', 'a/c'), judged('a/b', PASS), judged('a/c', second)],
    { kind: 'end', because: 'complete' },
  ];
  const known = 'a/c  # the client says "accepted"\n';
  const covered = recordsOf(events(FAIL), { knownFailures: list(known) });
  t.match(summariseRecords(covered), { exitStatus: 0, total: { known: 1 } });
  t.equal(summariseRecords(recordsOf(events(PASS), { knownFailures: list(known) })).exitStatus, 5);
  t.equal(summariseRecords(recordsOf(events(FAIL))).exitStatus, 1);
});

t.test('a program that does not keep to the interface gives no verdict', async (t) => {
  const records = recordsOf([{ kind: 'end', because: 'cannot-run', detail: 'expected one line of JSON' }]);
  t.match(records, [{ record: 'plan', command: 'client' }, { record: 'end' }]);
  for (const record of records) t.ok(isRecord(record), JSON.stringify(isRecord.errors));
  t.match(summariseRecords(records), { exitStatus: 4, reason: 'cannot run: expected one line of JSON' });
});
