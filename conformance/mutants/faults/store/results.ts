/** Servers that store a result wrongly, or apply wrong limits to it (R2, R6, R7). */

import {
  MAX_RESULT_TEXT_BYTES as CAP,
  MAX_RESULT_FILENAME_BYTES,
  type TaskResultMessage,
} from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { refusesText } from '../../server/replacements.ts';
import { dropsResults, storesResult } from '../../server/store-effects.ts';

/** Changes a result before the correct server stores it. */
function changesResult(change: (message: TaskResultMessage) => TaskResultMessage): Replacement {
  return ({ results }) => ({ results: async (message) => await results(change(message)) });
}

const bytesOf = (text = ''): number => Buffer.byteLength(text);

const TEXTS = ['results/store-text', 'results/store-text-unicode'];

const FILES = ['results/store-file', 'results/store-file-binary'];

export const results: readonly Mutant[] = [
  {
    name: 'results-dropped',
    clause: 'R6',
    fault: 'The server parses a SEND_RESULTS and ignores it.',
    fails: [
      ...TEXTS,
      ...FILES,
      'results/store-times',
      'results/store-file-without-data',
      'results/extension-txt-kept',
    ],
    breaks: dropsResults(() => true),
  },
  {
    name: 'task-left-completed',
    clause: 'R6',
    fault: 'The server stores a result but leaves the status of its task at COMPLETED.',
    fails: [...TEXTS, ...FILES, 'results/store-times'],
    breaks: storesResult((stored) => ({ ...stored, task: {} })),
  },
  {
    name: 'task-without-result',
    clause: 'R6',
    fault: 'The server sets the status of a task to SUCCEEDED but does not record the result in it.',
    fails: [...TEXTS, ...FILES],
    breaks: storesResult((stored) => ({ ...stored, task: { status: 'SUCCEEDED' } })),
  },
  {
    name: 'task-without-times',
    clause: 'R7',
    fault: 'The server ignores the times of a SEND_RESULTS.',
    fails: ['results/store-times'],
    breaks: changesResult(({ timeIdleMs, timeStagedMs, timeCpuMs, ...message }) => message),
  },
  {
    name: 'results-as-written',
    clause: 'M13',
    fault: 'The server copies completed_at and result_type of a SEND_RESULTS into the task without a check.',
    fails: [
      'results/store-refuses-completed-at-words',
      'results/store-refuses-completed-at-date-only',
      'results/store-refuses-completed-at-month-13',
      'results/store-refuses-result-type-unknown',
    ],
    breaks: storesResult((stored, { completedAt, resultType }) => ({
      ...stored,
      task: { ...stored.task, completedAt, resultType },
    })),
  },
  {
    name: 'results-with-local-time',
    clause: 'M13',
    fault: 'The server writes completed_at of a task without an offset.',
    fails: ['results/store-valid-task'],
    breaks: storesResult((stored) => ({
      ...stored,
      task: { ...stored.task, completedAt: '2025-06-01T12:00:00' },
    })),
  },
  {
    name: 'text-in-latin-1',
    clause: 'R6',
    fault: 'The server stores a text result in Latin-1.',
    fails: ['results/store-text-unicode'],
    breaks: storesResult((stored) => ({
      ...stored,
      bytes: typeof stored.bytes === 'string' ? Buffer.from(stored.bytes, 'latin1') : stored.bytes,
    })),
  },
  {
    name: 'file-as-text',
    clause: 'R6',
    fault: 'The server decodes a result file as UTF-8 before it stores it.',
    fails: [
      'results/store-file-binary',
      'results/store-base64-plus-and-slash',
      'results/store-base64-escaped',
    ],
    breaks: storesResult((stored) => ({ ...stored, bytes: Buffer.from(stored.bytes).toString() })),
  },
  {
    name: 'empty-file-kept',
    clause: 'R6',
    fault: 'The server ignores a result of type file that has no file data.',
    fails: ['results/store-file-without-data'],
    breaks: dropsResults(({ resultType, fileData }) => resultType === 'file' && fileData === undefined),
  },
  {
    name: 'results-of-nobody',
    clause: 'R6',
    fault: 'The server stores the result of an unknown task.',
    fails: ['results/store-refuses-unknown-task'],
    breaks: storesResult((stored) => stored, ['task']),
  },
];

const INT32_MAX = 2 ** 31 - 1;
const COMPLETED_AT_IN_SECONDS = /"completed_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/;

