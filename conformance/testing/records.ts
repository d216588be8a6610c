/** Reports for tests: of a hostile target, and arbitrary ones. */

import fc from 'fast-check';
import type { EndRecord, PlanRecord, ReportRecord, ScenarioRecord, WireRecord } from '../report/record.ts';
import { LEVELS } from '../scenario/requirement.ts';

/** Text with escape sequences, markup and commands for every format, as a hostile target could send it. */
export const HOSTILE = [
  '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">',
  '\x1b[31m\x1b]0;owned\x07\x1b[2J\x9b31m',
  '::error::owned',
  '\n::error::owned',
  '##[error]owned ##vso[task.complete result=Succeeded]owned',
  ']]>',
  '--><!--',
  '</pre></details></summary></code>',
  '&amp;&#0;&#x1b;',
  'a|b|c `code` ```\n```\n# heading\n[link](javascript:alert(1)) @everyone #1 https://example.com',
  '# SKIP\nok 1\nBail out! owned # TODO',
  '\u202egnp\u2066\u2028\u200b\ufeff\ud800\uffff\u0000',
  '{{7*7}}%0A%0D',
].join(' ');

export const PLAN: PlanRecord = {
  record: 'plan',
  format: 1,
  kit: '1.2.3',
  startedAt: '2026-01-02T03:04:05.678Z',
  target: { name: 'a target', address: '127.0.0.1:1003' },
  replay: '--target 127.0.0.1:1003',
  strict: false,
  filters: { only: [], skip: [], section: [], level: [] },
  profile: {
    answers: true,
    policy: 'accepts',
    keepsOpen: false,
    isConcurrent: true,
    echoesTaskId: true,
    latencyMs: 3,
  },
  deadlines: { connectMs: 5000, answerMs: 5000, quietMs: 100 },
  jobs: 1,
  seed: 7,
  planned: [],
  controls: [],
};

export const COMPLETE: EndRecord = { record: 'end', durationMs: 1234, because: 'complete' };

/** The end of a campaign of two minutes, with a finding that has this id. */
export function campaignEnd(id: string): EndRecord {
  const samples = Array.from({ length: 120 }, (_, second) => ({
    ...{ atMs: 1000 * second, cases: 700 * second, signatures: 40 + (second >> 2), edges: 300 + second },
  }));
  return { ...COMPLETE, durationMs: 120_000, timeline: { samples, findings: [{ id, atMs: 60_000 }] } };
}

const hexOf = (text: string): string => Buffer.from(text).toString('hex');

function wireOf(text: string): readonly WireRecord[] {
  const bytes = `000000010000${Buffer.byteLength(text).toString(16).padStart(4, '0')}${hexOf(text)}`;
  return [
    { kind: 'connected', atMs: 0.5 },
    { kind: 'sent', hex: '00000001000000027b7d', total: 10, asked: 10, segments: 1, tookMs: 0.1, atMs: 0.6 },
    { kind: 'received', hex: bytes, total: bytes.length / 2, pieces: 1, atMs: 1.5 },
    { kind: 'received', hex: 'ff80c0', total: 3, pieces: 1, atMs: 1.6 },
    { kind: 'reset', code: text, atMs: 2 },
  ];
}

interface Facts {
  readonly level?: ScenarioRecord['level'];
  readonly text?: string;
  readonly failedPlays?: number;
  readonly known?: boolean;
  readonly onlyAsControl?: boolean;
  readonly cause?: string;
  readonly control?: string;
  readonly provisional?: boolean;
}

