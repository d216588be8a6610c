import t, { type Test } from 'tap';
import { launch } from '../../conformance/observers/launch.ts';
import { observeProcess } from '../../conformance/observers/process.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { type Case, EXACT } from '../case/case.ts';
import type { Finding } from '../triage/finding.ts';
import { campaign } from './campaign.ts';

const SERVER = 'fuzz/testing/faulty-server.mjs';

const frame = (payload: string | Uint8Array, type = 1): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type, declared: EXACT, payload: Buffer.from(payload) }]],
});

/** Fuzzes a server with all of these faults at once. */
async function findingsOf(
  t: Test,
  faults: readonly string[],
  given: readonly Case[],
  seed: number,
): Promise<readonly Finding[]> {
  const launched = await launch(`node ${SERVER} {port} ${faults.join(' ')}`);
  t.teardown(() => launched.stop());
  const { address, restart, describeEnd, pid } = launched;
  const target = { address, restart, describeEnd, process: observeProcess(pid) };
  let findings: readonly Finding[] = [];
  for await (const event of campaign({ target, seed, given, runs: 1, jobs: 1, newTaskId }))
    if (event.kind === 'end') findings = event.progress.findings;
  return findings;
}

t.test('several faults at once: one finding each, with the same id in every campaign', async (t) => {
  const faults = ['crash-number', 'crash-escape'];
  // Two cases of each fault, which have next to nothing in common. The other campaign starts from the second ones, in another order.
  const first = [frame('1e400'), frame('\\\\"')];
  const second = [frame('[1e555]', 3), frame('\\\\"', 4)];
  const [one, other] = await Promise.all([
    findingsOf(t, faults, [...first, ...second], 1),
    findingsOf(t, faults, second.toReversed(), 2),
  ]);
  const ids = (findings: readonly Finding[]): string[] => findings.map(({ id }) => id).sort();
  t.equal(one.length, faults.length);
  t.strictSame(ids(one), ids(other));
  t.strictSame(one.map(({ cause }) => cause).sort(), [
    'Node.js RangeError in readNumber < FAULTS.crash-number',
    'Node.js TypeError in readEscape < FAULTS.crash-escape',
  ]);
  for (const { invariant, failed, attempts, said, where } of [...one, ...other]) {
    t.match({ invariant, failed, attempts }, { invariant: 'survives', failed: 3, attempts: 3 });
    t.ok(said?.ended);
    t.equal(where?.length, 1);
  }
});
