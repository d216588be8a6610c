/**
 * JUnit XML in the dialect of Jenkins. A failure is a fault of the target. An error means that a scenario was not
 * judged. The last test case is the run itself: it fails whenever the exit status is not 0, even if no scenario failed.
 */

import { effectiveVerdict } from '../../report/effective-verdict.ts';
import type { ScenarioRecord } from '../../report/record.ts';
import { sectionOf } from '../../scenario/requirement.ts';
import { markup } from '../common/escape.ts';
import {
  alsoLine,
  because,
  clauseLine,
  explanation,
  referenceTo,
  replayLine,
  unreachableLines,
  wireLog,
} from '../common/explanation.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import { type Report, titleOf } from '../common/report.ts';

export function junit(): Renderer {
  return whole(
    (reports) =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="conform">\n${reports.map(suite).join('')}</testsuites>\n`,
  );
}

type Kind = 'passed' | 'skipped' | 'failure' | 'error';

interface Case {
  readonly kind: Kind;
  readonly xml: string;
}

function suite(report: Report): string {
  const { plan, scenarios, missing, end } = report;
  const cases = [
    ...scenarios.filter(({ onlyAsControl }) => !onlyAsControl).map((record) => scenarioCase(report, record)),
    ...missing.map((id) => testCase('error', id, 0, ['not judged: the run ended before this scenario'])),
    runCase(report),
  ];
  const count = (kind: Kind): number => cases.filter((one) => one.kind === kind).length;
  const attributes = [
    `name="${markup(titleOf(plan))}"`,
    `tests="${cases.length}"`,
    `failures="${count('failure')}"`,
    `errors="${count('error')}"`,
    `skipped="${count('skipped')}"`,
    `time="${seconds(end?.durationMs ?? 0)}"`,
    `timestamp="${markup(plan.startedAt.replace(/(\.\d+)?Z$/, ''))}"`,
  ];
  const properties: Readonly<Record<string, string>> = {
    kit: plan.kit,
    target: plan.target.address,
    strict: String(plan.strict),
    ...(plan.seed !== undefined && { seed: String(plan.seed) }),
  };
  return [
    `  <testsuite ${attributes.join(' ')}>\n    <properties>\n`,
    ...Object.entries(properties).map(
      ([name, value]) => `      <property name="${name}" value="${markup(value)}"/>\n`,
    ),
    '    </properties>\n',
    ...cases.map(({ xml }) => xml),
    '  </testsuite>\n',
  ].join('');
}

function scenarioCase(report: Report, record: ScenarioRecord): Case {
  const { word, conforms } = effectiveVerdict(record, report.plan.strict);
  const lines = word === 'pass' ? [] : linesOf(report, record);
  const kind =
    word === 'pass'
      ? 'passed'
      : word === 'skipped' || conforms
        ? 'skipped'
        : record.verdict === 'fail'
          ? 'failure'
          : 'error';
  return testCase(kind, record.id, record.durationMs, lines);
}

/** The explanation of the root of a group; for the others a line that names the root. */
function linesOf(report: Report, record: ScenarioRecord): readonly string[] {
  const { plan, groups } = report;
  const { word } = effectiveVerdict(record, plan.strict);
  const group = groups.find(({ root }) => root === record);
  const reference = referenceTo(report, record);
  const title = `${word}: ${because(record)}`;
  const foot = [`clause: ${clauseLine(record, plan)}`, `again: ${replayLine(plan, record)}`];
  if (reference !== undefined) return [title, record.requirement, reference, ...foot];
  const also = group === undefined ? '' : alsoLine(group);
  return [
    title,
    record.requirement,
    ...explanation(record, plan),
    ...wireLog(record),
    ...foot,
    ...(also === '' ? [] : [also]),
  ];
}

function runCase(report: Report): Case {
  const { exitStatus, verdict, reason } = report.summary;
  const kind = exitStatus === 0 ? 'passed' : exitStatus === 1 ? 'failure' : 'error';
  return testCase(
    kind,
    'run/verdict',
    0,
    kind === 'passed' ? [] : [`${verdict}: ${reason} (exit ${exitStatus})`, ...unreachableLines(report)],
  );
}

/** A test case. The first line is its message. */
function testCase(kind: Kind, id: string, durationMs: number, lines: readonly string[]): Case {
  const head = `    <testcase name="${markup(id)}" classname="conform.${markup(sectionOf(id))}" time="${seconds(durationMs)}"`;
  if (kind === 'passed') return { kind, xml: `${head}/>\n` };
  const text = lines.map(markup).join('\n');
  const inner =
    kind === 'skipped'
      ? `<skipped>${text}</skipped>`
      : `<${kind} type="${kind}" message="${markup(lines[0] ?? '')}">${text}</${kind}>`;
  return { kind, xml: `${head}>\n      ${inner}\n    </testcase>\n` };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
