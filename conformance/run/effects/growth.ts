/**
 * Growth of the target's process during an attempt: usage before and after in, mismatches out. The copies of a
 * scenario are played once, or in each wave of its background connections.
 */

import { performance } from 'node:perf_hooks';
import { type Mismatch, mismatch } from '../../judge/mismatch.ts';
import type { Verdict } from '../../judge/oracle.ts';
import type { ProcessObserver, ProcessUsage } from '../../observers/observer.ts';
import type { BackgroundConnections, GrowthBounds, Scenario } from '../../scenario/scenario.ts';
import type { Background, Held } from '../../wire/transport.ts';
import type { Deadlines } from '../timing/deadlines.ts';
import { delay, pollUntilEmpty } from '../timing/poll.ts';

/** Each with its name and its unit as a divisor. */
const RESOURCES = {
  memoryBytes: ['MiB of resident memory', 1024 * 1024],
  descriptors: ['file descriptors', 1],
  threads: ['threads', 1],
} as const satisfies Record<keyof ProcessUsage, readonly [name: string, unit: number]>;

type Resource = keyof typeof RESOURCES;

/** How long the usage of the process is measured in each wave, and before the first wave. */
const WAVE_MS = 2000;
const WARM_UP_MS = 1000;

/** Time between two measurements of the highest usage. */
const MEASURED_EVERY_MS = 50;

export interface GrowthWatch {
  /**
   * One for each resource that stays grown by more than its bound. Polls for up to the answer deadline, because a
   * garbage collector or a late close can still free resources.
   */
  readonly remaining: (deadlines: Deadlines, signal: AbortSignal | undefined) => Promise<readonly Mismatch[]>;
  /** One for each resource that grows by more than its bound at any time within `ms` milliseconds. */
  readonly highest: (ms: number, signal: AbortSignal | undefined) => Promise<readonly Mismatch[]>;
}

/**
 * Call before the attempt. Growth counts from the highest usage within `ms` milliseconds. Undefined if the process cannot
 * be measured.
 */
export async function watchGrowth(
  process: ProcessObserver,
  bounds: GrowthBounds,
  ms = 0,
  signal?: AbortSignal,
): Promise<GrowthWatch | undefined> {
  const before = await highestUsage(process, ms, signal);
  if (before === undefined) return undefined;
  const growthTo = (after: ProcessUsage | undefined): Mismatch[] =>
    after === undefined ? [] : growths(before, after, bounds);
  return {
    remaining: ({ answerMs, quietMs }, signal) =>
      pollUntilEmpty(
        async () => growthTo(await process.usage()),
        performance.now() + answerMs,
        quietMs,
        signal,
      ),
    highest: async (ms, signal) => growthTo(await highestUsage(process, ms, signal)),
  };
}

