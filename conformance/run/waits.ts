/**
 * How long an attempt waits: the scenario, the deadlines, and what the run has seen so far. It learns which waits were in vain
 * and after which input the target closes the connection.
 */

import type { Mismatch } from '../judge/mismatch.ts';
import type { Observation } from '../judge/observe.ts';
import type { Verdict } from '../judge/oracle.ts';
import type { Ids } from '../judge/touched-files.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ConnectionOptions } from '../wire/transport.ts';
import type { ReportWatch } from './effects/report-watch.ts';
import type { StoreWatch } from './effects/store-watch.ts';
import { connectionOptions, type Profile } from './preflight/preflight.ts';
import type { Probes } from './preflight/probes.ts';
import { looksForFiles } from './schedule.ts';
import type { Deadlines } from './timing/deadlines.ts';
import type { Lane } from './timing/lanes.ts';
import { type Awaited, awaitedBy, VainWaits } from './timing/vain-waits.ts';

/** How an attempt runs next to others. */
export interface Surroundings {
  /** False while other scenarios run; a target that does not answer then may only be busy. */
  readonly isAlone: boolean;
  /** Released once the attempt only waits. Default: it is never released. */
  readonly lane?: Lane;
  /** Called before the liveness probe. If it gives up the lane, a death is that of one of several. Default: nothing is done. */
  readonly beforeProbe?: (() => void) | undefined;
}

/** What one attempt needs at every step. */
export interface AttemptContext extends Surroundings {
  readonly scenario: Scenario;
  readonly ids: Ids;
  /** What the process of the target writes because of the attempt. Absent where that is unknown, or cannot be told. */
  readonly reports?: ReportWatch | undefined;
  /** What attempts of this kind have awaited in vain, at the beginning of the attempt. */
  readonly inVain: ReadonlySet<Awaited>;
}

/** Copies that run in turn take about this time at most, in milliseconds; on a slower target, several run at a time. */
const IN_TURN_MS = 2000;
/** Through a proxy that passes no close on, the kit listens this many times as long as for silence. */
const UNSEEN_CLOSE = 5;
/** How long a target must keep a connection that it may drop later, in milliseconds. F3 asks at SHOULD for a little more. */
const NOT_YET_MS = 250;

export class Waits {
  readonly #profile: Profile;
  readonly #probes: Probes;
  readonly #each: Pick<ConnectionOptions, 'signal' | 'onOwnLimit'>;
  readonly #inVain = new VainWaits();
  /** By clause, for input to which silence is permitted: whether the target has closed the connection each time. */
  readonly #closes = new Map<string, boolean>();

  /** `each`: of every connection. */
  constructor(profile: Profile, probes: Probes, each: Pick<ConnectionOptions, 'signal' | 'onOwnLimit'>) {
    this.#profile = profile;
    this.#probes = probes;
    this.#each = each;
  }

  /** What attempts of this kind have awaited in vain. */
  inVain(scenario: Scenario): ReadonlySet<Awaited> {
    return this.#inVain.of(scenario);
  }

  /** Attempts of this kind get full deadlines again. */
  forget(scenario: Scenario): void {
    this.#inVain.forget(scenario);
  }

