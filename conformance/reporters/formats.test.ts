import { deepStrictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import sarifSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv2020 } from 'ajv/dist/2020.js';
import AjvDraft04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import t from 'tap';
import { Parser } from 'tap-parser';
import { validateXML } from 'xmllint-wasm';
import type { ReportRecord, ScenarioRecord } from '../report/record.ts';
import { summariseRecords } from '../report/summary.ts';
import {
  anyReport,
  COMPLETE,
  campaignEnd,
  everyVerdict,
  HOSTILE,
  PLAN,
  reportOf,
  scenarioRecord,
} from '../testing/records.ts';
import { renderAll } from './common/renderer.ts';
import { FORMATS, type Format } from './format.ts';
import { renderer } from './formats.ts';
import { readReport } from './saved/read.ts';
import { NO_COLORS } from './text/colors.ts';

const XSD = readFileSync(new URL('../testing/jenkins-junit.xsd', import.meta.url), 'utf8');
const REPORT_SCHEMA = JSON.parse(readFileSync('fixtures/schema/report.schema.json', 'utf8'));

const draft04 = new AjvDraft04.default({ strict: false, unicodeRegExp: false });
addFormats.default(draft04);
const isSarif = draft04.compile(sarifSchema);
const isRecord = new Ajv2020({ strict: true }).compile(REPORT_SCHEMA);

function render(format: Format, records: readonly ReportRecord[]): string {
  return renderAll(renderer(format, { colors: NO_COLORS, live: false, trace: true }), records);
}

const REPORTS: Readonly<Record<string, ReportRecord[]>> = {
  'every verdict': everyVerdict('it was so'),
  'a hostile target': everyVerdict(HOSTILE),
  'an aborted run': everyVerdict('it was so').slice(0, 5),
  'an unreachable target': [
    PLAN,
    { record: 'end', durationMs: 1, because: 'unreachable', code: 'ECONNREFUSED' },
  ],
  'a target that ended at once': [
    PLAN,
    {
      record: 'end',
      durationMs: 1,
      because: 'unreachable',
      code: 'ECONNREFUSED',
      said: { ended: HOSTILE, lines: [HOSTILE] },
    },
  ],
  'a target that did not start': [
    PLAN,
    {
      ...{ record: 'end', durationMs: 1, because: 'unreachable', code: 'exited', detail: HOSTILE },
      said: { ended: HOSTILE, lines: [HOSTILE] },
    },
  ],
  'a stale known failure': [
    ...reportOf([scenarioRecord('a/b', 'pass')]).slice(0, -1),
    {
      ...COMPLETE,
      knownFailures: [
        { line: 1, pattern: 'a/b', reason: 'x', max: 1, covered: 0, stale: 'passes', details: [] },
      ],
    },
  ],
  'a provisional failure': [
    ...reportOf([
      scenarioRecord('a/b', 'pass'),
      scenarioRecord('a/c', 'fail', { cause: 'x', provisional: true }),
    ]).slice(0, -1),
  ],
  'causes and controls': [
    ...reportOf([
      scenarioRecord('a/b', 'fail', { cause: 'x' }),
      scenarioRecord('a/c', 'fail', { cause: 'x' }),
      scenarioRecord('a/d', 'inconclusive', { control: 'a/b' }),
    ]).slice(0, -1),
    { ...COMPLETE, causes: [{ cause: 'x', root: 'a/b', failures: 2 }] },
  ],
  conforming: reportOf([scenarioRecord('a/b', 'pass'), scenarioRecord('a/c', 'skipped')]),
};

t.test('JSON Lines are what the schema says, and read back as they were', async (t) => {
  for (const [name, records] of Object.entries(REPORTS)) {
    const lines = render('jsonl', records);
    for (const line of lines.trimEnd().split('\n'))
      t.ok(isRecord(JSON.parse(line)), `${name}: ${JSON.stringify(isRecord.errors)}`);
    const same = JSON.parse(JSON.stringify(records));
    // As editors and other systems leave the file, and as an interrupted run does.
    for (const text of [
      lines,
      lines.trimEnd(),
      `${lines}\n\r\n`,
      lines.replaceAll('\n', '\r\n'),
      `${lines}{"rec`,
    ])
      t.strictSame(await readReport(text, 'a file'), same, name);
  }
});

