/** What the kit's server keeps of a client that sends without end, and sends to one that reads without end, is bounded. */

import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { bad, good } from '../catalogue/behaviours.ts';
import { playServer } from './server.ts';

const MiB = 1024 * 1024;

t.test('of a client that sends without end, the first frame is kept, and 64 KiB', async (t) => {
  for (const declared of [2 * MiB, 0xffff_ffff]) {
    const server = await playServer(good.silent);
    const socket = connect({ host: '127.0.0.1', port: server.port, allowHalfOpen: true });
    const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]);
    header.writeUInt32BE(declared, 4);
    socket.write(header);
    socket.end(Buffer.alloc(20 * MiB));
    await once(socket, 'finish');
    const [connection] = (await server.stop(20_000)).connections;
    socket.destroy();
    t.equal(connection?.total, 8 + 20 * MiB);
    t.equal(connection?.bytes.length, declared === 2 * MiB ? 8 + 2 * MiB + 64 * 1024 : 64 * 1024);
  }
});

t.test('a client that reads without end gets 64 MiB', async (t) => {
  const server = await playServer(bad.overCapHeader);
  const socket = connect(server.port, '127.0.0.1');
  let total = 0;
  socket.on('data', (chunk: Buffer) => {
    total += chunk.length;
    if (total === 8 + 64 * MiB) socket.end();
  });
  socket.write(Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]));
  await once(socket, 'close');
  t.equal(total, 8 + 64 * MiB);
  t.match(await server.stop(), { connections: [{ readOn: true }] });
});
