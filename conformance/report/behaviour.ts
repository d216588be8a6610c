/**
 * What a target did, so that two runs can be compared: everything that is its own choice, also where the protocol
 * leaves it free, and nothing that differs from one run to the next.
 */

import { describeProblem } from '../judge/describe.ts';
import type { Ending, Field, Observation, ObservedFrame } from '../judge/observe.ts';
import { viewAsResponse } from '../judge/observe.ts';
import { printable } from '../util/printable.ts';

const SHOWN_FRAMES = 3;
const TASK_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

interface Circumstances {
  /** A silence was awaited: a target that closes a little later has done the same. */
  readonly awaitsSilence: boolean;
  readonly died: boolean;
}

/** One line; without an observation, that it was not played. */
export function behaviourOf(observation: Observation | undefined, circumstances: Circumstances): string {
  if (observation === undefined) return 'not played';
  const { frames, rest, ending } = observation;
  const more = frames.length - SHOWN_FRAMES;
  const isQuiet = ['fin', 'reset', 'quiet'].includes(ending.kind) && frames.length + rest.length === 0;
  return [
    ...frames.slice(0, SHOWN_FRAMES).map(frameBehaviour),
    ...(more > 0 ? [`${more} more frames`] : []),
    ...(rest.length > 0 ? ['bytes that are no frame'] : []),
    ...(frames.length + rest.length === 0 ? ['no answer'] : []),
    ...(isQuiet && circumstances.awaitsSilence ? [] : [endingBehaviour(ending)]),
    ...(circumstances.died ? ['dies'] : []),
  ].join('; ');
}

/** The text with every task id, which is fresh in each run, as `<id>`. */
export function withoutIds(text: string): string {
  return text.replace(TASK_ID, '<id>');
}

function frameBehaviour({ type, payload }: ObservedFrame): string {
  const { status, taskId, message } = viewAsResponse(payload);
  return `type ${type}, status ${show(status)}, task_id ${show(taskId)}, message ${show(message)}`;
}

function show(field: Field<string | number>): string {
  return 'problem' in field
    ? printable(describeProblem(field.problem))
    : withoutIds(printable(JSON.stringify(field.value), 100));
}

/** FIN and reset are one: which of them shows depends on what lay unread at that moment (T5). */
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
