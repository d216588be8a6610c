import assert from 'node:assert';
import t from 'tap';
import { catalogue } from '../catalogue/index.ts';
import { concat, KiB, render, repeat, SUBMIT, size, text } from '../scenario/bytes.ts';
import { frame, submitPayload } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answers, send } from '../scenario/steps.ts';
import { exampleId, sentDifference } from './sent-difference.ts';
import { KEPT_BYTES } from './span.ts';

function sentBy({ steps }: Pick<Scenario, 'steps'>): Buffer {
  const sent = concat(...steps.flatMap((step) => (step.do === 'send' ? [step.bytes] : [])));
  return Buffer.from(render(sent, exampleId));
}

function byId(id: string): Scenario {
  const scenario = catalogue.find((one) => one.id === id);
  assert(scenario, id);
  return scenario;
}

const MARKED: readonly (readonly [id: string, marked: string])[] = [
  ['json/nan', ',"x":NaN'],
  ['json/comment-line', '// c\n'],
  ['json/single-quotes', `,"x":'a'`],
  ['json/name-unquoted', 'x:1,'],
  ['json/trailing-brace', '}'],
  ['json/from-addr-object', '{}'],
  ['json/missing-task-id', ''],
  ['json/byte-order-mark', '\ufeff'],
  ['submit/malformed-task-id-number', '1'],
  ['submit/id-slash', '../'],
  ['frame/type-five-unanswered', '\0\0\0\x05'],
  ['frame/length-one', ''],
  ['frame/length-shorter-than-json', '\0\0\0\xb7'],
  ['status/store-ignores-status-number', '1'],
  ['results/store-refuses-time-fraction', '1.5'],
  ['results/store-refuses-completed-at-true', 'true'],
  ['results/extension-go-refused', 'main.go'],
];

t.test('the fault of a scenario is marked', async (t) => {
  for (const [id, marked] of MARKED) {
    const scenario = byId(id);
    const span = sentDifference(scenario);
    const bytes = span && sentBy(scenario).subarray(span.offset, span.offset + span.bytes);
    t.same(bytes, Buffer.from(marked, id.startsWith('frame/') ? 'latin1' : 'utf8'), id);
  }
});

t.test('a legal message has no mark, however it is sent', async (t) => {
  for (const id of [
    'frame/legal',
    'frame/one-byte-at-a-time',
    'submit/half-close',
    'status/unanswered-accepted',
  ])
    t.equal(sentDifference(byId(id)), undefined, id);
});

t.test('every SUBMIT that must not be accepted has a mark', async (t) => {
  const refusals = catalogue.filter(
    ({ accept }) =>
      accept.length > 0 && accept.every((one) => one.kind !== 'answers' || one.statuses?.join() === '400'),
  );
  const SUBMITS = /^(json|submit|store)\//;
  t.strictSame(
    refusals.filter((scenario) => SUBMITS.test(scenario.id) && sentDifference(scenario) === undefined),
    [],
  );
});

t.test('bytes that a record does not keep come with the mark', async (t) => {
  const late: Scenario = {
    id: 'own/late',
    clause: 'S1',
    level: 'MUST',
    requirement: 'It is so.',
    steps: [send(frame(SUBMIT, concat(submitPayload(), repeat(' ', 4 * KiB), text('NaN'))))],
    accept: [answers()],
    control: 'frame/large-in-segments',
  };
  const own = sentDifference(late);
  assert(own?.around);
  const { around, offset } = own;
  t.equal(offset, sentBy(late).length - 3);
  t.ok(around.offset < offset);
  t.match(Buffer.from(around.hex, 'hex').toString(), / {64}NaN$/);
  const spans = catalogue.map(({ id, steps }) => {
    const total = steps.reduce((sum, step) => sum + (step.do === 'send' ? size(step.bytes) : 0), 0);
    return { id, total, span: sentDifference(byId(id)) };
  });
  t.strictSame(
    spans.filter(({ span, total }) => span && span.offset + span.bytes > total),
    [],
    'within the bytes sent',
  );
  t.strictSame(
    spans.filter(({ span }) => span && span.offset > KEPT_BYTES && span.around === undefined),
    [],
    'with the bytes around it',
  );
});
