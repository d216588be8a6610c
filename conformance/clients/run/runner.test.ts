/** Clients of this process that are judged: events, controls, retries, and what ends a run early. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import type { JudgedEvent } from '../../report/judged.ts';
import { type Bytes, MiB, repeat } from '../../scenario/bytes.ts';
import { bad, good } from '../catalogue/behaviours.ts';
import { clientCatalogue } from '../catalogue/index.ts';
import type { ClientScenario, Play } from '../scenario/client-scenario.ts';
import type { ClientDriver, DriverEnd } from './driver.ts';
import { judgeClients } from './runner.ts';

async function eventsOf(
  driver: ClientDriver,
  ids: readonly string[],
  extra = {},
): Promise<readonly JudgedEvent[]> {
  const events: JudgedEvent[] = [];
  const isSelected = ({ id }: { readonly id: string }): boolean => ids.includes(id);
  for await (const event of judgeClients({
    catalogue: clientCatalogue,
    isSelected,
    driver,
    jobs: 2,
    ...extra,
  }))
    events.push(event);
  return events;
}

/** A client that never connects. */
const silent: ClientDriver = async () => ({ end: { kind: 'reported', line: { outcome: 'error' } } });

t.test('what needs a control that failed is inconclusive, and is not played', async (t) => {
  let starts = 0;
  const counted: ClientDriver = (call) => {
    starts += 1;
    return silent(call);
  };
  const events = await eventsOf(counted, ['client-reading/rejected']);
  const verdicts = events.flatMap((event) =>
    event.kind === 'result' ? [`${event.judged.scenario.id} ${event.judged.verdict.verdict}`] : [],
  );
  t.strictSame(verdicts.sort(), [
    'client-reading/accepted inconclusive',
    'client-reading/rejected inconclusive',
    'client-sending/speaks-first fail',
    'client-sending/submit-header inconclusive',
    'client-sending/submit-object inconclusive',
  ]);
  t.equal(starts, 4, 'three starts are measured, and the failure is repeated once');
  t.match(events[0], { kind: 'plan', planned: ['client-reading/rejected'] });
  t.match(events.at(-1), { kind: 'end', because: 'complete' });
});

t.test('a time limit that passes next to other clients counts only if it does so alone, too', async (t) => {
  const play = { action: 'submit', message: {}, server: good.accepts, timeoutMs: 20 } as const;
  const catalogue: readonly ClientScenario[] = ['one', 'two'].map((name) => ({
    ...{ id: `x/${name}`, clause: 'S1', level: 'MUST', requirement: 'x', play: { ...play } },
    reported: { outcomes: ['accepted'] },
  }));
  /** Reports an error after the limit, as long as `isLate` says so of the start with this number. */
  const judgeLate = async (isLate: (start: number) => boolean) => {
    let starts = 0;
    const driver: ClientDriver = async () => {
      starts += 1;
      const late = isLate(starts);
      if (late) await setTimeout(40);
      return { end: { kind: 'reported', line: { outcome: late ? 'error' : 'accepted' } } };
    };
    const verdicts: unknown[] = [];
    for await (const event of judgeClients({ catalogue, isSelected: () => true, driver, jobs: 2 }))
      if (event.kind === 'result') verdicts.push([event.judged.verdict.verdict, event.judged.attempts]);
    return verdicts;
  };
  // The measured starts are the play of the first scenario.
  const MEASURED = 3;
  const first = await judgeLate((start) => start === MEASURED + 1);
  t.strictSame(
    first,
    [
      ['pass', 1],
      ['pass', 2],
    ],
    'the repeated ones decide',
  );
  const always = await judgeLate((start) => start > MEASURED);
  t.strictSame(always, [
    ['pass', 1],
    ['fail', 2],
  ]);
});

