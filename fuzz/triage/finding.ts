/**
 * A finding: a case that breaks an invariant, with all that somebody needs who has only the file. Saved as JSON, beside it
 * the bytes of the first connection and two programs that send them without this kit.
 */

import { createHash } from 'node:crypto';
import type { WireRecord } from '../../conformance/report/record.ts';
import { type Action, bytesOfAll, type Case, sizeOf } from '../case/case.ts';
import { CaseError, readCase, writeCase } from '../case/case-json.ts';
import type { InvariantId } from '../oracle/invariants.ts';
import { INVARIANTS } from '../oracle/invariants.ts';
import { reproducers } from './scripts.ts';

export { CaseError };

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
  readonly plays: number;
  readonly isMinimal: boolean;
  /** What it has and no harmless case had. */
  readonly peculiar: readonly string[];
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

/** The files of a finding, by name. */
export function filesOf(finding: Finding): ReadonlyMap<string, string | Uint8Array> {
  const { id, value } = finding;
  const first = value.connections[0] ?? [];
  const scripts = reproducers(finding);
  return new Map<string, string | Uint8Array>([
    [`${id}.json`, `${JSON.stringify(writeFinding(finding), null, 2)}\n`],
    [`${id}.bin`, bytesOfAll(first)],
    [`${id}.sh`, scripts.bash],
    [`${id}.mjs`, scripts.node],
  ]);
}

function writeFinding(finding: Finding): unknown {
  const { id, invariant, clause, detail, symptom, failed, plays, isMinimal, peculiar } = finding;
  return {
    id,
    invariant,
    clause,
    requirement: INVARIANTS[invariant].requirement,
    detail,
    symptom,
    failed,
    plays,
    minimal: isMinimal,
    bytes: sizeOf(finding.value),
    original_bytes: finding.originalBytes,
    peculiar,
    origin: finding.origin,
    mutations: finding.mutations,
    case: writeCase(finding.value),
    transcript: finding.transcript,
    target: finding.target,
  };
}

/** What a replay needs of a finding's file. */
export interface SavedFinding {
  readonly id: string;
  readonly invariant: InvariantId;
  readonly symptom: string;
  readonly value: Case;
}

/** Reads a finding's file. Throws a CaseError for a text that is none. */
export function readFinding(text: string): SavedFinding {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CaseError('the file is not JSON');
  }
  const fields = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const { id, invariant, symptom } = fields;
  if (typeof id !== 'string' || typeof symptom !== 'string' || !isInvariant(invariant))
    throw new CaseError('the file is not a finding: it lacks an id, a symptom or a known invariant');
  return { id, invariant, symptom, value: readCase(fields['case']) };
}

function isInvariant(name: unknown): name is InvariantId {
  return typeof name === 'string' && Object.hasOwn(INVARIANTS, name);
}
