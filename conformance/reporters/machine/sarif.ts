/** SARIF 2.1.0, for code scanning: a rule a scenario that was found wanting, a result a finding, both with its clause. */

import type { ScenarioRecord } from '../../report/record.ts';
import { effectiveVerdict } from '../../report/summary.ts';
import { jsonText, plain } from '../common/escape.ts';
import { because, clauseLink, explanation, replayLine } from '../common/explanation.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import type { Report } from '../common/report.ts';

export function sarif(): Renderer {
  return whole((reports) => {
    const log = {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: reports.map(run),
    };
    return `${jsonText(log, 2)}\n`;
  });
}

function run(report: Report): object {
  const { plan, scenarios, summary } = report;
  const findings = scenarios.filter((record) => {
    const { word } = effectiveVerdict(record, plan.strict);
    return !record.onlyAsControl && word !== 'pass' && word !== 'skipped';
  });
  const exitCode = summary.exitStatus;
  const complete = report.end?.because === 'complete' && exitCode !== 6;
  return {
    tool: {
      driver: {
        name: 'conform',
        semanticVersion: plan.kit,
        rules: findings.map((record) => ({
          id: record.id,
          shortDescription: { text: plain(record.requirement) },
          help: { text: `Clause ${plain(record.clause)}: ${plain(clauseLink(record.clause))}` },
          properties: { level: record.level, clause: record.clause },
        })),
      },
    },
    invocations: [
      {
        executionSuccessful: complete,
        exitCode,
        exitCodeDescription: `${summary.verdict}: ${summary.reason}`,
        startTimeUtc: plan.startedAt,
      },
    ],
    results: findings.map((record, ruleIndex) => result(report, record, ruleIndex)),
  };
}

function result({ plan }: Report, record: ScenarioRecord, ruleIndex: number): object {
  const { word, conforms } = effectiveVerdict(record, plan.strict);
  const isKnown = record.verdict === 'fail' && record.known;
  return {
    ruleId: record.id,
    ruleIndex,
    kind: record.verdict === 'fail' ? 'fail' : 'open',
    level: record.verdict === 'fail' ? (conforms ? 'warning' : 'error') : 'none',
    message: {
      text: [
        `${word}: ${because(record)}`,
        ...explanation(record),
        `again: ${replayLine(plan, record)}`,
      ].join('\n'),
    },
    // Code scanning wants a place in the repository; what is judged may have none, so this is the sentence it breaks.
    locations: [
      { physicalLocation: { artifactLocation: { uri: 'docs/protocol.md' }, region: { startLine: 1 } } },
    ],
    partialFingerprints: { scenario: `${plan.target.name}/${record.id}` },
    ...(isKnown && {
      suppressions: [{ kind: 'external', justification: plain(isKnown.reason) }],
    }),
  };
}
