/** Observations for tests of the oracle. */

import type { Ending, Observation } from '../judge/observe.ts';
import type { Outcome, Scenario } from '../scenario/scenario.ts';
import type { Frame } from '../wire/frames.ts';

/** The task id of a slot. */
export const idOf = (slot: number): string => `id-${slot}`;

/** A scenario without steps that accepts these outcomes. */
export function scenario(...accept: readonly Outcome[]): Scenario {
  return { id: 'a/b', clause: 'S1', level: 'MUST', requirement: 'It is so.', steps: [], accept };
}

/** An observation with this ending. */
export function seen(ending: Ending, frames: readonly Frame[] = [], rest = ''): Observation {
  return { frames, restBytes: Buffer.byteLength(rest), ending };
}

/** An answer frame; `fields` replaces tokens of its payload, or adds fields. */
export function answer(fields: Readonly<Record<string, string>> = {}, type = 1): Frame {
  const all = { task_id: '"id-1"', status: '200', message: '"ok"', ...fields };
  const members = Object.entries(all).map(([name, token]) => `"${name}":${token}`);
  return { type, payload: Buffer.from(`{${members.join(',')}}`) };
}

export const FIN: Ending = { kind: 'fin' };
export const RESET: Ending = { kind: 'reset', code: 'ECONNRESET' };
export const QUIET: Ending = { kind: 'quiet', ms: 100 };
export const DEADLINE: Ending = { kind: 'deadline', ms: 5000 };
export const SENT_RESET: Ending = { kind: 'sent-reset' };
export const FLOOD: Ending = { kind: 'flood', keptBytes: 9 };
export const ABORTED: Ending = { kind: 'aborted' };
export const NO_CONNECTION: Ending = { kind: 'connect-failed', code: 'ECONNREFUSED' };

export const NOT_JSON: Frame = { type: 1, payload: Buffer.from('{') };
