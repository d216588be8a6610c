/**
 * Throws one case and tells what it showed: at the target, and where another implementation is to be compared, at that one
 * at the same time.
 */

import type { Address } from '../../conformance/wire/transport.ts';
import type { Case } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import { play } from '../execute/execute.ts';
import type { Played } from '../execute/reply.ts';
import { differenceOf } from './difference.ts';
import { type Baseline, type Judged, judge } from './judge.ts';

export interface Lookout {
  readonly address: Address;
  /** Another implementation, which is thrown the same. */
  readonly against?: Address | undefined;
  readonly baseline: Baseline;
}

export interface Seen extends Judged {
  readonly played: readonly Played[];
}

export async function see(value: Case, waits: Waits, { address, against, baseline }: Lookout): Promise<Seen> {
  if (against === undefined) {
    const played = await play(address, value, waits);
    return { played, ...judge(played, baseline) };
  }
  const [played, others] = await Promise.all([play(address, value, waits), play(against, value, waits)]);
  const judged = judge(played, baseline);
  const difference = judged.isRefused ? undefined : differenceOf(played, others);
  if (difference === undefined) return { played, ...judged };
  return { played, ...judged, breaches: [...judged.breaches, difference] };
}
