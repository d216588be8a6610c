import t, { type Test } from 'tap';
import type { Loopback } from '../../conformance/testing/loopback.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { ALIVE, type Fault, frameOf, serve } from '../testing/servers.ts';
import { campaign } from './campaign.ts';
import { type CampaignState, readState, writeState } from './state.ts';
import type { CampaignOptions } from './types.ts';
import { CampaignUnion } from './union.ts';

/** The state in which the campaign ends, as it is saved and read. */
async function endOf(options: Omit<CampaignOptions, 'newTaskId'>): Promise<CampaignState> {
  for await (const event of campaign({ ...options, newTaskId }))
    if (event.kind === 'end') return readState(writeState(event.progress.state()));
  throw new Error('the campaign did not end');
}

/** A server that a frame of type 2 stops, which answers updates, and which confirms the id of no task. */
async function faulty(t: Test) {
  let server: Loopback;
  const fault: Fault = ({ type, text }, socket) => {
    if (type === 2) {
      server.close();
      return 'handled';
    }
    if (type === 3 && text.includes('[')) {
      socket.end(frameOf('{"task_id":"a","status":200,"message":"ok"}'));
      return 'handled';
    }
    if (type === 1 && text.startsWith('[')) {
      socket.end(frameOf('{"task_id":"","status":500,"message":"no"}'));
      return 'handled';
    }
    return undefined;
  };
  server = await serve(fault);
  const { address } = server;
  t.teardown(() => server.close());
  const restart = async (): Promise<void> => {
    server.close();
    server = await serve(fault, address.port);
  };
  return { address, restart, life: ALIVE };
}

t.test('eight shards of a faulty server are the long campaign: cases, digest, findings', async (t) => {
  const plan = { seed: 7, runs: 800, feedback: 0, jobs: 8, maxFindings: 50 };
  const whole = await endOf({ ...plan, target: await faulty(t) });
  t.equal(whole.stats.baseCases, 800);
  const of = 8;
  const states = await Promise.all(
    Array.from({ length: of }, async (_, at) =>
      endOf({ ...plan, shard: { index: at + 1, of }, target: await faulty(t) }),
    ),
  );
  const union = new CampaignUnion();
  for (const state of states) union.add(state);
  const { result, because } = union.merged();
  t.equal(because, 'runs');
  t.equal(result.stats.baseCases, 800);
  t.equal(result.stats.digest, whole.stats.digest);
  const ids = whole.findings.map(({ id }) => id).toSorted();
  t.ok(ids.length >= 3, ids.join(', '));
  t.strictSame(
    result.findings.map(({ id }) => id),
    ids,
  );
});

t.test('what other campaigns find is sent in the next batch, and changes no digest', async (t) => {
  const received: string[] = [];
  const server = await serve(({ text }) => {
    received.push(text);
    return undefined;
  });
  t.teardown(() => server.close());
  const plan = { target: { address: server.address }, seed: 3, runs: 150, feedback: 0, jobs: 4 };
  const alone = await endOf(plan);
  t.notOk(received.includes('[1003]'));
  let calls = 0;
  const found = {
    arrangement: 'at-once',
    connections: [[{ do: 'frame', type: 1, declared: { kind: 'exact' }, payload: Buffer.from('[1003]') }]],
  } as const;
  const adopting = await endOf({
    ...plan,
    adopt: async () => {
      calls += 1;
      return calls === 2 ? [found] : [];
    },
  });
  t.ok(received.includes('[1003]'));
  t.equal(adopting.stats.digest, alone.stats.digest);
  t.equal(adopting.stats.cases, alone.stats.cases + 1);
});
