/**
 * A checkup of the target: is it as it was before the campaign, after all that was sent has had its effect? A target that dies
 * may serve for a while, and one that serves may still have to read what it was sent. So a checkup waits for the end of a
 * process that shows signs of it, and a thorough checkup waits for such signs.
 */

import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { LifeObserver } from '../../conformance/observers/observer.ts';
import { type Health, type HealthOptions, healthOf, type Target } from './target.ts';

/** What is wrong with the target. */
export type Ailment =
  | { readonly kind: 'unhealthy'; readonly health: Health }
  /** A sanitizer reported a fault, and the process goes on. */
  | { readonly kind: 'reported' };

export interface CheckupOptions {
  readonly target: Target;
  readonly health: HealthOptions;
  /** Whether a legal SUBMIT is answered as it was during the calibration. */
  readonly isHealthy: (health: Health) => boolean;
  /** Latency of the answer to a legal SUBMIT, in milliseconds. */
  readonly usualMs: number;
  /** The reports of its process that are no sign of an end. Default: none. */
  readonly reportsBefore?: ReturnType<LifeObserver['reports']> | undefined;
}

/** How a checkup is done. */
export interface CheckupStyle {
  /** Wait for the effect of what was sent, for as long as the target took to die before. */
  readonly isThorough?: boolean;
  /** Give a target that may hang little time: the full time was given before. */
  readonly isQuick?: boolean;
  /** Do not wait for the end of a process that is certain to end, and do not probe a target again that hangs. */
  readonly skipsEnd?: boolean;
}

type ReportKind = keyof ReturnType<LifeObserver['reports']>;

/**
 * How long a process may take to end after a report, on a busy machine: the first time, and after it once has gone on. A warning,
 * such as one of undefined behaviour, may be all that comes, and an exception of a runtime may end only a thread; once the process has
 * gone on after one of those, the next is not awaited.
 */
const ENDS_WITHIN_MS: Readonly<Record<ReportKind, readonly [first: number, later: number]>> = {
  error: [10_000, 3000],
  warning: [2000, 250],
  runtime: [2000, 0],
};
/** A core may take so long to be written, and a process to do what it was asked to on a busy machine. */
const DYING_MS = 10_000;
/** After so many processes that always computed, the next one is not awaited. */
const MOST_BUSY = 2;
const POLL_MS = 20;
/** A process that is about to exit may still accept a connection, and drop it. */
const SETTLE_MS = 50;
/** Bounds of the wait of a thorough checkup: with signs of life, and without them before and after the first death. */
const LEAST_SETTLE_MS = 100;
const UNKNOWN_SETTLE_MS = 3000;
const MOST_SETTLE_MS = 5000;
const SETTLE_LATENCIES = 20;
const SETTLE_DELAYS = 3;
/** Least time for an answer in a quick checkup. */
const QUICK_MS = 600;
const QUICK_LATENCIES = 20;

/** It is about to stop. */
const DYING: Ailment = { kind: 'unhealthy', health: { kind: 'refuses', code: 'ECONNREFUSED' } };

export class Checkup {
  readonly #options: CheckupOptions;
  /** Reports that were taken into account. */
  #seen: Readonly<Record<ReportKind, number>> = { error: 0, warning: 0, runtime: 0 };
  /** Whether the process went on after its last report of the kind. */
  readonly #goesOn = { error: false, warning: false, runtime: false };
  /** Whether the process ended after its last report of an error. */
  #endsAfterError = false;
  /** Whether another process than the one that was started serves, because that one has ended. */
  #isDaemon = false;
  /** Whether the process was busy for the longest time and showed no sign: it computes, whatever is sent. */
  #isAlwaysBusy = false;
  /** Processes that were. */
  #alwaysBusy = 0;
  /** The longest time in milliseconds that the target took to show a death. */
  #delayMs: number | undefined;

