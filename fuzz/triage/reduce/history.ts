/**
 * Searches a history: messages on connections one after another, of which no single one breaks the invariant. Two kinds are
 * searched: messages about the same task, and too many messages of one kind. Each try needs a target that was just started,
 * because a target remembers what it received.
 */

import { newTaskId } from '../../../conformance/util/task-id.ts';
import { type Action, type Case, type ConnectionActions, EXACT } from '../../case/case.ts';
import { readSent } from '../../case/sent.ts';

export interface HistoryOptions {
  /** What the target received since it was started, in order. */
  readonly cases: readonly Case[];
  /** The last of them, of which one may have broken the invariant. */
  readonly candidates: readonly Case[];
  /** Most messages of a history: longer ones take too long to replay. */
  readonly most: number;
  /** Starts the target again, executes the case, and returns whether the invariant is broken. */
  readonly shows: (value: Case) => Promise<boolean>;
  readonly shouldStop: () => boolean;
}

export interface History {
  readonly value: Case;
  /** 'messages': some of these messages in this order. 'count': a number of messages of one kind, a few more than it takes. */
  readonly kind: 'messages' | 'count';
}

/** So few messages are hardly too many. */
const FEW = 128;
/** A target that fails after this many messages of a kind is found, also if fewer cases were sent. */
const LEAST_COUNT = 512;
const FIRST_COUNT = 64;
/** The kit sends legal SUBMITs itself before and after each try, and not always as many. */
const OWN_MESSAGES = 8;

/**
 * Searches from what is cheap and likely to what is dear: messages about the same tasks, too many messages of one kind, and
 * everything that the target received. Undefined if nothing of it breaks the invariant, or if `shouldStop` ended the search.
 */
export async function findHistory(options: HistoryOptions): Promise<History | undefined> {
  const { cases, most } = options;
  const all = messagesOf(cases).slice(-most);
  if (all.length < 2) return undefined;
  const related = await findRelated(options);
  if (related !== undefined) return related;
  const counted = all.length > FEW ? await findCount(options) : undefined;
  return counted ?? firstOrder(all, options);
}

/** The messages about the tasks of the candidates, where a task has several messages. */
export async function findRelated(options: HistoryOptions): Promise<History | undefined> {
  const { cases, candidates, most } = options;
  const wanted = new Set(messagesOf(candidates).flatMap(taskIdsOf));
  const all = messagesOf(cases).map((actions) => ({ actions, ids: taskIdsOf(actions) }));
  const counts = new Map<string, number>();
  for (const { ids } of all) for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  const isRelated = (id: string): boolean => wanted.has(id) && (counts.get(id) ?? 0) > 1;
  const related = all.filter(({ ids }) => ids.some(isRelated)).map(({ actions }) => actions);
  return related.length < 2 || related.length > most ? undefined : firstOrder(related, options);
}

/** Many were in flight at a time. Twice in a row, any two of them have any order. */
async function firstOrder(
  all: readonly ConnectionActions[],
  { shows, shouldStop }: HistoryOptions,
): Promise<History | undefined> {
  for (const connections of [all, [...all, ...all]]) {
    const value = inTurn(connections);
    if (shouldStop()) return undefined;
    if (await shows(value)) return { value, kind: 'messages' };
  }
  return undefined;
}

/** The connections that send a complete frame. The target waits for the rest of the others, and so would a replay. */
function messagesOf(cases: readonly Case[]): ConnectionActions[] {
  return cases
    .flatMap(({ connections }) => connections)
    .filter((actions) => readSent(actions).frames.length > 0);
}

/** The smallest number of messages of one kind, each with another id or all with the same, that breaks the invariant. */
async function findCount({ cases, most, shows, shouldStop }: HistoryOptions): Promise<History | undefined> {
  // The kit has sent more than the cases: legal SUBMITs between them, and cases again in other segments.
  const largest = Math.min(most, Math.max(LEAST_COUNT, 2 * messagesOf(cases).length));
  for (const kindOf of COUNTED) {
    const of = (count: number): Case => inTurn(kindOf(count));
    if (shouldStop()) return undefined;
    if (!(await shows(of(largest)))) continue;
    let [fine, broken] = [0, largest];
    for (let count = FIRST_COUNT; count < broken && !shouldStop(); count *= 2) {
      if (await shows(of(count))) broken = count;
      else fine = count;
    }
    while (broken - fine > 1 && !shouldStop()) {
      const middle = Math.floor((fine + broken) / 2);
      if (await shows(of(middle))) broken = middle;
      else fine = middle;
    }
    return { value: of(broken + OWN_MESSAGES), kind: 'count' };
  }
  return undefined;
}

function inTurn(connections: readonly ConnectionActions[]): Case {
  return { arrangement: 'in-turn', connections };
}

function frame(type: number, members: Readonly<Record<string, string>>): ConnectionActions {
  const payload = Buffer.from(JSON.stringify(members));
  return [{ do: 'frame', type, declared: EXACT, payload } satisfies Action];
}

const submitOf = (id: string): ConnectionActions =>
  frame(1, { task_id: id, task_description: '', from_addr: '', to_addr: '' });
const updateOf = (id: string): ConnectionActions =>
  frame(3, { task_id: id, status: 'ACCEPTED', justification: '' });

const times = (count: number, make: () => ConnectionActions): ConnectionActions[] =>
  Array.from({ length: count }, make);

/** Messages of which too many may break the invariant: tasks, updates of tasks, submissions of one task, connections. */
const COUNTED: readonly ((count: number) => ConnectionActions[])[] = [
  (count) => times(count, () => submitOf(newTaskId())),
  (count) => times(count, () => updateOf(newTaskId())),
  (count) => {
    const id = newTaskId();
    return times(count, () => submitOf(id));
  },
  (count) => times(count, () => [{ do: 'bytes', bytes: new Uint8Array(4) }, { do: 'reset' }]),
];

/** The task ids in the frames that the actions send, as written; a missing one is empty (M2). */
export function taskIdsOf(actions: ConnectionActions): readonly string[] {
  return readSent(actions).frames.map(
    ({ payload }) => /"task_id"\s*:\s*"([^"]*)"/.exec(Buffer.from(payload).toString('latin1'))?.[1] ?? '',
  );
}

/** The case with a short id in place of each task id, in all messages alike: single messages cannot be given another id. */
export function withShortIds(value: Case): Case {
  const ids = [...new Set(value.connections.flatMap(taskIdsOf))].filter((id) => id.length > 2);
  const renamed = (payload: Uint8Array): Buffer =>
    Buffer.from(
      ids.reduce(
        (text, id, index) => text.replaceAll(`"${id}"`, `"${index}"`),
        Buffer.from(payload).toString('latin1'),
      ),
      'latin1',
    );
  const connections = value.connections.map((actions) =>
    actions.map((action) =>
      action.do === 'frame' ? { ...action, payload: renamed(action.payload) } : action,
    ),
  );
  return { ...value, connections };
}
