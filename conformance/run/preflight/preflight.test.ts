import type net from 'node:net';
import t from 'tap';
import { answering, response } from '../../testing/answering.ts';
import { closedPort, listen } from '../../testing/loopback.ts';
import { LEGAL } from '../../testing/runs.ts';
import { newTaskId } from '../../util/task-id.ts';
import { run } from '../runner.ts';
import { MANY_IDLE, preflight } from './preflight.ts';

t.jobs = 4;

/** Answers on `count` connections at a time. Others wait until one of these has closed, or are closed at once. */
async function workers(count: number, isClosing = false) {
  const open = new Set<net.Socket>();
  const waiting: net.Socket[] = [];
  let queued = 0;
  const serve = (socket: net.Socket): void => {
    open.add(socket);
    socket.on('data', (chunk) => socket.end(response(chunk, 200)));
    socket.on('close', () => {
      open.delete(socket);
      const next = waiting.find(({ destroyed }) => !destroyed);
      if (next) waiting.splice(waiting.indexOf(next), 1);
      if (next) serve(next);
    });
  };
  const server = await listen((socket) => {
    socket.on('end', () => socket.end());
    if (open.size < count) serve(socket);
    else if (isClosing) socket.destroy();
    else {
      waiting.push(socket);
      queued += 1;
    }
  });
  return { ...server, queued: () => queued };
}

for (const [count, isClosing, idle] of [
  [1, false, 0],
  [1, true, 0],
  [2, false, 1],
  [4, false, 3],
  [4, true, 3],
  [12, false, 7],
  [40, false, MANY_IDLE],
] as const)
  t.test(
    `a target that serves ${count} connections and ${isClosing ? 'closes' : 'queues'} others`,
    async (t) => {
      const server = await workers(count, isClosing);
      t.teardown(server.close);
      const reached = await preflight(server.address, { newTaskId: () => newTaskId() });
      t.match(reached, { reached: true, idle, profile: { isConcurrent: idle > 0 } });
    },
  );

t.test('the idle connections are not reset', async (t) => {
  let resets = 0;
  const server = await listen((socket) => {
    socket.on('data', (chunk) => socket.end(response(chunk, 200)));
    socket.on('end', () => socket.end());
    socket.on('error', () => {
      if (socket.bytesRead === 0) resets += 1;
    });
  });
  t.teardown(server.close);
  await preflight(server.address, { newTaskId: () => newTaskId() });
  t.equal(resets, 0);
});

t.test('no attempt waits for a connection that the target does not serve yet', async (t) => {
  const server = await workers(4);
  t.teardown(server.close);
  const catalogue = Array.from({ length: 20 }, (_, index) => ({ ...LEGAL, id: `test/legal-${index}` }));
  let before = 0;
  for await (const event of run({ catalogue, target: server.address, restart: async () => {} }))
    if (event.kind === 'plan') before = server.queued();
  t.equal(server.queued(), before);
});

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
