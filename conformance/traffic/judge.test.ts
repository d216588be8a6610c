import fc from 'fast-check';
import t from 'tap';
import { answer, cut, events, frame, results, submit, update } from '../testing/traffic.ts';
import type { TrafficEvent } from './conversation.ts';
import { ConversationJudge, judgeConversation } from './judge.ts';
import { TRAFFIC_RULES } from './rules.ts';

const ID = '3b9f0c52-7a1e-e6d4-1c88-90f5ab27d163';
const FIN = 'fin';
const RESET = 'reset';
const littleEndian = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, 4).reverse(), bytes.subarray(4, 8).reverse(), bytes.subarray(8)]);
const declared = (bytes: Buffer, more: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(bytes.length - 8 + more, 4);
  return copy;
};
const header = (type: number, length: number): Buffer => declared(frame(type, ''), length);
const file = (more: object): Buffer => results({ result_type: 'file', result_text: '', ...more });

/** What both sides did, and the rules that are broken. `>` is the sender, `<` the receiver. */
const TABLE: readonly (readonly [
  name: string,
  steps: Parameters<typeof events>[0],
  broken: readonly string[],
])[] = [
  [
    'a submit',
    [
      ['>', submit()],
      ['<', answer()],
      ['<', FIN],
      ['>', FIN],
    ],
    [],
  ],
  [
    'a rejection',
    [
      ['>', submit()],
      ['<', answer({ status: 400 })],
      ['<', RESET],
    ],
    [],
  ],
  [
    'half-close',
    [
      ['>', submit()],
      ['>', FIN],
      ['<', answer()],
      ['<', FIN],
    ],
    [],
  ],
  [
    'an update',
    [
      ['>', update()],
      ['<', FIN],
      ['>', FIN],
    ],
    [],
  ],
  [
    'results',
    [
      ['>', results()],
      ['>', FIN],
      ['<', FIN],
    ],
    [],
  ],
  [
    'a file',
    [
      ['>', file({ filename: 'a.PDF', file_data: 'QUI=' })],
      ['>', FIN],
    ],
    [],
  ],
  [
    'nothing',
    [
      ['>', FIN],
      ['<', FIN],
    ],
    [],
  ],
  ['a connection that stays open', [['>', submit()]], []],
  [
    'null for fields',
    [
      ['>', submit({ from_addr: null })],
      ['<', answer()],
    ],
    [],
  ],
  [
    'unknown fields',
    [
      ['>', submit({ extra: [[1]] })],
      ['<', answer()],
      ['<', FIN],
    ],
    [],
  ],
  [
    'an answer that a reset cuts',
    [
      ['>', submit()],
      ['<', cut(answer(), 20)],
      ['<', RESET],
    ],
    [],
  ],
  [
    'a sender that gives up',
    [
      ['>', submit()],
      ['>', RESET],
    ],
    [],
  ],
  [
    'a receiver that refuses what is not whole',
    [
      ['>', cut(results(), 20)],
      ['<', FIN],
      ['>', FIN],
    ],
    [],
  ],
  [
    'a bad frame that is refused',
    [
      ['>', frame(1, '[]')],
      ['<', FIN],
    ],
    ['sender/object'],
  ],
  [
    '400 for a bad frame',
    [
      ['>', frame(1, '[]')],
      ['<', answer({ task_id: '', status: 400 })],
    ],
    ['sender/object'],
  ],
  [
    'an early rejection',
    [
      ['>', cut(submit(), 30)],
      ['<', answer({ status: 400 })],
      ['<', FIN],
      ['>', FIN],
    ],
    [],
  ],

  ['little-endian', [['>', littleEndian(submit())]], ['sender/header']],
  ['little-endian type', [['>', frame(0x01000000, '{}')]], ['sender/header']],
  [
    'the length is too large',
    [
      ['>', declared(submit(), 4)],
      ['>', FIN],
    ],
    ['sender/length'],
  ],
  [
    'the length is too small',
    [
      ['>', declared(submit(), -4)],
      ['>', FIN],
    ],
    ['sender/object', 'sender/one-frame'],
  ],
  [
    'over the cap',
    [
      ['>', header(4, 16 * 1024 * 1024 + 1)],
      ['<', FIN],
    ],
    ['sender/length-cap'],
  ],
  [
    'an unknown type',
    [
      ['>', frame(9, '{}')],
      ['<', FIN],
    ],
    ['sender/type'],
  ],
  [
    'the legacy type',
    [
      ['>', frame(2, '{}')],
      ['<', FIN],
    ],
    ['sender/legacy-type'],
  ],
  [
    'a cut frame',
    [
      ['>', cut(submit(), 30)],
      ['>', FIN],
    ],
    ['sender/whole-frame'],
  ],
  [
    'a cut header',
    [
      ['>', cut(submit(), 3)],
      ['>', FIN],
    ],
    ['sender/whole-frame'],
  ],
  [
    'a line break',
    [
      ['>', Buffer.concat([submit(), Buffer.from('\n')])],
      ['<', answer()],
      ['>', FIN],
    ],
    ['sender/one-frame'],
  ],
  [
    'a line break, and FIN',
    [
      ['>', Buffer.concat([update(), Buffer.from('\n')])],
      ['>', FIN],
    ],
    ['sender/one-frame'],
  ],
  [
    'two frames',
    [
      ['>', update()],
      ['>', results()],
    ],
    ['sender/one-frame'],
  ],
  ['no JSON', [['>', frame(1, "{'a':1}")]], ['sender/object']],
  ['no UTF-8', [['>', frame(1, Buffer.of(0x22, 0xff, 0x22))]], ['sender/object']],
  ['empty', [['>', frame(1, '')]], ['sender/not-empty']],
  ['something after', [['>', frame(3, '{}x')]], ['sender/nothing-after']],
  ['a number as text', [['>', submit({ task_description: 5 })]], ['sender/field-type']],
  ['a time as text', [['>', results({ time_cpu_ms: '5' })]], ['sender/field-type']],
  ['a time with a fraction', [['>', results({ time_cpu_ms: 0.5 })]], ['sender/integer']],
  ['an id in upper case', [['>', submit({ task_id: ID.toUpperCase() })]], ['sender/task-id']],
  ['a long description', [['>', submit({ task_description: 'é'.repeat(8193) })]], ['sender/description']],
  [
    'a very long description',
    [['>', submit({ task_description: 'a'.repeat(50_000) })]],
    ['sender/description'],
  ],
  ['a state in lower case', [['>', update({ status: 'accepted' })]], ['sender/state']],
  ['a long justification', [['>', update({ justification: 'a'.repeat(4097) })]], ['sender/justification']],
  ['a long text', [['>', results({ result_text: 'a'.repeat(1024 * 1024 + 1) })]], ['sender/result-bounds']],
  ['a text at its bound', [['>', results({ result_text: 'a'.repeat(1024 * 1024) })]], []],
  ['a result type', [['>', results({ result_type: 'TEXT' })]], ['sender/result-type']],
  ['source code', [['>', file({ filename: 'a.txt.py', file_data: 'QUI=' })]], ['sender/extension']],
  ['base64 for URLs', [['>', file({ filename: 'a.md', file_data: '_-A=' })]], ['sender/base64']],
  ['base64 without padding', [['>', file({ filename: 'a.md', file_data: 'QUI' })]], ['sender/base64']],
  ['a time in words', [['>', results({ completed_at: 'yesterday' })]], ['sender/time']],

  [
    'a greeting',
    [
      ['<', Buffer.from('220 ready\r\n')],
      ['>', submit()],
    ],
    ['receiver/silent-first'],
  ],
  [
    'no answer',
    [
      ['>', submit()],
      ['<', FIN],
    ],
    ['receiver/answer'],
  ],
  [
    'a reset in place of an answer',
    [
      ['>', submit()],
      ['<', RESET],
    ],
    ['receiver/answer'],
  ],
  [
    'no answer after FIN',
    [
      ['>', submit()],
      ['>', FIN],
      ['<', FIN],
    ],
    ['receiver/half-close'],
  ],
  [
    'two answers',
    [
      ['>', submit()],
      ['<', answer()],
      ['<', answer()],
    ],
    ['receiver/answer'],
  ],
  [
    'an answer of type 2',
    [
      ['>', submit()],
      ['<', frame(2, answer().subarray(8))],
    ],
    ['receiver/answer-type'],
  ],
  [
    'an answer of type 3',
    [
      ['>', submit()],
      ['<', frame(3, answer().subarray(8))],
    ],
    ['receiver/answer'],
  ],
  [
    'an answer that is none',
    [
      ['>', submit()],
      ['<', Buffer.from('HTTP/1.1 400 Bad Request\r\n')],
    ],
    ['receiver/answer'],
  ],
  [
    'a cut answer',
    [
      ['>', submit()],
      ['<', cut(answer(), 20)],
      ['<', FIN],
    ],
    ['receiver/answer'],
  ],
  [
    'another status',
    [
      ['>', submit()],
      ['<', answer({ status: 202 })],
    ],
    ['receiver/status'],
  ],
  [
    'another id',
    [
      ['>', submit()],
      ['<', answer({ task_id: 'x' })],
    ],
    ['receiver/task-id'],
  ],
  [
    'no message',
    [
      ['>', submit()],
      ['<', answer({ message: undefined })],
    ],
    ['receiver/message'],
  ],
  [
    'an empty message',
    [
      ['>', submit()],
      ['<', answer({ message: '' })],
    ],
    ['receiver/message-text'],
  ],
  [
    '200 for a long description',
    [
      ['>', submit({ task_description: 'a'.repeat(16_385) })],
      ['<', answer()],
    ],
    ['sender/description', 'receiver/description'],
  ],
  [
    '200 for a wrong type',
    [
      ['>', submit({ task_id: 5 })],
      ['<', answer()],
    ],
    ['sender/field-type', 'receiver/malformed'],
  ],
  [
    'an answer to an update',
    [
      ['>', update()],
      ['<', answer()],
    ],
    ['receiver/update-unanswered'],
  ],
  [
    'an answer to a bad update',
    [
      ['>', update({ status: 'x' })],
      ['<', answer()],
    ],
    ['sender/state', 'receiver/bad-update-unanswered'],
  ],
  [
    'an answer to results',
    [
      ['>', results()],
      ['<', answer()],
    ],
    ['receiver/results-unanswered'],
  ],
  [
    'an answer to a foreign type',
    [
      ['>', frame(9, '{}')],
      ['<', answer()],
    ],
    ['sender/type', 'receiver/foreign-unanswered'],
  ],
  [
    'an answer over the cap',
    [
      ['>', header(1, 0xff00_0000)],
      ['<', answer()],
    ],
    ['sender/length-cap', 'receiver/over-cap-unanswered'],
  ],
  [
    'an answer to a cut frame',
    [
      ['>', cut(submit(), 30)],
      ['>', FIN],
      ['<', answer()],
    ],
    ['sender/whole-frame', 'receiver/cut-unanswered'],
  ],
  [
    'a late answer',
    [
      ['>', submit()],
      ['<', answer(), 1500],
    ],
    ['receiver/prompt'],
  ],
  [
    'a very late answer',
    [
      ['>', submit()],
      ['<', answer(), 5001],
    ],
    ['receiver/deadline'],
  ],
  [
    'no answer in time',
    [
      ['>', submit()],
      ['>', RESET, 6000],
    ],
    ['receiver/deadline'],
  ],
  [
    'no fault in time',
    [
      ['>', submit()],
      ['>', RESET, 4000],
    ],
    [],
  ],
];

