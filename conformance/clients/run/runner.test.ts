/** Clients of this process that are judged: events, controls, retries, and what ends a run early. */

import t from 'tap';
import type { JudgedEvent } from '../../report/judged.ts';
import { clientCatalogue } from '../catalogue/index.ts';
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
