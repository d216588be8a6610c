import t from 'tap';
import { type ConnectionActions, EXACT } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import type { Reply } from '../execute/exchange.ts';
import { readExecution } from '../execute/execute.ts';
import { frameOf } from '../testing/servers.ts';
import { differenceOf } from './evaluator.ts';
import { Signatures } from './signature.ts';

const conversation: ConnectionActions = [
  { do: 'frame', type: 1, declared: EXACT, payload: Buffer.from('{}') },
];
const played = (received: Buffer, ending: Reply['ending'] = 'fin', actions = conversation, afterMs = 1) => [
  readExecution(readSent(actions), { received, ending, afterMs }),
];
const accepted = frameOf('{"task_id":"a","status":200,"message":"ok"}');
const rejected = frameOf('{"task_id":"a","status":400,"message":"no"}');
const other = frameOf('{"task_id":"","status":200,"message":"fine"}');
const nothing = Buffer.alloc(0);

t.test('a difference is in the status, in whether there is an answer, or in the id', async (t) => {
  t.match(differenceOf(played(accepted), played(rejected)), { detail: 'status 200 here, status 400 there' });
  t.match(differenceOf(played(accepted), played(nothing)), { detail: 'status 200 here, no answer there' });
  t.match(differenceOf(played(accepted), played(other)), {
    invariant: 'agrees',
    detail: /different task ids/,
  });
});

t.test('messages, closing and what the protocol leaves to chance are no difference', async (t) => {
  t.equal(differenceOf(played(accepted), played(accepted, 'open')), undefined);
  t.equal(differenceOf(played(nothing, 'fin'), played(nothing, 'hung')), undefined);
  t.equal(differenceOf(played(accepted), played(nothing, 'refused')), undefined);
  const twice = [...conversation, ...conversation];
  t.equal(differenceOf(played(accepted, 'fin', twice), played(nothing, 'fin', twice)), undefined);
});

t.test('a signature tells behaviour apart, and not what is of one input only', async (t) => {
  const of = (...args: Parameters<typeof played>) => new Signatures().of(played(...args), 1);
  t.strictSame(of(accepted), ['SUBMIT → 200 "ok", closed']);
  t.strictSame(of(accepted, 'reset'), of(accepted), 'a kernel resets where data is left');
  t.not(of(accepted, 'open')[0], of(accepted)[0]);
  t.not(of(accepted, 'fin', conversation, 5000)[0], of(accepted)[0], 'slow is another behaviour');
  const said = (message: string) => of(frameOf(JSON.stringify({ task_id: 'a', status: 400, message })));
  t.strictSame(said('"abc" is 17 bytes too long'), said('"x" is 4 bytes too long'));
  t.not(said('too long')[0], said('malformed')[0]);
  t.strictSame(of(nothing, 'idle', [{ do: 'bytes', bytes: Buffer.from('GET') }]), [
    'cut short → waits for more',
  ]);
});
