/** A deadline that is moved, that has passed, and that is released. */

import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { Deadline } from './deadline.ts';

/** Longer than any test. */
const LONG_MS = 600_000;

t.test('it passes when the time is over to which it was moved last', async (t) => {
  const sooner = new Deadline(LONG_MS);
  sooner.move(LONG_MS * 2);
  t.equal(sooner.afterMs, LONG_MS * 2);
  sooner.move(20);
  await once(sooner.signal, 'abort');
  t.ok(sooner.elapsedMs >= 19, `${sooner.elapsedMs} ms`);
  const past = new Deadline(LONG_MS);
  past.move(-1);
  await once(past.signal, 'abort');
});

t.test('one that has passed is not moved', async (t) => {
  const deadline = new Deadline(0);
  await once(deadline.signal, 'abort');
  deadline.move(LONG_MS);
  t.equal(deadline.afterMs, 0);
  t.ok(deadline.signal.aborted);
});

t.test('one that is released does not pass', async (t) => {
  const released = new Deadline(0);
  released.release();
  released.move(0);
  const other = new Deadline(5);
  await once(other.signal, 'abort');
  await setImmediate();
  t.notOk(released.signal.aborted);
});