/** An id by its number. */
const idOf = (number: number): string => `${ID.slice(0, -3)}${String(number).padStart(3, '0')}`;

t.test('any number of submissions may wait for their answers, which come in turn', (t) => {
  for (const waiting of [1, 63, 64, 65, 200]) {
    const ids = Array.from({ length: waiting + 1 }, (_, number) => idOf(number));
    const [first = '', ...others] = ids;
    const sent = (ids: readonly string[]) => ids.map((task_id) => ['>', submit({ task_id })] as const);
    const answered = (ids: readonly string[]) => ids.map((task_id) => ['<', answer({ task_id })] as const);
    const steps = [
      ...sent(ids.slice(0, -1)),
      ...answered([first]),
      ...sent(ids.slice(-1)),
      ...answered(others),
    ];
    const { findings } = judgeConversation({ events: events([...steps, ['<', FIN], ['>', FIN]]) });
    t.strictSame(
      findings.filter(({ side }) => side === 'receiver'),
      [],
      `${waiting} wait`,
    );
    const surplus = judgeConversation({ events: events([...steps, ...answered([first]), ['<', FIN]]) });
    t.match(surplus.findings.at(-1), { rule: 'receiver/answer' }, 'one more is seen');
  }
  t.end();
});

t.test('what is wrong with a conversation', async (t) => {
  for (const [name, steps, broken] of TABLE) {
    const { findings } = judgeConversation({ events: events(steps) });
    t.strictSame(
      findings.map(({ rule }) => rule),
      broken,
      name,
    );
  }
});

