import t from 'tap';
import { type Action, type ConnectionActions, EXACT } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import type { Reply } from '../execute/exchange.ts';
import { readExecution } from '../execute/execute.ts';
import { frameOf, serve } from '../testing/servers.ts';
import { differenceOf, Evaluator } from './evaluator.ts';
import { Signatures } from './signature.ts';

const submit: ConnectionActions = [{ do: 'frame', type: 1, declared: EXACT, payload: Buffer.from('{}') }];
const executions = (received: Buffer, ending: Reply['ending'] = 'fin', actions = submit, afterMs = 1) => [
  readExecution(readSent(actions), { received, ending, afterMs }),
];
const accepted = frameOf('{"task_id":"a","status":200,"message":"ok"}');
const rejected = frameOf('{"task_id":"a","status":400,"message":"no"}');
const other = frameOf('{"task_id":"","status":200,"message":"fine"}');
const nothing = Buffer.alloc(0);

t.test('a difference is another status, a missing answer, or another task id', async (t) => {
  t.match(differenceOf(executions(accepted), executions(rejected)), {
    detail: 'status 200 here, status 400 there',
  });
  t.match(differenceOf(executions(accepted), executions(nothing)), {
    detail: 'status 200 here, no answer there',
  });
  t.match(differenceOf(executions(accepted), executions(other)), {
    invariant: 'agrees',
    detail: /different task ids/,
  });
});

t.test('messages, closing and what the protocol leaves open are no difference', async (t) => {
  t.equal(differenceOf(executions(accepted), executions(accepted, 'open')), undefined);
  t.equal(differenceOf(executions(nothing, 'fin'), executions(nothing, 'hung')), undefined);
  t.equal(differenceOf(executions(accepted), executions(nothing, 'refused')), undefined);
  const twice = [...submit, ...submit];
  t.equal(differenceOf(executions(accepted, 'fin', twice), executions(nothing, 'fin', twice)), undefined);
});

t.test('a signature describes behaviour, without what belongs to one input only', async (t) => {
  const of = (...args: Parameters<typeof executions>) => new Signatures().of(executions(...args), 1);
  t.strictSame(of(accepted), ['SUBMIT → 200 "ok", closed']);
  t.strictSame(of(accepted, 'reset'), of(accepted), 'a kernel resets a connection with unread data');
  t.not(of(accepted, 'open')[0], of(accepted)[0]);
  t.not(of(accepted, 'fin', submit, 5000)[0], of(accepted)[0], 'a slow answer is another behaviour');
  const said = (message: string) => of(frameOf(JSON.stringify({ task_id: 'a', status: 400, message })));
  t.strictSame(said('"abc" is 17 bytes too long'), said('"x" is 4 bytes too long'));
  t.not(said('too long')[0], said('malformed')[0]);
  t.strictSame(of(nothing, 'idle', [{ do: 'bytes', bytes: Buffer.from('GET') }]), [
    'cut short → waits for more',
  ]);
});

t.test('an answer that a reset may have discarded is no difference (T5)', async (t) => {
  const trailing: Action = { do: 'bytes', bytes: Buffer.from('x') };
  const table: readonly [what: string, more: readonly Action[], resets: number, differences: number][] = [
    ['every answer arrives', [], 0, 0],
    ['the answer arrives when the case is repeated', [], 2, 0],
    ['the target resets whenever it gets the case', [], Number.POSITIVE_INFINITY, 1],
    ['bytes after the frame may have caused the reset', [trailing], Number.POSITIVE_INFINITY, 0],
  ];
  const answering = await serve();
  t.teardown(answering.close);
  for (const [what, more, resets, differences] of table) {
    let left = resets;
    const resetting = await serve((_, socket) => {
      if (left === 0) return undefined;
      left -= 1;
      socket.resetAndDestroy();
      return 'handled';
    });
    t.teardown(resetting.close);
    const behaviour = { closes: true, usualMs: 1, servesSeveral: false };
    const waits = { reactionMs: 5000, quietMs: 100, afterAnswerMs: 100, closes: true };
    for (const [address, against] of [
      [answering.address, resetting.address],
      [resetting.address, answering.address],
    ] as const) {
      left = resets;
      const evaluator = new Evaluator({ address, against, behaviour });
      const { breaches } = await evaluator.run(
        { arrangement: 'at-once', connections: [[...submit, ...more]] },
        waits,
      );
      evaluator.release();
      t.equal(breaches.length, differences, what);
    }
  }
});

t.test('the symptom of a breach has nothing that varies for one cause', async (t) => {
  const evaluator = new Evaluator({
    address: { host: '127.0.0.1', port: 1 },
    behaviour: { closes: true, usualMs: 1, servesSeveral: false },
  });
  const symptomsOf = (message: string, ending: Reply['ending'], type: number) => {
    const actions: ConnectionActions = [{ do: 'frame', type, declared: EXACT, payload: Buffer.from('{}') }];
    const all = executions(frameOf(JSON.stringify({ task_id: 'a', status: 200, message })), ending, actions);
    const { breaches } = evaluator.evaluate(all, { arrangement: 'at-once', connections: [actions] });
    return breaches.map(({ symptom }) => symptom);
  };
  for (const message of ['ok', 'got x'])
    for (const ending of ['fin', 'reset', 'open'] as const)
      for (const type of [2, 3, 4, 99])
        t.strictSame(symptomsOf(message, ending, type), ['answers-submits-only F7: 200']);
});
