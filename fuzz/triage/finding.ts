/** A finding: the smallest case that breaks an invariant, with everything that is needed to understand and replay it. */

import { createHash } from 'node:crypto';
import type { ScenarioRecord, WireRecord } from '../../conformance/report/record.ts';
import { type Action, type Case, encodeAction, encodeActions } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import type { InvariantId } from '../oracle/invariants.ts';
import type { FaultSite } from './reduce/location.ts';

/** The lane that a case comes from. */
export type Origin =
  | { readonly lane: 'base'; readonly seed: number; readonly index: number; readonly draw?: number }
  | { readonly lane: 'feedback' }
  | { readonly lane: 'given' };

/** A confirmed breach of an invariant, with its minimised case. */
export interface Finding {
  /** Made of the cause: the same fault has the same id in every campaign. */
  readonly id: string;
  readonly invariant: InvariantId;
  readonly clause: string;
  /** What was observed, for a person. May contain what the target sent, unescaped. */
  readonly detail: string;
  /** Invariant, clause and disposition; nothing of what was sent. */
  readonly symptom: string;
  /**
   * Why the target died, such as 'AddressSanitizer heap-buffer-overflow WRITE in copy < parse', or what the process of a target
   * that hangs does. Escaped. Absent if the kit cannot see it.
   */
  readonly cause?: string;
  /** Present if no single case is known to show it; `value` is then all that were in flight. */
  readonly isUnpinned?: true;
  /** Where in the case the fault is. Absent in findings of earlier versions. */
  readonly where?: readonly FaultSite[];
  /** Present if the case is a history: what a target that was just started receives, message after message. */
  readonly history?: 'messages' | 'count';
  /** The smallest case that was found. */
  readonly value: Case;
  /** In how many of the attempts it broke the invariant. Fewer than all: flaky. */
  readonly failed: number;
  readonly attempts: number;
  /** Whether no simpler case was left to try. */
  readonly isMinimal: boolean;
  /** Features that the case has and no harmless case had. */
  readonly distinguishing: readonly string[];
  readonly origin: Origin;
  readonly mutations: readonly string[];
  /** Size in bytes of the case before it was minimised. */
  readonly originalBytes: number;
  /** What happened on its connections, for a person; escaped. */
  readonly transcript: readonly string[];
  /** What happened on the first connection, as the records of a report. */
  readonly wire: readonly WireRecord[];
  /** How the process of a target that died ended; absent if the kit did not start it. */
  readonly said?: ScenarioRecord['said'];
  /** The behaviour of the target, from the calibration. */
  readonly target: Readonly<Record<string, string | number | boolean>>;
}

/** Hex digits of an id: short enough for a file name, long enough to be unique. */
const ID_HEX = 8;

/** The cause of all deaths of which neither a report nor a case is known. */
export const UNPINNED = 'unpinned';

/** The id of a finding, made of the invariant and of a text that stands for the cause. */
export function findingId(invariant: InvariantId, cause: string): string {
  return `${invariant}-${createHash('sha256').update(cause).digest('hex').slice(0, ID_HEX)}`;
}

/** The shape of a case: all words are alike, all numbers are alike, and repetitions are cut. Part of ids: permanent. */
export function shapeOf({ arrangement, connections }: Case): string {
  const shapes = connections.map((actions) => actions.map(shapeOfAction).join('; '));
  return `${connections.length > 1 ? arrangement : ''}${[...new Set(shapes)].join(' | ')}`;
}

/** A smallest case with fewer bytes is part of many cases that have nothing to do with it. */
const TRIGGER_BYTES = 3;

/** Whether a frame of the case contains the payload that is left of the finding's case, and that thus is enough for the fault. */
export function containsTrigger(
  { connections }: Case,
  { value, failed, attempts }: Pick<Finding, 'value' | 'failed' | 'attempts'>,
): boolean {
  const [[first, ...later] = [], ...others] = value.connections;
  if (failed < attempts || first?.do !== 'frame' || later.length + others.length > 0) return false;
  const { payload, declared } = first;
  const trigger = Buffer.from(withoutBraces(payload));
  if (declared.kind !== 'exact' || trigger.length < TRIGGER_BYTES) return false;
  return connections.some((actions) =>
    readSent(actions).frames.some((frame) => Buffer.from(frame.payload).includes(trigger)),
  );
}

/** The members of an object, which can stand among others in a later case; any other payload as it is. */
export function withoutBraces(payload: Uint8Array): Uint8Array {
  const text = Buffer.from(payload).toString('latin1');
  return /^\{".*\}$/s.test(text) ? payload.subarray(1, -1) : payload;
}

/** Whether a connection of the case begins with the single frame that is left of the finding's case. */
export function beginsWithTrigger(
  { connections }: Case,
  { value, failed, attempts }: Pick<Finding, 'value' | 'failed' | 'attempts'>,
): boolean {
  const [[first, ...later] = [], ...others] = value.connections;
  if (failed < attempts || first?.do !== 'frame' || later.length + others.length > 0) return false;
  const trigger = encodeAction(first);
  return (
    first.declared.kind === 'exact' &&
    connections.some((actions) => encodeActions(actions).subarray(0, trigger.length).equals(trigger))
  );
}

function shapeOfAction(action: Action): string {
  switch (action.do) {
    case 'frame': {
      const { type, declared, payload } = action;
      return `${type <= 4 ? type : 'x'} ${declared.kind} ${shapeOfBytes(payload)}`;
    }
    case 'bytes':
      return shapeOfBytes(action.bytes);
    case 'pause':
    case 'fin':
    case 'reset':
      return action.do;
  }
}

function shapeOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[a-zA-Z_]+/g, 'a')
    .replaceAll(/[1-9]\d*/g, '1')
    .replaceAll(/([\s\S])\1+/g, '$1$1');
}
