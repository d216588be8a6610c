/** A finding: the smallest case that breaks an invariant, with everything that is needed to understand and replay it. */

import { createHash } from 'node:crypto';
import type { WireRecord } from '../../conformance/report/record.ts';
import type { Action, Case } from '../case/case.ts';
import type { InvariantId } from '../oracle/invariants.ts';

/** Where a case comes from. */
export type Origin =
  | { readonly lane: 'base'; readonly seed: number; readonly index: number }
  | { readonly lane: 'feedback' }
  | { readonly lane: 'given' };

export interface Finding {
  /** Of the invariant and of what it takes to break it: the same fault has the same id in every campaign. */
  readonly id: string;
  readonly invariant: InvariantId;
  readonly clause: string;
  /** What was seen. */
  readonly detail: string;
  readonly symptom: string;
  /** The smallest input that was found. */
  readonly value: Case;
  /** In how many of how many plays it broke the invariant: fewer than all is flaky. */
  readonly failed: number;
  readonly attempts: number;
  readonly isMinimal: boolean;
  /** What it has and no harmless case had. */
  readonly distinguishing: readonly string[];
  readonly origin: Origin;
  readonly mutations: readonly string[];
  /** Bytes of the case as it was thrown. */
  readonly originalBytes: number;
  /** What happened on its connections, for a person. */
  readonly transcript: readonly string[];
  /** The first of its connections, as a report has it. */
  readonly wire: readonly WireRecord[];
  /** The target as it was found. */
  readonly target: Readonly<Record<string, string | number | boolean>>;
}

/** Short enough to be a file name, long enough to be one of a kind. */
const ID_HEX = 8;

/** The id of a finding, by what broke and by what it takes to break it. */
export function findingId(invariant: InvariantId, cause: string): string {
  return `${invariant}-${createHash('sha256').update(cause).digest('hex').slice(0, ID_HEX)}`;
}

/** A case without what is incidental: letters and digits are alike, and so are runs of them. */
export function shapeOf({ arrangement, connections }: Case): string {
  const shapes = connections.map((actions) => actions.map(shapeOfAction).join('; '));
  return `${connections.length > 1 ? arrangement : ''}${[...new Set(shapes)].join(' | ')}`;
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
