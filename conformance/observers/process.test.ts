import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { observeProcess } from './process.ts';

const MiB = 1024 * 1024;

/** Starts a program and resolves at its first output. */
async function started(t: Test, command: string, ...args: string[]): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

/** The observer of a process on this system, which has /proc. */
function observed(pid: () => number) {
  const observer = observeProcess(pid);
  if (observer === undefined) throw new Error('this system has no /proc');
  return observer;
}

async function usage({ pid = 0 }: ChildProcess) {
  const seen = await observed(() => pid).usage();
  if (seen === undefined) throw new Error('nothing is seen of the process');
  return seen;
}

/** Takes memory, descriptors and a thread at its first input, and then writes a line. */
const GROWING = `
  const { Worker } = require("node:worker_threads");
  const { openSync } = require("node:fs");
  process.stdin.once("data", () => {
    globalThis.taken = [Buffer.alloc(64 * ${MiB}, 1), Array.from({ length: 20 }, () => openSync("/dev/null"))];
    new Worker("setInterval(() => {}, 1000)", { eval: true }).once("online", () => console.log("taken"));
  });
  console.log("ready");
`;

/** Says when it runs, and ends with its input. */
const WAITING = 'int main(void) { puts("ready"); fflush(stdout); return getchar(); }';

t.test('a process is not observed on a system without /proc', async (t) => {
  t.equal(
    observeProcess(() => process.pid, t.testdir()),
    undefined,
  );
});

t.test('the freed memory that AddressSanitizer keeps', async (t) => {
  const dir = t.testdir({ 'waiting.c': `#include <stdio.h>\n${WAITING}` });
  for (const [name, flags] of Object.entries({ plain: [], sanitized: ['-fsanitize=address'] }))
    if (spawnSync('gcc', [...flags, '-o', join(dir, name), join(dir, 'waiting.c')]).status !== 0)
      return t.comment('there is no gcc with AddressSanitizer');
  const kept = async (program: string, options?: string): Promise<number | undefined> => {
    const set = options === undefined ? '' : `ASAN_OPTIONS=${options} `;
    const child = await started(t, 'sh', '-c', `${set}exec ${join(dir, program)}`);
    return (await observed(() => child.pid ?? 0).look?.())?.quarantineBytes;
  };
  t.equal(await kept('plain', 'quarantine_size_mb=9'), 0);
  t.equal(await kept('sanitized'), 256 * MiB);
  t.equal(await kept('sanitized', 'quarantine_size_mb=9:detect_leaks=0:quarantine_size_mb=3'), 3 * MiB);
});

t.test(
  'growth of memory, descriptors and threads is measured',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const child = await started(t, process.execPath, '-e', GROWING);
    const before = await usage(child);
    child.stdin?.write('grow');
    await once(child.stdout ?? child, 'data');
    const after = await usage(child);
    t.ok(after.memoryBytes - before.memoryBytes >= 60 * MiB, 'memory');
    t.ok(after.descriptors - before.descriptors >= 20, 'descriptors');
    t.ok(after.threads - before.threads >= 1, 'threads');
  },
);

const hasRunTimes = existsSync('/proc/self/schedstat');

t.test(
  'a loop is runnable all the time, whatever share of the CPU it gets',
  { skip: !hasRunTimes },
  async (t) => {
    const loop = 'echo ready; while :; do :; done';
    const loops = await Promise.all(
      Array.from({ length: 3 * availableParallelism() }, () => started(t, '/bin/sh', '-c', loop)),
    );
    const sleeper = await started(t, '/bin/sh', '-c', 'echo ready; exec sleep 1000');
    const spent = async ({ pid = 0 }: ChildProcess): Promise<{ cpu: number; runnable: number }> => {
      const { look } = observed(() => pid);
      const [before, beganAt] = [await look?.(), performance.now()];
      await setTimeout(1000);
      const [after, elapsedMs] = [await look?.(), performance.now() - beganAt];
      if (before === undefined || after === undefined) throw new Error('nothing is seen of the process');
      const share = (part: 'cpuMs' | 'runnableMs'): number => (after[part] - before[part]) / elapsedMs;
      return { cpu: share('cpuMs'), runnable: share('runnableMs') };
    };
    const [ofLoops, ofSleeper] = await Promise.all([Promise.all(loops.map(spent)), spent(sleeper)]);
    t.ok(
      ofLoops.some(({ cpu }) => cpu < 0.5),
      'they share the CPUs',
    );
    for (const { runnable } of ofLoops) t.ok(runnable > 0.8);
    t.ok(ofSleeper.runnable < 0.2);
  },
);

t.test('a descendant counts', { skip: process.platform !== 'linux' }, async (t) => {
  const program = `const taken = Buffer.alloc(64 * ${MiB}, 1); console.log("ready"); process.stdin.once("end", () => taken).resume()`;
  const child = await started(t, '/bin/sh', '-c', `"$0" -e '${program}'; true`, process.execPath);
  const { memoryBytes, threads } = await usage(child);
  t.ok(memoryBytes >= 64 * MiB);
  t.ok(threads >= 3, 'the one of the shell is not the only one');
});

const hasPython = spawnSync('python3', ['-c', '']).status === 0;
const skip = process.platform !== 'linux' ? 'Linux only' : !hasPython && 'no python3 to fork with';

t.test('memory that forked servers share counts once', { skip }, async (t) => {
  const program = `
import os, sys
taken = bytearray(os.urandom(64 << 20))
children = []
for _ in range(10):
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(tell, b"x")
        sys.stdin.read()
        os._exit(0)
    os.read(ready, 1)
print("ready", flush=True)
sys.stdin.read()
`;
  const { memoryBytes, threads } = await usage(await started(t, 'python3', '-c', program));
  t.equal(threads, 11);
  t.ok(memoryBytes >= 64 * MiB);
  t.ok(memoryBytes < 3 * 64 * MiB, 'eleven times 64 MiB would be what each of them has');
});

t.test('a process that has ended has no usage', async (t) => {
  const child = spawn('true');
  await once(child, 'exit');
  t.equal(await observed(() => child.pid ?? 0).usage(), undefined);
});

t.test('a process that its parent has not waited for has no usage', { skip }, async (t) => {
  const program = `
import os, sys
child = os.fork()
if child == 0:
    os._exit(0)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print(child, flush=True)
sys.stdin.read()
`;
  const parent = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => parent.kill('SIGKILL'));
  const [line] = await once(parent.stdout, 'data');
  t.equal(await observed(() => Number(line)).usage(), undefined);
});
