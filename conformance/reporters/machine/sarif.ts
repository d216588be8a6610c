/**
 * SARIF 2.1.0 for code scanning: one result for each scenario that has a finding, and one rule for each of these scenarios.
 * Findings of the fuzzer that break the same invariant have the same rule.
 *
 * A finding has no source line. Its logical locations are the scenario and the clause. GitHub rejects a whole file in
 * which a result has no physical location, so each result also names a file that most repositories have.
 */

import { createHash } from 'node:crypto';
import { effectiveVerdict, knownOf } from '../../report/effective-verdict.ts';
import type { ScenarioRecord } from '../../report/record.ts';
import { jsonText, plain } from '../common/escape.ts';
import {
  because,
  clauseLine,
  clauseUrl,
  explanation,
  referenceTo,
  replayLine,
  unreachableLines,
} from '../common/explanation.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import { type Report, titleOf } from '../common/report.ts';

const PHYSICAL_LOCATION = { artifactLocation: { uri: 'README.md' }, region: { startLine: 1 } };

export function sarif(): Renderer {
  return whole((reports) => {
    const log = {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: reports.map((report) => run(report, reports.length > 1)),
    };
    return `${jsonText(log, 2)}\n`;
  });
}

function run(report: Report, isOneOfSeveral: boolean): object {
  const { plan, scenarios, summary } = report;
  const findings = scenarios.filter((record) => {
    const { word } = effectiveVerdict(record, plan.strict);
    return !record.onlyAsControl && word !== 'pass' && word !== 'skipped';
  });
  const exitCode = summary.exitStatus;
  const rules = new Map<string, ScenarioRecord>();
  for (const record of findings) if (!rules.has(ruleOf(record))) rules.set(ruleOf(record), record);
  const ruleIds = [...rules.keys()];
  const said = unreachableLines(report);
  const complete = report.end?.because === 'complete' && exitCode !== 6;
  return {
    tool: {
      driver: {
        name: 'conform',
        semanticVersion: plan.kit,
        rules: [...rules].map(([id, record]) => ({
          id,
          shortDescription: { text: plain(record.requirement) },
          helpUri: clauseUrl(record.clause),
          help: { text: `Clause ${plain(record.clause)} of the protocol: ${clauseUrl(record.clause)}` },
          properties: { level: record.level, clause: record.clause },
        })),
      },
    },
    // GitHub rejects a file in which two runs of one tool have the same category.
    ...(isOneOfSeveral && { automationDetails: { id: `conform/${plain(titleOf(plan))}/` } }),
    invocations: [
      {
        executionSuccessful: complete,
        exitCode,
        exitCodeDescription: `${summary.verdict}: ${summary.reason}`,
        startTimeUtc: plan.startedAt,
        ...(said.length > 0 && {
          toolExecutionNotifications: [{ level: 'error', message: { text: said.join('\n') } }],
        }),
      },
    ],
    results: findings.map((record) => result(report, record, ruleIds.indexOf(ruleOf(record)))),
  };
}

function ruleOf({ id, rule }: ScenarioRecord): string {
  return rule ?? id;
}

function result(report: Report, record: ScenarioRecord, ruleIndex: number): object {
  const { plan } = report;
  const { word, conforms } = effectiveVerdict(record, plan.strict);
  const reference = referenceTo(report, record);
  const known = knownOf(record);
  return {
    ruleId: ruleOf(record),
    ruleIndex,
    kind: record.verdict === 'fail' ? 'fail' : 'open',
    level: record.verdict === 'fail' ? (word === 'note' ? 'note' : conforms ? 'warning' : 'error') : 'none',
    message: {
      text: [
        `${word}: ${because(record)}`,
        ...(reference === undefined ? explanation(record, plan) : [reference]),
        `clause: ${clauseLine(record, plan)}`,
        `again: ${replayLine(plan, record)}`,
      ].join('\n'),
    },
    locations: [
      {
        physicalLocation: PHYSICAL_LOCATION,
        logicalLocations: [
          { fullyQualifiedName: record.id, kind: 'scenario' },
          { fullyQualifiedName: record.clause, kind: 'clause' },
        ],
      },
    ],
    partialFingerprints: fingerprintsOf(record),
    ...(known && {
      suppressions: [{ kind: 'external', justification: plain(known.reason) }],
    }),
  };
}

/**
 * The identity of a finding, which is the same in every run and for every target. GitHub reads only
 * `primaryLocationLineHash`, and expects 16 hex digits and a counter.
 */
function fingerprintsOf({ id, clause }: ScenarioRecord): object {
  const scenario = `${id} ${clause}`;
  const hash = createHash('sha256').update(scenario).digest('hex').slice(0, 16);
  return { 'scenario/v1': scenario, primaryLocationLineHash: `${hash}:1` };
}
