/** What the target does with its connections: whether it serves several frames on one, and whether it closes behind each. */

import type { Deadlines } from '../../conformance/run/preflight.ts';
import { render } from '../../conformance/scenario/bytes.ts';
import { submit } from '../../conformance/scenario/messages.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import { type Action, type Case, EXACT } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import { Executor } from '../execute/execute.ts';
import type { TargetBehaviour } from '../oracle/evaluator.ts';

const SAMPLES: readonly (readonly [type: number, payload: string])[] = [
  [1, '{"task_id":'],
  [2, '{"task_id":"a","status":200,"message":"a"}'],
  [3, '{"task_id":"a","status":"ACCEPTED","justification":"a"}'],
  [4, '{"task_id":"a","result_type":"text","result_text":"a","completed_at":""}'],
  [99, '{}'],
];

/** How many legal SUBMITs in a row have to be answered, in their order, before cases share a connection. */
const IN_A_ROW = 3;

/** `keepsOpen`: whether it keeps a connection after an answer. */
export async function measureConnectionBehaviour(
  address: Address,
  keepsOpen: boolean,
  deadlines: Deadlines,
): Promise<Pick<TargetBehaviour, 'closes' | 'servesSeveral'>> {
  const waits: Waits = {
    reactionMs: deadlines.answerMs,
    quietMs: deadlines.quietMs,
    afterAnswerMs: deadlines.quietMs,
    closes: !keepsOpen,
  };
  const executor = new Executor();
  try {
    if (keepsOpen) return { closes: false, servesSeveral: await servesSeveral(executor, address, waits) };
    return { closes: await closes(executor, address, waits), servesSeveral: false };
  } finally {
    executor.release();
  }
}

async function closes(executor: Executor, address: Address, waits: Waits): Promise<boolean> {
  const value: Case = {
    arrangement: 'at-once',
    connections: SAMPLES.map(([type, payload]) => [
      { do: 'frame', type, declared: EXACT, payload: Buffer.from(payload) },
    ]),
  };
  const executions = await executor.execute(address, value, waits);
  return executions.every(({ reply }) => reply.ending === 'fin' || reply.ending === 'reset');
}

async function servesSeveral(executor: Executor, address: Address, waits: Waits): Promise<boolean> {
  const ids = Array.from({ length: IN_A_ROW }, () => newTaskId());
  const submits = ids.map((id): Action => ({ do: 'bytes', bytes: render(submit(), () => id) }));
  const value: Case = { arrangement: 'at-once', connections: [submits] };
  const [executions] = await executor.execute(address, value, waits);
  const answered = executions?.answers.map(({ taskId }) => ('value' in taskId ? taskId.value : ''));
  return answered?.join() === ids.join() && executions?.reply.ending === 'open';
}
