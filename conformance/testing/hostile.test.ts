import t from 'tap';
import { observe } from '../judge/observe.ts';
import { submit } from '../scenario/messages.ts';
import { send } from '../scenario/steps.ts';
import { responseOf } from '../wire/frames.ts';
import { type Address, runSteps } from '../wire/transport.ts';
import { serveHostile } from './hostile.ts';
import { BEHAVIOURS } from './hostile-behaviours.ts';

/** For a connection that sends a SUBMIT. */
const OPTIONS = {
  connectTimeoutMs: 1000,
  firstByteTimeoutIs: 'deadline',
  quietMs: 20,
  deadlineMs: 500,
  idOf: () => '00000000-0000-4000-8000-000000000001',
} as const;

/** Most bytes that a transcript of one connection may hold, with everything that was read from it. */
const MOST_KEPT = 512 * 1024;

async function submitTo(address: Address, deadlineMs: number = OPTIONS.deadlineMs) {
  const transcript = await runSteps(address, [send(submit())], {
    ...OPTIONS,
    deadlineMs,
    firstByteTimeoutMs: deadlineMs,
  });
  return { transcript, observation: observe(transcript) };
}

t.test('what is kept of a connection is bounded, for every behaviour', async (t) => {
  const rows = Object.entries(BEHAVIOURS).filter(
    ([, { accepts, after, every }]) => accepts !== false && !after && !every,
  );
  t.ok(rows.length >= 30);
  const measured = rows.map(async ([name, behaviour]) => {
    const { address, close } = await serveHostile(behaviour);
    const { transcript, observation } = await submitTo(address);
    close();
    const kept = JSON.stringify([transcript, observation], (_, value) =>
      value instanceof Uint8Array || value?.type === 'Buffer'
        ? 'x'.repeat(value.length ?? value.data.length)
        : value,
    );
    t.ok(kept.length < MOST_KEPT, `${name}: ${kept.length} bytes`);
    t.ok(transcript.length < 50, `${name}: ${transcript.length} events`);
  });
  await Promise.all(measured);
});

t.test('a legal answer of 16 MiB is a legal answer, of which little is kept', async (t) => {
  for (const name of ['message-16-mib', 'spaces-16-mib', 'unknown-member', 'escapes', 'four-byte']) {
    const { address, close } = await serveHostile(BEHAVIOURS[name] ?? { what: '' });
    const { transcript, observation } = await submitTo(address, 60_000);
    close();
    const kept = transcript.map((entry) => (entry.kind === 'received' ? entry.bytes.length : 0));
    t.ok(kept.reduce((sum, bytes) => sum + bytes, 0) < MOST_KEPT, `${name}: ${kept}`);
    const [answer] = observation.frames;
    const fields = { taskId: { value: OPTIONS.idOf() }, status: { value: 200 }, message: { value: String } };
    t.match(answer && responseOf(answer), fields, name);
    t.strictSame([observation.frames.length, observation.restBytes], [1, 0], name);
  }
});
