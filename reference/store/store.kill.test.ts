import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { dial } from '../net/client.ts';
import { ClientError } from '../protocol/errors.ts';
import { generateTaskId } from '../protocol/task-id.ts';
import { unmarshalTaskFile } from '../task/task-file.ts';
import { HOST } from '../testing/loopback.ts';
import { compileProgram } from '../testing/program.ts';
import { request } from '../testing/samples.ts';

/** 20, of which some interrupt a write, or the number in CONFORM_KILLS; `npm run store:kills` sets 200. */
const KILLS = Number(process.env['CONFORM_KILLS'] ?? 20);
const SUBMITTERS = 8;
const SEED = 20_260_101;

/** Pseudo-random whole numbers from 0 to below `bound`, the same in every run. */
function randomIntegers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Submits until the server has ended. Calls `answered` for every 200. */
async function submitUntilKilled(port: number, answered: (taskId: string) => void): Promise<void> {
  try {
    for (;;) {
      const client = await dial({ host: HOST, port });
      const taskId = generateTaskId();
      const { status } = await client.submitTask({ ...request, taskId });
      if (status === 200) answered(taskId);
    }
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
  }
}

/** Reads some tasks of the store as another process would, in the middle of writes. Throws if a file is not whole. */
async function readSome(folder: string, from: number): Promise<number> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f-]{36}\.json$/.test(name));
  const some = names.slice(from % Math.max(1, names.length)).slice(0, 4);
  for (const name of some) unmarshalTaskFile(await readFile(join(folder, name)));
  return some.length;
}

async function portOf(child: ChildProcess): Promise<number> {
  const [port] = await once(child, 'message');
  return Number(port);
}

// Long enough for a slow machine. The test depends on the number of answers before a kill, not on time.
t.setTimeout(600_000 * Math.ceil(KILLS / 50));

t.test('after a kill, every task that the server answered 200 is on the disk (S9)', async (t) => {
  const start = await compileProgram(t, new URL('../testing/serve-program.ts', import.meta.url));
  const path = join(t.testdirName, 'store');
  const random = randomIntegers(SEED);
  const promised: string[] = [];
  let leftOver = 0;
  await mkdir(join(path, 'received'), { recursive: true });
  const reading: Promise<number>[] = [];

  for (let kill = 0; kill < KILLS; kill++) {
    const child = start(path);
    const port = await portOf(child);
    const exit = once(child, 'exit');
    // The kill follows the n-th answer. Other tasks are then being read, written, linked and accepted.
    let answersLeft = 1 + random(3 * SUBMITTERS);
    const answered = (taskId: string) => {
      promised.push(taskId);
      reading.push(readSome(join(path, 'received'), random(1000)));
      answersLeft -= 1;
      if (answersLeft === 0) child.kill('SIGKILL');
    };
    await Promise.all(Array.from({ length: SUBMITTERS }, () => submitUntilKilled(port, answered)));
    t.strictSame(await exit, [null, 'SIGKILL']);
    leftOver += (await otherFiles(path)).length;
  }

  const reads = (await Promise.all(reading)).reduce((sum, number) => sum + number, 0);
  t.ok(reads > 0, 'no reader has seen a partial file');
  const child = start(path);
  await portOf(child);
  t.strictSame(await otherFiles(path), [], 'no temporary file and no lock after a restart');
  t.ok(leftOver > 0, 'some kills interrupted a write');
  for (const taskId of promised) {
    const task = unmarshalTaskFile(await readFile(join(path, 'received', `${taskId}.json`)));
    if (task.taskId !== taskId || !['NEW', 'ACCEPTED'].includes(task.status)) t.fail(`${taskId} is damaged`);
  }
  for (const name of await readdir(join(path, 'received'))) {
    unmarshalTaskFile(await readFile(join(path, 'received', name)));
  }
  t.ok(promised.length >= KILLS);
  t.comment(
    `${KILLS} kills, ${promised.length} tasks answered 200, ${leftOver} temporary files removed, ${reads} reads`,
  );
});

/** The files of the store that are not tasks. */
async function otherFiles(path: string): Promise<string[]> {
  const names = await readdir(path, { recursive: true });
  return names.filter(
    (name) => !/^(received|submitted|results|late|\.locks)(\/[0-9a-f-]{36}\.json)?$/.test(name),
  );
}
