import t from 'tap';
import { resolveHost } from './loopback.ts';

t.test('addresses of this machine', async (t) => {
  for (const host of [
    'localhost',
    '127.0.0.1',
    '127.8.9.10',
    '127.255.255.255',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::ffff:7f01:203',
  ]) {
    const { addresses, isLoopback } = await resolveHost(host);
    t.ok(isLoopback && addresses.length > 0, host);
  }
});

t.test('addresses of other machines, and names that are not resolved', async (t) => {
  for (const host of ['128.0.0.1', '10.0.0.1', '0.0.0.0', '::', '::2', '::ffff:128.0.0.1'])
    t.strictSame(await resolveHost(host), { addresses: [host], isLoopback: false });
  t.match(await resolveHost('a.invalid'), { addresses: [], isLoopback: false, code: /^E/ });
});

t.test('every address of a name counts', async (t) => {
  for (const [addresses, isLoopback] of [
    [['127.0.0.1'], true],
    [['::1', '127.0.0.1'], true],
    [['127.0.0.1', '192.0.2.1'], false],
    [['192.0.2.1', '127.0.0.1'], false],
    [['::1', '2001:db8::1'], false],
    [[], false],
  ] as const) {
    const lookup = async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    t.strictSame(await resolveHost('name', lookup), { addresses, isLoopback }, addresses.join());
  }
});
