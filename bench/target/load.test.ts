import t from 'tap';
import { Latencies } from './load.ts';

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
