import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t from 'tap';
import { HOST, recordingLogger, startServer } from '../testing/loopback.ts';
import { submitFrame } from '../testing/samples.ts';
import { networkOf } from './networks.ts';

t.test('a network is an IPv4 address or a /64', async (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ];
  for (const [address, network] of cases) t.equal(networkOf(address), network, address);
});

t.test('connections over the limit of one address are closed, and other addresses are served', async (t) => {
  const { logger, records } = recordingLogger();
  const { port } = await startServer(t, () => true, { logger, maxConnectionsPerAddress: 4 });
  const open = async (localAddress = HOST): Promise<Socket> => {
    const socket = connect({ host: HOST, port, localAddress });
    t.teardown(() => socket.destroy());
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  const kept = [await open(), await open(), await open(), await open()];
  for (let i = 0; i < 10; i++) await once((await open()).resume(), 'close');
  t.equal(records.length, 1, 'logged once');
  t.notOk(kept.some((socket) => socket.destroyed || socket.readableEnded));
  if (process.platform === 'linux') {
    const other = await open('127.0.0.2');
    other.write(submitFrame());
    const [answer] = await once(other, 'data');
    t.match(String(answer), '"status":200');
  }
  for (const socket of kept) socket.destroy();
});