  constructor(options: CheckupOptions) {
    this.#options = options;
    if (options.reportsBefore) this.#seen = options.reportsBefore;
  }

  /** What the target shows up to now is no sign of an end. */
  skip(): void {
    const { life } = this.#options.target;
    if (life === undefined) return;
    this.#seen = life.reports();
    this.#isDaemon = life.hasEnded();
    this.#isAlwaysBusy = this.#alwaysBusy >= MOST_BUSY;
  }

  /** Calls back at the next sign of an end. Returns a function that ends the watch. */
  watch(onSign: () => void): () => void {
    const { life } = this.#options.target;
    if (life === undefined) return () => {};
    const check = (): void => {
      if (this.#hasSign()) onSign();
    };
    check();
    return life.watch(check);
  }

  /**
   * What is wrong with the target; undefined if nothing is. Rejects as `healthOf` does. If it was found by waiting, the
   * delay is learned.
   */
  async examine(style: CheckupStyle = {}): Promise<Ailment | undefined> {
    const { isThorough = false } = style;
    const beganAt = performance.now();
    const settleMs = isThorough ? this.#settleMs : 0;
    for (;;) {
      const passedMs = performance.now() - beganAt;
      const hasSign = this.#hasSign();
      const ailment = await this.#examineOnce(style);
      if (ailment !== undefined) {
        const isLate = hasSign || this.#options.target.life === undefined;
        const how = ailment.kind === 'unhealthy' ? ailment.health.kind : undefined;
        // A target that closes its connections may be about to stop.
        if (how === 'closes' && passedMs < settleMs) {
          await this.#untilSign(SETTLE_MS);
          continue;
        }
        // A target that hangs does so at once.
        if (isThorough)
          this.#delayMs = Math.max(this.#delayMs ?? 0, isLate && how !== 'hangs' ? passedMs : 0);
        return ailment;
      }
      const leftMs = beganAt + settleMs - performance.now();
      if (leftMs <= 0 && isThorough) await this.#untilIdle(() => this.#hasSign());
      if (leftMs <= 0 && !this.#hasSign()) return undefined;
      await this.#untilSign(this.#options.target.life ? leftMs : Math.min(leftMs, SETTLE_MS));
    }
  }

  async #examineOnce({ isQuick = false, skipsEnd = false }: CheckupStyle): Promise<Ailment | undefined> {
    const { isHealthy, target } = this.#options;
    const ailment = await this.#ailmentOfSigns(skipsEnd);
    if (ailment !== undefined) return ailment;
    let health = await this.#health(isQuick);
    const isDecided = health.kind === 'refuses' || (health.kind === 'hangs' && skipsEnd);
    if (!isHealthy(health) && !isDecided) {
      await setTimeout(SETTLE_MS);
      const later = await this.#ailmentOfSigns(skipsEnd);
      if (later !== undefined) return later;
      // It was given the full time.
      health = await this.#health(isQuick || health.kind === 'hangs');
    }
    if (!isHealthy(health)) return { kind: 'unhealthy', health };
    // Another process serves in place of the one that has ended.
    if (target.life?.hasEnded()) this.#isDaemon = true;
    return undefined;
  }

  #health(isQuick: boolean): Promise<Health> {
    const { target, health, usualMs } = this.#options;
    if (!isQuick) return healthOf(target.address, health);
    const answerMs = Math.min(health.deadlines.answerMs, Math.max(QUICK_MS, QUICK_LATENCIES * usualMs));
    return healthOf(target.address, { ...health, deadlines: { ...health.deadlines, answerMs } });
  }

  #hasSign(): boolean {
    const { life } = this.#options.target;
    if (life === undefined) return false;
    return (life.hasEnded() && !this.#isDaemon) || this.#newReport() !== undefined;
  }

