/** The kit's server for a client: what it has seen when it stops. */

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { bad, behaviours, good } from '../catalogue/behaviours.ts';
import { playServer } from './server.ts';

t.test('a client that ends before its connection is accepted is seen, with all that it sent', async (t) => {
  const server = await playServer(good.silent);
  const program = `require('node:net').connect(${server.port}, '127.0.0.1').end('hello', () => process.exit())`;
  // This process accepts nothing meanwhile.
  spawnSync(process.execPath, ['-e', program]);
  const { connections, further } = await server.stop(20_000);
  t.match(connections, [{ total: 5, ended: 'fin' }]);
  t.equal(connections.length, 1);
  t.equal(further, 0);
});

t.test('a client that ends without a byte is let go by each server', async (t) => {
  for (const behaviour of behaviours.filter(({ isAbsent }) => !isAbsent)) {
    const server = await playServer(behaviour);
    const client = connect(server.port, '127.0.0.1');
    const isClosed = new Promise((resolve) => client.once('close', resolve));
    client
      .on('error', () => {})
      .resume()
      .end();
    await isClosed;
    t.match(await server.stop(20_000), { connections: [{ total: 0 }], further: 0 }, behaviour.name);
  }
});

t.test('holdMs bounds how long a connection is kept after a half-close', async (t) => {
  for (const behaviour of [good.silent, bad.drips]) {
    const server = await playServer(behaviour, { holdMs: 20, onEnd: () => {} });
    const client = connect({ host: '127.0.0.1', port: server.port, allowHalfOpen: true });
    await once(client.resume().end('hello'), 'end');
    t.ok(client.readableEnded, behaviour.name);
    client.destroy();
    await server.stop();
  }
});

t.test('a server that no client has met has seen nothing', async (t) => {
  const server = await playServer(good.accepts);
  t.strictSame(await server.stop(20_000), { connections: [], further: 0 });
  t.strictSame(await (await playServer({ ...good.accepts, isAbsent: true })).stop(20_000), {
    connections: [],
    further: 0,
  });
});