t.test('a report with very long values is read', async (t) => {
  const times = { atMs: 1, tookMs: 1 };
  const counts = { total: 15e6, asked: 15e6, segments: 1 };
  const sent = { kind: 'sent', hex: '7b'.repeat(15e6), ...counts, ...times };
  const lines = reportOf([scenarioRecord('a/b', 'pass')]).map((record) =>
    JSON.stringify(record.record === 'scenario' ? { ...record, transcript: [sent] } : record),
  );
  t.match(await readReport(`${lines.join('\n')}\n`, 'a file'), { length: lines.length });
});

t.test('what the target said at its end is in every format that explains a failure', (t) => {
  const said = { ended: 'signal SIGSEGV', lines: ['panic: boom', 'goroutine 1'] };
  const records = reportOf([{ ...scenarioRecord('a/b', 'fail'), targetDied: true, said }]);
  const short: readonly Format[] = ['badge', 'badge-svg', 'overview', 'matrix'];
  for (const format of FORMATS.filter((format) => !short.includes(format))) {
    const text = render(format, records);
    for (const line of ['signal SIGSEGV', 'boom', 'goroutine 1']) t.match(text, line, format);
  }
  t.match(render('junit', records), /ended: {4}signal SIGSEGV\nsaid: {5}panic: boom\n {10}goroutine 1\n/);
  const alive = { ended: 'still running', lines: ['Traceback', 'KeyError'] };
  const goesOn = reportOf([{ ...scenarioRecord('a/b', 'fail'), said: alive }]);
  t.match(render('junit', goesOn), /said: {5}Traceback\n {10}KeyError\n/);
  t.notMatch(render('junit', goesOn), /ended:/, 'it has not ended');
  t.end();
});

t.test('a command to repeat begins as the one that was called', (t) => {
  const program = 'npx tasksubmit-conform';
  const [plan, ...rest] = reportOf([{ ...scenarioRecord('a/b', 'fail'), clause: 'S2' }]);
  if (plan?.record !== 'plan') throw new Error('the report has no plan');
  const short: readonly Format[] = ['badge', 'badge-svg'];
  for (const format of FORMATS.filter((format) => !short.includes(format))) {
    const text = render(format, [{ ...plan, program }, ...rest]).replaceAll(/&#4[57];|<[^>]*>/g, (found) =>
      found === '&#45;' ? '-' : found === '&#47;' ? '/' : '',
    );
    t.match(text, program, format);
    t.notMatch(text, /(?<!-)\bconform (?:explain|--|[^,;<]* --only)/, `${format} has no other`);
  }
  t.end();
});

t.test('a TAP parser finds every scenario, and is content exactly when the run conforms', async (t) => {
  for (const [name, records] of Object.entries(REPORTS)) {
    const results = Parser.parse(render('tap', records));
    const parser = new Parser();
    parser.end(render('tap', records));
    const { exitStatus, planned, total } = summariseRecords(records);
    t.equal(parser.ok, exitStatus === 0, name);
    t.ok(results.length > 0);
    if (name === 'every verdict') t.match(parser, { count: planned + 1, pass: total.pass + total.skipped });
    t.strictSame(
      parser.failures.filter(({ tapError }) => tapError !== undefined && exitStatus === 0),
      [],
    );
  }
});

t.test(
  'JUnit XML is valid by the XSD, and has a failure or an error exactly when the run does not conform',
  async (t) => {
    // All in one call: the validator starts a thread for each.
    const documents = [...Object.values(REPORTS), ...fc.sample(anyReport, 100)].map((records, index) => ({
      fileName: `${index}.xml`,
      contents: render('junit', records),
    }));
    const { valid, errors } = await validateXML({ xml: documents, schema: [XSD] });
    t.ok(valid, errors.map(({ message }) => message).join('\n'));
    for (const [name, records] of Object.entries(REPORTS)) {
      const isBad = summariseRecords(records).exitStatus !== 0;
      t.equal(/<(failure|error) /.test(render('junit', records)), isBad, name);
    }
    const xml = render('junit', everyVerdict('it was so'));
    t.match(xml, /<testcase name="must\/fail"[^>]*>\s*<failure/);
    t.match(xml, /<testcase name="must\/error"[^>]*>\s*<error/);
    t.match(xml, /<testcase name="should\/fail"[^>]*>\s*<skipped/);
    t.match(xml, /<testcase name="must\/known"[^>]*>\s*<skipped/);
    t.match(xml, /failures="2" errors="5"/, 'fail and flaky; inconclusive, three errors, and the run');
  },
);

