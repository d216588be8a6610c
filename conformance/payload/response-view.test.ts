import fc from 'fast-check';
import t from 'tap';
import { responseProblem, viewAsResponse } from './response-view.ts';

t.test('a SubmitResponse is read from any JSON text of it', async (t) => {
  const view = { taskId: { value: 'é' }, status: { value: 200 }, message: { value: 'ok' } };
  const payloads = [
    '{"task_id":"é","status":200,"message":"ok"}',
    '{"message":"ok","status":200,"task_id":"é"}',
    ' {\n  "task_id" : "é",\r\n\t"status" : 200, "message" : "ok" } \n',
    '{"task\\u005fid":"\\u00e9","st\\u0061tus":200,"message":"\\u006fk"}',
    '{"extra":{"status":400},"task_id":"é","more":[null,1e5],"status":200,"message":"ok"}',
    '{"status":400,"task_id":"é","message":"ok","status":200}',
  ];
  for (const payload of payloads) t.strictSame(viewAsResponse(Buffer.from(payload)), view, payload);
});

t.test('a status is an integer in plain form, or a problem (M9)', async (t) => {
  const status = (token: string) => {
    const field = viewAsResponse(Buffer.from(`{"task_id":"a","status":${token},"message":""}`)).status;
    return 'value' in field ? field.value : 'problem';
  };
  for (const [token, value] of Object.entries({ '200': 200, '-1': -1, '0': 0, '20000000000': 2e10 })) {
    t.equal(status(token), value, token);
  }
  const wrong = ['200.0', '2e2', '2E+2', '"200"', 'null', 'true', '[200]', '{}', '1'.repeat(20)];
  for (const token of wrong) t.equal(status(token), 'problem', token);
});

t.test('each field has its own problem', async (t) => {
  const problems = (payload: string) =>
    Object.fromEntries(
      Object.entries(viewAsResponse(Buffer.from(payload))).flatMap(([name, field]) =>
        'problem' in field ? [[name, field.problem]] : [],
      ),
    );
  const missing = { code: 'missing' };
  const noString = (is: string) => ({ code: 'wrong-type', is, expected: 'string' });
  t.strictSame(problems('{}'), { taskId: missing, status: missing, message: missing });
  t.strictSame(problems('{"task_id":null,"status":200,"message":""}'), { taskId: noString('null') });
  t.strictSame(problems('{"task_id":7,"status":200,"message":""}'), { taskId: noString('number') });
  t.strictSame(problems('{"task_id":"","status":200}'), { message: missing });
  t.strictSame(problems('{"task_id":"","status":200,"message":null}'), { message: noString('null') });
  t.strictSame(problems('{"task_id":"","status":200,"message":["a"]}'), { message: noString('array') });
  t.strictSame(problems('{"task_id":"","status":"200","message":""}'), {
    status: { code: 'wrong-type', is: 'string', expected: 'integer' },
  });
  t.strictSame(problems('{"task_id":"","status":2e2,"message":""}'), {
    status: { code: 'not-plain-integer', text: '2e2' },
  });
  const caseChanged = '{"Task_Id":"a","STATUS":200,"Message":"ok"}';
  t.strictSame(
    problems(caseChanged),
    { taskId: missing, status: missing, message: missing },
    'names are case-sensitive',
  );
});

t.test('a payload is a response if it has a status or a message of any value', async (t) => {
  const isResponse = (payload: string) => responseProblem(viewAsResponse(Buffer.from(payload))) === undefined;
  for (const payload of ['{"status":null}', '{"message":7}', '{"status":200,"message":""}'])
    t.ok(isResponse(payload), payload);
  for (const payload of [
    '{}',
    '{"task_id":"a"}',
    '{"Status":200}',
    '"status"',
    '["message"]',
    '{"status":200',
  ])
    t.notOk(isResponse(payload), payload);
});

t.test('a payload that is no JSON object in UTF-8 has no fields', async (t) => {
  const payloads = [
    '',
    ' ',
    'null',
    '200',
    '[]',
    '"{}"',
    '{"a":1',
    '{"a":1}x',
    '{"status":0200}',
    '\ufeff{"task_id":"","status":200,"message":""}',
  ];
  const invalid = Buffer.concat([
    Buffer.from('{"task_id":"'),
    Buffer.from([0xff]),
    Buffer.from('","status":200,"message":""}'),
  ]);
  for (const payload of [...payloads.map((payload) => Buffer.from(payload)), invalid]) {
    const { taskId, status, message } = viewAsResponse(payload);
    t.ok('problem' in status && 'problem' in taskId && 'problem' in message, payload.toString());
  }
});

t.test('any bytes can be read as a response', async () => {
  const text = fc.tuple(fc.json(), fc.nat(), fc.string()).map(([json, n, insert]) => {
    const place = n % (json.length + 1);
    return Buffer.from(json.slice(0, place) + insert + json.slice(place));
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), text), (payload) =>
      Object.values(viewAsResponse(payload)).every((field) => 'value' in field !== 'problem' in field),
    ),
  );
});
