/** A client that a person starts: the kit says what to do, and takes what is typed for the report of the client. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { clientCatalogue, type JudgedEvent, judgeClients } from '../../conformance/index.ts';
import { dial, generateTaskId } from '../../reference/index.ts';
import { handDriver } from './by-hand.ts';

/** Submits a task as the text demands. */
async function submitAsTold(told: string): Promise<void> {
  const [, port] = /listens on 127\.0\.0\.1:(\d+)/.exec(told) ?? [];
  const field = (name: string): string => /"(.*)"/.exec(told.split(`${name}: `)[1] ?? '')?.[1] ?? '';
  const client = await dial({ host: '127.0.0.1', port: Number(port) });
  await client.submitTask({
    taskId: generateTaskId(),
    taskDescription: field('task_description'),
    fromAddr: field('from_addr'),
    toAddr: field('to_addr'),
  });
}

/** The events of a run of the scenarios, with a person who does what the kit says and types `typed`, one text for each start. */
async function judgeByHand(
  ids: readonly string[],
  typed: readonly string[],
  port?: number,
): Promise<{ readonly events: readonly JudgedEvent[]; readonly told: readonly string[] }> {
  const input = new PassThrough();
  const told: string[] = [];
  const left = [...typed];
  const person = async (text: string): Promise<void> => {
    told.push(text);
    if (text.includes('listens on')) await submitAsTold(text);
    const next = left.shift();
    if (next === undefined) input.end();
    else input.write(`${next}\n`);
  };
  const driver = handDriver({ err: (text) => void person(text) }, input);
  const events: JudgedEvent[] = [];
  const isSelected = ({ id }: { readonly id: string }): boolean => ids.includes(id);
  for await (const event of judgeClients({
    ...{ catalogue: clientCatalogue, isSelected, driver, jobs: 1, isByHand: true, port },
  }))
    events.push(event);
  input.destroy();
  return { events, told };
}

function verdicts(events: readonly JudgedEvent[]): readonly string[] {
  return events
    .flatMap((event) =>
      event.kind === 'result' ? [`${event.judged.scenario.id}: ${event.judged.verdict.verdict}`] : [],
    )
    .sort();
}

const CONTROLS = [
  'client-sending/speaks-first',
  'client-sending/submit-header',
  'client-sending/submit-object',
];

t.test('what is typed is judged together with what the client sent', async (t) => {
  const { events, told } = await judgeByHand(
    ['client-reading/accepted', 'client-reading/rejected'],
    ['a', 'rejected'],
  );
  t.strictSame(verdicts(events), [
    'client-reading/accepted: pass',
    'client-reading/rejected: pass',
    ...CONTROLS.map((id) => `${id}: pass`),
  ]);
  t.match(events[0], { kind: 'plan', about: ['started by hand'] });
  t.match(told, [/The server answers 200\.\nLet your client submit a task there once/, /answers 400/]);
  t.match(told[0], /\n {2}to_addr: "0:0000\.0000\.0002"\n/);
});

t.test('the kit listens on the port that is given, for one client after another', async (t) => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  await once(free, 'close');
  const { told } = await judgeByHand(['client-reading/rejected'], ['a', 'r'], port);
  t.equal(told.length, 2);
  for (const text of told) t.ok(text.includes(`listens on 127.0.0.1:${port}. `), text);
});

t.test('a wrong report fails, and is not asked for again', async (t) => {
  const { events, told } = await judgeByHand(['client-reading/rejected'], ['a', 'a']);
  t.match(verdicts(events), ['client-reading/accepted: pass', 'client-reading/rejected: fail']);
  t.equal(told.length, 2);
});

t.test('a client that died or hangs is typed as d', async (t) => {
  const { events } = await judgeByHand(['client-reading/accepted'], ['d']);
  t.match(verdicts(events)[0], 'client-reading/accepted: inconclusive');
  t.match(verdicts(events)[1], 'client-sending/speaks-first: fail');
});

t.test('what is no report is asked for again, and the end of the input ends the run', async (t) => {
  const again = await judgeByHand(['client-sending/speaks-first'], ['yes', ' A ']);
  t.equal(again.told.at(-1), 'one of: a, r, s, f, e, d\n');
  t.match(verdicts(again.events), ['client-sending/speaks-first: pass']);
  const { events } = await judgeByHand(['client-sending/speaks-first'], []);
  t.match(events.at(-1), { kind: 'end', because: 'cannot-run', detail: /standard input ended/ });
});

t.test('what starts the client many times is skipped, and a signal ends the run', async (t) => {
  const { events } = await judgeByHand(['client-sending/ids-differ'], ['a', 'a', 'a']);
  t.ok(verdicts(events).includes('client-sending/ids-differ: skipped'), verdicts(events).join('\n'));
  const controller = new AbortController();
  const input = new PassThrough();
  const driver = handDriver({ err: () => controller.abort() }, input);
  const run = judgeClients({
    ...{ catalogue: clientCatalogue, driver, jobs: 1, isByHand: true, signal: controller.signal },
    isSelected: ({ id }) => id === 'client-sending/speaks-first',
  });
  const ends: JudgedEvent[] = [];
  for await (const event of run) ends.push(event);
  t.match(ends.at(-1), { kind: 'end', because: 'interrupted' });
  input.destroy();
  await once(input, 'close');
});
