/**
 * A soak sends one class of input again and again, and measures whether the target keeps a resource for each case. It takes
 * turns with legal SUBMITs of the same number, so that what any connection costs, a heap that grows until it is collected,
 * and caches that fill do not count: only what the class costs more than they do, in nearly each turn.
 */

import { setTimeout } from 'node:timers/promises';
import type { Environment } from '../../conformance/observers/launch.ts';
import type { ProcessLook } from '../../conformance/observers/observer.ts';
import { render } from '../../conformance/scenario/bytes.ts';
import { submit } from '../../conformance/scenario/messages.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { type Case, caseSize } from '../case/case.ts';
import type { EvaluatedCase } from '../oracle/evaluator.ts';
import { lowerShift } from './slope.ts';
import { isQuiet, mayBeKept } from './soak-class.ts';

/** What a process may keep. */
export type Resource = 'descriptors' | 'threads' | 'memory';

/** How a resource is measured. */
interface Measure {
  readonly of: (look: ProcessLook) => number;
  /** How much of what it no longer uses the process may keep. */
  readonly idle: (look: ProcessLook) => number;
  /** A class keeps the resource if it costs more than this for each case. */
  readonly margin: number;
  /** Cases in a turn, and the factor by which turns grow where the differences are no clear sign. */
  readonly turn: number;
  readonly factor: number;
  /** Cases of the class that are sent at least before it is a breach. */
  readonly leastCases: number;
}

/** What is there in whole numbers, and none of which a process keeps once it is closed. */
const COUNTED = { idle: () => 0, margin: 0.05, turn: 8, factor: 4, leastCases: 64 };

const MEASURES: Readonly<Record<Resource, Measure>> = {
  descriptors: { of: ({ descriptors }) => descriptors, ...COUNTED },
  threads: { of: ({ threads }) => threads, ...COUNTED },
  memory: {
    of: ({ anonymousBytes }) => anonymousBytes,
    idle: ({ quarantineBytes }) => quarantineBytes,
    margin: 96,
    turn: 1000,
    factor: 5,
    leastCases: 5000,
  },
};

/** What the soak uses. */
export interface SoakOptions {
  /** Undefined if the process has ended. */
  readonly look: () => Promise<ProcessLook | undefined>;
  /** Executes a case. */
  readonly run: (value: Case) => Promise<EvaluatedCase>;
  /** Connections in flight. */
  readonly jobs: number;
  /** The usual latency in milliseconds. */
  readonly usualMs: number;
  /** Milliseconds that the target may take to close a connection. */
  readonly closesWithinMs: number;
  /** Whether the time for the soak is over. */
  readonly isOver: () => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A class of input that makes the target keep a resource. */
export interface Leak {
  /** The signature of the class. */
  readonly name: string;
  readonly value: Case;
  /** How much more is kept for 1 000 cases than for 1 000 legal SUBMITs. */
  readonly perThousand: number;
  /** It is at least so much, with a confidence of 99 %. */
  readonly lowerPerThousand: number;
  /** Cases that were sent to measure it, and in how many turns. */
  readonly cases: number;
  readonly turns: number;
}

/** The environment in which AddressSanitizer frees memory at once; it then finds no use of freed memory. */
export function withoutQuarantine(): Environment {
  const given = process.env['ASAN_OPTIONS'];
  const options = 'quarantine_size_mb=0:thread_local_quarantine_size_kb=0';
  return { ASAN_OPTIONS: given ? `${given}:${options}` : options };
}

interface Class {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** Classes that are soaked at most, the most frequent first. */
const MOST_CLASSES = 16;
/**
 * Cases in flight at most. With more, a server with a heap for each thread leaves so much free memory in them that what leaks
 * shows only in a later turn.
 */
const JOBS = 4;
/** Cases that are tried alone in each class. */
const TRIED_ALONE = 4;
/** Pairs of turns after which a class without a sign is given up, and pairs at the most. */
const FIRST_PAIRS = 3;
const MOST_PAIRS = 20;
/** A share of the growth that has to remain once all connections have had the time to be closed. */
const REMAINING = 0.8;

/**
 * Searches among the cases for one that makes the target keep the resource. Undefined if none does, or if the time was too
 * short. Rejects as `run` does.
 */
export async function soak(
  resource: Resource,
  cases: readonly Case[],
  options: SoakOptions,
): Promise<Leak | undefined> {
  return new Soak(MEASURES[resource], options).search(cases, resource === 'memory');
}

/** Whether this case makes the target keep the resource: as `soak`, without a search. */
export async function soakCase(
  resource: Resource,
  value: Case,
  options: SoakOptions,
): Promise<Leak | undefined> {
  return new Soak(MEASURES[resource], options).examine(value);
}

class Soak {
  readonly #measure: Measure;
  readonly #options: SoakOptions;
  readonly #control: Case;

