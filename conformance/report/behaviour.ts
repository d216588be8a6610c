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

/** The messages of a failure on one line, to compare with the reason of an entry. */
export function textOf(mismatches: readonly string[]): string {
  return onOneLine(withoutIds(mismatches.join('; ')).replace(DECIMAL, '*'));
}

/**
 * The same as a reason for an entry: a `*`, which matches any text, takes the place of all that can differ from run to run. The
 * reasons of two runs are the same if they found the same fault.
 */
export function reasonOf(mismatches: readonly string[]): string {
  return onOneLine(mismatches.map((text) => withoutChanging(withoutIds(text))).join('; '));
}

interface Changing {
  /** What a run measures or takes from the target. */
  readonly values: readonly RegExp[];
  /** Free text of the target: each word with a number in it can differ, such as a time, an address or an identifier. */
  readonly said: RegExp;
}

const DECIMAL = /\d+\.\d+/g;
/** A word with a number in it, or a temporary folder of the kit. */
const CHANGING_WORD = /[^\s"'()[\]{},;<>]*(?:\d|\/conform-\w{6}\b)[^\s"'()[\]{},;<>]*/g;
/** Of a text that was cut, the first words. How many come after them depends on the lengths of the others. */
const SHOWN_WORDS = 4;

const CHANGING: Changing = {
  values: [
    // Times that the target wrote, in any form.
    /(?<=^the stored task(?:'s| has a) (?:\w+_at|time_\w+_ms)(?: is|:) ).*?(?=, not an? [\w ]+$|$)/,
    /(?<=^the process grew by )\d+(?:\.\d+)?/,
    /(?<=" of )\d+ bytes?/,
    DECIMAL,
    // A type, a status and an exit status say what is wrong.
    /(?<!\d|RFC |(?:type|status)(?: is)? -?)\d{3,}/g,
  ],
  said: /".*"|(?<=; it wrote: ).*/,
};

/** What a library answers to a case depends on nothing else, so that its numbers stay. */
const CHANGING_OF_LIBRARIES: Changing = {
  values: [
    // Generated input is another one in each run.
    /(?<=\bgot ).*, for .*; wanted .*/,
    /(?<=\bgot )\d+ loss.*(?=; wanted )/,
    DECIMAL,
  ],
  said: /(?<=\bgot the adapter [^(]*\().*(?=; wanted )/,
};

function withoutChanging(text: string): string {
  const isOfLibrary = /^(?:permitted difference: .*?; )?got /.test(text);
  const { values, said } = isOfLibrary ? CHANGING_OF_LIBRARIES : CHANGING;
  return values.reduce((rest, value) => rest.replace(value, '*'), text.replace(said, withoutChangingWords));
}

function withoutChangingWords(said: string): string {
  const words = said.replace(CHANGING_WORD, '*').split(' ');
  return said.includes('…') && words.length > SHOWN_WORDS
    ? `${words.slice(0, SHOWN_WORDS).join(' ')}*`
    : words.join(' ');
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
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
