import fc from 'fast-check';
import t from 'tap';
import { submitRequest } from '../../fuzz/generate/arbitraries/protocol-types.ts';
import { marshalSubmitRequest } from '../../reference/index.ts';
import { isPlainlyLegal, taskIdOf, violationOf } from './must-not-accept.ts';

const payload = (text: string) => Buffer.from(text, 'utf8');

t.test('payloads that must not be accepted', async (t) => {
  const forbidden: [string, string][] = [
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
  for (const [text, clause] of forbidden)
    t.equal(violationOf(payload(text))?.clause, clause, text.slice(0, 40));
});

t.test('where the protocol leaves it open, or there is doubt, there is no violation', async (t) => {
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
  for (const text of free) t.equal(violationOf(payload(text)), undefined, text.slice(0, 40));
  t.equal(violationOf(Buffer.from('7b22ff223a317d', 'hex')), undefined, 'not UTF-8');
});

t.test('malformed JSON is a fault only where other bytes follow a complete value', async (t) => {
  const table: readonly [text: string, clause: string | undefined][] = [
    // Bytes after the value.
    ['{"task_id":"a"} x', 'M5'],
    ['{"task_id":"a"}\n\n{', 'M5'],
    ['[1] 2', 'M5'],
    ['"a" "b"', 'M5'],
    ['{}]', 'M5'],
    ['{}\ufffd', undefined],
    ['{} ;', undefined],
    ['{}/', undefined],
    ['1 2', undefined],
    ['true x', undefined],
    ['nullx', undefined],
    // Too many containers.
    ['['.repeat(513) + ']'.repeat(513), undefined],
    ['{"a":'.repeat(513), undefined],
    // No value, or no name.
    ['nul', undefined],
    ['[tru]', undefined],
    ['{', undefined],
    ['[', undefined],
    ['[1,]', undefined],
    ['{,}', undefined],
    ['{a:1}', undefined],
    ['{"a":}', undefined],
    ['}', undefined],
    // No legal string or number.
    ['"abc', undefined],
    ['"\\x41"', undefined],
    ['01', undefined],
    ['[-]', undefined],
    ['{"a":1e}', undefined],
    // A missing colon, comma or bracket.
    ['{"a" 1}', undefined],
    ['{"a":1 "b":2}', undefined],
    ['{"a":1', undefined],
    ['[1 2]', undefined],
    ['[1}', undefined],
    // Legal JSON that quotes the words of a problem.
    ['{"something stands behind the value, at character 2":1}', undefined],
  ];
  for (const [text, clause] of table) t.equal(violationOf(payload(text))?.clause, clause, text.slice(0, 40));
});

t.test('a legal message has no violation, and its id is known', async () => {
  fc.assert(
    fc.property(submitRequest(), (request) => {
      const { payload } = marshalSubmitRequest(request);
      return (
        isPlainlyLegal(payload) && violationOf(payload) === undefined && taskIdOf(payload) === request.taskId
      );
    }),
  );
});

t.test('an id is known only where there is no doubt', async (t) => {
  t.equal(taskIdOf(payload('{"task_id":"a","x":"task_id"}')), 'a');
  for (const text of ['{}', '{"task_id":null}', '{"x":{"task_id":"a"}}', '{"task_description":"task_id"}'])
    t.equal(taskIdOf(payload(text)), '', `${text} (M2, M3)`);
  for (const text of [
    '{"task_id":"a","task_id":"b"}',
    '{"taskId":"a"}',
    '{"task-id":"a"}',
    '{"task_id\\u0000":"a"}',
    'null',
    '{"Task_Id":"a"}',
    '{"task_id":1}',
    '{"task_id":"\\ud800"}',
    '{',
  ])
    t.equal(taskIdOf(payload(text)), undefined, text);
});
