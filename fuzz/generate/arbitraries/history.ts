/**
 * Histories: messages about one task or a few, over many connections, from a model of both roles. A history begins as the
 * life of a task, from SUBMIT to SEND_RESULTS, or as messages in any order. Then messages are repeated, moved and left out, so
 * that results come before the submission, updates after the end, and the same update several times.
 */

import fc from 'fast-check';
import { TASK_STATES } from '../../../conformance/scenario/bytes.ts';
import { type Action, type Case, EXACT } from '../../case/case.ts';
import { idToken } from './messages.ts';

/** A message about a task: the kind of the message, and which of the tasks. */
interface Step {
  readonly kind: number;
  readonly task: number;
  /** Whether it is sent on the connection of the message before. */
  readonly isOnLast: boolean;
}

const MOST_TASKS = 3;
const MOST_STEPS = 16;
/** Ids that many histories use, so that what one leaves meets another. */
const SHARED_IDS = Array.from({ length: 4 }, (_, n) => `"5a5a5a5a-0000-0000-0000-00000000000${n}"`);

const field = (name: string, value: string): string => `"${name}":${value}`;
const KINDS: readonly ((id: string) => readonly [type: number, fields: string])[] = [
  (id) => [
    1,
    [
      field('task_id', id),
      ...['task_description', 'from_addr', 'to_addr'].map((name) => field(name, '"a"')),
    ].join(),
  ],
  ...TASK_STATES.map((state) => (id: string): readonly [number, string] => [
    3,
    [field('task_id', id), field('status', `"${state}"`), field('justification', '"a"')].join(),
  ]),
  (id) => [
    4,
    `${field('task_id', id)},"result_type":"text","result_text":"a","completed_at":"2025-06-01T12:00:00Z"`,
  ],
  (id) => [
    4,
    `${field('task_id', id)},"result_type":"file","filename":"a.txt","file_data":"AAAA","completed_at":"2025-06-01T12:00:00Z"`,
  ],
];
const RESULTS = KINDS.length - 2;
/** SUBMIT, the updates of a task that is done, and its results. */
const LIFE = [
  0,
  ...['ACCEPTED', 'EXECUTING', 'COMPLETED'].map((name) => 1 + TASK_STATES.indexOf(name as never)),
  RESULTS,
];

/** The type and the payload of a message about a task. Any `kind` from 0 on is one; `id` is a token. */
export function messageOf(kind: number, id: string): { readonly type: number; readonly payload: Buffer } {
  const [type, fields] = (KINDS[kind % KINDS.length] ?? KINDS[0])?.(id) ?? [1, ''];
  return { type, payload: Buffer.from(`{${fields}}`) };
}

/** Cases that are histories: mostly one connection after another, else all at the same time. */
export function history(): fc.Arbitrary<Case> {
  const id = fc.oneof(
    { weight: 3, arbitrary: idToken() },
    { weight: 1, arbitrary: fc.constantFrom(...SHARED_IDS) },
  );
  const ids = fc.array(id, { minLength: 1, maxLength: MOST_TASKS, size: 'max' });
  const number = fc.nat({ max: 0xffff });
  const any = fc.array(number.map(stepOf), { minLength: 2, maxLength: 12, size: 'max' });
  const changes = fc.array(fc.tuple(number, number, fc.nat({ max: 3 })), {
    minLength: 1,
    maxLength: 4,
    size: 'max',
  });
  const life = fc
    .tuple(fc.nat({ max: 1 }), changes)
    .map(([other, list]) => list.reduce(changed, [...lifeOf(0), ...(other === 0 ? [] : lifeOf(1))]));
  return fc
    .tuple(ids, fc.oneof(life, any), fc.nat({ max: 4 }))
    .map(([tasks, steps, how]) =>
      caseOf(tasks, steps.slice(0, MOST_STEPS), how === 0 ? 'at-once' : 'in-turn'),
    );
}

function lifeOf(task: number): Step[] {
  return LIFE.map((kind) => ({ kind, task, isOnLast: false }));
}

/** Most messages are about the first task. */
function stepOf(number: number): Step {
  return {
    kind: number % KINDS.length,
    task: Math.max(0, ((number >> 4) % 6) - 3),
    isOnLast: (number >> 8) % 4 === 0,
  };
}

/** One change of the order: a message is repeated, moved, left out, or another one is inserted. */
function changed(steps: Step[], [at, to, what]: readonly [number, number, number]): Step[] {
  const from = at % Math.max(1, steps.length);
  const step = steps[from] ?? stepOf(at);
  switch (what) {
    case 0:
      return steps.toSpliced(from, 0, ...Array.from({ length: 1 + (to % 3) }, () => step));
    case 1:
      return steps.toSpliced(from, 1).toSpliced(to % Math.max(1, steps.length), 0, step);
    case 2:
      return steps.toSpliced(from, 1);
    default:
      return steps.toSpliced(from, 0, stepOf(to));
  }
}

function caseOf(ids: readonly string[], steps: readonly Step[], arrangement: Case['arrangement']): Case {
  const connections: Action[][] = [];
  for (const { kind, task, isOnLast } of steps) {
    const action: Action = {
      do: 'frame',
      declared: EXACT,
      ...messageOf(kind, ids[task % ids.length] ?? '""'),
    };
    const last = connections.at(-1);
    if (isOnLast && last !== undefined) last.push(action);
    else connections.push([action]);
  }
  return { arrangement, connections: connections.length > 0 ? connections : [[]] };
}
