/** Servers that take ids and filenames for paths, in one notation or another (R5). */

import type { Mutant } from '../../server/mutant.ts';
import type { Fault } from '../../server/pipeline.ts';
import { keeps, keepsTask } from '../../server/store-effects.ts';

/** Keeps a file where its name leads, read in some way. */
function leads(pathOf: (filename: string, taskId: string) => string): Fault {
  return keeps((sound, { taskId, filename = '' }) => ({ ...sound, path: pathOf(filename, taskId) }));
}

/** Writes the task of an update where its id leads, read in some way. */
function writesTask(pathOf: (taskId: string) => string): Fault {
  return (_, { write }) => ({
    update: async ({ taskId, status }) => {
      await write(pathOf(taskId), JSON.stringify({ task_id: taskId, status }));
      return undefined;
    },
  });
}

/** A file name out of any string, as some servers make one. */
function cleaned(name: string): string {
  return name.replace(/[^\w.-]/g, '_').slice(0, 200);
}

export const filenames: readonly Mutant[] = [
  {
    name: 'filename-is-path',
    clause: 'R5',
    fault: 'The filename is a path from the results folder.',
    fails: [
      'results/filename-parent',
      'results/filename-grandparent',
      'results/filename-far-up',
      'results/filename-behind-folder',
      'results/filename-slash-escaped',
      'results/filename-slash-unicode-escape',
      'results/filename-absolute',
    ],
    breaks: (_, { write }) => ({
      results: async ({ filename = '', fileData = Buffer.alloc(0) }) => {
        await write(filename.startsWith('/') ? filename : `results/${filename}`, fileData);
        return undefined;
      },
    }),
  },
  {
    name: 'filename-behind-id-is-path',
    clause: 'R5',
    fault: 'The filename becomes part of a path as it is, behind the id of the task.',
    fails: ['results/filename-other-task-file', 'results/filename-far-up'],
    breaks: leads((filename, taskId) => `results/${taskId}_${filename}`),
  },
  {
    name: 'filename-in-windows',
    clause: 'R5',
    fault: 'Backslashes and drive letters are understood.',
    fails: ['results/filename-backslash', 'results/filename-drive-letter', 'results/filename-unc'],
    breaks: leads((filename) => {
      const path = filename.replaceAll('\\', '/').replace(/^[A-Z]:/, '');
      return path.startsWith('/') ? path : `results/${path}`;
    }),
  },
  {
    name: 'filename-from-url',
    clause: 'R5',
    fault: 'The filename is decoded as if it came from a URL.',
    fails: ['results/filename-url-encoded'],
    breaks: leads((filename) => `results/${decodeURIComponent(filename)}`),
  },
  {
    name: 'filename-composed',
    clause: 'R5',
    fault: 'The filename is brought into composed form behind the check for separators.',
    fails: ['results/filename-full-width-slash'],
    breaks: leads((filename) => `results/${filename.normalize('NFKC')}`),
  },
  {
    name: 'filename-by-shell',
    clause: 'R5',
    fault: 'The filename is expanded as a shell would.',
    fails: ['results/filename-tilde', 'results/filename-variable'],
    breaks: leads((filename) => filename.replace(/^(~|\$HOME)/, '/home')),
  },
  {
    name: 'overlong-slashes',
    clause: 'R5',
    fault: 'Overlong forms of UTF-8 are decoded.',
    fails: ['results/filename-overlong-slash'],
    breaks: (sound, world) => ({
      ...leads((filename) => `results/${filename}`)(sound, world),
      read: (frame) => {
        const latin = Buffer.from(frame.payload).toString('latin1');
        return sound.read({
          ...frame,
          payload: Buffer.from(latin.replaceAll('\u00c0\u00af', '/'), 'latin1'),
        });
      },
    }),
  },
  {
    name: 'results-beside-the-folder',
    clause: 'R5',
    fault: 'Results are kept in the folder of the store, and not in results/.',
    fails: [
      'results/filename-slash',
      'results/filename-nul',
      'results/filename-line-break',
      'results/filename-stream',
      'results/filename-reserved',
      'results/filename-bytes-250',
      'results/filename-own-task-file',
      'results/filename-parent',
      'results/store-file',
    ],
    breaks: keeps((sound, { taskId, filename = '' }) => ({
      ...sound,
      path: `${taskId}_${filename.replaceAll('\0', '').slice(-150)}`,
    })),
  },
];

export const ids: readonly Mutant[] = [
  {
    name: 'submit-id-is-path',
    clause: 'R5',
    fault: 'The id of a SUBMIT becomes part of a path as it is.',
    fails: [
      'store/id-parent',
      'store/id-submitted',
      'store/id-above',
      'store/id-behind-folder',
      'store/id-slash-*',
      'store/id-other-task',
    ],
    breaks: keepsTask((taskId) => `received/${taskId}.json`),
  },
  {
    name: 'submit-id-cut-at-nul',
    clause: 'R5',
    fault: 'A NUL ends the path that the id of a SUBMIT becomes part of.',
    fails: ['store/id-nul'],
    breaks: keepsTask((taskId) => `received/${taskId}.json`.replace(/\0.*$/s, '')),
  },
  {
    name: 'submit-id-absolute',
    clause: 'R5',
    fault: 'An id that begins with a slash is a path from the root.',
    fails: ['store/id-absolute'],
    breaks: keepsTask((taskId) => (taskId.startsWith('/') ? `${taskId}.json` : `received/${taskId}.json`)),
  },
  {
    name: 'result-id-is-path',
    clause: 'R5',
    fault: 'The id of a result becomes part of a path as it is.',
    fails: ['results/id-parent', 'results/id-received'],
    breaks: keeps((sound) => sound),
  },
  {
    name: 'result-id-cleaned',
    clause: 'R5',
    fault: 'The id of a result is made a file name, and a task created for it.',
    fails: ['results/id-*'],
    breaks: (_, { write }) => ({
      results: async ({ taskId }) => {
        await write(`submitted/${cleaned(taskId)}.json`, '{}');
        return undefined;
      },
    }),
  },
  {
    name: 'update-id-is-path',
    clause: 'R5',
    fault: 'The id of an update becomes part of a path as it is.',
    fails: ['status/store-id-received', 'status/store-id-above'],
    breaks: writesTask((taskId) => `submitted/${taskId}.json`),
  },
  {
    name: 'update-id-cut-at-nul',
    clause: 'R5',
    fault: 'A NUL ends the path that an id becomes part of.',
    fails: ['status/store-id-nul-behind'],
    breaks: writesTask((taskId) => `submitted/${taskId}.json`.replace(/\0.*$/s, '')),
  },
  {
    name: 'update-id-in-windows',
    clause: 'R5',
    fault: 'Backslashes in the id of an update are separators.',
    fails: ['status/store-id-backslash'],
    breaks: writesTask((taskId) => `submitted/${taskId.replaceAll('\\', '/')}.json`),
  },
  {
    name: 'update-id-cleaned',
    clause: 'R5',
    fault: 'The id of an update is made a file name, and its task created.',
    fails: ['status/store-id-*', 'status/store-ignores-empty-id'],
    breaks: writesTask((taskId) => `submitted/${cleaned(taskId)}.json`),
  },
];
