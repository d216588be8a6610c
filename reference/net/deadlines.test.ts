import fc from 'fast-check';
import t from 'tap';
import { MAX_PAYLOAD_BYTES } from '../protocol/constants.ts';
import { overdue, type TimeLimits } from './deadlines.ts';
import { DEFAULT_LIMITS } from './server.ts';

const limits: TimeLimits = {
  headerTimeoutMs: 10_000,
  idleTimeoutMs: 30_000,
  minBytesPerSecond: 1000,
  frameTimeoutMs: 100_000,
};

t.test('each limit ends what reaches it', async (t) => {
  const frame = { begunAt: 0, payloadAt: 5000, chunkAt: 5000, bytes: 9 };
  const cases: [string, Parameters<typeof overdue>[0], number, string][] = [
    ['no header', { ...frame, payloadAt: undefined, bytes: 7 }, 10_000, 'header-timeout'],
    ['a pause in the payload', frame, 35_000, 'idle-timeout'],
    ['a payload that drips', { ...frame, chunkAt: 34_900, bytes: 5000 }, 40_000, 'rate-timeout'],
    ['a long frame', { ...frame, chunkAt: 99_900, bytes: 1e6 }, 100_000, 'frame-timeout'],
  ];
  for (const [what, progress, at, code] of cases) {
    t.equal(overdue(progress, limits, at - 1), undefined, `${what}: before its time`);
    t.equal(overdue(progress, limits, at), code, what);
  }
});

t.test('with the defaults, a steady peer of 28 KiB/s sends any frame', async (t) => {
  const rate = 28 * 1024;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_PAYLOAD_BYTES }), (bytes) => {
      const nowMs = 9000 + (1000 * bytes) / rate;
      const progress = { begunAt: 0, payloadAt: 9000, chunkAt: nowMs - 1, bytes };
      return overdue(progress, DEFAULT_LIMITS, nowMs) === undefined;
    }),
  );
  const slow = { begunAt: 0, payloadAt: 0, chunkAt: 30_999, bytes: 300 };
  t.equal(overdue(slow, DEFAULT_LIMITS, 31_000), 'rate-timeout', 'ten bytes a second are too few');
});