t.test('every rule is broken by an example, and no other', async (t) => {
  const shown = new Set([...TABLE.flatMap(([, , broken]) => broken), ...EXTRA]);
  t.strictSame([...shown].sort(), TRAFFIC_RULES.map(({ id }) => id).sort());
});

/** Shown by tests of their own. */
const EXTRA = ['receiver/concurrent', 'receiver/bad-results-unanswered'];

t.test('a finding names the side, the clause, the level and the frame', async (t) => {
  const { findings } = judgeConversation({
    events: events([
      ['>', submit()],
      ['<', answer({ task_id: '\u001b[31m' })],
    ]),
  });
  t.match(findings, [{ rule: 'receiver/task-id', side: 'receiver', clause: 'S3', level: 'MUST', frame: 1 }]);
  t.match(findings[0]?.seen, /names "\\u001b\[31m", and the request "3b9f/);
});

t.test('a refused result is not answered', async (t) => {
  const bad = results({ result_type: 'file', filename: 'a.py', file_data: 'QUI=' });
  const { findings } = judgeConversation({
    events: events([
      ['>', bad],
      ['<', answer()],
    ]),
  });
  t.match(findings, [
    { rule: 'sender/extension' },
    { rule: 'receiver/bad-results-unanswered', level: 'SHOULD' },
  ]);
});

t.test('beyond 64 connections, a receiver may close one unanswered', async (t) => {
  const { findings } = judgeConversation({
    events: events([
      ['>', submit()],
      ['<', FIN],
    ]),
    connections: 65,
  });
  t.match(findings, [{ rule: 'receiver/concurrent', level: 'SHOULD' }]);
});

t.test('nothing is found in what follows a gap', async (t) => {
  const gap = (from: TrafficEvent['from']): TrafficEvent => ({ kind: 'gap', from, atMs: 0 });
  const both = [
    ['>', submit()],
    ['<', FIN],
  ] as const;
  t.strictSame(judgeConversation({ events: [gap('receiver'), ...events(both)] }).findings, []);
  t.strictSame(judgeConversation({ events: [gap('sender'), ...events([['<', answer()]])] }).findings, []);
});

t.test('an answer that is overdue when the recording ends', async (t) => {
  const judge = new ConversationJudge();
  for (const event of events([['>', submit()]])) judge.push(event);
  t.strictSame(judge.close(4000), []);
  t.match(judge.close(6000), [{ kind: 'finding', finding: { rule: 'receiver/deadline' } }]);
});

t.test('one rule that is broken often is one finding', async (t) => {
  const judge = new ConversationJudge();
  const many = Array.from({ length: 100 }, () => ['>', update({ status: 'x' })] as const);
  const noted = events(many).flatMap((event) => judge.push(event));
  t.equal(noted.filter(({ kind }) => kind === 'finding').length, 2);
  t.equal(judge.broken.get('sender/state'), 100);
});

t.test('the same findings, however the bytes are cut', async () => {
  const streams = TABLE.map(([, steps]) => events(steps));
  fc.assert(
    fc.property(
      fc.constantFrom(...streams),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (whole, sizes) => {
        const pieces = whole.flatMap((event) => (event.kind === 'bytes' ? inPieces(event, sizes) : [event]));
        const rules = (list: readonly TrafficEvent[]): string =>
          judgeConversation({ events: list })
            .findings.map(({ rule, seen }) => `${rule} ${seen}`)
            .join();
        return rules(whole) === rules(pieces);
      },
    ),
  );
});

t.test('nothing that two hostile peers do makes the judge throw', async () => {
  const event = fc.record({
    from: fc.constantFrom('sender' as const, 'receiver' as const),
    what: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(submit(), answer(), update(), header(1, 100), header(4, 0), header(9, 0xffff_ffff)),
      fc.constantFrom('fin' as const, 'reset' as const, 'gap' as const),
    ),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (all) => {
      const judge = new ConversationJudge();
      for (const [atMs, { from, what }] of all.entries())
        judge.push(
          typeof what === 'string' ? { kind: what, from, atMs } : { kind: 'bytes', bytes: what, from, atMs },
        );
      judge.close(10_000);
    }),
  );
});

function inPieces(event: Extract<TrafficEvent, { kind: 'bytes' }>, sizes: readonly number[]): TrafficEvent[] {
  const pieces: TrafficEvent[] = [];
  // Long payloads in long pieces.
  const factor = Math.max(1, Math.floor(event.bytes.length / 1000));
  for (let at = 0, index = 0; at < event.bytes.length; index += 1) {
    const size = factor * (sizes[index % sizes.length] ?? 1);
    pieces.push({ ...event, bytes: event.bytes.subarray(at, at + size) });
    at += size;
  }
  return pieces;
}
