/** The target of a campaign: its address, its health, and how it is restarted. */

import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { Environment } from '../../conformance/observers/launch.ts';
import type { LifeObserver, ProcessEnd, ProcessObserver } from '../../conformance/observers/observer.ts';
import { probe } from '../../conformance/run/preflight/preflight.ts';
import type { Deadlines } from '../../conformance/run/timing/deadlines.ts';
import { responseOf } from '../../conformance/wire/frames.ts';
import { isOwnLimit } from '../../conformance/wire/own-limit.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import { ExhaustedError } from '../execute/exchange.ts';

/** What is fuzzed, and what the kit may use of it. */
export interface Target {
  readonly address: Address;
  /** Another implementation, which gets the same cases, to find where the two differ. */
  readonly against?: Address | undefined;
  /** Its process, to monitor its resources. */
  readonly process?: ProcessObserver | undefined;
  /** The folder of its store, to monitor what it writes. */
  readonly tasksDir?: string | undefined;
  /**
   * Restarts it, on the same address, with these variables in its environment where the kit can set them. It should know nothing of
   * what it received before, also where it keeps tasks in files. Without it, the kit waits until the target is healthy again.
   */
  readonly restart?: ((env?: Environment) => Promise<void>) | undefined;
  /** Milliseconds within which it has to be healthy again. Default 10 000. */
  readonly recoveryMs?: number | undefined;
  /** How its process ended and what it said. Called before `restart`. `reaction`: what was wrong with the target. */
  readonly describeEnd?: ((reaction?: Health['kind'] | 'reported') => Promise<ProcessEnd>) | undefined;
  /** Signs that its process ends. Without it, the kit learns from the first death how late the target dies. */
  readonly life?: LifeObserver | undefined;
}

/** The reaction to a legal SUBMIT. */
export type Health =
  | { readonly kind: 'answers'; readonly status: number | undefined; readonly afterMs: number }
  /** Neither an answer nor a close within the deadline. */
  | { readonly kind: 'hangs' }
  | { readonly kind: 'closes' }
  | { readonly kind: 'refuses'; readonly code: string };

export interface HealthOptions {
  readonly deadlines: Deadlines;
  readonly newTaskId: () => string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a legal SUBMIT on a new connection. Rejects with an ExhaustedError if this machine has none left, and with the reason
 * of the signal, after which no reaction shows anything.
 */
export async function healthOf(address: Address, options: HealthOptions): Promise<Health> {
  const { frames, ending, answeredAfterMs } = await probe(address, options);
  options.signal?.throwIfAborted();
  const [answer] = frames;
  if (answer !== undefined) {
    const { status } = responseOf(answer);
    return {
      kind: 'answers',
      status: 'value' in status ? status.value : undefined,
      afterMs: answeredAfterMs ?? 0,
    };
  }
  if (ending.kind === 'connect-failed' && isOwnLimit(ending.code)) throw new ExhaustedError(ending.code);
  if (ending.kind === 'connect-failed') return { kind: 'refuses', code: ending.code };
  return ending.kind === 'deadline' || ending.kind === 'quiet' ? { kind: 'hangs' } : { kind: 'closes' };
}

const DEFAULT_RECOVERY_MS = 10_000;
const RECOVERY_POLL_MS = 100;

/**
 * Waits until the target is healthy again, by `recoveryMs`. Returns whether it is. Rejects as `healthOf` does, and with the reason
 * of the signal.
 */
export async function becomesHealthy(
  { address, recoveryMs = DEFAULT_RECOVERY_MS }: Target,
  isHealthy: (health: Health) => boolean,
  options: HealthOptions,
): Promise<boolean> {
  for (const until = performance.now() + recoveryMs; performance.now() < until; ) {
    if (isHealthy(await healthOf(address, options))) return true;
    await setTimeout(RECOVERY_POLL_MS, undefined, { signal: options.signal });
  }
  return false;
}
