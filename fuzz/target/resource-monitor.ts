/**
 * Monitors what the process of the target keeps: memory, descriptors and threads. A look after each batch gives the slope of
 * each over the number of cases. A slope that is certainly above zero is a suspicion; a soak of the classes of input then
 * finds the case that is the cause. Only growth that a soak pins, or that is very large, is a breach.
 */

import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { ProcessLook, ProcessUsage } from '../../conformance/observers/observer.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { Case } from '../case/case.ts';
import type { Symptom } from '../oracle/invariants.ts';
import {
  isTimeOver,
  type Monitor,
  type MonitorBreach,
  type MonitorOptions,
  type Point,
  symptomOf,
} from './monitors.ts';
import { slopeOf } from './slope.ts';
import { type Leak, type Resource, soak, withoutQuarantine } from './soak.ts';

/** A look at the process after so many cases. */
interface Look {
  readonly cases: number;
  readonly process: ProcessLook;
}

interface Watched {
  readonly name: string;
  readonly of: (look: ProcessLook) => number;
  /** Suspected from this growth of one process on, and from this slope for each case. */
  readonly growth: number;
  readonly slope: number;
}

const WATCHED: Readonly<Record<Resource, Watched>> = {
  descriptors: {
    name: 'the number of descriptors',
    of: ({ descriptors }) => descriptors,
    growth: 12,
    slope: 0.001,
  },
  threads: { name: 'the number of threads', of: ({ threads }) => threads, growth: 12, slope: 0.001 },
  memory: {
    name: 'resident memory',
    of: ({ anonymousBytes }) => anonymousBytes,
    growth: 256 * 1024,
    slope: 8,
  },
};

const RESOURCES = ['descriptors', 'threads', 'memory'] as const;

/** Most cases that a soak selects from. */
const CANDIDATES = 160;
/** Of a suspicion that no soak confirmed, the next soak is after so many times as many cases. */
const LATER = 4;
/** Milliseconds of a soak, where the time of the campaign permits it. Without such a time, that for memory, which often grows, is short. */
const MOST_SOAK_MS = 120_000;
const MEMORY_SOAK_MS = 15_000;
/** Shares of the time of a campaign: when memory is judged, and for how long. What grows at first mostly levels off by then. */
const MEMORY_AT = 0.4;
const SOAK_SHARE = 0.3;

/** Monitors the resources of the target's process. */
export function resourceMonitor(options: MonitorOptions): Monitor {
  return new ResourceMonitor(options);
}

class ResourceMonitor implements Monitor {
  readonly #options: MonitorOptions;
  isSpent = false;
  #looks: Look[] = [];
  #restarts = 0;
  readonly #found = new Set<Resource>();
  /** Cases from which on a resource may be suspected again. */
  readonly #suspectFrom = new Map<Resource, number>();
  /** Samples for the growth that is reported without a case. */
  readonly #samples: ProcessUsage[] = [];
  #batches = 0;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#look(0);
  }

  async check(cases: () => readonly Case[], point: Point): Promise<MonitorBreach | undefined> {
    this.isSpent = false;
    if (point.restarts !== this.#restarts) this.#looks = [];
    this.#restarts = point.restarts;
    await this.#look(point.cases);
    for (const resource of RESOURCES) {
      if (!this.#isDue(resource, point) || !this.#isSuspected(resource)) continue;
      this.#suspectFrom.set(resource, LATER * point.cases);
      const leak = await this.#soak(resource, cases());
      if (leak === undefined) continue;
      this.#found.add(resource);
      return {
        ...symptomOf('frees-resources', detailOf(resource, leak), WATCHED[resource].name),
        value: leak.value,
        turns: leak.turns,
      };
    }
    return this.#largeGrowth(point);
  }

  async #look(cases: number): Promise<void> {
    const process = await this.#options.process.look?.();
    if (process !== undefined) this.#looks.push({ cases, process });
  }

  #isDue(resource: Resource, { cases, isLast }: Point): boolean {
    if (this.#found.has(resource) || isTimeOver(this.#options)) return false;
    const { timeMs, leftMs } = this.#options;
    if (resource !== 'memory') return cases >= (this.#suspectFrom.get(resource) ?? 0);
    return (
      !this.#suspectFrom.has(resource) &&
      (isLast || (timeMs !== undefined && leftMs() <= (1 - MEMORY_AT) * timeMs))
    );
  }

  #isSuspected(resource: Resource): boolean {
    const { of, growth, slope } = WATCHED[resource];
    // A heap grows steeply at first.
    const looks = resource === 'memory' ? this.#looks.slice(Math.floor(this.#looks.length / 3)) : this.#looks;
    const [first, last] = [looks[0], looks.at(-1)];
    if (first === undefined || last === undefined || of(last.process) - of(first.process) < growth)
      return false;
    const line = slopeOf(looks.map(({ cases, process }) => ({ x: cases, y: of(process) })));
    return line !== undefined && line.lower > slope;
  }

  /** The target is restarted before, so that it has descriptors left. */
  async #soak(resource: Resource, recent: readonly Case[]): Promise<Leak | undefined> {
    const { process, run, restart, timeMs, leftMs, signal } = this.#options;
    const untimedMs = resource === 'memory' ? MEMORY_SOAK_MS : MOST_SOAK_MS;
    const mostMs = timeMs === undefined ? untimedMs : Math.min(SOAK_SHARE * timeMs, leftMs(), MOST_SOAK_MS);
    const until = performance.now() + mostMs;
    const stride = Math.max(1, Math.floor(recent.length / CANDIDATES));
    const candidates = recent.filter((_, at) => at % stride === 0).slice(0, CANDIDATES);
    // In a new process no freed memory is left that what leaks could fill without growth.
    await restart?.(withoutQuarantine());
    this.isSpent = restart !== undefined;
    this.#looks = [];
    return soak(resource, candidates, {
      ...this.#options,
      look: async () => process.look?.(),
      run,
      isOver: () => performance.now() > until || signal?.aborted === true,
    });
  }

  /** Growth that is reported whatever its cause is. */
  async #largeGrowth({ isLast }: Point): Promise<Symptom | undefined> {
    this.#batches += 1;
    if (this.#batches % BATCHES_PER_SAMPLE !== 1 && !isLast) return undefined;
    const usage = await this.#options.process.usage();
    if (usage !== undefined) this.#samples.push(usage);
    return this.#settledGrowth();
  }

  /** The growth that is left when the target has had the time to close its connections: a busy one closes them late. */
  async #settledGrowth(): Promise<Symptom | undefined> {
    const { process, closesWithinMs, signal } = this.#options;
    const until = performance.now() + closesWithinMs;
    let growth = growthIn(this.#samples);
    while (growth !== undefined && performance.now() < until && !signal?.aborted) {
      await setTimeout(POLL_MS);
      const usage = await process.usage();
      if (usage === undefined) return undefined;
      this.#samples.splice(-1, 1, usage);
      growth = growthIn(this.#samples);
    }
    return growth;
  }
}

