import t from 'tap';
import { connectionsFor, descriptorLimit } from './descriptors.ts';

t.test('connections leave descriptors for the store', async (t) => {
  for (const [limit, connections] of [
    [1, 1],
    [64, 32],
    [256, 160],
    [1024, 928],
    [1120, 1024],
    [Number.POSITIVE_INFINITY, 1024],
  ] as const) {
    t.equal(connectionsFor(limit), connections, `${limit}`);
  }
  t.ok((await descriptorLimit()) > 0);
});
