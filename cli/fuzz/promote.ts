/** A finding as the draft of a scenario for the catalogue. A person completes the id, the level and the requirement. */

import { printable, printablePath } from '../../conformance/util/printable.ts';
import {
  type Action,
  CaseError,
  encodeAction,
  INVARIANTS,
  readFinding,
  type SavedFinding,
} from '../../fuzz/index.ts';
import { UsageError } from '../core/errors.ts';
import { decodeText } from '../core/read-file.ts';
import { readInput } from '../options/input.ts';

/** The text of the scenario. `-` is standard input. Throws a UsageError for a file that is not a finding. */
export async function promote(path: string, signal: AbortSignal): Promise<string> {
  const text = decodeText(await readInput(path, 'the file of a finding', { signal }));
  try {
    return scenarioOf(readFinding(text));
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new UsageError(`${printablePath(path)}: ${printable(error.message)}`);
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