  constructor(measure: Measure, options: SoakOptions) {
    this.#measure = measure;
    this.#options = options;
    // Always the same id, so that a store in memory holds one task.
    const id = newTaskId();
    const bytes = render(submit(), () => id);
    this.#control = { arrangement: 'at-once', connections: [[{ do: 'bytes', bytes }]] };
  }

  async search(cases: readonly Case[], isMemory: boolean): Promise<Leak | undefined> {
    const classes = await this.#classesOf(cases, isMemory);
    // The first turn of all fills caches.
    await this.#growthIn([this.#control], this.#measure.turn);
    const ranked: { readonly one: Class; readonly each: number }[] = [];
    for (const one of classes) {
      if (this.#options.isOver()) return undefined;
      const each = await this.#growthIn(one.cases, Math.max(this.#measure.turn, one.cases.length));
      if (each > 1.5 * this.#measure.margin) {
        const leak = await this.#pin(one);
        if (leak !== undefined) return leak;
      } else ranked.push({ one, each });
    }
    ranked.sort((a, b) => b.each - a.each);
    for (const { one, each } of ranked) {
      if (each <= 0 || this.#options.isOver()) return undefined;
      const leak = await this.#pin(one);
      if (leak !== undefined) return leak;
    }
    return undefined;
  }

  async examine(value: Case): Promise<Leak | undefined> {
    // The first turns fill caches.
    await this.#growthIn([this.#control], this.#measure.turn);
    await this.#growthIn([value], this.#measure.turn);
    return this.#compare('', value);
  }

  /** The cases by the signature that they show now, the largest class first; each from its smallest case on. */
  async #classesOf(cases: readonly Case[], isMemory: boolean): Promise<readonly Class[]> {
    const classes = new Map<string, Case[]>();
    await this.#inFlight(cases.filter(isQuiet), async (value) => {
      const { signatures, executions } = await this.#options.run(value);
      const [name] = signatures;
      if (name === undefined || (isMemory && executions.some(mayBeKept))) return;
      classes.set(name, [...(classes.get(name) ?? []), value]);
    });
    return [...classes]
      .map(([name, all]) => ({ name, cases: all.sort((a, b) => caseSize(a) - caseSize(b)) }))
      .sort((a, b) => b.cases.length - a.cases.length)
      .slice(0, MOST_CLASSES);
  }

