import t from 'tap';
import { answering, response } from '../testing/answering.ts';
import { closedPort } from '../testing/loopback.ts';
import { newTaskId } from '../util/task-id.ts';
import { preflight } from './preflight.ts';

t.test('a run connects to one address of those that were looked at', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const { port } = server.address;
  for (const [addresses, isLoopback] of [
    [['127.0.0.1'], true],
    // The server listens on one of them only.
    [['::1', '127.0.0.1'], true],
    [['127.0.0.1', '192.0.2.1'], false],
  ] as const) {
    const resolved = { addresses, isLoopback };
    // A lookup of this name would fail.
    const result = await preflight({ host: 'a.invalid', port }, { newTaskId, resolved });
    t.match(result, { reached: true, isLoopback, address: { host: '127.0.0.1', port } }, addresses.join());
  }
});

t.test('a target that is not reached', async (t) => {
  t.match(await preflight({ host: 'a.invalid', port: 1 }, { newTaskId }), {
    reached: false,
    code: /^E(NOTFOUND|AI_AGAIN)$/,
  });
  t.match(await preflight(await closedPort(), { newTaskId }), { reached: false, code: 'ECONNREFUSED' });
});
