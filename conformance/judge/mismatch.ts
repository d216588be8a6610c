/** How an observation differs from a permitted outcome: a kind for programs, a line of text for people. */

import type { MismatchKind } from '../scenario/mismatch-kind.ts';

export type { FieldMismatch, MismatchKind } from '../scenario/mismatch-kind.ts';

export interface Mismatch {
  readonly kind: MismatchKind;
  /** One line. Text of the target is escaped. */
  readonly text: string;
  /** The index of the frame that differs. Absent: the first frame, or none. */
  readonly frame?: number;
}

export function mismatch(kind: MismatchKind, text: string, frame = 0): Mismatch {
  return frame === 0 ? { kind, text } : { kind, text, frame };
}

/** The mismatches without repetitions. */
export function distinct(mismatches: readonly Mismatch[]): Mismatch[] {
  return [...new Map(mismatches.map((one) => [one.text, one])).values()];
}
