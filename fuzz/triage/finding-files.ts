/**
 * The files of a finding: JSON with everything that is known, the bytes of the first connection, and programs that reproduce
 * it without this kit.
 */

import { type Case, caseSize, encodeActions } from '../case/case.ts';
import { CaseError, readCase, writeCase } from '../case/case-json.ts';
import { INVARIANTS, type InvariantId } from '../oracle/invariants.ts';
import { REPORTED_SYMPTOM } from './fatal-symptom.ts';
import type { Finding } from './finding.ts';
import { siteText } from './reduce/location.ts';
import { reproducers } from './scripts/reproducers.ts';

/** The files of a finding, by their names. The names of the fields in the JSON are permanent. */
export function findingFiles(finding: Finding): ReadonlyMap<string, string | Uint8Array> {
  const { id, value } = finding;
  const first = value.connections[0] ?? [];
  const isReported = finding.symptom === REPORTED_SYMPTOM;
  const scripts = reproducers({
    ...finding,
    ...(isReported && { unseen: 'only the output of the process shows it' }),
  });
  return new Map<string, string | Uint8Array>([
    [`${id}.json`, `${JSON.stringify(writeFinding(finding), null, 2)}\n`],
    [`${id}.bin`, encodeActions(first)],
    [`${id}.sh`, scripts.bash],
    [`${id}.mjs`, scripts.node],
    [`${id}.py`, scripts.python],
  ]);
}

function writeFinding(finding: Finding): unknown {
  const { id, invariant, clause, detail, symptom, failed, attempts, isMinimal, distinguishing } = finding;
  const { cause, isUnpinned, where } = finding;
  return {
    id,
    invariant,
    clause,
    requirement: INVARIANTS[invariant].requirement,
    detail,
    symptom,
    cause,
    pinned: isUnpinned ? false : undefined,
    where: where?.map((site) => ({ ...site, text: siteText(site) })),
    history: finding.history,
    failed,
    plays: attempts,
    minimal: isMinimal,
    bytes: caseSize(finding.value),
    original_bytes: finding.originalBytes,
    peculiar: distinguishing,
    origin: finding.origin,
    mutations: finding.mutations,
    case: writeCase(finding.value),
    transcript: finding.transcript,
    said: finding.said,
    target: finding.target,
  };
}

/** The part of a finding's file that a replay needs. */
export interface SavedFinding {
  readonly id: string;
  readonly invariant: InvariantId;
  readonly symptom: string;
  readonly value: Case;
  /** As in a finding. */
  readonly history?: Finding['history'];
  /** In how many of the attempts it failed. A file without them counts as one that always failed. */
  readonly failed: number;
  readonly attempts: number;
  /** The behaviour of the target when it was found, as far as the file says. */
  readonly target: Readonly<Record<string, unknown>>;
}

/** An id goes into file names, scripts and the terminal as it is. */
const ID = /^[\w-]{1,100}$/;

/** Reads the JSON file of a finding. Throws a CaseError for a text that is not a finding. */
export function readFinding(text: string): SavedFinding {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CaseError('the file is not JSON');
  }
  const fields = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const { id, invariant, symptom } = fields;
  if (typeof id === 'string' && !ID.test(id))
    throw new CaseError(
      'the id of the finding has other characters than letters, digits and hyphens, or over 100',
    );
  if (typeof id !== 'string' || typeof symptom !== 'string' || !isInvariant(invariant))
    throw new CaseError('the file is not a finding: it lacks an id, a symptom or a known invariant');
  const { failed, plays, target, history } = fields;
  const isCounted = typeof failed === 'number' && typeof plays === 'number';
  return {
    ...{ id, invariant, symptom, value: readCase(fields['case']) },
    ...(isCounted ? { failed, attempts: plays } : { failed: 2, attempts: 2 }),
    ...((history === 'messages' || history === 'count') && { history }),
    target: typeof target === 'object' && target !== null ? { ...target } : {},
  };
}

function isInvariant(name: unknown): name is InvariantId {
  return typeof name === 'string' && Object.hasOwn(INVARIANTS, name);
}