  /** The case of the class that leaks: one of the smallest, or the one that bisection leads to. */
  async #pin({ name, cases }: Class): Promise<Leak | undefined> {
    let [best, rest] = [cases[0], cases];
    for (let tried = 0; tried < TRIED_ALONE && rest.length > 0 && !this.#options.isOver(); tried += 1) {
      // The first is the smallest case; then the half with the larger growth is halved.
      if (best !== undefined) {
        const leak = await this.#compare(name, best);
        if (leak !== undefined) return leak;
      }
      while (rest.length > 1 && !this.#options.isOver()) {
        const half = [
          rest.slice(0, Math.ceil(rest.length / 2)),
          rest.slice(Math.ceil(rest.length / 2)),
        ] as const;
        const growths: number[] = [];
        for (const part of half)
          growths.push(await this.#growthIn(part, Math.max(this.#measure.turn, part.length)));
        if (Math.max(...growths) <= this.#measure.margin) return undefined;
        rest = (growths[0] ?? 0) >= (growths[1] ?? 0) ? half[0] : half[1];
      }
      if (rest[0] === best) return undefined;
      best = rest[0];
    }
    return undefined;
  }

  /** Soaks the case and legal SUBMITs in turns. Undefined where the difference is no breach. */
  async #compare(name: string, value: Case): Promise<Leak | undefined> {
    const { margin, leastCases, factor } = this.#measure;
    let { turn } = this.#measure;
    await this.#fillQuarantine(value);
    let sent = 0;
    let mine: number[] = [];
    let others: number[] = [];
    while (!this.#options.isOver() && mine.length < MOST_PAIRS) {
      const before = await this.#settled();
      const last = await this.#growthIn([value], turn);
      mine.push(last);
      others.push(await this.#growthIn([this.#control], turn));
      sent += turn;
      const lower = lowerShift(mine, others);
      if (lower > margin && sent >= leastCases) {
        if (!(await this.#remains(before, turn * Math.max(last, 0)))) return undefined;
        const each = (growths: readonly number[]): number =>
          growths.reduce((a, b) => a + b, 0) / growths.length;
        return {
          ...{ name, value, cases: sent, turns: mine.length },
          perThousand: 1000 * (each(mine) - each(others)),
          lowerPerThousand: 1000 * lower,
        };
      }
      const clear = mine.filter((growth, at) => growth - (others[at] ?? 0) > margin).length;
      if (mine.length < FIRST_PAIRS || clear >= 0.75 * mine.length) continue;
      // Without a sign in half of the pairs there is nothing; else the noise is larger than what a turn leaves.
      if (clear < 0.5 * mine.length || turn > this.#measure.turn * factor) return undefined;
      turn *= factor;
      [mine, others] = [[], []];
    }
    return undefined;
  }

  /** Sends the case until the process no longer grows by the freed memory that it keeps, where it keeps some. */
  async #fillQuarantine(value: Case): Promise<void> {
    const { look, isOver } = this.#options;
    const first = await look();
    const most = first && this.#measure.idle(first);
    if (most === undefined || most === 0) return;
    for (let grown = 0; grown < most && !isOver(); ) {
      const each = await this.#growthIn([value], this.#measure.turn);
      if (each <= this.#measure.margin) return;
      grown += each * this.#measure.turn;
    }
  }

  /** Whether most of the growth is still there when the target has had the time to close all connections. */
  async #remains(before: number | undefined, growth: number): Promise<boolean> {
    if (before === undefined) return false;
    for (let waitedMs = 0; waitedMs < this.#options.closesWithinMs; waitedMs += POLL_MS) {
      await setTimeout(POLL_MS);
      const now = await this.#settled();
      if (this.#options.signal?.aborted || now === undefined || now - before < REMAINING * growth)
        return false;
    }
    return true;
  }

  /** Sends so many cases, each of the list in turn, and returns how much the resource grew for each. */
  async #growthIn(cases: readonly Case[], count: number): Promise<number> {
    const before = await this.#settled();
    const list = Array.from({ length: count }, (_, at) => cases[at % cases.length]);
    await this.#inFlight(list, async (value) => {
      if (value !== undefined) await this.#options.run(value);
    });
    const after = await this.#settled();
    return before === undefined || after === undefined ? 0 : (after - before) / count;
  }

  async #inFlight<T>(items: readonly T[], use: (item: T) => Promise<void>): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      for (let item = items[next++]; item !== undefined && !this.#options.isOver(); item = items[next++])
        await use(item);
    };
    await Promise.all(Array.from({ length: Math.min(JOBS, this.#options.jobs) }, work));
  }

  /** The resource once it no longer falls: the target closes its last connections. Undefined if its process has ended. */
  async #settled(): Promise<number | undefined> {
    const pauseMs = Math.min(100, Math.max(4, 2 * this.#options.usualMs));
    let least: number | undefined;
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const look = await this.#options.look();
      if (look === undefined) return undefined;
      const now = this.#measure.of(look);
      if (least !== undefined && now >= least && looks > 1) return least;
      least = Math.min(least ?? now, now);
      await setTimeout(pauseMs);
    }
    return least;
  }
}

const POLL_MS = 500;
const MOST_LOOKS = 20;
