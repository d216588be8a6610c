import t from 'tap';
import type { Ids } from '../judge/touched-files.ts';
import { text } from '../scenario/bytes.ts';
import { frame } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { closes, send, silent } from '../scenario/steps.ts';
import { response } from '../testing/answering.ts';
import { listen } from '../testing/loopback.ts';
import { attemptsOf, LEGAL } from '../testing/runs.ts';
import type { Profile } from './preflight/preflight.ts';
import type { Probes } from './preflight/probes.ts';
import { DeadlineEstimate } from './timing/deadlines.ts';
import { Waits } from './waits.ts';

const [CLOSED, KEPT] = [8, 9];

/** `accept` for a message of this type. All are of one clause. */
function scenario(type: number, accept: Scenario['accept']): Scenario {
  const steps = [send(frame(type, text('{}')))];
  return { ...LEGAL, id: `test/${type}-${accept.length}`, clause: 'F2', steps, accept, control: LEGAL.id };
}

t.test('after input that the target must keep open, no close by a time limit is awaited', async (t) => {
  const server = await listen((socket) => {
    // A limit for idle connections (T2), shorter than the time that a target gets to close.
    socket.setTimeout(700, () => socket.destroy());
    socket.once('data', (chunk) => {
      const type = chunk.readUInt32BE(0);
      if (type === CLOSED) socket.end();
      else if (type !== KEPT) socket.end(response(chunk, 200));
    });
  });
  t.teardown(server.close);
  const closed = scenario(CLOSED, [closes(), silent()]);
  const either = scenario(KEPT, [closes(), silent()]);
  const kept = scenario(KEPT, [silent()]);
  t.match(await attemptsOf([LEGAL, closed, either, kept], { target: server.address }), {
    [closed.id]: { verdict: 'pass', outcome: closes() },
    [either.id]: { verdict: 'pass', outcome: closes() },
    [kept.id]: { disposition: 'silent' },
  });
});

t.test('how long an attempt waits follows the latency of the target', async (t) => {
  const server = await listen((socket) => {
    socket.once('data', (chunk) => setTimeout(() => socket.write(response(chunk, 200)), 60));
  });
  t.teardown(server.close);
  const { 'test/legal': attempt } = await attemptsOf([LEGAL], { target: server.address });
  const end = attempt?.transcript.at(-1);
  t.match(end, { kind: 'quiet' });
  t.ok(end?.kind === 'quiet' && end.ms > new DeadlineEstimate().now.quietMs);
});

t.test(
  'copies that run at a time get the time in which a slow target serves one after another',
  async (t) => {
    const { now } = new DeadlineEstimate();
    const firstByteMs = (arrangement: 'at-once' | 'in-turn', count: number, latencyMs: number): number => {
      const profile = { isConcurrent: true, keepsOpen: false, answers: true, latencyMs } as Profile;
      const waits = new Waits(profile, { deadlines: now, losesFin: false } as Probes, {});
      const scenario: Scenario = { ...LEGAL, copies: { count, arrangement } };
      const options = waits.steps(String, {
        ...{ scenario, inVain: new Set<never>(), isAlone: true },
        ids: { of: String, all: () => [] } as unknown as Ids,
      });
      return options.firstByteTimeoutMs - now.answerMs;
    };
    t.equal(firstByteMs('in-turn', 100, 1), 0, 'a fast target has one at a time');
    t.equal(
      firstByteMs('in-turn', 100, 600),
      30 * 600,
      'a slow one 30, so that the scenario does not take minutes',
    );
    t.equal(firstByteMs('at-once', 64, 600), 64 * 600);
  },
);
