/** Servers that apply a STATUS_UPDATE wrongly (U2–U4, L1, M4, M5). */

import {
  applyStatusUpdate,
  MAX_JUSTIFICATION_BYTES as CAP,
  isFinal,
  isSafeTaskId,
  isTaskStatus,
  TASK_STATUSES,
  type TaskFile,
  type TaskStatusUpdate,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  validateTaskStatusUpdate,
} from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { onlyOf, refusesText, rewritesText, rewritesValues } from '../../server/replacements.ts';
import { isSubmitted } from '../../server/store-effects.ts';

/** Applies an update with the task that `change` returns. `correct` returns the correct one, or throws if the update must be ignored. */
function appliesUpdate(
  change: (task: TaskFile, update: TaskStatusUpdate, correct: () => TaskFile) => TaskFile,
): Replacement {
  return (_, { store, now }) => ({
    update: async (update) => {
      await store.submitted.update(update.taskId, (task) =>
        change(task, update, () => {
          validateTaskStatusUpdate(update);
          return applyStatusUpdate(task, update, now());
        }),
      );
      return undefined;
    },
  });
}

/** Whether a task reaches the status only after ACCEPTED. */
function isAfterAccepted(status: string): boolean {
  return ['EXECUTING', 'COMPLETED', 'SUCCEEDED'].includes(status);
}

function isTooLong({ justification }: TaskStatusUpdate): boolean {
  return Buffer.byteLength(justification) > CAP;
}

function updated(task: TaskFile, { status, justification }: TaskStatusUpdate): TaskFile {
  return { ...task, status, statusJustification: justification };
}

/** Ignores updates, although they may be legal. */
function ignoresUpdates(isIgnored: (update: TaskStatusUpdate) => boolean): Replacement {
  return ({ update }) => ({
    update: async (message) => (isIgnored(message) ? undefined : await update(message)),
  });
}

const APPLIED = [
  'status/store-accepted',
  'status/store-declined',
  'status/store-cancelled',
  'status/store-executing',
  'status/store-expired',
  'status/store-completed',
  'status/store-succeeded',
];

