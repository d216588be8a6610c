import t from 'tap';
import { answering, response } from '../../conformance/testing/answering.ts';
import { calibrate } from './calibration.ts';

t.test('nothing is sent to a name that also leads to another machine', async (t) => {
  let received = 0;
  const server = await answering((chunk) => {
    received += 1;
    return chunk.includes('task_description') ? response(chunk, 200) : Buffer.alloc(0);
  });
  t.teardown(server.close);
  const { port } = server.address;
  const here = { host: 'here.test', port };
  const mixed = { host: 'mixed.test', port };
  const lookups: string[] = [];
  const lookup = async (host: string) => {
    lookups.push(host);
    const addresses = host === here.host ? ['127.0.0.1'] : ['127.0.0.1', '192.0.2.1'];
    return addresses.map((address) => ({ address, family: 4 }));
  };
  for (const target of [{ address: mixed }, { address: here, against: mixed }])
    t.strictSame(await calibrate({ target, lookup }), { kind: 'not-loopback' });
  t.equal(received, 0);

  lookups.length = 0;
  const numeric = { host: '127.0.0.1', port };
  t.match(await calibrate({ target: { address: here, against: here }, lookup }), {
    kind: 'calibrated',
    target: { address: numeric, against: numeric },
  });
  t.match(await calibrate({ target: { address: mixed }, lookup, onlyLoopback: false }), {
    kind: 'calibrated',
    target: { address: numeric, against: undefined },
  });
  t.strictSame(lookups, [here.host, here.host, mixed.host], 'each name is looked up once');
});
