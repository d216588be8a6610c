import assert from 'node:assert';
import fc from 'fast-check';
import t from 'tap';
import { judgeObservation } from '../judge/oracle.ts';
import { taskId } from '../scenario/bytes.ts';
import type { Outcome } from '../scenario/scenario.ts';
import { answers, answersSome, closes, rejects } from '../scenario/steps.ts';
import { answer, FIN, idOf, NOT_JSON, scenario, seen } from '../testing/observations.ts';
import type { Frame } from '../wire/frames.ts';
import { answerFault, memberValue } from './answer-fault.ts';

/** The bytes that are marked, from the header on. */
function marked(outcome: Outcome, frames: readonly Frame[], rest = ''): string | undefined {
  const observation = seen(FIN, frames, rest);
  const verdict = judgeObservation(scenario(outcome), observation, idOf);
  assert(verdict.verdict === 'fail');
  const stream = Buffer.concat([
    ...frames.map(({ type, payload }) => {
      const header = Buffer.alloc(8);
      header.writeUInt32BE(type);
      header.writeUInt32BE(payload.length, 4);
      return Buffer.concat([header, payload]);
    }),
    Buffer.from(rest),
  ]);
  const span = answerFault(verdict, observation);
  return span && stream.subarray(span.offset, span.offset + span.bytes).toString('latin1');
}

t.test('the field that is at fault is marked', async (t) => {
  t.equal(marked(answers({ statuses: [200] }), [answer({ status: '"200"' })]), '"200"');
  t.equal(marked(answers({ statuses: [200] }), [answer({ status: '500' })]), '500');
  t.equal(marked(rejects(), [answer()]), '200');
  t.equal(marked(answers({ taskId: taskId() }), [answer({ task_id: '"id-2"' })]), '"id-2"');
  t.equal(marked(answers({ message: 'string' }), [answer({ message: '{"a":[1,{}]}' })]), '{"a":[1,{}]}');
  t.equal(marked(answers({ types: [1] }), [answer({}, 7)]), '\0\0\0\x07');
  t.equal(marked(answers(), [answer()], '\n'), '\n');
  t.match(marked(answers(), [answer(), answer({ status: '400' })]), /^[^{]{8}\{.*400.*\}$/s);
  t.equal(marked(answers(), [], '\x01\0\0\0\x02\0\0\0{}'), '\x02\0\0\0', 'the length');
});

t.test('the answer that is at fault is marked', async (t) => {
  const some = answersSome([taskId(1), taskId(2)]);
  t.equal(marked(some, [answer(), answer({}, 99)]), '\0\0\0\x63');
  t.equal(marked(some, [answer(), answer({ status: '500' })]), '500');
  t.equal(marked(some, [answer(), answer({ task_id: '"id-3"' })]), '"id-3"');
  t.equal(marked(some, [answer({ task_id: '"id-3"' }), answer()]), '"id-3"');
});

t.test('what is missing or cannot be read has no mark', async (t) => {
  t.equal(marked(answers({ statuses: [200] }), [NOT_JSON]), undefined);
  t.equal(marked(closes(), [answer()]), undefined);
  t.equal(marked(answers(), [], 'x'), undefined);
});

t.test('the value of a member is found in any layout', async (t) => {
  const valueIn = (text: string) => {
    const span = memberValue(Buffer.from(text), 'status');
    return (
      span &&
      Buffer.from(text)
        .subarray(span.offset, span.offset + span.bytes)
        .toString()
    );
  };
  t.equal(valueIn('{"é":"\\"status\\":1","x":{"status":2}, "status" : -1.5e3 }'), '-1.5e3');
  t.equal(valueIn('{"status":1,"status":2}'), '2');
  t.equal(valueIn('{"status": "a,}b" ,"x":1}'), '"a,}b"');
  t.equal(valueIn('{"x":{"status":2}}'), undefined);
  t.equal(valueIn('["status",1]'), undefined);
  t.equal(valueIn('{"x":"status"}'), undefined);
});

t.test('a value that JSON holds is found', async () => {
  const value = fc.json({ maxDepth: 3 });
  fc.assert(
    fc.property(value, value, (first, second) => {
      const payload = Buffer.from(`{"other": ${first} , "status":${second}}`);
      const span = memberValue(payload, 'status');
      return (
        span !== undefined && payload.subarray(span.offset, span.offset + span.bytes).toString() === second
      );
    }),
  );
});
