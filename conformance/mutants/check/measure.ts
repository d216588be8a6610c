/** What a user meets with each mutant and each conforming variant: the time of a run, and what its report shows first. */

import { catalogue } from '../../catalogue/index.ts';
import { NO_COLORS, renderAll, renderer, summariseRecords } from '../../index.ts';
import { firstFailure } from '../../report/causes.ts';
import { globOf } from '../../util/glob.ts';
import { mutants, variants } from '../index.ts';
import { mapConcurrently } from './parallel.ts';
import { type Judged, judgeAsUser, type UserRun, type UserRunOptions } from './user-run.ts';

/**
 * - `mutant`
 * - `late`: a conforming variant that answers after some 200 ms, or closes that late.
 * - `slow`: a conforming variant that answers after 3 seconds.
 * - `variant`: another conforming variant.
 */
export type Kind = 'mutant' | 'late' | 'slow' | 'variant';

const LATE = ['latency-200', 'latency-varies', 'closes-late', 'closes-what-it-refuses-late'];
const SLOW = ['latency-3000'];

export interface Server extends Judged {
  readonly kind: Kind;
}

export interface Measured {
  readonly name: string;
  readonly kind: Kind;
  /** Wall time of the command, in milliseconds. */
  readonly ms: number;
  /** Lines of the text report on a terminal. */
  readonly lines: number;
  readonly verdict: ReturnType<typeof summariseRecords>['verdict'];
  /** The id of the first failure that the report shows. Absent if it shows none. */
  readonly firstFailure?: string;
  /** Whether the mutant names that failure. Absent if such a run skips every scenario that the server names. */
  readonly isNamed?: boolean;
}

export const servers: readonly Server[] = [
  ...mutants.map(({ name }) => ({ name, kind: 'mutant' as const })),
  ...variants.map((variant) => ({ ...variant, kind: kindOf(variant.name) })),
];

function kindOf(name: string): Kind {
  if (SLOW.includes(name)) return 'slow';
  return LATE.includes(name) ? 'late' : 'variant';
}

interface MeasureOptions extends UserRunOptions {
  /** How many servers are judged at a time. */
  readonly jobs: number;
  /** Is called with the name of each server before it is judged. */
  readonly onServer: (name: string) => void;
}

/** Judges the servers. The results are in the same order. */
export async function measureServers(
  selected: readonly Server[],
  { jobs, onServer, ...options }: MeasureOptions,
): Promise<Measured[]> {
  return await mapConcurrently(selected, jobs, async (server) => {
    onServer(server.name);
    return measured(server, await judgeAsUser(server, options));
  });
}

export function measured({ name, kind }: Server, { ms, records }: UserRun): Measured {
  const first = firstFailure(records)?.id;
  const globs = mutants.find((mutant) => mutant.name === name)?.fails.map(globOf) ?? [];
  const isNamed = (id: string): boolean => globs.some((glob) => glob.test(id));
  const skipped = new Set(
    records.flatMap((one) => (one.record === 'scenario' && one.verdict === 'skipped' ? [one.id] : [])),
  );
  const canDetect = catalogue.some(({ id }) => isNamed(id) && !skipped.has(id));
  const report = renderAll(renderer('pretty', { colors: NO_COLORS, live: true }), records);
  return {
    name,
    kind,
    ms,
    lines: report.split('\n').length - 1,
    verdict: summariseRecords(records).verdict,
    ...(first !== undefined && { firstFailure: first }),
    ...(canDetect && { isNamed: first !== undefined && isNamed(first) }),
  };
}
