import t from 'tap';
import { silentLogger } from '../support/logger.ts';
import { recordingLogger } from '../testing/loopback.ts';
import { FREE_BYTES, FrameMemory, type Holder } from './frame-memory.ts';

const MiB = 1024 * 1024;

/** A connection that notes its name in `closed`. */
function holder(name: string, closed: string[], isClosable = true): Holder {
  return { isClosable, closeForMemory: (bytes) => closed.push(`${name} ${bytes / MiB}`) };
}

t.test('the largest is closed, of equals the one that came first', async (t) => {
  const closed: string[] = [];
  const memory = new FrameMemory(10 * MiB, silentLogger);
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => holder(name, closed));
  if (!a || !b || !c || !d) return;
  memory.hold(a, 2 * MiB);
  memory.hold(b, 4 * MiB);
  memory.hold(c, 4 * MiB);
  t.strictSame(closed, [], 'the limit is inclusive');
  memory.hold(a, 3 * MiB);
  t.strictSame(closed, ['b 4']);
  memory.hold(d, 9 * MiB);
  t.strictSame(closed, ['b 4', 'd 9'], 'also when it has just come');
  memory.hold(c, 0);
  memory.hold(d, 0);
  memory.hold(b, 7 * MiB);
  t.strictSame(closed, ['b 4', 'd 9'], 'what was released or closed does not count');
});

t.test('a connection that its server makes wait is not closed, nor one that holds little', async (t) => {
  const closed: string[] = [];
  const memory = new FrameMemory(MiB, silentLogger);
  memory.hold(holder('deciding', closed, false), MiB);
  for (let i = 0; i < 100; i += 1) memory.hold(holder('small', closed), FREE_BYTES);
  t.strictSame(closed, []);
  memory.hold(holder('large', closed), FREE_BYTES + 1);
  t.strictSame(closed, [`large ${(FREE_BYTES + 1) / MiB}`]);
});

t.test('it is logged once, until half is free', async (t) => {
  const { logger, records } = recordingLogger();
  const memory = new FrameMemory(MiB, logger);
  const exceed = (): void => memory.hold(holder('', []), MiB + 1);
  const held = holder('held', []);
  memory.hold(held, MiB);
  for (let i = 0; i < 3; i += 1) exceed();
  t.match(records, [{ level: 'warn', fields: { maxBufferedBytes: MiB } }]);
  memory.hold(held, 0);
  exceed();
  t.equal(records.length, 2);
});
