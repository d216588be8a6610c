import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { encodeFrame, FrameDecoder, writeBytes } from '../codec/frame.ts';
import { HOST, startPeer } from '../testing/loopback.ts';
import { nextFrame } from './exchange.ts';

const frame = { type: 2, payload: new Uint8Array([1, 2, 3]) };

async function connected(t: Test, behave: (socket: Socket) => void): Promise<Socket> {
  const socket = connect({ host: HOST, port: await startPeer(t, behave) });
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function listenerCounts(socket: Socket): Record<string, number> {
  return Object.fromEntries(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)]));
}

t.test('a write leaves no listener on the socket', async (t) => {
  const socket = await connected(t, (peer) => peer.resume());
  const before = listenerCounts(socket);
  await writeBytes(socket, new Uint8Array(10));
  t.strictSame(listenerCounts(socket), before);
});

t.test('reading a frame leaves no listener on the socket', async (t) => {
  const socket = await connected(t, (peer) => {
    peer.on('data', () => peer.write(encodeFrame(frame)));
  });
  const before = listenerCounts(socket);
  const decoder = new FrameDecoder();
  for (let call = 0; call < 2; call++) {
    socket.write('go on');
    t.strictSame(await nextFrame(socket, decoder), frame);
    t.strictSame(listenerCounts(socket), before);
  }
});
