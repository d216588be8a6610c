import fc from 'fast-check';
import t from 'tap';
import { mismatch } from '../../judge/mismatch.ts';
import { observe } from '../../judge/observe.ts';
import { judgeObservation, type Verdict } from '../../judge/oracle.ts';
import { EXIT } from '../../report/exit-status.ts';
import type { ReportRecord } from '../../report/record.ts';
import { NO_FILTERS, Recorder } from '../../report/recorder.ts';
import { type Summary, summariseRecords } from '../../report/summary.ts';
import type { RunEvent } from '../../run/events.ts';
import { render, text } from '../../scenario/bytes.ts';
import { frame } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, closes } from '../../scenario/steps.ts';
import type { Transcript } from '../../wire/transcript.ts';
import { renderAll } from '../common/renderer.ts';
import { type Colors, NO_COLORS as PLAIN, type PrettyOptions, pretty } from './pretty.ts';

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
  const attempts = [failed, { ...failed, targetDied: true, said }] as const;
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
  const failing = scenario('frame/one', { requirement: 'This is the sentence.', likelyCause: 'A slip.' });
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
  t.equal(word('MAY', FAILURE, true), 'warning');
  t.equal(word('MUST', [FAIL, PASS, PASS]), 'flaky');
  t.equal(word('MUST', [{ verdict: 'inconclusive', reason: 'why' }]), 'inconclusive');
});

t.test('findings are in the order of the plan', async (t) => {
  const ids = ['a/one', 'a/two', 'a/three', 'a/four'];
  const verdicts = new Map<string, Verdicts>([
    ['a/two', [{ verdict: 'inconclusive', reason: 'it hung in the balance' }]],
    ['a/four', [{ verdict: 'error', reason: 'it was not wanted' }]],
  ]);
  const told = ids.toReversed().map((id) => result(scenario(id), verdicts.get(id) ?? FAILURE));
  const { output } = report([plan(ids), ...told, COMPLETE]);
  t.strictSame(
    [...output.matchAll(/^\S+ (\S+) \(MUST, clause S2\)$/gm)].map(([, id]) => id),
    ids,
  );
  t.match(output, /it hung in the balance/);
  t.match(output, /it was not wanted/);
});

t.test('a pass is not a finding', async (t) => {
  const { output, summary } = report([plan(['a/b']), result(scenario('a/b'), [PASS]), COMPLETE]);
  t.equal(output.match(/a\/b/g)?.length, 1);
  t.match(output, /^conforms: .*\(exit 0\)$/m);
  t.equal(summary.exitStatus, EXIT.success);
});

t.test('in a log every scenario has one line, written when it ends', async (t) => {
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
  t.strictSame([first, second], ['1/2 a/one', '2/2 a/two']);
  t.match(end, /^\n.*pass/);
});

t.test('the head says what the target does and how long the run waits', async (t) => {
  const { output } = report([plan(['a/one'], { controls: ['a/two', 'a/three'] })]);
  t.match(output, /1 scenario against 127\.0\.0\.1:1003, and 2 more as controls/);
  t.match(output, /accepts a legal SUBMIT in 3 ms with a frame of type 1, closes after the answer/);
  t.match(output, /2 connections and 4\.5 kB to send, waits 5000 ms for an answer and 100 ms for silence/);
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
  t.match(output, /^MUST +1 +1 +0 +0 +0$/m);
  t.match(output, /^SHOULD +0 +1 +0 +0 +0$/m);
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
  t.match(output, /^skipped 1: too slow$/m);
  t.match(output, /^skipped 2: /m);
  t.ok(isHarmless(output));
});
