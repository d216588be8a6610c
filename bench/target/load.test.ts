import t from 'tap';
import { Latencies } from './load.ts';

t.test('a stall counts for all who would have waited', (t) => {
  const corrected = new Latencies(1e6);
  const raw = new Latencies(Number.POSITIVE_INFINITY);
  for (const latencies of [corrected, raw]) {
    for (let sent = 0; sent < 99; sent++) latencies.record(1e6);
    latencies.record(100e6);
  }
  const near = (value: number, expected: number): boolean => Math.abs(value / expected - 1) < 0.02;
  t.ok(near(raw.at(98), 1e6), 'one of a hundred');
  t.ok(near(corrected.at(75), 50e6), 'half of those that should have been sent');
  t.ok(near(corrected.at(50), 1e6));
  t.ok(near(corrected.highest, 100e6));
  t.end();
});

t.test('nothing recorded', (t) => {
  t.equal(new Latencies(1).at(99), 0);
  t.equal(new Latencies(1).highest, 0);
  t.end();
});
