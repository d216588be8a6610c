import t from 'tap';
import { isLoopbackHost } from './loopback.ts';

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
  ])
    t.equal(await isLoopbackHost(host), true, host);
});

t.test('addresses of other machines, and names that are not resolved', async (t) => {
  for (const host of ['128.0.0.1', '10.0.0.1', '0.0.0.0', '::', '::2', '::ffff:128.0.0.1', 'a.invalid'])
    t.equal(await isLoopbackHost(host), false, host);
});
