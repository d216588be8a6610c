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
import type { ReportRecord } from '../report/record.ts';
import { summariseRecords } from '../report/summary.ts';
import {
  anyReport,
  COMPLETE,
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
import { NO_COLORS } from './text/pretty.ts';

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
  'a stale known failure': [
    ...reportOf([scenarioRecord('a/b', 'pass')]).slice(0, -1),
    {
      ...COMPLETE,
      knownFailures: [
        { line: 1, pattern: 'a/b', reason: 'x', max: 1, covered: 0, stale: 'passes', details: [] },
      ],
    },
  ],
  conforming: reportOf([scenarioRecord('a/b', 'pass'), scenarioRecord('a/c', 'skipped')]),
};

t.test('JSON Lines are what the schema says, and read back as they were', async (t) => {
  for (const [name, records] of Object.entries(REPORTS)) {
    const lines = render('jsonl', records);
    for (const line of lines.trimEnd().split('\n'))
      t.ok(isRecord(JSON.parse(line)), `${name}: ${JSON.stringify(isRecord.errors)}`);
    t.strictSame(await readReport(lines, 'a file'), JSON.parse(JSON.stringify(records)), name);
  }
});

t.test('what the target said at its end is in every format that explains a failure', (t) => {
  const said = { ended: 'signal SIGSEGV', lines: ['panic: boom', 'goroutine 1'] };
  const records = reportOf([{ ...scenarioRecord('a/b', 'fail'), targetDied: true, said }]);
  for (const format of FORMATS.filter((format) => !format.startsWith('badge'))) {
    const text = render(format, records);
    for (const line of ['signal SIGSEGV', 'boom', 'goroutine 1']) t.match(text, line, format);
  }
  t.match(render('junit', records), /ended: {4}signal SIGSEGV\nsaid: {5}panic: boom\n {10}goroutine 1\n/);
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

t.test('JSON and the badge are JSON', async (t) => {
  for (const records of Object.values(REPORTS)) {
    t.equal(JSON.parse(render('json', records)).summary.exitStatus, summariseRecords(records).exitStatus);
    t.match(JSON.parse(render('badge', records)), { schemaVersion: 1, label: 'conformance', message: /./ });
  }
});

t.test('Markdown fits a comment, and says how much it left out', async (t) => {
  const many = Array.from({ length: 500 }, (_, index) =>
    scenarioRecord(`a/${index}`, 'fail', { text: HOSTILE }),
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
  const texts = FORMATS.filter((format) => format !== 'html' && format !== 'github');
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
