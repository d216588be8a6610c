import fc from 'fast-check';
import t from 'tap';
import { type MismatchKind, mismatch } from '../../judge/mismatch.ts';
import { observe } from '../../judge/observe.ts';
import { judgeObservation, type Verdict } from '../../judge/oracle.ts';
import { EXIT } from '../../report/exit-status.ts';
import type { ReportRecord } from '../../report/record.ts';
import { Recorder } from '../../report/recorder.ts';
import { NO_FILTERS } from '../../report/run-records.ts';
import { type Summary, summariseRecords } from '../../report/summary.ts';
import type { RunEvent } from '../../run/events.ts';
import { render, text } from '../../scenario/bytes.ts';
import { frame } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, closes } from '../../scenario/steps.ts';
import type { Transcript } from '../../wire/transcript.ts';
import { renderAll } from '../common/renderer.ts';
import { type Colors, NO_COLORS as PLAIN } from './colors.ts';
import { type PrettyOptions, pretty } from './pretty.ts';

const ERASE_LINE = '\r\x1b[2K';
const target = { host: '127.0.0.1', port: 1003 };

function scenario(id: string, extra: Partial<Scenario> = {}): Scenario {
  return {
    id,
    clause: 'S2',
    level: 'MUST',
    requirement: 'It is so.',
    steps: [],
    accept: [closes()],
    ...extra,
  };
}

type Verdicts = readonly [Verdict, ...Verdict[]];

function result(scenario: Scenario, [first, ...others]: Verdicts, transcript: Transcript = []): RunEvent {
  const attemptOf = (verdict: Verdict) => ({ ...verdict, transcript, targetDied: false, durationMs: 0 });
  const attempts = [attemptOf(first), ...others.map(attemptOf)] as const;
  return { kind: 'result', result: { scenario, attempts, onlyAsControl: false } };
}

const PASS: Verdict = { verdict: 'pass', outcome: closes(), disposition: 'closed' };
const FAIL: Verdict = {
  verdict: 'fail',
  disposition: 'silent',
  expected: ['the first', 'the second'],
  observed: 'something else',
  mismatches: [mismatch('kept open', 'of this'), mismatch('answered', 'and of that')],
};
const FAILURE: Verdicts = [FAIL, FAIL, FAIL];
const failure = (kind: MismatchKind): Verdict => ({ ...FAIL, mismatches: [mismatch(kind, kind)] });

function plan(
  planned: readonly string[],
  extra: Partial<Extract<RunEvent, { kind: 'plan' }>> = {},
): RunEvent {
  return {
    kind: 'plan',
    target,
    profile: {
      answers: true,
      policy: 'accepts',
      keepsOpen: false,
      isConcurrent: true,
      echoesTaskId: true,
      answerType: 1,
      latencyMs: 3,
    },
    deadlines: { connectMs: 5000, answerMs: 5000, quietMs: 100 },
    jobs: 1,
    planned,
    controls: [],
    cost: { connections: 2, bytes: 4540 },
    ...extra,
  };
}

const COMPLETE: RunEvent = { kind: 'end', because: 'complete' };

interface Options extends Partial<PrettyOptions> {
  readonly strict?: boolean;
  readonly replay?: string;
}

function recordsOf(
  events: readonly RunEvent[],
  { strict = false, replay = '--target 127.0.0.1:1003' }: Options,
) {
  const provenance = {
    kit: '1.2.3',
    startedAt: '2026-01-01T00:00:00Z',
    elapsedMs: () => 0,
    filters: NO_FILTERS,
  };
  const recorder = new Recorder({ ...provenance, strict, replay });
  return events.flatMap((event): readonly ReportRecord[] => recorder.take(event));
}

/** The report of the events. */
function report(
  events: readonly RunEvent[],
  options: Options = {},
): { readonly output: string; readonly summary: Summary } {
  const records = recordsOf(events, options);
  const output = renderAll(pretty({ colors: PLAIN, live: false, ...options }), records);
  return { output, summary: summariseRecords(records) };
}

/** The events of a run of one scenario that fails on what the target sent. */
function failedOn(payload: Uint8Array, wanted: Scenario): RunEvent[] {
  const bytes = render(frame(1, { raw: payload }), String);
  const transcript: Transcript = [
    { kind: 'connected', atMs: 0 },
    { kind: 'received', bytes, atMs: 1 },
    { kind: 'reset', code: Buffer.from(payload).toString('latin1'), atMs: 2 },
  ];
  const verdict = judgeObservation(wanted, observe(transcript), () => 'id');
  return [plan([wanted.id]), result(wanted, [verdict], transcript), COMPLETE];
}

