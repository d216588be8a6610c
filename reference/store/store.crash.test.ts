/** No task that was acknowledged is lost in a crash, whatever the file system reorders (S9). Needs strace. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type DiskCall, readTrace, statesAt } from '../testing/disk-model.ts';
import { compileProgram } from '../testing/program.ts';

const TASKS = 10;
const ORDER = ['NEW', 'ACCEPTED', 'SUCCEEDED'];
const CALLS = 'openat,write,pwrite64,fsync,fdatasync,rename,link,mkdir';
const hasStrace = spawnSync('strace', ['-f', 'true']).status === 0;

interface Traced {
  readonly calls: readonly DiskCall[];
  readonly root: string;
}

/** Runs crash-program.ts, and reads what it asked of the system. */
async function trace(t: Test): Promise<Traced> {
  const folder = await realpath(t.testdir());
  const output = join(folder, 'trace');
  const under = ['strace', '-f', '-y', '-s', '4096', '-e', `trace=${CALLS}`, '-o', output];
  const start = await compileProgram(t, new URL('../testing/crash-program.ts', import.meta.url), under);
  const root = join(folder, 'store');
  const [status] = (await once(start(root, `${TASKS}`), 'exit')) as [number];
  t.equal(status, 0);
  const calls = readTrace(await readFile(output, 'utf8'));
  const isInStore = (path: string) => path.startsWith(root) && !path.startsWith(join(root, '.locks'));
  return { root, calls: calls.filter((call) => isInStore(pathOf(call, root))) };
}

/** The file or the directory that a call changes; for a fsync of the parent of the store, the store. */
function pathOf(call: DiskCall, root: string): string {
  switch (call.kind) {
    case 'ack':
      return root;
    case 'dsync':
    case 'write':
      return call.file;
    case 'fsync':
      return root.startsWith(`${call.path}/`) ? root : call.path;
    case 'name':
    case 'mkdir':
      return call.path;
  }
}

/** What is wrong in any state of the disk after a crash at any call, and the number of states. */
function faultsOf({ calls, root }: Traced): {
  readonly faults: ReadonlySet<string>;
  readonly states: number;
} {
  const faults = new Set<string>();
  let states = 0;
  // Between two of these calls, no state is added.
  const moments = calls.filter(({ kind }) => kind !== 'write' && kind !== 'dsync').map(({ begin }) => begin);
  for (const at of [...moments, Number.POSITIVE_INFINITY]) {
    const promised = new Map<string, string>();
    for (const call of calls)
      if (call.kind === 'ack' && call.begin < at) promised.set(call.task, call.status);
    for (const files of statesAt(calls, at, root)) {
      states += 1;
      for (const [path, bytes] of files) if (bytes === undefined) faults.add(`${path}: a torn file`);
      for (const [task, status] of promised) {
        const bytes = files.get(`${task}.json`);
        const found = /\\"status\\": \\"(\w+)\\"/.exec(bytes ?? '')?.[1] ?? '';
        if (ORDER.indexOf(found) < ORDER.indexOf(status)) faults.add(`${task}: a lost ${status}`);
        const result = `results/${task.slice('submitted/'.length)}_x.txt`;
        if (found === 'SUCCEEDED' && !files.has(result)) faults.add(`${task}: a lost result`);
      }
    }
  }
  return { faults, states };
}

t.test('every promise of the store holds after a crash', { skip: !hasStrace && 'no strace' }, async (t) => {
  const traced = await trace(t);
  t.equal(traced.calls.filter(({ kind }) => kind === 'ack').length, 5 * TASKS);
  const { faults, states } = faultsOf(traced);
  t.strictSame([...faults], []);
  t.comment(`${traced.calls.length} calls, ${states} states`);

  const without = (isOmitted: (call: DiskCall) => boolean) =>
    [...faultsOf({ ...traced, calls: traced.calls.filter((call) => !isOmitted(call)) }).faults].join();
  const isSyncOfFile = (call: DiskCall) =>
    call.kind === 'dsync' || (call.kind === 'fsync' && call.path.includes('/.tmp'));
  const isSyncOfDirectory = (call: DiskCall) => call.kind === 'fsync' && !call.path.includes('/.tmp');
  t.match(without(isSyncOfFile), /torn/, 'the model sees that bytes are not synced');
  t.match(without(isSyncOfDirectory), /lost/, 'and that a directory is not');
});
