import t from 'tap';
import { ConnectionRate } from './connection-rate.ts';

t.test('connections are spread over time, in the order of the calls', async (t) => {
  let now = 0;
  const rate = new ConnectionRate(10, () => now);
  t.equal(rate.delayFor(1), 0);
  t.equal(rate.delayFor(3), 100);
  t.equal(rate.delayFor(1), 400);
  now = 450;
  t.equal(rate.delayFor(1), 50);
  now = 10_000;
  t.equal(rate.delayFor(1), 0, 'an idle time saves nothing up');
  t.equal(rate.delayFor(1), 100);
});

t.test('a signal ends the wait', async (t) => {
  const rate = new ConnectionRate(0.001);
  const stop = new AbortController();
  await rate.wait(1, stop.signal);
  const waiting = rate.wait(1, stop.signal);
  stop.abort();
  await waiting;
  await rate.wait(1, stop.signal);
  t.pass('and none begins after it');
});
