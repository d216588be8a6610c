/** Freedoms of the files around the tasks: logs, indexes, locks, temporary files, and the stores of others (R5, S9). */

import { randomBytes, randomUUID } from 'node:crypto';
import type { ConformingVariant } from '../server/mutant.ts';

const TOUCHES = [
  'store/*',
  'status/store-i*',
  'results/store-f*',
  'results/store-t*',
  'results/extension-d*',
  'results/filename-*',
  'submit/id-s*',
  'json/missing-*',
];

/** How many files of one kind exist at a time. */
const MAX_FILES = 40;

export const surroundings: readonly ConformingVariant[] = [
  {
    name: 'log-next-to-store',
    clause: 'R5',
    freedom:
      'The server writes the time and the type of each frame to a log in the folder that contains the store.',
    touches: TOUCHES,
    does: ({ parse }, { writeFile }) => ({
      parse: (frame) => {
        void writeFile('../server.log', `${new Date().toISOString()} frame of type ${frame.type}\n`, 'a');
        return parse(frame);
      },
    }),
  },
  {
    name: 'log-of-ids',
    clause: 'R5',
    freedom: 'The server writes the id of each task to a log in the folder that contains the store.',
    touches: TOUCHES,
    does: ({ submit, update, results }, { writeFile }) => {
      const logged =
        <M extends { readonly taskId: string }, A>(kind: string, handle: (message: M) => Promise<A>) =>
        async (message: M): Promise<A> => {
          const line = `${new Date().toISOString()} ${kind} ${JSON.stringify(message.taskId)}\n`;
          await writeFile('../tasks.log', line, 'a');
          return await handle(message);
        };
      return {
        submit: logged('SUBMIT', submit),
        update: logged('STATUS_UPDATE', update),
        results: logged('SEND_RESULTS', results),
      };
    },
  },
  {
    name: 'stores-of-others',
    clause: 'R5',
    freedom: 'Other programs write stores, caches and temporary files to the folder that contains the store.',
    touches: TOUCHES,
    does: (_, { repeat, writeFile, removeFile }) => {
      let count = 0;
      repeat(20, async () => {
        count += 1;
        const id = randomUUID();
        const place = count % MAX_FILES;
        const other = `../other-${place}`;
        await writeFile(`${other}/received/task.json`, task(id));
        await writeFile(`${other}/results/_result.txt`, id);
        await writeFile(`../.tmp-${id}`, randomBytes(64));
        await writeFile('../cache.json', JSON.stringify({ count }));
        await removeFile(`../.tmp-${id}`);
      });
      return {};
    },
  },
  {
    name: 'temporary-files-next-to-store',
    clause: 'R5',
    freedom:
      'The server writes a task to a temporary file in the folder that contains the store, and then to the store.',
    touches: TOUCHES,
    does: ({ submit }, { writeFile, removeFile }) => ({
      submit: async (request) => {
        const path = `../.new-${randomUUID()}`;
        await writeFile(path, task(request.taskId));
        const answer = await submit(request);
        await removeFile(path);
        return answer;
      },
    }),
  },
  {
    name: 'index-and-locks',
    clause: 'S9',
    freedom: 'The server writes an index and lock files to the store from time to time.',
    touches: TOUCHES,
    does: (_, { repeat, writeFile, removeFile }) => {
      repeat(15, async () => {
        for (const lock of ['.lock', 'results/.lock', 'submitted/.lock']) await writeFile(lock, '1');
        await writeFile('index.json', randomBytes(16).toString('hex'));
        await writeFile('received/.index', randomBytes(16));
        for (const lock of ['.lock', 'results/.lock', 'submitted/.lock']) await removeFile(lock);
      });
      return {};
    },
  },
];

function task(id: string): string {
  return JSON.stringify({ task_id: id, task_description: 'of another', status: 'NEW' }, null, 2);
}
