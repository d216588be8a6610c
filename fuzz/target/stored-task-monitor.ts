/**
 * Monitors what the target has stored of the tasks that it got: each file in `received` that is named by the id of a SUBMIT
 * has to be a valid task file with the description that was sent (S9, M13). Ids may repeat, and another peer may have sent the
 * task, so what differs is sent again with new ids, and counts only if it differs again.
 */

import { setTimeout } from 'node:timers/promises';
import { isOrdinary } from '../../conformance/judge/must-not-accept.ts';
import { judgeStore } from '../../conformance/judge/store-oracle.ts';
import { observeStore } from '../../conformance/observers/store.ts';
import { parseJson } from '../../conformance/payload/parse-json.ts';
import type { StoreCondition } from '../../conformance/scenario/scenario.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { type Case, EXACT } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import { statusOf } from '../oracle/invariants.ts';
import { type Monitor, type MonitorOptions, symptomOf } from './monitors.ts';

/** Tasks that are looked at after a batch. */
const SAMPLE = 32;
/** How often a task that differs is sent again. */
const REPEATS = 2;
/** Milliseconds in which a target may finish to write a task that it has accepted. */
const WRITTEN_WITHIN_MS = 200;

/** A SUBMIT that every receiver reads in the same way. */
interface Request {
  readonly task_id: string;
  readonly task_description: string;
}

/** Monitors the tasks in the store in this folder. */
export function storedTaskMonitor(tasksDir: string, run: MonitorOptions['run']): Monitor {
  /** How the stored task differs from the request. Undefined if it does not, or if nothing is stored under its id. */
  const differenceOf = async ({
    task_id: id,
    task_description: text,
  }: Request): Promise<string | undefined> => {
    // There is no store yet, or the target has made it unreadable.
    const store = await observeStore(tasksDir).catch(() => undefined);
    if (store === undefined) return undefined;
    const path = `${store.store}/received/${id}.json`;
    const snapshot = await store.stat([path]).catch(() => undefined);
    if (snapshot === undefined || !snapshot.files.has(path)) return undefined;
    const taskId = { slot: 1 } as const;
    const conditions: readonly StoreCondition[] = [
      { kind: 'valid-task', side: 'received', taskId },
      { kind: 'task', side: 'received', taskId, fields: { task_description: text } },
    ];
    for (const condition of conditions) {
      const mismatch = judgeStore(condition, snapshot, snapshot, () => id);
      if (mismatch !== undefined) return mismatch.text;
    }
    return undefined;
  };

  /** Sends the task with new ids. The difference if there is one each time, with the last case. */
  const confirmed = async (request: Request): Promise<{ value: Case; detail: string } | undefined> => {
    let last: { value: Case; detail: string } | undefined;
    for (let left = REPEATS; left > 0; left -= 1) {
      const again = { ...request, task_id: newTaskId() };
      const payload = Buffer.from(JSON.stringify(again));
      const value: Case = {
        arrangement: 'at-once',
        connections: [[{ do: 'frame', type: 1, declared: EXACT, payload }]],
      };
      const { executions } = await run(value);
      const [answer] = executions[0]?.answers ?? [];
      if (answer === undefined || statusOf(answer) !== 200) return undefined;
      await setTimeout(WRITTEN_WITHIN_MS);
      const detail = await differenceOf(again);
      if (detail === undefined) return undefined;
      last = { value, detail };
    }
    return last;
  };

  let isFound = false;
  return {
    start: async () => {},
    check: async (cases) => {
      if (isFound) return undefined;
      for (const request of requestsIn(cases())) {
        const differs = (await differenceOf(request)) !== undefined;
        const breach = differs ? await confirmed(request) : undefined;
        if (breach === undefined) continue;
        isFound = true;
        return { ...symptomOf('stores-as-sent', breach.detail, 'a task'), value: breach.value };
      }
      return undefined;
    },
  };
}

/** The ordinary SUBMITs of some of the cases. */
function requestsIn(cases: readonly Case[]): readonly Request[] {
  const payloads = cases
    .filter(({ connections }) => connections.length === 1)
    .flatMap(({ connections: [actions = []] }) => readSent(actions).frames)
    .filter(({ type, payload }) => type === 1 && isOrdinary(payload))
    .map(({ payload }) => payload);
  const stride = Math.max(1, Math.floor(payloads.length / SAMPLE));
  return payloads
    .filter((_, at) => at % stride === 0)
    .map((payload) => parseJson(Buffer.from(payload).toString('utf8')) as Request);
}
