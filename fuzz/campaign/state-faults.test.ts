import t, { type Test } from 'tap';
import type { Loopback } from '../../conformance/testing/loopback.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { encodeActions } from '../case/case.ts';
import { ALIVE, type Fault, serve } from '../testing/servers.ts';
import type { Finding } from '../triage/finding.ts';
import { campaign } from './campaign.ts';

/** Faults of state: each needs several messages, which may come on several connections. A life begins with an empty memory. */
const STATE_FAULTS: Readonly<Record<string, (stop: () => void) => Fault>> = {
  'the third update of a task stops the server': (stop) => {
    const updates = new Map<string, number>();
    return ({ type, text }) => {
      if (type !== 3) return undefined;
      const count = (updates.get(idOf(text)) ?? 0) + 1;
      updates.set(idOf(text), count);
      if (count !== 3) return undefined;
      stop();
      return 'handled';
    };
  },
  'a SUBMIT after the results of its task stops the server': (stop) => {
    const finished = new Set<string>();
    return ({ type, text }) => {
      if (type === 4) finished.add(idOf(text));
      if (type !== 1 || !finished.has(idOf(text))) return undefined;
      stop();
      return 'handled';
    };
  },
  'after 200 tasks the server answers no more': () => {
    const tasks = new Set<string>();
    return ({ type, text }) => {
      if (type === 1) tasks.add(idOf(text));
      return type === 1 && tasks.size > 200 ? 'handled' : undefined;
    };
  },
};

/** Seeds with which the smallest history is found soon: each try of one that stops nothing waits for a late end. */
const SEEDS: Readonly<Record<string, number>> = {
  'a SUBMIT after the results of its task stops the server': 2,
};

function idOf(text: string): string {
  return /"task_id":"([^"]*)"/.exec(text)?.[1] ?? '';
}

async function firstFinding(
  t: Test,
  faultOf: (stop: () => void) => Fault,
  deadlineMs: number,
  seed: number,
): Promise<Finding | undefined> {
  let server: Loopback;
  let hasEnded = false;
  const stop = (): void => {
    hasEnded = true;
    server.close();
  };
  server = await serve(faultOf(stop));
  const { address } = server;
  t.teardown(() => server.close());
  const restart = async (): Promise<void> => {
    server.close();
    server = await serve(faultOf(stop), address.port);
    hasEnded = false;
  };
  const life = { ...ALIVE, hasEnded: () => hasEnded };
  const options = { seed, runs: 4000, jobs: 16, maxFindings: 1, minimiseMs: 600_000, newTaskId };
  for await (const event of campaign({ ...options, deadlineMs, target: { address, restart, life } }))
    if (event.kind === 'finding') return event.finding;
  return undefined;
}

// They wait most of the time.
t.jobs = Object.keys(STATE_FAULTS).length;
for (const [name, faultOf] of Object.entries(STATE_FAULTS)) {
  t.test(name, { buffered: true }, async (t) => {
    // Where no answer is the fault, a slow one must not look like it.
    const deadlineMs = name.startsWith('after 200') ? 1500 : 500;
    const finding = await firstFinding(t, faultOf, deadlineMs, SEEDS[name] ?? 1);
    t.match(finding, { invariant: 'survives', failed: 3, attempts: 3 });
    const messages = (finding?.value.connections ?? []).flat().length;
    if (name.startsWith('after 200')) {
      t.equal(finding?.history, 'count');
      t.ok(messages >= 190 && messages <= 210, `${messages} messages`);
      return;
    }
    const sent = Buffer.concat((finding?.value.connections ?? []).map(encodeActions));
    t.equal(messages, name.startsWith('the third') ? 3 : 2, sent.toString('latin1'));
    t.ok(sent.length < 300, `${sent.length} bytes`);
  });
}