/** The highest usage of each resource; undefined if the process was never measured. */
async function highestUsage(
  process: ProcessObserver,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<ProcessUsage | undefined> {
  const endsAt = performance.now() + ms;
  let highest = await process.usage();
  while (performance.now() < endsAt && !signal?.aborted) {
    await delay(MEASURED_EVERY_MS, signal);
    const usage = await process.usage();
    if (usage === undefined) continue;
    highest ??= usage;
    highest = {
      memoryBytes: Math.max(highest.memoryBytes, usage.memoryBytes),
      descriptors: Math.max(highest.descriptors, usage.descriptors),
      threads: Math.max(highest.threads, usage.threads),
    };
  }
  return highest;
}

interface Played extends Held {
  readonly verdict: Verdict;
}

export interface WavePlayer<T extends Played> {
  readonly scenario: Scenario;
  readonly open: (background: BackgroundConnections) => Promise<Background>;
  /** Plays the copies, with the ids of the attempt only the first time. */
  readonly play: (isFirst: boolean) => Promise<T>;
  /** Resolves when the target has accepted all connections so far. */
  readonly settle: () => Promise<void>;
  readonly deadlines: () => Deadlines;
  readonly signal: AbortSignal | undefined;
}

/**
 * Starts to measure the growth of the process. With a warm-up, growth counts from the highest usage while as many
 * connections as in a wave are open. Undefined if the process cannot be measured.
 */
export async function watchScenario<T extends Played>(
  { scenario, open, play, signal }: WavePlayer<T>,
  process: ProcessObserver,
): Promise<GrowthWatch | undefined> {
  const { background, maxGrowth = {} } = scenario;
  if (background?.warmUp === undefined) return await watchGrowth(process, maxGrowth);
  const warming = await open({ ...background, steps: background.warmUp });
  (await play(false)).release();
  const growth = await watchGrowth(process, maxGrowth, WARM_UP_MS, signal);
  warming.release();
  return growth;
}

/** `grown` has one for each resource that grew too much. A wave that does not pass is the last. */
export async function runWaves<T extends Played>(
  { scenario: { background }, open, play, settle, deadlines, signal }: WavePlayer<T>,
  growth: GrowthWatch | undefined,
): Promise<{ readonly decisive: T; readonly grown: readonly Mismatch[] }> {
  if (background === undefined) {
    const decisive = await play(true);
    if (growth) await settle();
    return { decisive, grown: (await growth?.remaining(deadlines(), signal)) ?? [] };
  }
  for (let wave = 1; ; wave += 1) {
    const opened = await open(background);
    const played = await play(wave === 1);
    const grown = (await growth?.highest(WAVE_MS, signal)) ?? [];
    const decisive: T = growth
      ? { ...played, verdict: verdictWithGrowth(opened, played, background, grown) }
      : played;
    opened.release();
    const isLast = wave === (background.waves ?? 1) || signal?.aborted === true;
    if (isLast || grown.length > 0 || decisive.verdict.verdict !== 'pass') return { decisive, grown };
    decisive.release();
    await settle();
  }
}

/**
 * The verdict on the copies of a wave. Growth is a fault whether or not they were answered, and may be the reason why they were not.
 * No growth shows something only if the target read from all connections.
 */
function verdictWithGrowth(
  { failed }: Background,
  { verdict }: Played,
  { count }: BackgroundConnections,
  grown: readonly Mismatch[],
): Verdict {
  const inconclusive = (reason: string): Verdict => ({ verdict: 'inconclusive', reason });
  if (grown.length > 0) return verdict.verdict === 'fail' ? { ...verdict, mismatches: grown } : verdict;
  if (failed > 0)
    return inconclusive(`${failed} of ${count} background connections could not be established`);
  if (verdict.verdict === 'pass') return verdict;
  return inconclusive(
    `the target did not answer next to ${count} other connections, so it may not have read from them`,
  );
}

/** Each bound in words. */
export function describeGrowth(bounds: GrowthBounds): string[] {
  return resourcesOf(bounds).map(([resource, most]) => `grows by at most ${amount(resource, most)}`);
}

function growths(before: ProcessUsage, after: ProcessUsage, bounds: GrowthBounds): Mismatch[] {
  return resourcesOf(bounds)
    .filter(([resource, most]) => after[resource] - before[resource] > most)
    .map(([resource, most]) => {
      const growth = amount(resource, after[resource] - before[resource]);
      return mismatch('growth', `the process grew by ${growth}; ${amount(resource, most)} is the most`);
    });
}

function resourcesOf(bounds: GrowthBounds): [resource: Resource, most: number][] {
  const resources: readonly Resource[] = ['memoryBytes', 'descriptors', 'threads'];
  return resources.flatMap((resource) => {
    const most = bounds[resource];
    return most === undefined ? [] : [[resource, most]];
  });
}

function amount(resource: Resource, value: number): string {
  const [name, unit] = RESOURCES[resource];
  return `${Number((value / unit).toFixed(1))} ${name}`;
}