t.test('the end of a target that died is in the failure', (t) => {
  const said = { ended: 'exit status 134', lines: ['panic: boom', '\x1b[2J'] };
  const failed = { ...FAIL, transcript: [], targetDied: false, durationMs: 0 };
  const alive = { ended: 'still running', lines: ['Traceback'] };
  const attempts = [
    { ...failed, said: alive },
    { ...failed, targetDied: true, said },
  ] as const;
  const event: RunEvent = {
    kind: 'result',
    result: { scenario: scenario('frame/one'), attempts, onlyAsControl: false },
  };
  const { output } = report([plan(['frame/one']), event, COMPLETE]);
  const lines = output.split('\n').map((line) => line.trim());
  const begin = lines.indexOf('ended:    exit status 134');
  t.strictSame(lines.slice(begin + 1, begin + 3), ['said:     panic: boom', '\\x1b[2J']);
  t.end();
});

t.test('the end of a target that never answered is before the verdict', (t) => {
  const said = { ended: 'exit status 1', lines: ['panic: boom', 'goroutine 1'] };
  const { output, summary } = report([{ kind: 'unreachable', target, code: 'ECONNREFUSED', said }]);
  t.match(output, /^ended: {4}exit status 1\nsaid: {5}panic: boom\n {10}goroutine 1\nno verdict: /);
  t.match(summary.reason, 'exit status 1');
  t.end();
});

t.test('a failure is explained, from its requirement to the command that replays it', async (t) => {
  const failing = scenario('frame/one', {
    requirement: 'This is the sentence.',
    likely: [{ when: ['answered'], cause: 'A slip.' }],
  });
  const bytes = render(frame(1, text('{}')), String);
  const transcript: Transcript = [
    { kind: 'connected', atMs: 0 },
    { kind: 'received', bytes, atMs: 1 },
    { kind: 'fin', atMs: 2 },
  ];
  const { output, summary } = report([plan(['frame/one']), result(failing, FAILURE, transcript), COMPLETE]);
  const lines = output.split('\n').map((line) => line.trim());
  const begin = lines.indexOf('FAIL frame/one (MUST, clause S2)');
  t.not(begin, -1);
  t.strictSame(lines.slice(begin + 1, begin + 7), [
    'This is the sentence.',
    'expected: the first; or the second',
    'observed: something else; failed 3 of 3 attempts',
    'because:  of this',
    'because:  and of that',
    'likely:   A slip.',
  ]);
  const again = lines.indexOf('again:    conform --target 127.0.0.1:1003 --only frame/one');
  t.not(again, -1);
  const shown = lines.slice(begin + 7, again).join('\n');
  t.match(shown, /0\.0 ms → connected/);
  t.match(shown, /000000 {2}00 00 00 01 .*type +1 SUBMIT/);
  t.match(shown, /000004 {2}00 00 00 02 .*length +2/);
  t.match(shown, /000008 {2}7b 7d .*payload \{\}/);
  t.match(shown, /2\.0 ms ← FIN/);
  t.equal(summary.exitStatus, EXIT.failed);
  t.match(output, /does not conform.*\(exit 1\)\n$/);
});

