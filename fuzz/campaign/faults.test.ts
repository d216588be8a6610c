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

/** A server that computes for a while before an exception ends it. It reads nothing meanwhile, and says nothing. */
const DIES_SLOWLY = `
import { createServer } from 'node:net';
function readNumber() { throw new RangeError('no number'); }
function readEscape() { throw new TypeError('no escape'); }
createServer((socket) => {
  socket.on('error', () => {}).on('data', (bytes) => {
    const fails = bytes.includes('1e555') ? readNumber : bytes.includes('escape') ? readEscape : undefined;
    for (const until = Date.now() + 400; fails && Date.now() < until; );
    fails?.();
    const task_id = /"task_id":"([^"]*)"/.exec(bytes.subarray(8))?.[1];
    if (bytes.length < 8 || bytes.readUInt32BE(0) !== 1 || task_id === undefined) return socket.end();
    const body = JSON.stringify({ task_id, status: 200, message: '' });
    socket.end(Buffer.concat([Buffer.of(0, 0, 0, 1, 0, 0, 0, body.length), Buffer.from(body)]));
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
`;

t.test('an input that comes while the process dies of another is sent once more', async (t) => {
  const server = `${t.testdir({ 'server.mjs': DIES_SLOWLY })}/server.mjs`;
  const { address, restart, describeEnd, stop } = await launch(`node ${server} {port}`);
  t.teardown(stop);
  const given = [frame('escape', 3), frame('1e555', 3)];
  const target = { address, restart, describeEnd };
  const causes: unknown[] = [];
  // Nothing is minimised: each try waits for the end of a process.
  const options = { seed: 1, runs: 1, jobs: 1, minimiseMs: 0 };
  for await (const event of campaign({ ...options, target, given, newTaskId }))
    if (event.kind === 'finding' && event.finding.cause) causes.push(event.finding.cause);
  t.strictSame(causes, [
    'Node.js TypeError in readEscape < server.mjs:9',
    'Node.js RangeError in readNumber < server.mjs:9',
  ]);
});

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
