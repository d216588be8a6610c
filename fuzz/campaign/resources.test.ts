import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { observeProcess } from '../../conformance/observers/process.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { encodeActions } from '../case/case.ts';
import { calibrate } from '../target/calibration.ts';
import type { Target } from '../target/target.ts';
import { ALIVE } from '../testing/servers.ts';
import type { Finding } from '../triage/finding.ts';
import { findingFiles, readFinding } from '../triage/finding-files.ts';
import { isReplayable, replay } from '../triage/replay.ts';
import { campaign } from './campaign.ts';

const SERVER = fileURLToPath(new URL('../testing/leaky-server.mjs', import.meta.url));
const { NODE_OPTIONS: _, ...env } = process.env;

/** A server in a process of its own, which can be started again. */
async function started(t: Test, fault: string): Promise<Target> {
  let child: ChildProcess | undefined;
  const start = async (port: number): Promise<number> => {
    const next = spawn(process.execPath, [SERVER, String(port), fault], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = next;
    const [line] = await once(next.stdout, 'data');
    return Number(String(line));
  };
  const stop = async (): Promise<void> => {
    const exited = child && once(child, 'exit');
    child?.kill('SIGKILL');
    await exited;
  };
  const port = await start(0);
  t.teardown(stop);
  return {
    address: { host: '127.0.0.1', port },
    process: observeProcess(() => child?.pid ?? 0),
    restart: async () => {
      await stop();
      await start(port);
    },
  };
}

const OPTIONS = { seed: 1, jobs: 8, newTaskId };

async function findingsOf(target: Target, runs: number, deadlineMs = 500): Promise<readonly Finding[]> {
  for await (const event of campaign({ ...OPTIONS, target, runs, deadlineMs, maxFindings: 1 }))
    if (event.kind === 'end') return event.progress.findings;
  return [];
}

/** Whether the server answers a SUBMIT with this payload: an object in UTF-8 whose fields are texts. */
function isAnswered(payload: Uint8Array): boolean {
  try {
    const request: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    if (typeof request !== 'object' || request === null || Array.isArray(request)) return false;
    const fields: Readonly<Record<string, unknown>> = { ...request };
    return ['task_id', 'task_description', 'from_addr', 'to_addr'].every(
      (name) => typeof (fields[name] ?? '') === 'string',
    );
  } catch {
    return false;
  }
}

/** What a replay of the finding says on a server with this fault. */
async function replayed(t: Test, finding: Finding | undefined, fault: string): Promise<string | undefined> {
  if (finding === undefined) return undefined;
  const result = await calibrate({ target: await started(t, fault), newTaskId });
  if (result.kind !== 'calibrated') return result.kind;
  const saved = readFinding(String(findingFiles(finding).get(`${finding.id}.json`)));
  t.ok(isReplayable(saved, result.target));
  t.notOk(isReplayable(saved, { address: result.target.address }), 'without its process');
  return (await replay(saved, result.target, result.calibration)).verdict;
}

const isLinux = { skip: process.platform !== 'linux' };

t.test('a descriptor that is kept of each malformed frame', isLinux, async (t) => {
  const [finding] = await findingsOf(await started(t, 'descriptor'), 2500);
  t.match(finding, {
    invariant: 'frees-resources',
    clause: 'F5',
    detail: /SUBMIT → closed.*1000 descriptors/,
  });
  const [actions = []] = finding?.value.connections ?? [];
  t.notOk(isAnswered(encodeActions(actions).subarray(8)), 'with a case of the class');
  t.equal(await replayed(t, finding, 'descriptor'), 'fails');
  t.equal(await replayed(t, finding, 'none'), 'fixed');
});

t.test('a loop that begins with a malformed frame', isLinux, async (t) => {
  // Long enough for a reaction of a server that shares its CPU with the loop.
  const [finding] = await findingsOf(await started(t, 'spin'), 300, 10_000);
  t.match(finding, { invariant: 'idles', clause: 'T3', detail: /after "SUBMIT/ });
  t.equal(finding?.value.connections.length, 1);
});

t.test('a restart by a monitor is one of the campaign', isLinux, async (t) => {
  let restarts = 0;
  let found = 0;
  // A sanitizer may write its report of leaks when the process is ended.
  const life = { ...ALIVE, reports: () => ({ error: restarts, warning: 0, runtime: 0 }) };
  const endWhere = async (fails: () => boolean) => {
    [restarts, found] = [0, 0];
    const target = await started(t, 'spin');
    const restart = async (): Promise<void> => {
      if (fails()) throw new Error('the command ended');
      restarts += 1;
      await target.restart?.();
    };
    const observed = { ...target, life, restart };
    for await (const event of campaign({ ...OPTIONS, target: observed, runs: 300, deadlineMs: 10_000 })) {
      if (event.kind === 'end') return event;
      if (event.kind === 'finding') found += 1;
    }
    throw new Error('no end');
  };
  const { progress } = await endWhere(() => false);
  t.match(progress.findings, [{ invariant: 'idles' }]);
  t.equal(progress.findings.length, 1);
  t.equal(progress.restarts, restarts);
  t.ok(restarts > 2, `${restarts} restarts`);
  const lost = { because: 'target-lost', detail: 'the command ended' };
  t.match(await endWhere(() => restarts === 2), { ...lost, progress: { findings: { length: 0 } } });
  t.match(await endWhere(() => found > 0), { ...lost, progress: { findings: [{ invariant: 'idles' }] } });
});

t.test('a server that keeps nothing', isLinux, async (t) => {
  t.strictSame(await findingsOf(await started(t, 'none'), 800), []);
});
