import t from 'tap';
import { viewAsResponse } from '../payload/response-view.ts';
import { ANYTHING } from '../scenario/steps.ts';
import { observe } from './observe.ts';
import { judgeObservation } from './oracle.ts';
import { responseFault } from './response.ts';

const LEGAL = { task_id: 'a', status: 200, message: 'ok' };
const json = (fields: object): Buffer => Buffer.from(JSON.stringify({ ...LEGAL, ...fields }));
const notUtf8 = Buffer.concat([Buffer.from('{"status":200,"message":"'), Buffer.of(0xff), Buffer.from('"}')]);

function frameOf(payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(1, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

t.test('the first fault of an answer', async (t) => {
  const table: readonly [payload: Buffer, type: number, fault: string | undefined][] = [
    [json({}), 1, undefined],
    [json({}), 2, undefined],
    [json({ status: 400, message: '' }), 1, undefined],
    [json({}), 3, 'S1 type'],
    [notUtf8, 1, 'S1 payload'],
    [Buffer.from('{"a"'), 1, 'S1 payload'],
    [Buffer.from('[]'), 1, 'S1 payload'],
    [Buffer.from('{"task_id":"a"}'), 1, 'S1 payload'],
    [json({ status: '200' }), 1, 'S2 status'],
    [json({ status: 201 }), 1, 'S2 status'],
    [json({ task_id: undefined }), 1, 'S3 task_id'],
    [json({ message: null }), 1, 'S4 message'],
  ];
  for (const [payload, type, wanted] of table) {
    const fault = responseFault(type, viewAsResponse(payload));
    t.equal(fault && `${fault.clause} ${fault.part}`, wanted, payload.toString('latin1'));
  }
});

t.test('an answer that is no SubmitResponse is not one of the outcomes that are all permitted', async (t) => {
  const verdictOn = (payload: Buffer): string => {
    const bytes = frameOf(payload);
    const transcript = [
      { kind: 'received' as const, bytes, atMs: 0 },
      { kind: 'fin' as const, atMs: 0 },
    ];
    const scenario = {
      ...{ id: 'x/y', clause: 'M8', level: 'MUST' as const, requirement: '', steps: [] },
      accept: ANYTHING,
    };
    return judgeObservation(scenario, observe(transcript), () => 'a').verdict;
  };
  t.equal(verdictOn(json({})), 'pass');
  for (const payload of [notUtf8, Buffer.from('{"a"'), Buffer.from('[]')])
    t.equal(verdictOn(payload), 'fail', payload.toString('latin1'));
});