export const updates: readonly Mutant[] = [
  {
    name: 'updates-dropped',
    clause: 'U2',
    fault: 'The server parses a STATUS_UPDATE and ignores it.',
    fails: [
      ...APPLIED,
      'status/store-skipped-states',
      'status/store-justification-at-cap',
      'status/store-accepted-at',
    ],
    breaks: () => ({ update: async () => undefined }),
  },
  {
    name: 'updates-without-reason',
    clause: 'U2',
    fault: 'The server ignores the justification of a STATUS_UPDATE.',
    fails: APPLIED,
    breaks: appliesUpdate(({ statusJustification = '' }, _, correct) => ({
      ...correct(),
      statusJustification,
    })),
  },
  {
    name: 'updates-in-lower-case',
    clause: 'U2',
    fault: 'The server stores the status of a STATUS_UPDATE in lower case.',
    fails: APPLIED,
    breaks: appliesUpdate((_, { status }, correct) => ({ ...correct(), status: status.toLowerCase() })),
  },
  {
    name: 'updates-step-by-step',
    clause: 'L1',
    fault: 'The server ignores a STATUS_UPDATE if it missed the update before it.',
    fails: ['status/store-skipped-states'],
    breaks: appliesUpdate((task, { status }, correct) =>
      isAfterAccepted(status) && task.status === 'NEW' ? task : correct(),
    ),
  },
  {
    name: 'updates-without-time',
    clause: 'U3',
    fault: 'The server leaves accepted_at empty when a task becomes ACCEPTED.',
    fails: ['status/store-accepted-at'],
    breaks: appliesUpdate(({ acceptedAt = '' }, _, correct) => ({ ...correct(), acceptedAt })),
  },
  {
    name: 'updates-with-local-time',
    clause: 'M13',
    fault: 'The server writes accepted_at without an offset.',
    fails: ['status/store-valid-task'],
    breaks: appliesUpdate((_, __, correct) => ({ ...correct(), acceptedAt: '2025-06-01 12:00:00' })),
  },
  {
    name: 'updates-of-final-tasks',
    clause: 'L1',
    fault: 'The server applies a STATUS_UPDATE to a task in a final status.',
    fails: ['status/store-final-*'],
    breaks: appliesUpdate((task, update, correct) =>
      isFinal(task.status) && isTaskStatus(update.status) ? updated(task, update) : correct(),
    ),
  },
  {
    name: 'updates-to-any-status',
    clause: 'L1',
    fault: 'The server accepts any word as a status.',
    fails: ['status/store-ignores-unknown-status'],
    breaks: appliesUpdate((task, update, correct) =>
      isTaskStatus(update.status) ? correct() : updated(task, update),
    ),
  },
  {
    name: 'status-by-number',
    clause: 'M4',
    fault: 'The server accepts a number as a status and uses it as an index into the list of statuses.',
    fails: ['status/store-ignores-status-number'],
    breaks: rewritesValues((value, name) =>
      name === 'status' && typeof value === 'number' ? TASK_STATUSES[value] : value,
    ),
  },
  {
    name: 'updates-rescued',
    clause: 'M5',
    fault: 'The server ignores an "x" after the JSON object of a message.',
    fails: [
      'status/store-ignores-malformed',
      'submit/malformed-trailing-garbage',
      'store/nothing-of-trailing',
    ],
    breaks: rewritesText((text) => text.replace(/\}x$/, '}')),
  },
  {
    name: 'justification-unbounded',
    clause: 'U4',
    fault: 'The server accepts a justification of any length.',
    fails: ['status/store-ignores-justification-over-cap*'],
    breaks: appliesUpdate((task, update, correct) => (isTooLong(update) ? updated(task, update) : correct())),
  },
  {
    name: 'justification-in-characters',
    clause: 'U4',
    fault: 'The server limits a justification to 4096 UTF-16 code units instead of bytes.',
    fails: ['status/store-ignores-justification-over-cap-two-byte'],
    breaks: appliesUpdate((task, update, correct) =>
      isTooLong(update) && update.justification.length <= CAP ? updated(task, update) : correct(),
    ),
  },
  {
    name: 'justification-cap-exclusive',
    clause: 'U4',
    fault: 'The server refuses a justification of exactly 4096 bytes.',
    fails: ['status/store-justification-at-cap'],
    breaks: ignoresUpdates(({ justification }) => Buffer.byteLength(justification) >= CAP),
  },
  {
    name: 'justification-required',
    clause: 'M2',
    fault: 'The server ignores a STATUS_UPDATE without a justification.',
    fails: [
      'status/store-justification-missing',
      'status/store-justification-null',
      'status/store-justification-empty',
    ],
    breaks: ignoresUpdates(({ justification }) => justification === ''),
  },
  {
    name: 'unknown-fields-of-updates',
    clause: 'M1',
    fault: 'The server refuses a STATUS_UPDATE or a SEND_RESULTS with a field that it does not know.',
    fails: ['status/store-unknown-field', 'results/store-unknown-field'],
    breaks: onlyOf(
      [TYPE_STATUS_UPDATE, TYPE_SEND_RESULTS],
      refusesText((text) => /"(?:at|mood)":/.test(text)),
    ),
  },
  {
    name: 'received-tasks-updated',
    clause: 'L1',
    fault:
      'The server looks for the task of a message among those that it has submitted, and then among those that it has received.',
    fails: ['status/store-ignores-received-task', 'results/store-ignores-received-task'],
    breaks: (_, { store }) => ({
      update: async ({ taskId, status }) =>
        void (await store.received.update(taskId, (task) =>
          isTaskStatus(status) ? { ...task, status } : task,
        )),
      results: async ({ taskId }) =>
        void (await store.received.update(taskId, (task) => ({ ...task, status: 'SUCCEEDED' }))),
    }),
  },
  {
    name: 'unknown-tasks-created',
    clause: 'U2',
    fault: 'The server creates a task when it receives a STATUS_UPDATE for an unknown task.',
    fails: ['status/store-ignores-unknown-task'],
    breaks: ({ update }, { store, writeFile }) => ({
      update: async (message) => {
        if (isSafeTaskId(message.taskId) && !(await isSubmitted(message.taskId, store)))
          await writeFile(
            `submitted/${message.taskId}.json`,
            JSON.stringify({ task_id: message.taskId, status: message.status }),
          );
        return await update(message);
      },
    }),
  },
];
