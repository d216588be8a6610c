import { mock } from 'node:test';
import t from 'tap';
import { type Fault, FaultLog } from './fault-log.ts';

type Line = readonly [level: string, fields: Record<string, unknown>, message: string];

/** A log, and a way to wait for its lines. */
function logged(windowMs: number) {
  const lines: Line[] = [];
  let wake = (): void => {};
  const write = (level: string) => (fields: object, message: string) => {
    lines.push([level, { ...fields }, message]);
    wake();
  };
  const log = new FaultLog({ debug() {}, info: write('info'), warn: write('warn') }, windowMs);
  const until = async (count: number): Promise<readonly Line[]> => {
    // The timer of the log does not keep the process alive.
    const hold = setInterval(() => {}, 60_000);
    while (lines.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    clearInterval(hold);
    return lines;
  };
  return { log, lines, until };
}

function fault(port: number, over: Partial<Fault> = {}): Fault {
  return {
    ...{ network: '192.0.2.1', peer: { address: '192.0.2.1', port }, code: 'malformed-json', level: 'info' },
    ...{ message: 'protocol violation', fields: { clause: 'M6' } },
    ...over,
  } as Fault;
}

t.test(
  'one line in full, then one with the count for each window, and the first of the next burst',
  async (t) => {
    const { log, lines, until } = logged(20);
    for (let port = 1; port <= 5000; port += 1) log.report(fault(port));
    log.report(fault(6000, { code: 'connection-lost', level: 'warn' }));
    t.equal(lines.length, 1);
    const [first, second] = await until(2);
    t.strictSame(first, [
      'info',
      { peer: { address: '192.0.2.1', port: 1 }, code: 'malformed-json', clause: 'M6' },
      'protocol violation',
    ]);
    t.strictSame(second?.slice(0, 2), [
      'warn',
      {
        ...{ network: '192.0.2.1', count: 5000, codes: { 'malformed-json': 4999, 'connection-lost': 1 } },
        lastPeer: { address: '192.0.2.1', port: 6000 },
      },
    ]);
    log.close();
    t.equal(lines.length, 2, 'nothing more was counted');
    log.report(fault(7));
    t.match(lines[2], ['info', { peer: { port: 7 } }]);
    log.close();
  },
);

t.test('a flood has a line in full once, and then one for each window until a window without faults', (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.teardown(() => mock.timers.reset());
  const { log, lines } = logged(10_000);
  const windows = (...floods: readonly number[]) =>
    floods.map((count) => {
      for (let port = 0; port < count; port += 1)
        for (const network of ['192.0.2.1', '192.0.2.2']) log.report(fault(port, { network }));
      mock.timers.tick(10_000);
      return lines.splice(0).map(([, fields]) => fields['count'] ?? 'in full');
    });
  t.strictSame(windows(3, 3, 1, 0, 0, 2, 0, 0), [
    ['in full', 'in full', 2, 2],
    [3, 3],
    [1, 1],
    [],
    [],
    ['in full', 'in full', 1, 1],
    [],
    [],
  ]);
  log.close();
  t.end();
});

t.test('networks are counted apart, up to 256, and what remains is logged at the end', async (t) => {
  const { log, lines } = logged(600_000);
  for (let round = 0; round < 2; round += 1)
    for (let host = 0; host < 1000; host += 1) log.report(fault(host, { network: `network ${host}` }));
  t.equal(lines.length, 257, 'the first of each, and of the others together');
  log.close();
  t.equal(lines.length, 257 + 257);
  t.match(
    lines.slice(257).find(([, { network }]) => network === 'others'),
    ['info', { count: 2 * 744 - 1 }],
  );
});
