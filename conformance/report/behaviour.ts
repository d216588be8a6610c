/**
 * What a target did, as text for the comparison of two runs. It holds every choice of the target, also where the
 * protocol permits several, and nothing that differs from run to run. Saved reports hold these words, so they must not
 * change.
 */

import { describeProblem } from '../judge/describe.ts';
import type { Ending, Observation } from '../judge/observe.ts';
import type { Field } from '../payload/response-view.ts';
import { printable } from '../util/printable.ts';
import { TASK_ID } from '../util/task-id.ts';
import { type Frame, responseOf } from '../wire/frames.ts';

const SHOWN_FRAMES = 3;
const ANY_TASK_ID = new RegExp(TASK_ID, 'gi');

interface Circumstances {
  /** The scenario waited for silence. A target that closes a little later then behaves the same. */
  readonly awaitsSilence: boolean;
  readonly died: boolean;
}

/** The behaviour in one line. Undefined stands for a scenario that was not played. */
export function behaviourOf(observation: Observation | undefined, circumstances: Circumstances): string {
  if (observation === undefined) return 'not played';
  const { frames, restBytes, ending } = observation;
  const more = frames.length - SHOWN_FRAMES;
  const isQuiet = ['fin', 'reset', 'quiet'].includes(ending.kind) && frames.length + restBytes === 0;
  return [
    ...frames.slice(0, SHOWN_FRAMES).map(frameBehaviour),
    ...(more > 0 ? [`${more} more frames`] : []),
    ...(restBytes > 0 ? ['bytes that are no frame'] : []),
    ...(frames.length + restBytes === 0 ? ['no answer'] : []),
    ...(isQuiet && circumstances.awaitsSilence ? [] : [endingBehaviour(ending)]),
    ...(circumstances.died ? ['dies'] : []),
  ].join('; ');
}

/** The text with `<id>` in place of every task id, because each run has new ones. */
export function withoutIds(text: string): string {
  return text.replace(ANY_TASK_ID, '<id>');
}

function frameBehaviour(frame: Frame): string {
  const { status, taskId, message } = responseOf(frame);
  return `type ${frame.type}, status ${show(status)}, task_id ${show(taskId)}, message ${show(message)}`;
}

function show(field: Field<string | number>): string {
  return 'problem' in field
    ? printable(describeProblem(field.problem))
    : withoutIds(printable(JSON.stringify(field.value), 100));
}

/** FIN and reset count as the same: unread data at the moment of the close decides which of them occurs (T5). */
function endingBehaviour(ending: Ending): string {
  switch (ending.kind) {
    case 'fin':
    case 'reset':
      return 'closes';
    case 'quiet':
    case 'deadline':
      return 'stays open';
    case 'flood':
      return 'sends without end';
    case 'sent-reset':
      return 'is reset by us';
    case 'connect-failed':
      return 'no connection';
    case 'aborted':
      return 'interrupted';
  }
}
