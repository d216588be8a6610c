import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { withServer } from './server-process.ts';

t.test('a server runs until its measurement settles', async (t) => {
  const address = await withServer('baseline', async (server) => {
    t.ok((await server.processorMs()) > 0);
    const socket = connect(server.address);
    await once(socket, 'connect');
    socket.destroy();
    return server.address;
  });
  await t.rejects(once(connect(address), 'connect'), { code: 'ECONNREFUSED' });
});

t.test('a measurement that fails leaves no server', async (t) => {
  let port = 0;
  const failing = withServer('reference', async (server) => {
    port = server.address.port;
    throw new Error('the sink cannot listen');
  });
  await t.rejects(failing, { message: 'the sink cannot listen' });
  t.not(port, 0);
  await t.rejects(once(connect({ host: '127.0.0.1', port }), 'connect'), { code: 'ECONNREFUSED' });
});
