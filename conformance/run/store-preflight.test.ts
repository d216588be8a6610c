import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { observeStore } from '../observers/store.ts';
import { SEND_RESULTS, STATUS_UPDATE, SUBMIT } from '../scenario/bytes.ts';
import { answering, response } from '../testing/answering.ts';
import { deadlinesFor } from './preflight.ts';
import { storePreflight } from './store-preflight.ts';

const FOLDERS = new Map([
  [SUBMIT, 'received'],
  [STATUS_UPDATE, 'submitted'],
  [SEND_RESULTS, 'submitted'],
]);

/** The profile of a target that writes a task's file only for these frame types, and answers with the status. */
async function profileOf(t: Test, keeps: readonly number[], status = 200, mode = 0o700) {
  const root = t.testdir({ store: { received: {}, submitted: {} } });
  const store = await observeStore(join(root, 'store'));
  const server = await answering((chunk) => {
    const type = chunk.readUInt32BE(0);
    const { task_id } = JSON.parse(chunk.subarray(8).toString()) as { task_id: string };
    const file = join(root, 'store', FOLDERS.get(type) ?? '', `${task_id}.json`);
    if (keeps.includes(type)) setImmediate(() => void writeFile(file, JSON.stringify({ task_id, type })));
    return response(chunk, status);
  });
  t.teardown(server.close);
  await chmod(join(root, 'store'), mode);
  let ids = 0;
  return storePreflight(store, server.address, {
    deadlines: { ...deadlinesFor(1), answerMs: 300, quietMs: 10 },
    newTaskId: () => `00000000-0000-0000-0000-${String(++ids).padStart(12, '0')}`,
    isAccepting: status === 200,
  });
}

t.test('a target that uses its store shows both', async (t) => {
  t.same(await profileOf(t, [SUBMIT, STATUS_UPDATE, SEND_RESULTS]), { received: 'kept', planted: 'noticed' });
});

t.test('a target that ignores one of the two messages still uses its store', async (t) => {
  t.match(await profileOf(t, [SUBMIT, STATUS_UPDATE]), { planted: 'noticed' });
  t.match(await profileOf(t, [SUBMIT, SEND_RESULTS]), { planted: 'noticed' });
});

t.test('a target that keeps its tasks in memory shows neither', async (t) => {
  t.same(await profileOf(t, []), { received: 'not seen', planted: 'not noticed by the target' });
});

t.test('a target that rejects everything stores no received task', async (t) => {
  t.same(await profileOf(t, [STATUS_UPDATE], 400), { received: 'not seen', planted: 'noticed' });
});

t.test(
  'a store that the kit cannot write to',
  { skip: process.getuid?.() === 0 && 'root may' },
  async (t) => {
    t.match(await profileOf(t, [SUBMIT], 200, 0o500), { planted: 'refused by the file system' });
  },
);
