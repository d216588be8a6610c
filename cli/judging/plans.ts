/** Which scenarios of which parts a run judges: the options of the selection, the shard, and what failed in the last run. */

import type { Filters, Requirement } from '../../conformance/index.ts';
import { counted } from '../../conformance/util/counted.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { selectionOf } from '../options/filter.ts';
import type { JudgeOptions } from '../options/judge.ts';
import { isInShard, parseShard } from '../options/shard.ts';
import type { LastRuns } from './last-run.ts';
import type { Part } from './part.ts';

/** A part of which at least one scenario is judged. */
export interface Plan {
  readonly part: Part;
  /** At least one scenario. */
  readonly planned: readonly Requirement[];
  /** What a report shows as the selection. */
  readonly filters: Filters;
}

/** What a report shows as the selection of the options. */
export function filtersOf(options: JudgeOptions): Filters {
  const { only = [], skip = [], section = [], clause = [], level = [] } = options;
  return { only, skip, section, clause: clause.map((name) => name.toUpperCase()), level };
}

/**
 * The parts of which scenarios are selected. Throws UsageError for options that select none, and for a shard that has no scenario
 * of such a part: without a report of each part from each shard, they cannot be merged.
 */
export function plansOf(parts: readonly Part[], options: JudgeOptions): readonly Plan[] {
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const matches = selectionOf(options, [...new Set(parts.flatMap(({ catalogue }) => catalogue))]);
  const filters = filtersOf(options);
  const plans = parts
    .map((part) => ({ part, planned: part.catalogue.filter(matches), filters }))
    .filter(({ planned }) => planned.length > 0);
  if (shard === undefined) return plans;
  return plans.map(({ planned, ...plan }) => {
    const own = planned.filter(({ id }) => isInShard(id, shard));
    if (own.length > 0) return { ...plan, planned: own };
    const of = plans.length > 1 ? ` of ${printable(plan.part.identity)}` : '';
    throw new UsageError(
      `no scenario${of} is left in shard ${shard.index}/${shard.of}; take fewer shards for ${counted(planned.length, 'scenario')}`,
    );
  });
}

/**
 * The plans with what failed in the last run alone. If that is nothing, or unknown, the plans stay as they are: a run that
 * judges nothing would show nothing. One line on standard error says which.
 */
export async function onlyFailed(
  plans: readonly Plan[],
  lastRuns: LastRuns,
  { err }: Pick<Context, 'err'>,
): Promise<readonly Plan[]> {
  const say = (text: string): void => err(`conform: --last-failed: ${text}\n`);
  let failures = 0;
  const narrowed: Plan[] = [];
  for (const plan of plans) {
    const last = await lastRuns.of(plan.part.identity);
    if (last.kind === 'unknown') {
      say(`${last.why}, so all selected scenarios are judged`);
      narrowed.push(plan);
      continue;
    }
    const planned = plan.planned.filter(({ id }) => last.failed.includes(id));
    const only = planned.map(({ id }) => id);
    failures += planned.length;
    if (planned.length > 0) narrowed.push({ ...plan, planned, filters: { ...plan.filters, only } });
  }
  if (failures > 0) say(`${counted(failures, 'scenario')} failed or could not be judged`);
  if (narrowed.length > 0) return narrowed;
  say('nothing that is selected failed in the last run, so all of it is judged');
  return plans;
}