  /** A report since the last one that was taken into account. Those that the process is known to outlive are only logged by it. */
  #newReport(): ReportKind | undefined {
    const now = this.#options.target.life?.reports() ?? this.#seen;
    const isNew = (kind: ReportKind): boolean => now[kind] > this.#seen[kind];
    if (isNew('error')) return 'error';
    if (isNew('warning')) return 'warning';
    return isNew('runtime') && !this.#goesOn.runtime ? 'runtime' : undefined;
  }

  /** Waits for the end of a process that shows signs of it; with `skipsEnd`, not if its end is certain. */
  async #ailmentOfSigns(skipsEnd: boolean): Promise<Ailment | undefined> {
    const { life } = this.#options.target;
    if (life === undefined) return undefined;
    for (const until = performance.now() + DYING_MS; performance.now() < until; ) {
      if (this.#isDaemon || life.hasEnded() || !(await life.isDying())) break;
      await this.#untilEnded(POLL_MS);
    }
    const kind = this.#newReport();
    if (kind !== undefined && this.#isDaemon) {
      // How the process does that wrote it, only its answers show.
      this.#seen = life.reports();
      await this.#untilSign(SETTLE_MS);
      const goesOn = this.#options.isHealthy(await this.#health(true));
      if (kind === 'runtime') this.#goesOn.runtime = goesOn;
      return goesOn && kind !== 'runtime' ? { kind: 'reported' } : undefined;
    }
    if (kind === undefined || life.hasEnded()) return undefined;
    if (kind === 'error' && skipsEnd && this.#endsAfterError) return DYING;
    if (!(await this.#untilEnded(ENDS_WITHIN_MS[kind][this.#goesOn[kind] ? 1 : 0])))
      await this.#untilIdle(() => life.hasEnded());
    const hasEnded = life.hasEnded();
    if (kind === 'error') this.#endsAfterError = hasEnded;
    this.#goesOn[kind] = !hasEnded;
    if (hasEnded) return undefined;
    this.#seen = life.reports();
    return kind === 'runtime' ? undefined : { kind: 'reported' };
  }

  /**
   * Waits until the process has done what it was asked to, or `isOver`. On a busy machine it may not have begun, and a
   * stack of 1 GiB takes seconds to overflow.
   */
  async #untilIdle(isOver: () => boolean): Promise<void> {
    const { life } = this.#options.target;
    const until = performance.now() + DYING_MS;
    while (life !== undefined && !this.#isAlwaysBusy && !isOver() && (await life.isBusy())) {
      await this.#untilSign(POLL_MS);
      if (performance.now() < until) continue;
      this.#isAlwaysBusy = true;
      this.#alwaysBusy += 1;
    }
  }

  async #untilEnded(ms: number): Promise<boolean> {
    const { life } = this.#options.target;
    const until = performance.now() + ms;
    while (life !== undefined && !life.hasEnded() && performance.now() < until)
      await this.#untilSign(POLL_MS);
    return life?.hasEnded() === true;
  }

  /** Resolves at the next sign, or after `ms` milliseconds. Rejects with the reason of the signal. */
  async #untilSign(ms: number): Promise<void> {
    const { target, health } = this.#options;
    const over = new AbortController();
    const end = (): void => over.abort();
    const release = target.life?.watch(end);
    health.signal?.addEventListener('abort', end);
    if (health.signal?.aborted) end();
    await setTimeout(Math.max(0, ms), undefined, { signal: over.signal }).catch(() => {});
    release?.();
    health.signal?.removeEventListener('abort', end);
    health.signal?.throwIfAborted();
  }

  get #settleMs(): number {
    const { target, usualMs } = this.#options;
    if (target.life === undefined && this.#delayMs === undefined) return UNKNOWN_SETTLE_MS;
    const wanted = Math.max(SETTLE_LATENCIES * usualMs, SETTLE_DELAYS * (this.#delayMs ?? 0));
    return Math.min(MOST_SETTLE_MS, Math.max(LEAST_SETTLE_MS, wanted));
  }
}