  /** For a connection that expects an answer. */
  connection(idOf: Ids['of']): ConnectionOptions {
    const { deadlines } = this.#probes;
    return { ...connectionOptions(deadlines, deadlines.quietMs, idOf), ...this.#each };
  }

  /** For a connection with the steps of the scenario. */
  steps(idOf: Ids['of'], { scenario, inVain, lane }: AttemptContext): ConnectionOptions {
    const awaited = awaitedBy(scenario);
    const isShort = awaited !== undefined && inVain.has(awaited);
    const deadlines = this.#forCopies(shortened(this.#probes.deadlines, isShort), scenario);
    const quietMs = scenario.storeAt === 'answer' ? 0 : deadlines.quietMs;
    const options: ConnectionOptions = {
      ...connectionOptions(deadlines, quietMs, idOf),
      turn: lane && playsOnce(scenario) ? { settleMs: deadlines.settleMs, ...lane } : undefined,
      ...this.#each,
    };
    // A close that is never seen is not awaited for long.
    if (this.#probes.losesFin && awaited === 'close')
      return { ...options, firstByteTimeoutMs: UNSEEN_CLOSE * deadlines.quietMs };
    if (!scenario.accept.some(({ kind }) => kind === 'silent')) return options;
    // A peer that is silent may be dropped after any time (T6), so a slow target that must not close yet is not watched for long.
    if (deadlines.quietMs > NOT_YET_MS && scenario.accept.every(({ kind }) => kind === 'silent'))
      return { ...options, firstByteTimeoutMs: NOT_YET_MS, firstByteTimeoutIs: 'quiet' };
    const { answers, isConcurrent } = this.#profile;
    const mayClose = scenario.accept.some(({ kind }) => kind === 'closes');
    return {
      ...options,
      // A target that closes after such input is given time to close.
      firstByteTimeoutMs:
        mayClose && this.#closes.get(scenario.clause) ? deadlines.repeatMs : deadlines.quietMs,
      firstByteTimeoutIs: 'quiet',
      // A target that serves one connection after another answers no other one meanwhile.
      ...(answers && isConcurrent && { barrier: () => this.#probes.liveness() }),
    };
  }

  /** How many of its copies run at a time. Of those in turn one, unless the target is slow and serves several. */
  copiesAtATime({ copies }: Scenario): number {
    if (copies === undefined) return 1;
    if (copies.arrangement === 'at-once') return copies.count;
    const { isConcurrent, keepsOpen, latencyMs = 0 } = this.#profile;
    const eachMs = latencyMs + (keepsOpen ? this.#probes.deadlines.quietMs : 0);
    return isConcurrent ? Math.max(1, Math.ceil((copies.count * eachMs) / IN_TURN_MS)) : 1;
  }

  /** A target may serve copies that run at a time one after another. */
  #forCopies(deadlines: Deadlines, scenario: Scenario): Deadlines {
    const count = this.copiesAtATime(scenario);
    if (count === 1) return deadlines;
    return { ...deadlines, answerMs: deadlines.answerMs + count * (this.#profile.latencyMs ?? 0) };
  }

  /** The conditions on the store that do not hold in time. */
  async effects(
    { scenario, inVain, lane, isAlone }: AttemptContext,
    watched: StoreWatch,
    { verdict }: Verdict,
    access: (() => Promise<void>) | undefined,
  ): Promise<Mismatch[]> {
    // If the wire has decided, nothing is awaited, and only what the attempt left outside the store is removed.
    const isOpen = verdict === 'pass';
    const usual = shortened(this.#probes.deadlines, inVain.has('effect'));
    const isShort = isShared(scenario, isAlone);
    const deadlines = isOpen && !isShort ? usual : { ...usual, answerMs: isShort ? usual.quietMs : 0 };
    const settled = lane && playsOnce(scenario) ? setTimeout(lane.release, deadlines.settleMs) : undefined;
    const missing = await watched.mismatches({
      deadlines,
      signal: this.#each.signal,
      access: isOpen ? access : undefined,
    });
    clearTimeout(settled);
    return missing;
  }

  /**
   * Remembers what an attempt has awaited in vain. Whether it waited the full deadline or a shorter time; undefined if all came
   * that it awaited.
   */
  remember(
    { scenario, inVain, isAlone }: AttemptContext,
    wire: { readonly verdict: Verdict; readonly observation: Observation },
    missing: readonly Mismatch[],
  ): 'full' | 'short' | undefined {
    if (isShared(scenario, isAlone)) return undefined;
    const isWire = wire.verdict.verdict === 'fail' && wire.observation.ending.kind === 'deadline';
    // An effect did not come, or a file did not go that may be a temporary one.
    const awaited = isWire ? awaitedBy(scenario) : missing.length > 0 ? 'effect' : undefined;
    if (awaited === undefined) return undefined;
    if (inVain.has(awaited)) return 'short';
    this.#inVain.add(scenario, awaited);
    return 'full';
  }

  /** Remembers whether the target closes the connection after such input. */
  learn({ clause, accept }: Scenario, verdict: Verdict): void {
    if (verdict.verdict !== 'pass' || !accept.some(({ kind }) => kind === 'silent')) return;
    if (verdict.outcome.kind === 'silent') this.#closes.set(clause, false);
    if (verdict.outcome.kind === 'closes' && !this.#closes.has(clause)) this.#closes.set(clause, true);
  }
}

/** Whether it sends everything on one connection, so that it only waits after the last step. */
export function playsOnce({ copies, background, rounds, simultaneous, kill }: Scenario): boolean {
  return [copies, background, rounds, simultaneous, kill].every((several) => several === undefined);
}

/** Whether the files without a task id that it looks for may be those of other attempts, and stay. */
function isShared(scenario: Scenario, isAlone: boolean): boolean {
  return looksForFiles(scenario) && !isAlone;
}

function shortened(deadlines: Deadlines, isShort: boolean): Deadlines {
  return isShort ? { ...deadlines, answerMs: deadlines.repeatMs } : deadlines;
}
