/**
 * The same bytes have to fare the same, however they are cut into segments and whether or not a next frame follows (F3). A
 * variation of a case sends its frame four times, by turns as it is and in another segmentation, each time with a task id of
 * its own. It shows a breach only if both kinds are consistent in themselves, so a target that decides at random shows none.
 */

import { render } from '../../conformance/scenario/bytes.ts';
import { submit } from '../../conformance/scenario/messages.ts';
import { type Action, type Case, type ConnectionActions, encodeAction } from '../case/case.ts';
import type { Execution } from '../execute/execute.ts';
import { statusOf } from './invariants.ts';

/** How the frame is sent the second and the fourth time. */
export const SEGMENTATIONS = ['byte by byte', 'with pauses', 'with a next frame'] as const;
export type Segmentation = (typeof SEGMENTATIONS)[number];

/** In bytes. Byte by byte, a longer frame would take too long. */
const LONGEST = 600;
/** Where a frame is cut, in bytes: in its header, and in the payload. A busy target may still read byte by byte at once. */
const CUTS = [3, 11];
const PAUSE_MS = 30;
/** Executions of each kind that have to agree. */
const REPEATS = 2;
const TASK_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** Of the SUBMIT that follows. Its first 24 characters are in no generated id. */
const NEXT_ID = '5e9c3e70-0f3e-4b1d-a517-';

/** The variation of a case that is one whole frame. Undefined for any other case, and for a long frame. */
export function variationOf({ connections }: Case, segmentation: Segmentation): Case | undefined {
  const [[action, ...more] = [], ...others] = connections;
  if (action?.do !== 'frame' || action.declared.kind !== 'exact' || more.length + others.length > 0)
    return undefined;
  if (action.payload.length > LONGEST || action.segmentBytes !== undefined) return undefined;
  const copies = Array.from({ length: 2 * REPEATS }, (_, nth): ConnectionActions => {
    const frame = { ...action, payload: withOtherIds(action.payload, nth) };
    return nth % 2 === 0 ? [frame] : cut(frame, segmentation, nth);
  });
  return { arrangement: 'in-turn', connections: copies };
}

function cut(
  frame: Extract<Action, { do: 'frame' }>,
  segmentation: Segmentation,
  nth: number,
): ConnectionActions {
  switch (segmentation) {
    case 'byte by byte':
      return [{ ...frame, segmentBytes: 1 }];
    case 'with pauses': {
      const bytes = encodeAction(frame);
      const pieces = [...CUTS, bytes.length].map((end, at) => bytes.subarray(CUTS[at - 1] ?? 0, end));
      const sends = pieces
        .filter(({ length }) => length > 0)
        .map((piece): Action => ({ do: 'bytes', bytes: piece }));
      return sends.flatMap((send, at): Action[] =>
        at === 0 ? [send] : [{ do: 'pause', ms: PAUSE_MS }, send],
      );
    }
    case 'with a next frame':
      return [frame, { do: 'bytes', bytes: render(submit(), () => `${NEXT_ID}${digits(nth, 12)}`) }];
  }
}

/** The payload with its task ids changed: the same number gives the same ids. */
function withOtherIds(payload: Uint8Array, nth: number): Buffer {
  const text = Buffer.from(payload).toString('latin1');
  return Buffer.from(
    text.replaceAll(
      TASK_ID,
      (id) => `${id.slice(0, -4)}${digits((Number.parseInt(id.slice(-4), 16) + nth) % 65536, 4)}`,
    ),
    'latin1',
  );
}

function digits(value: number, count: number): string {
  return value.toString(16).padStart(count, '0');
}

/** What the target decides about the same frame in two segmentations, if it decides differently. */
export function segmentationBreachIn(
  { connections, arrangement }: Case,
  executions: readonly Execution[],
): string | undefined {
  if (arrangement !== 'in-turn' || executions.length < 2 * REPEATS) return undefined;
  const [whole, other]: [string[], string[]] = [[], []];
  const shapes = new Set<string>();
  for (const [at, execution] of executions.entries()) {
    const actions = connections[at] ?? [];
    const [frame] = execution.sent.frames;
    const decision = decisionOf(execution);
    if (frame === undefined || decision === undefined) return undefined;
    shapes.add(`${frame.type} ${Buffer.from(frame.payload).toString('latin1').replaceAll(TASK_ID, 'id')}`);
    const isOther =
      actions.length > 1 || actions.some((action) => action.do === 'frame' && action.segmentBytes);
    (isOther ? other : whole).push(decision);
  }
  const isConsistent = (list: readonly string[]): boolean =>
    list.length >= REPEATS && new Set(list).size === 1;
  if (shapes.size !== 1 || !isConsistent(whole) || !isConsistent(other) || whole[0] === other[0])
    return undefined;
  return `${whole[0]} where the frame is sent whole and alone, ${other[0]} otherwise`;
}

/**
 * The status of the answer to the first frame, or that there is none: the connection was closed, or only the next frame was
 * answered. Undefined where nothing can be said: no reaction in time, or a reset, which may have discarded an answer (T5).
 */
function decisionOf({ answers, reply, sent }: Execution): string | undefined {
  const mine = answers.filter(({ taskId }) => !('value' in taskId && taskId.value.startsWith(NEXT_ID)));
  const [answer] = mine;
  if (answer !== undefined)
    return sent.frames.length > 2 ? undefined : `status ${statusOf(answer) ?? 'missing'}`;
  return reply.ending === 'fin' || answers.length > 0 ? 'no answer' : undefined;
}
