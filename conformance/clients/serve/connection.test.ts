/** What the kit's server keeps of a client and sends to it is bounded, and a half-close ends only what has answered. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { bad, good } from '../catalogue/behaviours.ts';
import type { Behaviour } from '../scenario/client-scenario.ts';
import { ServedConnection } from './connection.ts';
import { KeptStream } from './kept-stream.ts';
import { playServer } from './server.ts';

const MiB = 1024 * 1024;
/** A submit without fields. */
const FRAME = Buffer.from([0, 0, 0, 1, 0, 0, 0, 2, 0x7b, 0x7d]);

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

t.test('a second frame is kept whole if both together are no larger than a frame can be', async (t) => {
  for (const [first, second, kept] of [
    [2, 3 * MiB, 8 + 2 + 8 + 3 * MiB],
    [2 * MiB, 2 * MiB, 2 * (8 + 2 * MiB)],
    [9 * MiB, 9 * MiB, 8 + 9 * MiB + 64 * 1024],
  ] as const) {
    const stream = new KeptStream();
    const frame = (length: number): Buffer => {
      const bytes = Buffer.alloc(8 + length, 0xff);
      bytes.writeUInt32BE(3);
      bytes.writeUInt32BE(length, 4);
      return bytes;
    };
    const all = Buffer.concat([frame(first), frame(second), Buffer.alloc(MiB, 0xff)]);
    for (let at = 0; at < all.length; at += 100_003) stream.append(all.subarray(at, at + 100_003));
    t.equal(stream.bytes.length, Math.max(kept, 8 + first + 64 * 1024));
    t.ok(stream.bytes.equals(all.subarray(0, stream.bytes.length)));
  }
});

/** A client that the server treats so. */
async function served(t: Test, behaviour: Behaviour) {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    allowHalfOpen: true,
  });
  const [socket] = (await once(server, 'connection')) as [Socket];
  const connection = new ServedConnection(socket, 0);
  const performed = connection.perform(behaviour);
  t.teardown(() => {
    client.destroy();
    connection.release();
    server.close();
  });
  return { client, socket, connection, performed };
}

for (const how of ['sends', 'sends and half-closes'])
  t.test(`a client that ${how}, and reads without end, gets 64 MiB`, async (t) => {
    const { client, socket, connection, performed } = await served(t, bad.overCapHeader);
    let total = 0;
    client.on('data', (chunk: Buffer) => {
      total += chunk.length;
    });
    const isEnded = once(client, 'end');
    client.write(FRAME);
    if (how !== 'sends') client.end();
    while (!connection.seen.readOn && !socket.writableEnded) await setImmediate();
    connection.release();
    await Promise.all([isEnded, performed]);
    t.equal(total, 8 + 64 * MiB);
    t.ok(connection.seen.readOn);
  });

for (const [behaviour, bytes] of [
  [good.silent, 0],
  [bad.drips, 8 + 1 + 3],
  [bad.endless, MiB],
] as const)
  t.test(`a half-close after the frame does not end the server: ${behaviour.name}`, async (t) => {
    const { client, socket } = await served(t, behaviour);
    const isHalfClosed = once(socket, 'end');
    let left: number = bytes;
    const isShown = new Promise<void>((resolve) => {
      client.on('end', resolve).on('data', (chunk: Buffer) => {
        left -= chunk.length;
        if (left <= 0) resolve();
      });
      if (left === 0) resolve();
    });
    client.end(FRAME);
    await Promise.all([isHalfClosed, isShown]);
    t.ok(left <= 0, `${left} bytes are missing`);
    // What the server does at the end of the stream has begun then.
    await setImmediate();
    t.notOk(socket.writableEnded);
  });

t.test('a server that goes on after a half-close ends when the client has closed', async (t) => {
  const { client, socket, performed } = await served(t, bad.drips);
  const isHalfClosed = once(socket, 'end');
  client.end(FRAME);
  await isHalfClosed;
  client.destroy();
  await performed;
});

t.test('a server that has answered closes after a half-close', async (t) => {
  const { client, performed } = await served(t, good.accepts);
  const isEnded = once(client.resume(), 'end');
  client.end(FRAME);
  await Promise.all([isEnded, performed]);
});
