import t from 'tap';
import type { Loopback } from '../../conformance/testing/loopback.ts';
import { actionsOf } from '../case/sent.ts';
import { calibrate } from '../target/calibration.ts';
import { type Fault, frameOf, serve } from '../testing/servers.ts';
import { minimiseCorpus } from './minimise-corpus.ts';

const inputOf = (type: number, payload: string) => {
  const head = Buffer.from([0, 0, 0, type, 0, 0, 0, payload.length]);
  const bytes = Buffer.concat([head, Buffer.from(payload)]);
  return { arrangement: 'at-once', connections: [actionsOf(bytes)] } as const;
};

async function minimised(
  server: Loopback,
  restart: () => Promise<void>,
  inputs: readonly ReturnType<typeof inputOf>[],
) {
  const result = await calibrate({ target: { address: server.address, restart } });
  if (result.kind !== 'calibrated') throw new Error(result.kind);
  const sent: number[] = [];
  const { kept } = await minimiseCorpus({
    ...result,
    inputs,
    jobs: 2,
    onProgress: (count) => sent.push(count),
  });
  return { kept, sent };
}

const answersUpdates: Fault = ({ type }, socket) => {
  if (type !== 3) return undefined;
  socket.end(frameOf('{"task_id":"a","status":200,"message":"ok"}'));
  return 'handled';
};

t.test('the smallest input of each signature and each breach is kept', async (t) => {
  const server = await serve(answersUpdates);
  t.teardown(server.close);
  const inputs = [
    inputOf(4, '[1,2,3]'),
    inputOf(3, 'longer'),
    inputOf(4, '[]'),
    inputOf(3, ''),
    inputOf(4, '[1]'),
  ];
  const { kept, sent } = await minimised(server, async () => {}, inputs);
  t.strictSame(kept, [2, 3]);
  t.strictSame(sent, [2, 4, 5]);
});

t.test('an input that stops the target is kept, and no other for its death', async (t) => {
  let server = await serve((frame, socket) => dies(frame, socket));
  let isDead = false;
  const dies: Fault = ({ text }) => {
    if (text !== 'die') return undefined;
    isDead = true;
    void server.close();
    return 'handled';
  };
  const { port } = server.address;
  const restart = async () => {
    if (!isDead) return;
    server = await serve(dies, port);
    isDead = false;
  };
  t.teardown(() => server.close());
  const { kept } = await minimised(server, restart, [inputOf(4, '[1]'), inputOf(4, 'die'), inputOf(4, '[]')]);
  t.strictSame(kept, [1, 2]);
});