t.test('SARIF is valid by its schema', async (t) => {
  for (const [name, records] of Object.entries(REPORTS)) {
    t.ok(isSarif(JSON.parse(render('sarif', records))), `${name}: ${JSON.stringify(isSarif.errors)}`);
  }
});

/** What the tests read of a SARIF file. */
interface Sarif {
  readonly runs: readonly {
    readonly automationDetails?: { readonly id: string };
    readonly tool: {
      readonly driver: { readonly rules: readonly { readonly id: string; readonly helpUri: string }[] };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly locations: readonly object[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
    }[];
  }[];
}

function sarifOf(records: readonly ReportRecord[]): Sarif {
  return JSON.parse(render('sarif', records));
}

t.test('a SARIF result names its scenario, its clause and a file that a repository has', async (t) => {
  const [run] = sarifOf(reportOf([scenarioRecord('a/b', 'fail')])).runs;
  t.strictSame(run?.results[0]?.locations, [
    {
      physicalLocation: { artifactLocation: { uri: 'README.md' }, region: { startLine: 1 } },
      logicalLocations: [
        { fullyQualifiedName: 'a/b', kind: 'scenario' },
        { fullyQualifiedName: 'S2', kind: 'clause' },
      ],
    },
  ]);
  t.match(run?.tool.driver.rules, [
    { id: 'a/b', helpUri: /^https:\/\/github\.com\/.+\/docs\/protocol\.md#s2$/ },
  ]);
});

t.test('SARIF fingerprints are the same in every run, and differ between scenarios', async (t) => {
  const first = reportOf([scenarioRecord('a/b', 'fail'), scenarioRecord('a/c', 'fail')]);
  const second = reportOf(
    [
      scenarioRecord('a/c', 'fail', { level: 'SHOULD', text: 'it was otherwise', failedPlays: 1 }),
      scenarioRecord('a/b', 'fail', { text: 'the status is 500' }),
    ],
    { startedAt: '2027-01-01T00:00:00Z', seed: 8, target: { name: 'other', address: '[::1]:9' } },
  );
  const fingerprints = (records: readonly ReportRecord[]) =>
    new Map(
      sarifOf(records).runs.flatMap(({ results }) =>
        results.map(({ ruleId, partialFingerprints }) => [ruleId, partialFingerprints]),
      ),
    );
  t.strictSame(fingerprints(second), fingerprints(first));
  t.equal(fingerprints(first).size, 2);
  const [b, c] = [fingerprints(first).get('a/b') ?? {}, fingerprints(first).get('a/c') ?? {}];
  t.strictSame(Object.keys(b), ['scenario/v1', 'primaryLocationLineHash']);
  for (const name of Object.keys(b)) t.not(b[name], c[name], name);
});

t.test('each of several runs in a SARIF file has a category of its own', async (t) => {
  const one = reportOf([scenarioRecord('a/b', 'fail')]);
  const other = reportOf([scenarioRecord('a/b', 'fail')], {
    target: { name: 'other', address: '127.0.0.1:9' },
  });
  t.strictSame(
    sarifOf([...one, ...other]).runs.map(({ automationDetails }) => automationDetails?.id),
    ['conform/a target/', 'conform/other/'],
  );
  t.ok(isSarif(sarifOf([...one, ...other])));
  t.equal(sarifOf(one).runs[0]?.automationDetails, undefined, 'the uploader names that of a single run');
});

const ONE_CAUSE = reportOf([
  scenarioRecord('a/b', 'fail', { cause: 'the cause' }),
  scenarioRecord('a/c', 'fail', { cause: 'the cause' }),
  scenarioRecord('a/d', 'inconclusive', { control: 'a/b' }),
]);

t.test('a format with an entry for each scenario explains a cause once', async (t) => {
  for (const format of ['junit', 'sarif', 'tap'] as const) {
    const text = render(format, ONE_CAUSE);
    t.equal(text.match(/expected: /g)?.length, 1, format);
    t.equal(text.match(/same cause as a\/b: the cause/g)?.length, 1, format);
    for (const id of ['a/b', 'a/c', 'a/d']) t.ok(text.includes(id), `${format} has ${id}`);
  }
});

t.test('GitHub has one annotation for each cause, and Markdown one finding', async (t) => {
  t.strictSame(render('github', ONE_CAUSE).match(/^::error title=\S+ a\/./gm), ['::error title=FAIL a/b']);
  t.match(render('github', ONE_CAUSE), /and 1 more with the same cause%0A1 scenario that needs it/);
  t.equal(render('markdown', ONE_CAUSE).match(/<details>/g)?.length, 1);
  t.match(render('markdown', ONE_CAUSE), /Same cause: <code>a&#47;c<\/code>/);
});

t.test('JSON lists the causes', async (t) => {
  t.strictSame(JSON.parse(render('json', ONE_CAUSE)).causes, [
    { cause: 'the cause', verdict: 'FAIL', root: 'a/b', others: ['a/c'], inconclusive: ['a/d'] },
  ]);
});

t.test('every format for people or CI links the clause of a failure', async (t) => {
  for (const format of ['pretty', 'markdown', 'github', 'junit', 'sarif', 'tap', 'html'] as const)
    t.match(render(format, ONE_CAUSE), /docs\/protocol\.md#s2/, format);
});

t.test('TAP has one point for a scenario, whether or not its record was provisional before', async (t) => {
  const provisional = scenarioRecord('a/b', 'fail', { provisional: true });
  const [plan = PLAN, final = PLAN] = reportOf([scenarioRecord('a/b', 'fail')]);
  const points = (records: readonly ReportRecord[]) => render('tap', records).match(/^(not )?ok .*a\/b/gm);
  t.equal(points([plan, provisional, final, COMPLETE])?.length, 1);
  t.equal(points([plan, provisional])?.length, 1, 'if the run is cut short');
});

t.test('table, filter and badge of a report count the same words', async (t) => {
  const page = render('html', everyVerdict('it was so'));
  const [, head = ''] = /<tr><th scope="col">level<\/th>(.*)<\/tr>/.exec(page) ?? [];
  const words = [...head.matchAll(/<th scope="col">(\w+)/g)].map(([, word]) => word);
  const rows = [...page.matchAll(/<tr><th scope="row">\w+<\/th>(.*)<\/tr>/g)].map(([, cells = '']) =>
    [...cells.matchAll(/<td>(?:<a [^>]*>)?(\d+)/g)].map(([, count]) => Number(count)),
  );
  for (const [at, word] of words.entries()) {
    const count = rows.reduce((sum, row) => sum + (row[at] ?? 0), 0);
    t.match(page, new RegExp(`<option value="${word}">${word} \\(${count}\\)`));
  }
  t.match(JSON.parse(render('badge', ONE_CAUSE)), { message: '2 of 3 failed' });
  t.match(render('html', ONE_CAUSE), /<option value="FAIL">FAIL \(2\)/);
});

t.test('a page of a campaign has its course, and one of a run has none', async (t) => {
  const campaign = (id: string): string => render('html', [PLAN, campaignEnd(id)]);
  t.notMatch(render('html', [PLAN, COMPLETE]), /<svg/);
  const page = campaign('fuzz/reacts-1');
  t.match(page, /aria-label="Cases a second over time: at the end 700, at most 700"/);
  t.match(page, /aria-label="Signatures over time: at the end 69, at most 69"/);
  t.equal(page.match(/<title>fuzz\/reacts-1<\/title>/g)?.length, 3, 'a finding is in each plot');
  t.notMatch(campaign('"><script>alert(1)</script>'), /<script>alert/);
});

t.test('GitHub shows a note as a notice, and a stale entry at its line', (t) => {
  const records = [
    ...reportOf([scenarioRecord('a/b', 'fail', { level: 'MAY' })]).slice(0, -1),
    {
      ...COMPLETE,
      knownFailures: [
        { line: 7, pattern: 'a/*', reason: 'x', max: 2, covered: 0, stale: 'passes', details: ['a/c'] },
      ],
    } as const,
  ];
  const text = render('github', records);
  t.match(text, /^::notice title=note a\/b /m);
  t.notMatch(text, '::warning');
  t.match(text, /^::error title=stale known failure%3A a\/\*::line 7: passes: a\/c$/m);
  const [plan, ...rest] = records;
  const named = render('github', [{ ...plan, knownFailures: 'ci/known.txt' } as ReportRecord, ...rest]);
  t.match(named, /^::error file=ci\/known\.txt,line=7,title=stale known failure/m);
  t.end();
});

t.test('a badge says how many scenarios were skipped if one of level MUST was', (t) => {
  const badgeOf = (level: ScenarioRecord['level']) =>
    JSON.parse(
      render('badge', reportOf([scenarioRecord('a/b', 'pass'), scenarioRecord('a/c', 'skipped', { level })])),
    );
  t.match(badgeOf('MUST'), { message: 'conforms 1/2, 1 skipped' });
  t.match(badgeOf('MAY'), { message: 'conforms 1/2' });
  t.end();
});

t.test('JSON and the badge are JSON', async (t) => {
  for (const records of Object.values(REPORTS)) {
    t.equal(JSON.parse(render('json', records)).summary.exitStatus, summariseRecords(records).exitStatus);
    t.match(JSON.parse(render('badge', records)), { schemaVersion: 1, label: 'conformance', message: /./ });
  }
});

t.test('Markdown fits a comment, and says how much it left out', async (t) => {
  const many = Array.from({ length: 500 }, (_, index) =>
    scenarioRecord(`a/${index}`, 'fail', { text: `${index} ${HOSTILE}` }),
  );
  const page = render('markdown', reportOf(many));
  t.ok(page.length <= 65_536);
  t.match(page, /and \d+ more: see the full report/);
});

/** Whether nothing in the text acts on a terminal or a reader's eye, or is a command to a CI. */
function isHarmless(text: string): boolean {
  return (
    /^[\n -~\u00a0-\u{10ffff}]*$/u.test(text) &&
    !/[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/u.test(text) &&
    !/^\s*::/m.test(text) &&
    !/##\w*\[/.test(text)
  );
}

/** Annotations are commands: these must be ours, and hold no other. */
function holdsOnlyOurCommands(text: string): boolean {
  return text
    .trimEnd()
    .split('\n')
    .every((line) => {
      const [, message] = /^::(?:error|warning|notice) title=[^:,]*::(.*)$/.exec(line) ?? [];
      return message !== undefined && isHarmless(message) && isHarmless(line.slice(2));
    });
}

/** Elements and attributes of markup that a harmless report never has; what stands in quotes is a value. */
function holdsNoMarkup(text: string): boolean {
  const tags = text.replace(/<[^>]*>/g, (tag) => tag.replace(/"[^"]*"/g, '""'));
  return !/<(script|img)\b/i.test(tags) && !/<[^>]*\son\w+\s*=/i.test(tags);
}

t.test('nothing that a target sends does anything, in any format', async () => {
  const texts = FORMATS.filter((format) => !['html', 'matrix', 'github'].includes(format));
  await fc.assert(
    fc.asyncProperty(anyReport, async (records) => {
      for (const format of texts) {
        const text = render(format, records);
        if (!isHarmless(text)) throw new Error(`${format} is not harmless`);
        if (['junit', 'markdown', 'badge-svg'].includes(format) && !holdsNoMarkup(text))
          throw new Error(`${format} holds markup`);
      }
      if (!holdsOnlyOurCommands(render('github', records))) throw new Error('github holds a command');
      const lines = render('jsonl', records).trimEnd().split('\n');
      deepStrictEqual(
        lines.map((line) => JSON.parse(line)),
        records,
      );
      JSON.parse(render('json', records));
      if (!isSarif(JSON.parse(render('sarif', records)))) throw new Error('sarif');
      const parser = new Parser();
      parser.end(render('tap', records));
      return parser.ok === (summariseRecords(records).exitStatus === 0);
    }),
  );
});

t.test('a target adds no script and no image to the HTML page', async (t) => {
  const count = (records: readonly ReportRecord[]) =>
    render('html', records).match(/<(?:script|img)\b/gi)?.length;
  t.equal(count(everyVerdict(HOSTILE)), count(everyVerdict('it was so')));
});

t.test('what is not judged because of a known failure is marked as known', async (t) => {
  const known = { line: 3, reason: 'the reason in the list' };
  const records = reportOf([
    scenarioRecord('a/b', 'pass'),
    { ...scenarioRecord('a/c', 'inconclusive'), known } as ScenarioRecord,
  ]);
  t.match(JSON.parse(render('sarif', records)).runs[0].results, [
    { ruleId: 'a/c', suppressions: [{ kind: 'external', justification: known.reason }] },
  ]);
  t.ok(render('html', records).includes('Its control is a known failure, line 3: the reason in the list'));
});

t.test('a report of traffic speaks of rules', async (t) => {
  const records = everyVerdict('it was so').map((record) =>
    record.record === 'plan' ? { ...record, command: 'traffic' as const } : record,
  );
  for (const format of ['pretty', 'markdown', 'html'] as const) {
    const text = render(format, records).replace(/<(script|style)\b.*?<\/\1>|<!--.*?-->|<[^>]*>/gs, '');
    t.notMatch(text, /.*scenario.*/i, format);
    t.match(text, /\brules?\b/i, format);
  }
});