t.test('the time of a start covers the work before its first byte, and begins again with it', async (t) => {
  const TIMEOUT_MS = 100;
  const LARGE_MIB = 4;
  const seen: { beforeMs: number; sentMs: number; afterMs: number }[] = [];
  const driver: ClientDriver = async ({ host, port, deadline }) => {
    const beganMs = performance.now();
    const beforeMs = deadline.afterMs;
    const socket = connect({ host, port });
    await once(socket, 'connect');
    const sentMs = performance.now() - beganMs;
    // The kit has seen the byte when it resets the connection.
    await t.rejects(once(socket.end('x'), 'close'), { code: 'ECONNRESET' });
    seen.push({ beforeMs, sentMs, afterMs: deadline.afterMs });
    return { end: { kind: 'reported', line: { outcome: 'error' } } };
  };
  const play = (result_text: string | Bytes): Play => ({
    ...{ action: 'results', message: { result_text }, server: bad.resetsWhileReading, timeoutMs: TIMEOUT_MS },
  });
  const catalogue: readonly ClientScenario[] = [play('x'), play(repeat('x', LARGE_MIB * MiB))].map(
    (play, index) => ({ id: `x/${index}`, clause: 'T6', level: 'MUST', requirement: 'x', play }),
  );
  for await (const _ of judgeClients({ catalogue, isSelected: () => true, driver, jobs: 1 }));
  const waitsMs = 3 * TIMEOUT_MS + 2000;
  const [small, large] = [seen[0], seen.at(-1)];
  t.equal(seen.length, 4, 'three starts are measured');
  if (small === undefined || large === undefined) return;
  for (const { beforeMs, sentMs, afterMs } of seen) {
    t.ok(beforeMs >= waitsMs, `${beforeMs} ms before the first byte`);
    t.ok(
      afterMs >= sentMs + waitsMs,
      `${afterMs} ms after the first byte, which was sent after ${sentMs} ms`,
    );
  }
  t.ok(large.beforeMs >= waitsMs + LARGE_MIB * 1000, `${large.beforeMs} ms for a large message`);
});

t.test(
  'a start ends with its client, also after a half-close to a server that holds the connection',
  async (t) => {
    const driver: ClientDriver = async ({ host, port }) => {
      const socket = connect({ host, port, allowHalfOpen: true });
      await once(socket.end('x'), 'finish');
      socket.destroy();
      return { end: { kind: 'reported', line: { outcome: 'sent' } } };
    };
    const HOUR_MS = 3_600_000;
    const play: Play = { action: 'update', message: {}, server: good.silent, timeoutMs: HOUR_MS };
    const scenario = { id: 'x/held', clause: 'U1', level: 'MUST', requirement: 'x', play } as const;
    for await (const event of judgeClients({
      catalogue: [scenario],
      isSelected: () => true,
      driver,
      jobs: 1,
    }))
      if (event.kind === 'result') t.equal(event.judged.verdict.verdict, 'pass');
  },
);

t.test('a client that breaks the interface ends the run, and the end says what was expected', async (t) => {
  const noisy = async (): Promise<DriverEnd> => ({ breach: 'the line is no JSON: hello' });
  const events = await eventsOf(noisy, ['client-sending/speaks-first']);
  t.match(events, [
    {
      kind: 'end',
      because: 'cannot-run',
      detail: /^a first submit: expected one line of JSON.*no JSON: hello$/,
    },
  ]);
  const dead: ClientDriver = async () => ({ end: { kind: 'died', how: 'exit status 127' } });
  t.match(await eventsOf(dead, ['client-sending/speaks-first']), [
    { kind: 'end', because: 'cannot-run', detail: /none came \(exit status 127\)$/ },
  ]);
});

t.test(
  'a run ends when it is interrupted, at its first failure with bail, and when its time is over',
  async (t) => {
    const controller = new AbortController();
    const waiting: ClientDriver = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const running = eventsOf(waiting, ['client-sending/speaks-first'], { signal: controller.signal });
    controller.abort();
    t.match((await running).at(-1), { kind: 'end', because: 'interrupted' });
    const over = await eventsOf(waiting, ['client-sending/speaks-first'], { maxTimeMs: 20 });
    t.match(over.at(-1), { kind: 'end', because: 'out-of-time' });
    const bailed = await eventsOf(silent, ['client-sending/speaks-first', 'client-reading/rejected'], {
      bail: true,
    });
    t.match(bailed.at(-1), { kind: 'end', because: 'bailed' });
  },
);
