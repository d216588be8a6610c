import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { encodeFrame } from '../codec/frame.ts';
import { marshalTaskResultMessage, marshalTaskStatusUpdate } from '../codec/message.ts';
import { exchange, HOST } from '../testing/loopback.ts';
import { startNode } from '../testing/node.ts';
import { newTask } from '../testing/store.ts';

const update = (taskId: string, status = 'ACCEPTED') =>
  encodeFrame(marshalTaskStatusUpdate({ taskId, status, justification: '' }));
const results = (taskId: string, filename = 'a.txt') =>
  encodeFrame(
    marshalTaskResultMessage({
      ...{ taskId, resultType: 'file', filename, fileData: Buffer.from('x') },
      completedAt: '2026-01-02T03:04:05Z',
    }),
  );

/** Messages that a submitter refuses, with the code by which they are counted. */
const REFUSED: readonly [code: string, message: Uint8Array][] = [
  ['unknown-task', update('unknown')],
  ['unknown-task', results('unknown')],
  ['unsafe-id', update('../a')],
  ['unsafe-filename', results('done', '../a.txt')],
  ['extension-forbidden', results('done', 'a.js')],
  ['malformed-field', update('done', 'LOST')],
  ['unreadable', update('damaged')],
  ['TransitionError', update('done')],
];

t.test('what peers send in vain has one line in full, and then a count', async (t) => {
  t.testdir({ node: { submitted: { 'damaged.json': '{' } } });
  const { server, address, store, records } = await startNode(t, 'node');
  await store.submitted.create(newTask('done', { status: 'DECLINED' }));
  for (let round = 0; round < 3; round++)
    for (const [, message] of REFUSED) await exchange(t, address.port, message);
  await server.close();
  const lines = records.filter(({ level }) => level !== 'debug');
  t.match(
    lines.filter(({ message }) => message !== 'file in the store is unreadable'),
    [
      {
        ...{ level: 'info', message: 'message refused' },
        fields: { code: 'unknown-task', message: 'status-update', err: { code: 'unknown-task' } },
      },
      {
        ...{ level: 'info', message: 'more faults of the same address' },
        fields: {
          ...{ network: HOST, count: 3 * REFUSED.length - 1 },
          codes: {
            ...Object.fromEntries(REFUSED.map(([code]) => [code, 3])),
            'unknown-task': 5,
          },
        },
      },
    ],
  );
  t.equal(lines.length, 3);
});

t.test('a fault of the system is logged in full each time', async (t) => {
  t.testdir();
  const { address, path, records } = await startNode(t, 'node');
  await rm(join(path, 'submitted'), { recursive: true });
  await writeFile(join(path, 'submitted'), 'a file where a directory should be');
  for (const message of [update('a'), results('a'), update('b')]) await exchange(t, address.port, message);
  t.match(
    records.filter(({ level }) => level === 'warn').map(({ message, fields }) => [message, fields]),
    ['status-update', 'results', 'status-update'].map((message) => [
      'handler failed',
      { message, err: { code: 'io' } },
    ]),
  );
});
