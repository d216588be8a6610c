/** Scenario and target in, the reason to skip the scenario out. Pure. */

import { REJECTS_EVERYTHING, type Skipped } from '../../judge/oracle.ts';
import type { ProcessObserver, StoreObserver } from '../../observers/observer.ts';
import type { Lack } from '../../scenario/lacks.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { counted } from '../../util/counted.ts';
import { printable } from '../../util/printable.ts';
import type { Preflight } from './preflight.ts';
import { reasonToSkipPreloaded, type StoreProfile } from './store-preflight.ts';

/** What the run permits and can observe. */
export interface Means {
  /** The result of the preflight. */
  readonly preflight: Extract<Preflight, { reached: true }>;
  readonly store?: StoreObserver | undefined;
  /** How the target uses that store. */
  readonly storeProfile?: StoreProfile | undefined;
  /** Why the store could not be observed before the run. */
  readonly storeFault?: string | undefined;
  readonly process?: ProcessObserver | undefined;
  /** Kills the target without a warning and starts it again. Present only if a command of the user started it. */
  readonly kill?: (() => Promise<void>) | undefined;
  /** Run scenarios that wait for the protocol's timeouts. */
  readonly slow: boolean;
  /** Run scenarios that flood the target or exhaust its resources. */
  readonly heavy: boolean;
}

/**
 * The line for a person about scenarios that are left out because they flood a target on another machine; undefined if none
 * is. `host` is the name or address that was given, `address` the one that it was looked up to.
 */
export function floodNote(
  scenarios: readonly Scenario[],
  { heavy, preflight }: Pick<Means, 'heavy' | 'preflight'>,
  host: string,
): string | undefined {
  const count = scenarios.filter((scenario) => scenario.heavy).length;
  if (heavy || preflight.isLoopback || count === 0) return undefined;
  const { address } = preflight;
  const is = host === address.host ? '' : ` (${address.host})`;
  const left = counted(count, 'scenario that floods it is', 'scenarios that flood it are');
  return `${printable(host)}${is} is not this machine, so ${left} left out; --i-own-this-target includes them`;
}

/** Undefined if the scenario runs. */
export function reasonToSkip(scenario: Scenario, means: Means): Skipped | undefined {
  const { preflight, store, storeProfile, process, kill, slow, heavy } = means;
  const lacking = (lacks: Lack, reason: string): Skipped => ({ verdict: 'skipped', lacks, reason });
  if (scenario.needs && preflight.profile.policy === 'rejects') return REJECTS_EVERYTHING;
  if (scenario.slow && !slow)
    return lacking('timeouts', 'it waits for a timeout of the protocol; --slow runs it');
  if (scenario.heavy && !heavy)
    return lacking('permission', 'it floods the target; --i-own-this-target runs it');
  if ((scenario.store || scenario.preloaded) && !store)
    return lacking(
      'store',
      kill
        ? 'it reads the store; add {dir} to the command, where your server takes the folder of its tasks'
        : 'it reads the store; --tasks-dir names the directory',
    );
  if (scenario.needs === 'keeping' && storeProfile?.received === 'not seen')
    return lacking('store', 'the target stored no file for an accepted task');
  const notPreloaded = storeProfile && reasonToSkipPreloaded(scenario, storeProfile);
  if (notPreloaded !== undefined) return lacking('store', notPreloaded);
  if (scenario.maxGrowth && !process)
    return lacking('process', 'it measures the process; on Linux, --pid or --exec names it');
  if (scenario.kill && !kill)
    return lacking('permission', 'it kills the target; --exec starts a target that it can kill');
  return undefined;
}
