import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { EXIT } from '../../conformance/report/exit-status.ts';
import { summariseRecords } from '../../conformance/report/summary.ts';
import { renderAll } from '../../conformance/reporters/common/renderer.ts';
import { sarif } from '../../conformance/reporters/machine/sarif.ts';
import { Corpus } from '../../fuzz/campaign/corpus.ts';
import type { EndReason } from '../../fuzz/campaign/state.ts';
import { newStats } from '../../fuzz/campaign/stats.ts';
import type { Progress } from '../../fuzz/campaign/types.ts';
import type { Finding } from '../../fuzz/triage/finding.ts';
import { recordsOf } from './records.ts';

const finding = (id: string, invariant: Finding['invariant'], clause: string): Finding => ({
  ...{ id, invariant, clause, detail: 'seen', symptom: id, failed: 3, attempts: 3, isMinimal: true },
  value: { arrangement: 'at-once', connections: [] },
  ...{ distinguishing: [], origin: { lane: 'given' }, mutations: [], originalBytes: 0 },
  ...{ transcript: ['sent'], wire: [], target: {} },
});

function recordsWith(findings: readonly Finding[], because: EndReason = 'runs') {
  const progress: Progress = {
    ...{ stats: newStats(), elapsedMs: 1, corpus: new Corpus(), findings, occurrences: {}, restarts: 0 },
    state: () => {
      throw new Error('not needed');
    },
  };
  return recordsOf(
    { kind: 'end', because, progress },
    {
      ...{ kit: '0.0.0', startedAt: '2025-06-01T12:00:00Z', name: 'a', address: '127.0.0.1:1', seed: 1 },
      ...{ jobs: 1, replay: '--target 127.0.0.1:1', observes: [] },
      elapsedMs: () => 1,
      replayLineOf: ({ id }) => `conform replay ${id}.json`,
    },
    { samples: [{ atMs: 1, cases: 2, signatures: 3, edges: 4 }], findings: [{ id: 'fuzz/a', atMs: 1 }] },
  );
}

const FINDINGS = [
  finding('reacts-00000001', 'reacts', 'S8'),
  finding('answers-legally-00000002', 'answers-legally', 'S2'),
  finding('reacts-00000003', 'reacts', 'S8'),
];

t.test('the records of a campaign have the form of a report', async (t) => {
  const isRecord = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync('fixtures/schema/report.schema.json', 'utf8')),
  );
  for (const record of recordsWith(FINDINGS)) t.ok(isRecord(record), JSON.stringify(isRecord.errors));
});

t.test('a campaign without a case has no verdict', async (t) => {
  const records = recordsWith([], 'time');
  t.equal(summariseRecords(records).exitStatus, EXIT.incomplete);
  t.notOk(
    records.some(({ record }) => record === 'scenario'),
    'nothing held',
  );
  t.equal(summariseRecords(recordsWith(FINDINGS, 'time')).exitStatus, EXIT.failed);
});

t.test('SARIF has one rule for each invariant, and one result for each finding', async (t) => {
  const [run] = JSON.parse(renderAll(sarif(), recordsWith(FINDINGS))).runs;
  const rules: readonly { readonly id: string }[] = run.tool.driver.rules;
  t.strictSame(
    rules.map(({ id }) => id),
    ['fuzz/reacts', 'fuzz/answers-legally'],
  );
  t.strictSame(
    run.results.map((result: { ruleId: string; ruleIndex: number }) => [result.ruleId, result.ruleIndex]),
    [
      ['fuzz/reacts', 0],
      ['fuzz/answers-legally', 1],
      ['fuzz/reacts', 0],
    ],
  );
  const fingerprints = run.results.map((result: { partialFingerprints: object }) =>
    JSON.stringify(result.partialFingerprints),
  );
  t.equal(new Set(fingerprints).size, 3, 'each finding keeps its identity');
});
