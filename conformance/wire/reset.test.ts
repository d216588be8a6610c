import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { listen } from '../testing/loopback.ts';
import { reset } from './reset.ts';

t.test('a connection ends, also while its FIN is being sent', async (t) => {
  const { address, close } = await listen((socket) => void socket.on('error', () => {}).resume());
  t.teardown(close);
  for (const finishes of [false, true]) {
    const socket = connect(address);
    await once(socket, 'connect');
    socket.write(Buffer.alloc(100));
    if (finishes) socket.end();
    const closed = once(socket, 'close');
    reset(socket);
    await closed;
    t.ok(socket.destroyed);
  }
});

t.test('a connection that is not established is given up', async (t) => {
  // Addresses for documentation (RFC 5737) are not routed, so the handshake is never completed, or refused at once.
  const socket = connect({ host: '192.0.2.1', port: 9 }).on('error', () => {});
  await new Promise(setImmediate);
  const closed = once(socket, 'close');
  reset(socket);
  await closed;
  t.ok(socket.destroyed);
});
