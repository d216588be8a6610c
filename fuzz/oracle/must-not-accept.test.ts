import fc from 'fast-check';
import t from 'tap';
import { marshalSubmitRequest } from '../../reference/index.ts';
import { submitRequest } from '../generate/arbitraries/protocol-types.ts';
import { faultOf, isPlainlyLegal, taskIdOf } from './must-not-accept.ts';

const payload = (text: string) => Buffer.from(text, 'utf8');

t.test('what nobody may accept', async (t) => {
  const faults: [string, string][] = [
    ['', 'F8'],
    [' \n', 'F8'],
    ['200', 'M6'],
    ['true', 'M6'],
    ['"a"', 'M6'],
    ['[{}]', 'M6'],
    ['{"task_id":1}', 'M4'],
    ['{"task_description":[]}', 'M4'],
    ['{"from_addr":{}}', 'M4'],
    ['{"to_addr":false}', 'M4'],
    ['{"task_id":"a"} {"task_id":"b"}', 'M5'],
    ['{"task_id":"a"}}', 'M5'],
    ['{"task_id":"a"}\0', 'M5'],
    [`{"task_description":"${'a'.repeat(16_385)}"}`, 'S5'],
    [`{"task_description":"${'\\u00e9'.repeat(8193)}"}`, 'S5'],
  ];
  for (const [text, clause] of faults) t.equal(faultOf(payload(text))?.clause, clause, text.slice(0, 40));
});

t.test('where it is free, or in doubt, there is no fault', async (t) => {
  const free = [
    'null',
    '{}',
    '{"task_id":null}',
    '{"priority":1}',
    '{"task_id":1,"task_id":"a"}',
    '{"task_id":1,"TASK_ID":"a"}',
    '{"task_id":1,"ta\u017fk_id":"a"}',
    '{"task_id":1," task_id ":"a"}',
    '{"task_id":"a",}',
    "{'task_id':1}",
    '{"task_id":"a"} // done',
    '{"task_id":"a"} # done',
    '{"task_id":"a"}\u00a0',
    '{"task_id":NaN}',
    '1_000',
    '{"task_id":"a"',
    '{"a":{"task_id":1}}',
    `{"task_description":"${'a'.repeat(16_384)}"}`,
    `{"task_description":"${'\\ud800'.repeat(6000)}"}`,
  ];
  for (const text of free) t.equal(faultOf(payload(text)), undefined, text.slice(0, 40));
  t.equal(faultOf(Buffer.from('7b22ff223a317d', 'hex')), undefined, 'no UTF-8');
});

t.test('no legal message has a fault, and its id is known', async () => {
  fc.assert(
    fc.property(submitRequest(), (request) => {
      const { payload } = marshalSubmitRequest(request);
      return (
        isPlainlyLegal(payload) && faultOf(payload) === undefined && taskIdOf(payload) === request.taskId
      );
    }),
  );
});

t.test('an id is known only where it is beyond doubt', async (t) => {
  t.equal(taskIdOf(payload('{"task_id":"a","x":"task_id"}')), 'a');
  for (const text of [
    '{"task_id":"a","task_id":"b"}',
    '{"Task_Id":"a"}',
    '{"task_id":1}',
    '{"task_id":"\\ud800"}',
    '{',
  ])
    t.equal(taskIdOf(payload(text)), undefined, text);
});
