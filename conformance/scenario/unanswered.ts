/**
 * What the sections on STATUS_UPDATE and SEND_RESULTS have in common: a receiver answers neither, whatever it contains and however it
 * arrives (U1, R1, F3, F4).
 */

import { type Bytes, concat, slice, taskId } from './bytes.ts';
import { quoted, submit } from './messages.ts';
import type { Level } from './requirement.ts';
import type { Scenario } from './scenario.ts';
import { answers, closes, fin, NOT_ANSWERED, send, sendInSegments, silent } from './steps.ts';

/** A message that is never answered. */
export interface Unanswered {
  /** The first part of the ids. */
  readonly section: string;
  /** Its name in the protocol. */
  readonly type: string;
  /** That it is not answered. */
  readonly clause: string;
  /** The id of the scenario with a SUBMIT, which must be answered. */
  readonly control: string;
}

/** One form of the message: the rest of its id, what follows the type in the requirement, and its frame. */
export type Row = readonly [name: string, what: string, bytes: Bytes];

/** One scenario for each form. */
export function unanswered(message: Unanswered, rows: readonly Row[], level: Level): readonly Scenario[] {
  const { section, type, clause, control } = message;
  return rows.map(([name, what, bytes]) => ({
    id: `${section}/${name}`,
    clause,
    level,
    requirement: `A receiver does not answer a ${type} ${what}.`,
    steps: [send(bytes)],
    accept: NOT_ANSWERED,
    control,
    likely: [
      {
        when: ['answered'],
        cause: 'The receiver answers every message, with an acknowledgement or with status 400.',
      },
    ],
  }));
}

/** The message in several segments, and what follows it: the end of the stream after it or inside it, or a SUBMIT. */
export interface Arrivals {
  /** Longer than 60 bytes. */
  readonly message: Bytes;
  readonly beforeSubmit: Bytes;
  /** The rest of the id, how the message arrives in the requirement, and the bytes of a segment. */
  readonly inSegments: readonly [name: string, how: string, bytes: number];
}

export function unansweredArrivals(
  { section, type, clause, control }: Unanswered,
  { message, beforeSubmit, inSegments: [name, how, bytes] }: Arrivals,
): readonly Scenario[] {
  return [
    {
      id: `${section}/${name}`,
      clause: 'F3',
      level: 'MUST',
      requirement: `A receiver does not answer a ${type} that arrives ${how}.`,
      steps: [sendInSegments(message, bytes)],
      accept: NOT_ANSWERED,
      control,
      likely: [
        { when: ['answered'], cause: 'A part of a frame is processed as if it were the whole frame.' },
      ],
    },
    {
      id: `${section}/half-closed`,
      clause,
      level: 'MUST',
      requirement: `A receiver does not answer a ${type} after which the sender half-closes the connection.`,
      steps: [send(message), fin()],
      accept: NOT_ANSWERED,
      control,
      likely: [{ when: ['answered'], cause: 'The receiver writes an answer when the stream ends.' }],
    },
    {
      id: `${section}/truncated`,
      clause: 'F4',
      level: 'MUST',
      requirement: `A receiver closes the connection without an answer when the stream ends inside a ${type}.`,
      steps: [send(slice(message, 0, 60)), fin()],
      accept: [closes()],
      control,
      likely: [
        {
          when: ['kept open', 'died'],
          cause: 'The end of the stream is not handled while the receiver waits for the rest of a payload.',
        },
        { when: ['answered'], cause: 'A part of a frame is processed as if it were the whole frame.' },
      ],
    },
    {
      id: `${section}/then-submit`,
      clause,
      level: 'MUST',
      requirement: `A receiver answers only the SUBMIT, or nothing, when a ${type} and a SUBMIT arrive together.`,
      steps: [send(concat(beforeSubmit, submit({ task_id: quoted(taskId(2)) })))],
      // A receiver may ignore the second frame (T2).
      accept: [answers({ taskId: taskId(2) }), closes(), silent()],
      control,
      likely: [
        { when: ['number of frames', 'task_id wrong value'], cause: 'The receiver answers every message.' },
      ],
    },
  ];
}