/** Servers that drop results in forms that senders use too. */
export const narrowForms: readonly Mutant[] = [
  {
    name: 'times-required',
    clause: 'M2',
    fault: 'The server ignores a SEND_RESULTS without time_cpu_ms, or with null for it.',
    fails: ['results/store-times-missing', 'results/store-times-null'],
    breaks: refusesText((text) => text.includes('"result_type"') && !/"time_cpu_ms":-?\d/.test(text)),
  },
  {
    name: 'filename-never-null',
    clause: 'M3',
    fault: 'The server ignores a SEND_RESULTS whose filename is null.',
    fails: ['results/store-null-file-fields'],
    breaks: refusesText((text) => text.includes('"filename":null')),
  },
  {
    name: 'completed-at-in-seconds',
    clause: 'R6',
    fault: 'The server ignores a SEND_RESULTS whose completed_at is not written in whole seconds of UTC.',
    fails: ['results/store-completed-at-fraction', 'results/store-completed-at-offset'],
    breaks: refusesText((text) => text.includes('"completed_at"') && !COMPLETED_AT_IN_SECONDS.test(text)),
  },
  {
    name: 'times-of-32-bits',
    clause: 'M9',
    fault: 'The server ignores a SEND_RESULTS with a time above 2147483647 ms.',
    fails: ['results/store-times-above-32-bits', 'results/store-times-of-64-bits'],
    breaks: dropsResults(({ timeIdleMs = 0 }) => timeIdleMs > INT32_MAX),
  },
];

export const bounds: readonly Mutant[] = [
  {
    name: 'file-cap-in-base64',
    clause: 'R2',
    fault: 'The server limits the base64 of a file to 15 MiB, instead of its bytes.',
    fails: ['results/store-file-large'],
    breaks: refusesText((text) => text.includes('"file_data"') && text.length > 15 * 1024 * 1024),
  },
  {
    name: 'text-cap-exclusive',
    clause: 'R2',
    fault: 'The server ignores a text result of exactly 1 MiB.',
    fails: ['results/store-text-at-cap', 'results/store-text-at-cap-escaped'],
    breaks: dropsResults(({ resultText }) => bytesOf(resultText) >= CAP),
  },
  {
    name: 'text-as-written',
    clause: 'R2',
    fault: 'The server applies the limit of a text result to its escaped form.',
    fails: ['results/store-text-at-cap-escaped'],
    breaks: refusesText((text) => text.length > 2 * CAP && text.includes('"result_text":"\\u')),
  },
  {
    name: 'text-unbounded',
    clause: 'R2',
    fault: 'The server accepts a text result of any length.',
    fails: ['results/store-refuses-text-over-cap*'],
    breaks: storesResult((stored) => stored, ['text']),
  },
  {
    name: 'text-bounded-in-its-file',
    clause: 'R2',
    fault:
      'The server checks the limit of a text result where it writes the file, and stores any text in the task.',
    fails: ['results/store-refuses-text-over-cap*'],
    breaks: ({ results }, { store }) => ({
      results: async (message) => {
        const { taskId, resultText = '' } = message;
        if (bytesOf(resultText) <= CAP) return await results(message);
        await store.submitted.update(taskId, (task) => ({
          ...task,
          status: 'SUCCEEDED',
          resultType: 'text',
          results: resultText,
        }));
        return undefined;
      },
    }),
  },
  {
    name: 'text-in-characters',
    clause: 'R2',
    fault: 'The server limits a text result to 1048576 UTF-16 code units instead of bytes.',
    fails: ['results/store-refuses-text-over-cap-two-byte'],
    breaks: storesResult(
      (stored, { resultText = '' }) => (resultText.length > CAP ? undefined : stored),
      ['text'],
    ),
  },
  {
    name: 'filename-cut',
    clause: 'R2',
    fault: 'The server truncates a filename that is too long and stores the file.',
    fails: ['results/store-refuses-filename-over-cap*'],
    breaks: changesResult(({ filename = '', ...message }) => ({
      ...message,
      filename: bytesOf(filename) > MAX_RESULT_FILENAME_BYTES ? filename.slice(-60) : filename,
    })),
  },
  {
    name: 'results-kept-aside',
    clause: 'R2',
    fault: 'The server stores what a refused result carries in another folder of the store.',
    fails: [
      'results/store-refuses-text-over-cap*',
      'results/store-refuses-filename-over-cap*',
      'results/store-refuses-text-with-filename-over-cap',
      'results/extension-*-refused',
    ],
    breaks: ({ results }, { writeFile }) => ({
      results: async (message) => {
        const { taskId, fileData, resultText = '' } = message;
        try {
          return await results(message);
        } catch {
          await writeFile(`refused/${taskId}`, fileData ?? resultText);
          return undefined;
        }
      },
    }),
  },
  {
    name: 'filename-of-text-unchecked',
    clause: 'R2',
    fault: 'The server does not check the filename of a text result.',
    fails: ['results/store-refuses-text-with-filename-over-cap'],
    breaks: changesResult((message) =>
      message.resultType === 'text' ? { ...message, filename: '' } : message,
    ),
  },
];