const UNITS: Readonly<Record<Resource, (count: number) => string>> = {
  descriptors: (count) => `${count.toFixed(0)} descriptors`,
  threads: (count) => `${count.toFixed(0)} threads`,
  memory: (count) => `${(count / 1024).toFixed(0)} KiB of memory`,
};

function detailOf(resource: Resource, leak: Leak): string {
  return `1 000 cases of the class "${printable(leak.name)}" ${growthText(resource, leak)}`;
}

/** How much 1 000 cases leave: the rest of a sentence that they begin. */
export function growthText(resource: Resource, { perThousand, lowerPerThousand, cases }: Leak): string {
  const unit = UNITS[resource];
  return `leave ${unit(perThousand)} more than legal SUBMITs do, at least ${unit(lowerPerThousand)} with a confidence of 99 %; ${cases} were sent to measure it`;
}

/** The resource that a finding with this symptom is about; undefined if it is about none. */
export function resourceOf(symptom: string): Resource | undefined {
  return RESOURCES.find(
    (resource) => symptomOf('frees-resources', '', WATCHED[resource].name).symptom === symptom,
  );
}

/** Samples in a row that have to grow, each above the one before. */
const SAMPLES = 5;
/** Between two looks at a process that may still close connections. */
const POLL_MS = 100;
/** Batches between two samples. */
const BATCHES_PER_SAMPLE = 16;
/** Growth up to these bounds is normal: buffers, caches, a garbage collector that waits. */
const TOLERATED: Readonly<Record<keyof ProcessUsage, number>> = {
  memoryBytes: 512 * 1024 * 1024,
  descriptors: 64,
  threads: 64,
};
const NAMES: Readonly<Record<keyof ProcessUsage, string>> = {
  memoryBytes: 'resident memory',
  descriptors: 'the number of descriptors',
  threads: 'the number of threads',
};

/** A resource that grew in each of the last samples, and by more than the tolerated amount in all. Oldest sample first. */
export function growthIn(samples: readonly ProcessUsage[]): Symptom | undefined {
  const [first] = samples;
  const last = samples.slice(-SAMPLES);
  if (first === undefined || last.length < SAMPLES) return undefined;
  for (const part of ['descriptors', 'threads', 'memoryBytes'] as const) {
    const isRising = last.every((usage, at) => at === 0 || usage[part] > (last[at - 1]?.[part] ?? 0));
    const from = first[part];
    const to = last.at(-1)?.[part] ?? 0;
    if (isRising && to - from > TOLERATED[part])
      return symptomOf('frees-resources', `${NAMES[part]} grew from ${from} to ${to}`, NAMES[part]);
  }
  return undefined;
}
