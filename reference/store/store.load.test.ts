import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { dial } from '../net/client.ts';
import { Receiver } from '../roles/receiver.ts';
import { unmarshalTaskFile } from '../task/task-file.ts';
import { HOST, startServer } from '../testing/loopback.ts';
import { request } from '../testing/samples.ts';
import { collect, manualClock } from '../testing/store.ts';
import { Store } from './store.ts';

const CONNECTIONS = 1000;
/** Long enough for a slow machine. */
const timeoutMs = 600_000;
t.setTimeout(timeoutMs);

t.test('1000 concurrent submissions are answered 200, and each task is then on the disk', async (t) => {
  const path = t.testdir();
  const store = await Store.open(path);
  const receiver = new Receiver({ store, clock: manualClock().clock });
  const { port } = await startServer(t, receiver.submit);
  const rssBefore = process.memoryUsage.rss();
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => dial({ host: HOST, port, timeoutMs })),
  );
  const begin = performance.now();
  const onDisk = await Promise.all(
    clients.map(async (client, i) => {
      const taskId = `task-${i}`;
      const { status } = await client.submitTask({ ...request, taskId }, { timeoutMs });
      const task = unmarshalTaskFile(await readFile(join(path, `received/${taskId}.json`)));
      return status === 200 && task.taskId === taskId && task.status === 'NEW';
    }),
  );
  const ms = Math.round(performance.now() - begin);
  t.equal(onDisk.filter((isThere) => isThere).length, CONNECTIONS);
  t.equal((await collect(store.received.inStatus('NEW'))).length, CONNECTIONS);
  const grownMiB = Math.round((process.memoryUsage.rss() - rssBefore) / 2 ** 20);
  t.comment(`${CONNECTIONS} tasks stored and read back in ${ms} ms, resident memory +${grownMiB} MiB`);
});
