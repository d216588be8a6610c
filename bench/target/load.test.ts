import t from 'tap';
import { listen } from '../../conformance/testing/loopback.ts';
import { Latencies, runLoad } from './load.ts';

t.test('a stall counts for every submission that would have waited', (t) => {
  const corrected = new Latencies(1e6);
  const raw = new Latencies(Number.POSITIVE_INFINITY);
  for (const latencies of [corrected, raw]) {
    for (let sent = 0; sent < 99; sent++) latencies.record(1e6);
    latencies.record(100e6);
  }
  const isNear = (value: number, expected: number): boolean => Math.abs(value / expected - 1) < 0.02;
  t.ok(isNear(raw.at(98), 1e6), 'without the correction, it is one of a hundred latencies');
  t.ok(isNear(corrected.at(75), 50e6), 'half of the submissions that were due waited');
  t.ok(isNear(corrected.at(50), 1e6));
  t.ok(isNear(corrected.highest, 100e6));
  t.end();
});

t.test('latencies are 0 when nothing was recorded', (t) => {
  t.equal(new Latencies(1).at(99), 0);
  t.equal(new Latencies(1).highest, 0);
  t.end();
});

for (const rate of [undefined, 100])
  t.test(
    `${rate === undefined ? 'a closed' : 'an open'} loop ends at a target that never answers`,
    async (t) => {
      const { address, close } = await listen((socket) => socket.on('end', () => socket.end()));
      t.teardown(close);
      const began = performance.now();
      const load = { target: address, connections: 3, keepOpen: false, seconds: 0.2, rate, lateMs: 50 };
      const { submits, failed } = await runLoad(load);
      t.equal(submits, 0);
      t.equal(failed, rate === undefined ? 3 : 20, 'what found no free connection has failed, too');
      t.ok(performance.now() - began < 20_000, 'and not after the 30 s that a submission may take');
    },
  );
