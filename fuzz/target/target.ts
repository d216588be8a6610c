/** The target of a campaign: where it is, whether it lives, and how it comes back. */

import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { viewAsResponse } from '../../conformance/judge/observe.ts';
import type { ProcessObserver } from '../../conformance/observers/observer.ts';
import { type Deadlines, probe } from '../../conformance/run/preflight.ts';
import type { Address } from '../../conformance/wire/transport.ts';

export interface Target {
  readonly address: Address;
  /** Another implementation that is thrown the same, to see where they differ. */
  readonly against?: Address | undefined;
  readonly process?: ProcessObserver | undefined;
  /** The folder of its store, to see what it writes. */
  readonly tasksDir?: string | undefined;
  /** Starts it again, on the same address. Without it, a target that died is waited for: a supervisor may bring it back. */
  readonly restart?: (() => Promise<void>) | undefined;
  /** How long it is waited for, in milliseconds. Default 10 000. */
  readonly recoveryMs?: number | undefined;
  /** How its process ended, in words, if it is known and did. */
  readonly exited?: (() => string | undefined) | undefined;
}

/** What a legal SUBMIT came to. */
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

export async function healthOf(address: Address, options: HealthOptions): Promise<Health> {
  const { frames, ending, answeredAfterMs } = await probe(address, options);
  const [answer] = frames;
  if (answer !== undefined) {
    const { status } = viewAsResponse(answer.payload);
    return {
      kind: 'answers',
      status: 'value' in status ? status.value : undefined,
      afterMs: answeredAfterMs ?? 0,
    };
  }
  if (ending.kind === 'connect-failed') return { kind: 'refuses', code: ending.code };
  return ending.kind === 'deadline' || ending.kind === 'quiet' ? { kind: 'hangs' } : { kind: 'closes' };
}

const DEFAULT_RECOVERY_MS = 10_000;
const RECOVERY_POLL_MS = 100;

/** Brings the target back; false if it does not come. */
export async function bringBack(target: Target, options: HealthOptions): Promise<boolean> {
  if (target.restart) {
    await target.restart();
    return true;
  }
  const until = performance.now() + (target.recoveryMs ?? DEFAULT_RECOVERY_MS);
  while (performance.now() < until && options.signal?.aborted !== true) {
    if ((await healthOf(target.address, options)).kind === 'answers') return true;
    await setTimeout(RECOVERY_POLL_MS);
  }
  return false;
}