t.test('the word for a failure depends on its level and on the failed attempts', async (t) => {
  const word = (level: Scenario['level'], verdicts: Verdicts, strict = false) => {
    const failing = scenario('a/b', { level });
    const { output } = report([plan(['a/b']), result(failing, verdicts), COMPLETE], { strict });
    return /^\S+(?= a\/b \()/m.exec(output)?.[0];
  };
  t.equal(word('MUST', FAILURE), 'FAIL');
  t.equal(word('SHOULD', FAILURE), 'warning');
  t.equal(word('SHOULD', FAILURE, true), 'FAIL');
  t.equal(word('MAY', FAILURE, true), 'note');
  t.equal(word('MUST', [FAIL, PASS, PASS]), 'flaky');
  t.equal(word('MUST', [{ verdict: 'inconclusive', reason: 'why' }]), 'inconclusive');
});

t.test('failures come first, then what the kit could not judge', async (t) => {
  const ids = ['a/one', 'a/two', 'a/three', 'a/four'];
  const verdicts = new Map<string, Verdicts>([
    ['a/one', [{ verdict: 'inconclusive', reason: 'it is open' }]],
    ['a/two', [{ verdict: 'error', reason: 'it was not wanted' }]],
    ['a/four', [failure('frame type')]],
  ]);
  const events = ids.toReversed().map((id) => result(scenario(id), verdicts.get(id) ?? FAILURE));
  const { output } = report([plan(ids), ...events, COMPLETE]);
  t.strictSame(
    [...output.matchAll(/^\S+ (\S+) \(MUST, clause S2\)/gm)].map(([, id]) => id),
    ['a/four', 'a/three', 'a/two', 'a/one'],
  );
  t.match(output, /it is open/);
  t.match(output, /it was not wanted/);
});

t.test('failures with one cause have one explanation', async (t) => {
  const ids = Array.from({ length: 300 }, (_, index) => `a/${index}`);
  const events = [plan(ids), ...ids.map((id) => result(scenario(id), FAILURE)), COMPLETE];
  const { output } = report(events);
  t.equal(output.match(/^FAIL a\/\d+ \(MUST/gm)?.length, 1);
  t.match(output, /^ {2}and 299 more with the same cause; --all lists them$/m);
  t.equal(report(events, { all: true }).output.match(/^FAIL a\/\d+ \(MUST/gm)?.length, 300);
});

t.test('a report has at most 80 lines, and says what it leaves out', async (t) => {
  const ids = Array.from({ length: 300 }, (_, index) => `a/${index}`);
  const long = { atMs: 1, kind: 'received', bytes: new Uint8Array(60_000) } as const;
  const run = (causes: number) =>
    report([
      plan(ids),
      ...ids.map((id, index) =>
        result(scenario(id, { clause: `S${index % causes}` }), FAILURE, [long, { kind: 'fin', atMs: 2 }]),
      ),
      COMPLETE,
    ]).output;
  for (const causes of [1, 2, 3, 4, 5, 8, 30, 300])
    t.ok(run(causes).split('\n').length - 1 <= 80, `${causes}: ${run(causes).split('\n').length - 1} lines`);
  t.match(run(300), /^and \d+ more causes with \d+ findings; --all lists them$/m);
  t.match(
    run(5),
    /^FAIL a\/4 \(MUST, clause S4\) and 59 more: of this; and of that\n {2}likely: {3}.*\n {2}again: {4}conform /m,
  );
});

t.test('a failure that is not shown in full has its likely cause', async (t) => {
  const ids = Array.from({ length: 8 }, (_, index) => `a/${index}`);
  const kinds = ['answered', 'closed', 'frame type', 'late'] as const;
  const events = ids.map((id, index) =>
    result(
      scenario(id, {
        clause: `S${index}`,
        likely: [{ when: [...kinds, 'kept open'], cause: `Slip ${index}.` }],
      }),
      FAILURE,
    ),
  );
  const { output } = report([plan(ids), ...events, COMPLETE]);
  t.match(output, /^FAIL a\/7 \(MUST, clause S7\): .*\n {2}likely: {3}Slip 7\.\n {2}again: {4}conform /m);
  t.ok(output.split('\n').length - 1 <= 80);
});

t.test('scenarios whose control failed are one line under the control', async (t) => {
  const events = [
    plan(['a/one', 'a/two', 'a/three']),
    result(scenario('a/one'), FAILURE),
    result(scenario('a/two', { control: 'a/one' }), [{ verdict: 'inconclusive', reason: 'as its control' }]),
    result(scenario('a/three', { control: 'a/two' }), [
      { verdict: 'inconclusive', reason: 'as its control' },
    ]),
    COMPLETE,
  ];
  const { output } = report(events);
  t.match(output, /^ {2}2 scenarios that need it are inconclusive$/m);
  t.equal(output.match(/\(MUST, clause S2\)/g)?.length, 1);
});

t.test('a failure names its clause with an address', async (t) => {
  const { output } = report([plan(['a/b']), result(scenario('a/b'), FAILURE), COMPLETE]);
  t.match(output, /^ {2}clause: {3}S2, https:\/\/\S+\/docs\/protocol\.md#s2; conform explain S2$/m);
});

t.test('a flaky scenario says what it counts as', async (t) => {
  const countsAs = (level: Scenario['level'], strict = false) => {
    const event = result(scenario('a/b', { level }), [FAIL, PASS, PASS]);
    const { output } = report([plan(['a/b']), event, COMPLETE], { strict });
    return /^ {2}flaky: {4}(.*)$/m.exec(output)?.[1];
  };
  t.equal(countsAs('MUST'), 'counts as a failure');
  t.equal(countsAs('SHOULD'), 'counts as a warning');
  t.equal(countsAs('SHOULD', true), 'counts as a failure');
  t.equal(countsAs('MAY'), 'counts as a note');
});

t.test('a pass is not a finding', async (t) => {
  const { output, summary } = report([plan(['a/b']), result(scenario('a/b'), [PASS]), COMPLETE]);
  t.equal(output.match(/a\/b/g)?.length, 1);
  t.match(output, /^conforms: .*\(exit 0\)$/m);
  t.equal(summary.exitStatus, EXIT.success);
});

t.test('in the log of a small run every scenario has one line, written when it ends', async (t) => {
  const ids = ['a/one', 'a/two', 'a/three'];
  const told = ids.map((id) => result(scenario(id, { level: 'SHOULD' }), [PASS]));
  const renderer = pretty({ colors: PLAIN, live: false });
  const [, ...texts] = recordsOf([plan(ids), ...told], {}).map((record) => renderer.take(record));
  for (const [index, id] of ids.entries()) t.match(texts[index], new RegExp(`^pass +SHOULD +${id}\n$`));
});

t.test('on a terminal one line is rewritten, and erased before the findings', async (t) => {
  const events = [
    plan(['a/one', 'a/two']),
    ...['a/one', 'a/two'].map((id) => result(scenario(id), [PASS])),
    COMPLETE,
  ];
  const [head = '', first, second, end = ''] = report(events, { live: true }).output.split(ERASE_LINE);
  t.match(head, /^2 scenarios against 127\.0\.0\.1:1003\n/);
  t.strictSame([first, second], ['1/2: 1 pass a/one', '2/2: 2 pass a/two']);
  t.match(end, /^\n.*pass/);
});

t.test('the log of a long run has a line for each part of it and for each new cause', async (t) => {
  const ids = Array.from({ length: 100 }, (_, index) => `a/${index}`);
  const verdictOf = (index: number): Verdicts => [index === 10 || index === 40 ? FAIL : PASS];
  const events = ids.map((id, index) => result(scenario(id), verdictOf(index)));
  const renderer = pretty({ colors: PLAIN, live: false });
  const [, ...texts] = recordsOf([plan(ids), ...events], {}).map((record) => renderer.take(record));
  t.strictSame(
    texts.filter((text) => text !== ''),
    [
      'FAIL         MUST   a/10: of this; and of that\n',
      '25/100: 24 pass, 1 FAIL\n',
      '50/100: 48 pass, 2 FAIL\n',
      '75/100: 73 pass, 2 FAIL\n',
    ],
  );
  const every = pretty({ colors: PLAIN, live: false, all: true });
  const [, ...lines] = recordsOf([plan(ids), ...events], {}).map((record) => every.take(record));
  t.ok(
    lines.every((line) => /^\S+ +MUST +a\/\d+.*\n$/.test(line)),
    'with all, every scenario has one',
  );
});

t.test('a provisional failure is shown at once, and its final result replaces it', async (t) => {
  const provisional = { ...result(scenario('a/one'), [FAIL]), isProvisional: true } as RunEvent;
  const events = [plan(['a/one', 'a/two']), provisional, result(scenario('a/two'), [PASS])];
  const cut = report(events);
  t.match(cut.output, /^FAIL +MUST +a\/one: of this; and of that \(failed once, not yet attempted again\)$/m);
  t.match(cut.output, /observed: something else; failed once, not yet attempted again/);
  t.match(cut.summary, { total: { pass: 1, fail: 1 }, exitStatus: EXIT.interrupted });
  const flaky = report([...events, result(scenario('a/one'), [FAIL, PASS, PASS]), COMPLETE]);
  t.match(flaky.output, /^flaky +MUST +a\/one: of this; and of that$/m);
  t.match(flaky.output, /observed: something else; failed 1 of 3 attempts/);
  t.match(flaky.summary, { total: { pass: 1, fail: 1 }, planned: 2 });
  const live = report(events, { live: true }).output.split(ERASE_LINE);
  t.match(live[1], /^FAIL +MUST +a\/one: .*\n$/, 'above the line of progress');
  t.match(live[2], /^0\/2: 1 FAIL a\/one$/);
});

t.test('on a terminal the line of progress shows the time left and what is awaited', async (t) => {
  let elapsedMs = 0;
  const renderer = pretty({ colors: PLAIN, live: true, elapsedMs: () => elapsedMs });
  const ids = ['a/one', 'a/two', 'a/three', 'a/four'];
  const records = recordsOf([plan(ids, { maxMs: 100_000 }), result(scenario('a/one'), [PASS])], {});
  const texts = records.map((record) => {
    const text = renderer.take(record);
    elapsedMs = 10_000;
    return text;
  });
  const [, text] = texts;
  t.equal(text, `${ERASE_LINE}1/4: 1 pass, about 30 s left, a/one`);
  elapsedMs = 90_000;
  t.equal(
    renderer.waiting?.({ ids: ids.slice(1), leftMs: 5400 }),
    `${ERASE_LINE}1/4: 1 pass, about 10 s left, waits at most 5 s for a/two, a/three and 1 more`,
  );
  const long = renderer.waiting?.({ ids: [`a/${'long-'.repeat(40)}`], leftMs: 5400 }) ?? '';
  t.equal(long.length, ERASE_LINE.length + 79, 'a line that wraps could not be erased');
  const log = pretty({ colors: PLAIN, live: false });
  for (const record of records) log.take(record);
  t.equal(log.waiting?.({ ids, leftMs: 5400 }), '');
});

t.test('the slowest scenarios are listed with what was awaited', async (t) => {
  const slow = (id: string, durationMs: number, entry: Transcript[number]): RunEvent => {
    const attempt = { ...PASS, transcript: [entry], targetDied: false, durationMs };
    return { kind: 'result', result: { scenario: scenario(id), attempts: [attempt], onlyAsControl: false } };
  };
  const events = [
    plan(['a/one', 'a/two', 'a/three']),
    slow('a/one', 10, { kind: 'fin', atMs: 9 }),
    slow('a/two', 5200, { kind: 'deadline', ms: 5000, atMs: 5000 }),
    slow('a/three', 400, { kind: 'quiet', ms: 100, atMs: 300 }),
    COMPLETE,
  ];
  const { output } = report(events, { slowest: 2 });
  t.match(
    output,
    /^slowest 2 scenarios:\n +5\.2 s {2}a\/two: waited 5000 ms for what did not come\n +0\.4 s {2}a\/three: waited 100 ms for silence\n/m,
  );
  t.notMatch(report(events).output, /slowest/);
});

t.test('the head says what the target does and how long the run waits', async (t) => {
  const { output } = report([plan(['a/one'], { controls: ['a/two', 'a/three'] })]);
  t.match(output, /1 scenario against 127\.0\.0\.1:1003, and 2 more as controls/);
  t.match(output, /accepts a legal SUBMIT in 3 ms with a frame of type 1, closes after the answer/);
  t.match(output, /2 connections and 4\.5 kB to send, waits 5000 ms for an answer and 100 ms for silence/);
  const answerBounds = { floor: 5000, cap: 30_000 };
  const bounded = {
    deadlines: { connectMs: 5000, answerMs: 7000, quietMs: 100, answerBounds },
    maxMs: 61_000,
  };
  t.match(
    report([plan(['a/one'], bounded)]).output,
    /waits 7000 ms \(5000 to 30000, as the target answers\) for an answer and .*, takes at most 61 s\n/,
  );
  const silent = {
    answers: false,
    policy: 'unknown',
    keepsOpen: false,
    isConcurrent: true,
    echoesTaskId: true,
  } as const;
  t.match(report([plan([], { profile: silent })]).output, /does not answer a legal SUBMIT/);
});

t.test('the table counts verdicts by level, and leaves out levels without any', async (t) => {
  const { output } = report([
    plan(['a/one', 'a/two', 'a/three']),
    result(scenario('a/one'), [PASS]),
    result(scenario('a/two'), FAILURE),
    result(scenario('a/three', { level: 'SHOULD' }), FAILURE),
    COMPLETE,
  ]);
  t.match(output, /^ +pass +FAIL +warning$/m);
  t.match(output, /^MUST +1 +1 +0$/m);
  t.match(output, /^SHOULD +0 +0 +1$/m);
  t.notMatch(output, /^MAY /m);
});

t.test('a run that did not start has a closing line and no table', async (t) => {
  const { output, summary } = report([{ kind: 'unreachable', target, code: 'ECONNREFUSED' }]);
  t.match(output, /^[^\n]+ECONNREFUSED[^\n]+\(exit 3\)\n$/);
  t.equal(summary.exitStatus, EXIT.unreachable);
});

/** Whether every character of the output is visible or ends a line. */
function isHarmless(output: string): boolean {
  return (
    /^[\n -~\u00a0-\u{10ffff}]*$/u.test(output) &&
    !/[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/u.test(output) &&
    !/^\s*::/m.test(output)
  );
}

const wantsAll = scenario('a/b', {
  accept: [answers({ statuses: [999] }), answers({ taskId: { slot: 1 } }), answers({ message: 'not-empty' })],
});
const HOSTILE =
  '\x1b]0;owned\x07\x1b[2J\x9b31m\r\n::error::x\n::set-output name=a::b\u202egnp\u2066\u2028\u200b\ufeff';
const hostileText = fc
  .array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE, '\n::error::', '\x1b[2K')))
  .map((pieces) => pieces.join(''));
/** Answers whose fields, names or bytes are hostile, legal JSON or not. */
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  hostileText.map((value) => Buffer.from(value)),
  fc
    .tuple(hostileText, hostileText, hostileText)
    .map(([task_id, message, name]) =>
      Buffer.from(JSON.stringify({ task_id, message, status: name, [name]: 1 })),
    ),
);

t.test('nothing that a target sends has an effect on a terminal or a CI log', async (t) => {
  const json = JSON.stringify({ task_id: HOSTILE, status: HOSTILE, message: '' });
  const payloads = [HOSTILE, json, `{"task_id":"${HOSTILE}","status":200,"message":""}`];
  for (const hostile of payloads) {
    const { output } = report(failedOn(Buffer.from(hostile), wantsAll));
    t.match(output, /FAIL a\/b/);
    t.match(output, /::error::x/, 'it is shown');
    t.ok(isHarmless(output), 'and harmless');
  }
  t.ok(isHarmless(report(failedOn(Buffer.from([0x80, 0x9b, 0xff, 0x1b]), wantsAll)).output));
  fc.assert(fc.property(payload, (bytes) => isHarmless(report(failedOn(bytes, wantsAll)).output)));
});

t.test('a live report adds the sequence that erases a line, and nothing else', async () => {
  fc.assert(
    fc.property(payload, (bytes) => {
      const { output } = report(failedOn(bytes, wantsAll), { live: true });
      return isHarmless(output.replaceAll(ERASE_LINE, ''));
    }),
  );
});

t.test('an address from the command line is escaped too', async (t) => {
  const events = [plan(['a/b']), result(scenario('a/b'), FAILURE), COMPLETE];
  t.ok(isHarmless(report(events, { replay: HOSTILE }).output));
  t.ok(
    isHarmless(report([{ kind: 'unreachable', target: { host: HOSTILE, port: 1 }, code: HOSTILE }]).output),
  );
});

t.test('words are styled by meaning', async (t) => {
  const tag = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
  const colors: Colors = {
    good: tag('good'),
    bad: tag('bad'),
    warn: tag('warn'),
    dim: tag('dim'),
    bold: tag('bold'),
  };
  const run = (level: Scenario['level'], verdicts: Verdicts) =>
    report([plan(['a/b']), result(scenario('a/b', { level }), verdicts), COMPLETE], { colors }).output;
  t.match(run('MUST', FAILURE), '<bad><bold>FAIL</bold></bad>');
  t.match(run('SHOULD', FAILURE), '<warn><bold>warning</bold></warn>');
  t.match(run('MUST', [PASS]), '<good><bold>conforms</bold></good>');
});

t.test('skipped scenarios are counted by reason', async (t) => {
  const skipped = (reason: string): Verdicts => [{ verdict: 'skipped', lacks: 'acceptance', reason }];
  const ids = ['a/one', 'a/two', 'a/three'];
  const told = ids.map((id) => result(scenario(id), skipped(id === 'a/two' ? 'too slow' : HOSTILE)));
  const { output } = report([plan(ids), ...told, COMPLETE]);
  t.match(output, /^skipped a\/two: too slow$/m, 'a single one is named');
  t.match(output, /^skipped 2: /m);
  t.ok(isHarmless(output));
});