/** A record with this verdict. All of its texts are `text`. */
export function scenarioRecord(
  id: string,
  verdict: ScenarioRecord['verdict'],
  facts: Facts = {},
): ScenarioRecord {
  const { level = 'MUST', text = 'so it was', failedPlays = 3, known = false, onlyAsControl = false } = facts;
  const { cause, control, provisional = false } = facts;
  const common = {
    record: 'scenario',
    id,
    clause: 'S2',
    level,
    requirement: text,
    likelyCause: text,
    ...(control !== undefined && { control }),
    onlyAsControl,
    targetDied: false,
    attempts: verdict === 'skipped' ? 0 : 3,
    observed: text,
    behaviour: text,
    durationMs: 2,
    transcript: verdict === 'skipped' ? [] : wireOf(text),
  } as const;
  switch (verdict) {
    case 'pass':
      return { ...common, verdict, accepted: text, disposition: 'answered' };
    case 'fail':
      return {
        ...common,
        verdict,
        said: { ended: text, lines: [text, text] },
        disposition: 'answered',
        expected: [text, text],
        conditions: [text],
        marks: {
          sent: { offset: 8, bytes: 1, around: { offset: 0, hex: hexOf(text) } },
          received: { offset: 9, bytes: 2 },
        },
        mismatches: [text],
        failedPlays,
        ...(cause !== undefined && { cause }),
        ...(provisional && { provisional }),
        ...(known && { known: { line: 1, reason: text } }),
      };
    default:
      return { ...common, verdict, reason: text };
  }
}

/** A complete report of these scenarios. */
export function reportOf(
  scenarios: readonly ScenarioRecord[],
  plan: Partial<PlanRecord> = {},
): ReportRecord[] {
  const ids = (asControl: boolean) =>
    scenarios.filter(({ onlyAsControl }) => onlyAsControl === asControl).map(({ id }) => id);
  return [{ ...PLAN, planned: ids(false), controls: ids(true), ...plan }, ...scenarios, COMPLETE];
}

/** A report with every verdict at every level. All of its texts are `text`. */
export function everyVerdict(text: string): ReportRecord[] {
  const verdicts = ['pass', 'fail', 'inconclusive', 'skipped', 'error'] as const;
  const records = LEVELS.flatMap((level) => [
    ...verdicts.map((verdict) =>
      scenarioRecord(`${level.toLowerCase()}/${verdict}`, verdict, { level, text }),
    ),
    scenarioRecord(`${level.toLowerCase()}/flaky`, 'fail', { level, text, failedPlays: 1 }),
    scenarioRecord(`${level.toLowerCase()}/known`, 'fail', { level, text, known: true }),
  ]);
  const [plan, ...rest] = reportOf(
    [...records, scenarioRecord('must/control', 'fail', { text, onlyAsControl: true })],
    { target: { name: text, address: text }, replay: text },
  );
  const stale = {
    line: 1,
    pattern: text,
    reason: text,
    max: 1,
    covered: 0,
    stale: 'passes',
    details: [text],
  } as const;
  return plan ? [plan, ...rest.slice(0, -1), { ...COMPLETE, knownFailures: [stale] }] : [];
}

/** Text in which the parts of HOSTILE are frequent. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...HOSTILE.split(' '), ...HOSTILE, HOSTILE, '\n', '::', '##[', '`'),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(''));

/** Any report: complete or interrupted, with any texts. */
export const anyReport: fc.Arbitrary<ReportRecord[]> = fc
  .record({
    text,
    complete: fc.boolean(),
    strict: fc.boolean(),
    verdicts: fc.array(
      fc.tuple(
        fc.constantFrom('pass', 'fail', 'inconclusive', 'skipped', 'error'),
        fc.constantFrom(...LEVELS),
        text,
        fc.boolean(),
      ),
      { maxLength: 5 },
    ),
  })
  .map(({ text, complete, strict, verdicts }) => {
    const scenarios = verdicts.map(([verdict, level, text, known], index) =>
      scenarioRecord(`any/${index}`, verdict, {
        ...{ level, text, known },
        ...(index % 2 === 0 ? { cause: text } : { control: 'any/0' }),
        provisional: !complete && index === 4,
      }),
    );
    const records = reportOf(scenarios, { strict, target: { name: text, address: text }, replay: text });
    return complete ? records : records.slice(0, -1);
  });
