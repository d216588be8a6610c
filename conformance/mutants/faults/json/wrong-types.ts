/** Servers that convert the fields of a message to their types (M4). */

import {
  isTaskStatus,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  TYPE_SUBMIT,
} from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { isObject, onlyOf, rewritesValues } from '../../server/replacements.ts';
import { isSubmitted, storesResult } from '../../server/store-effects.ts';

const isInteger = (name: string): boolean => /^time_.*_ms$/.test(name);

const LEGAL_TEXTS: Readonly<Record<string, string>> = { file_data: 'AAAA', filename: 'converted.txt' };

/** The value that a lenient decoder takes for one of another type. */
function converted(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return converted(value[0], name);
  if (isObject(value)) return converted(Object.values(value)[0], name);
  if (isInteger(name)) return typeof value === 'number' ? value : Number(value);
  if (typeof value === 'string' || value === null) return value;
  // Legal base64, and a name with an allowed extension.
  return LEGAL_TEXTS[name] ?? String(value);
}

/** Applies updates and results, and stores them under any id. */
const storesAnything: Replacement = (correct, environment) => ({
  ...storesResult((stored) => stored, ['id', 'task'])(correct, environment),
  update: async (message) => {
    const { taskId, status, justification } = message;
    if (isTaskStatus(status) && (await isSubmitted(taskId, environment.store)))
      return await correct.update(message);
    const task = { task_id: taskId, status, status_justification: justification };
    await environment.writeFile(`submitted/${taskId}.json`, JSON.stringify(task));
    return undefined;
  },
});

const FIELDS = {
  'status/store-ignores': ['task-id', 'status', 'justification'],
  'results/store-refuses': ['task-id', 'result-type', 'result-text', 'completed-at', 'filename', 'file-data'],
};
const STRING_TYPES = ['number', 'true', 'false', 'array', 'object'];
const TIMES = ['time-idle-ms', 'time-staged-ms', 'time-cpu-ms'];

const OTHER_NAMES: Readonly<Record<string, string>> = {
  'result-text-array': 'text-array',
  'time-cpu-ms-string': 'time-string',
  'from-addr-number': 'wrong-type',
};

/** The ids of the scenarios with a wrong type for these fields. */
function idsOf(prefix: string, fields: readonly string[], types: readonly string[]): string[] {
  return fields.flatMap((field) =>
    types.map((type) => `${field}-${type}`).map((name) => `${prefix}-${OTHER_NAMES[name] ?? name}`),
  );
}

export const wrongTypes: readonly Mutant[] = [
  {
    name: 'types-converted',
    clause: 'M4',
    fault: 'The server converts each field of a STATUS_UPDATE or a SEND_RESULTS to its type.',
    fails: [
      ...Object.entries(FIELDS).flatMap(([prefix, fields]) => idsOf(prefix, fields, STRING_TYPES)),
      ...idsOf('results/store-refuses', TIMES, ['string', 'true', 'false', 'array', 'object']),
    ],
    breaks: (correct, environment) => ({
      ...storesAnything(correct, environment),
      ...onlyOf([TYPE_STATUS_UPDATE, TYPE_SEND_RESULTS], rewritesValues(converted))(correct, environment),
    }),
  },
  {
    name: 'submits-converted',
    clause: 'M4',
    fault: 'The server converts each field of a SUBMIT to a string.',
    fails: [
      ...idsOf('store/nothing-of', ['task-id', 'task-description', 'from-addr', 'to-addr'], STRING_TYPES),
      'json/task-description-number',
    ],
    breaks: onlyOf([TYPE_SUBMIT], rewritesValues(converted)),
  },
  {
    name: 'booleans-are-integers',
    clause: 'M4',
    fault: 'The server takes a boolean as the integer 1 or 0.',
    fails: idsOf('results/store-refuses', TIMES, ['true', 'false']),
    breaks: rewritesValues((value, name) =>
      isInteger(name) && typeof value === 'boolean' ? Number(value) : value,
    ),
  },
];
