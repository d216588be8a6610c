/** Whether the members of a task file are legal (M13): the types of section 7, RFC 3339 times and documented states. */

import type { Json } from '../payload/json.ts';
import { isRfc3339 } from '../payload/rfc3339.ts';
import { TASK_STATES } from '../scenario/bytes.ts';
import { printable } from '../util/printable.ts';
import { type Mismatch, mismatch } from './mismatch.ts';

const TEXTS = ['task_id', 'task_description', 'status_justification', 'from', 'to', 'result_type', 'results'];
const TIMES = ['accepted_at', 'staged_at', 'execute_started_at', 'completed_at'];
const DURATIONS = ['time_idle_ms', 'time_staged_ms', 'time_cpu_ms'];

type Rule = readonly [what: string, isLegal: (json: Json) => boolean];

const text = (isLegal: (value: string) => boolean) => (json: Json) =>
  json.type === 'string' && isLegal(json.value);
const TEXT: Rule = ['a string', text(() => true)];
const TIME: Rule = ['an RFC 3339 time', text(isRfc3339)];
const STATUS: Rule = [
  'one of the eight states',
  text((value) => TASK_STATES.some((state) => state === value)),
];
const DURATION: Rule = [
  'an integer',
  (json) => json.type === 'number' && Number.isInteger(Number(json.text)),
];
const RESULT_TYPE: Rule = ['text or file', text((value) => value === 'text' || value === 'file')];

/** Fields that may be missing; null and "" count as missing (M2, M3). */
const OPTIONAL: readonly (readonly [name: string, rule: Rule])[] = [
  ...TEXTS.map((name) => [name, TEXT] as const),
  ...TIMES.map((name) => [name, TIME] as const),
  ...DURATIONS.map((name) => [name, DURATION] as const),
];
const REQUIRED = [
  ['created_at', TIME],
  ['status', STATUS],
] as const;

/** What a task SHOULD hold besides (M13). */
const DOCUMENTED = [['result_type', RESULT_TYPE]] as const;

/** The first field that is not legal, with `isDocumented` also one whose value SHOULD be another; undefined if all are. */
export function taskProblem(members: ReadonlyMap<string, Json>, isDocumented = false): Mismatch | undefined {
  const rules = [...REQUIRED, ...OPTIONAL, ...(isDocumented ? DOCUMENTED : [])];
  for (const [name, [what, isLegal]] of rules) {
    const json = members.get(name);
    if (json === undefined || isEmpty(json)) {
      if (REQUIRED.some(([required]) => required === name))
        return mismatch(`stored ${name}`, `the stored task has no ${name}`);
    } else if (!isLegal(json))
      return mismatch(`stored ${name}`, `the stored task's ${name} is ${shown(json)}, not ${what}`);
  }
  return undefined;
}

/** Whether the value reads as the empty string: missing, null, or that string (M2, M3). */
export function isEmpty(json: Json | undefined): boolean {
  return json === undefined || json.type === 'null' || (json.type === 'string' && json.value === '');
}

/** A value as a report shows it. */
export function shown(json: Json | undefined): string {
  if (json === undefined) return 'missing';
  if (json.type === 'string') return printable(JSON.stringify(json.value), 80);
  return json.type === 'number' ? `written ${json.text.slice(0, 40)}` : `a JSON ${json.type}`;
}
