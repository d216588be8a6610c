/**
 * Program `crash-program.ts <store> <tasks>`: both roles on a new store, four tasks at a time. It prints
 * `ack <folder>/<task id> <status>` as soon as the store has promised that the task has the status.
 */
import { writeSync } from 'node:fs';
import { fromUnixMs } from '../protocol/time.ts';
import { Receiver } from '../roles/receiver.ts';
import { Submitter } from '../roles/submitter.ts';
import { Store } from '../store/store.ts';
import { newTaskFile } from '../task/task.ts';

const LANES = 4;

const [path = '', tasks = ''] = process.argv.slice(2);
const store = await Store.open(path);
const clock = () => fromUnixMs(Date.now());
const receiver = new Receiver({ store, clock });
const submitter = new Submitter({ store, clock });
const peer = { address: '127.0.0.1', port: 1 };

function ack(task: string, status: string): void {
  writeSync(1, `ack ${task} ${status}\n`);
}

async function run(i: number): Promise<void> {
  const text = { taskDescription: 'count to ten' };
  const received = `r${i}`;
  await receiver.submit({ taskId: received, ...text, fromAddr: '', toAddr: '' }, peer);
  ack(`received/${received}`, 'NEW');
  await receiver.accept(received);
  ack(`received/${received}`, 'ACCEPTED');

  const taskId = `s${i}`;
  await store.submitted.create(newTaskFile({ taskId, ...text, from: '', to: '' }, clock()));
  ack(`submitted/${taskId}`, 'NEW');
  await submitter.statusUpdate({ taskId, status: 'ACCEPTED', justification: '' }, peer);
  ack(`submitted/${taskId}`, 'ACCEPTED');
  const fileData = Buffer.from(`the result of ${taskId}`);
  await submitter.results({ taskId, resultType: 'file', filename: 'x.txt', fileData, completedAt: '' }, peer);
  ack(`submitted/${taskId}`, 'SUCCEEDED');
}

let next = 0;
const lane = async (): Promise<void> => {
  while (next < Number(tasks)) await run(next++);
};
await Promise.all(Array.from({ length: LANES }, lane));
process.disconnect();
