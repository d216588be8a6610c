/** A finding as the skeleton of a scenario for the catalogue: what is known filled in, the judgement left to a person. */

import { readFile } from 'node:fs/promises';
import { printable } from '../../conformance/util/printable.ts';
import { type Action, encodeAction } from '../../fuzz/case/case.ts';
import { CaseError } from '../../fuzz/case/case-json.ts';
import { INVARIANTS } from '../../fuzz/oracle/invariants.ts';
import { readFinding, type SavedFinding } from '../../fuzz/triage/finding-files.ts';
import { UsageError } from '../core/errors.ts';

/** Throws a UsageError for a file that is no finding. */
export async function promote(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`${printable(path)} cannot be read`);
  });
  try {
    return scenarioOf(readFinding(text));
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new UsageError(`${printable(path)}: ${printable(error.message)}`);
  }
}

function scenarioOf({ id, invariant, value }: SavedFinding): string {
  const { clause, requirement } = INVARIANTS[invariant];
  const steps = (value.connections[0] ?? []).map((action) => `    ${stepOf(action)},`);
  return [
    `// From the finding ${id}: ${requirement}`,
    '{',
    `  id: 'SECTION/NAME',`,
    `  clause: '${clause}',`,
    `  level: 'MUST',`,
    `  requirement: '',`,
    '  steps: [',
    ...steps,
    '  ],',
    '  accept: NOT_ACCEPTED,',
    '  control: ANSWERED,',
    '},',
    '',
  ].join('\n');
}

function stepOf(action: Action): string {
  switch (action.do) {
    case 'frame':
    case 'bytes': {
      const raw = `{ raw: Buffer.from('${encodeAction(action).toString('hex')}', 'hex') }`;
      const segments = action.do === 'frame' ? action.segmentBytes : undefined;
      return segments === undefined ? `send(${raw})` : `sendInSegments(${raw}, ${segments})`;
    }
    case 'pause':
      return `pause(${action.ms})`;
    case 'fin':
      return 'fin()';
    case 'reset':
      return 'reset()';
  }
}
