/**
 * Program `count-program.ts <store> <task id> <times>`: adds 1 to `time_cpu_ms` of the task the given number of
 * times.
 */
import { Store } from '../store/store.ts';

const [path = '', taskId = '', times = ''] = process.argv.slice(2);
const { submitted } = await Store.open(path);
process.send?.('ready');
process.once('message', async () => {
  for (let i = 0; i < Number(times); i++) {
    await submitted.update(taskId, (task) => ({ ...task, timeCpuMs: Number(task.timeCpuMs ?? 0) + 1 }));
  }
  process.disconnect();
});
