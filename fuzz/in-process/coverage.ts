/**
 * Which characters of some scripts have run, by V8's precise coverage. To take the coverage costs milliseconds, so it is
 * taken once for many cases. V8 merges ranges differently each time, so the coverage is stored by character.
 */

import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

const SEEN = 1;
const UNSEEN = 0;

export class Coverage {
  readonly #session = new Session();
  readonly #prefix: string;
  /** For each script, one byte for each of its characters: SEEN or UNSEEN. */
  readonly #seen = new Map<string, Uint8Array>();
  /** The same: SEEN for the characters inside of functions. All others run when the script is loaded. */
  readonly #inFunctions = new Map<string, Uint8Array>();
  #last = new Map<string, Uint8Array>();

  /** `folder`: the URL of the folder of the scripts, with a slash at its end. */
  constructor(folder: URL) {
    this.#prefix = folder.href;
  }

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  stop(): void {
    this.#session.disconnect();
  }

  /**
   * Takes the coverage since the last call. Returns the first new place as 'script:character': one that ran, and that
   * `markSeen` has not marked. Undefined if there is none.
   */
  async takeNew(): Promise<string | undefined> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    this.#last = new Map();
    for (const { url, functions } of result) {
      if (!url.startsWith(this.#prefix)) continue;
      const script = url.slice(this.#prefix.length);
      this.#last.set(script, paint(functions));
      if (!this.#inFunctions.has(script)) this.#inFunctions.set(script, insideOf(functions));
    }
    for (const [script, ran] of this.#last) {
      const seen = this.#seen.get(script);
      const at = ran.findIndex((one, place) => one === SEEN && seen?.[place] !== SEEN);
      if (at >= 0) return `${script}:${at}`;
    }
    return undefined;
  }

  /** Marks what the last `takeNew` took: it is not new any more. */
  markSeen(): void {
    for (const [script, ran] of this.#last) {
      const before = this.#seen.get(script);
      const seen = new Uint8Array(Math.max(ran.length, before?.length ?? 0));
      if (before !== undefined) seen.set(before);
      for (let at = 0; at < ran.length; at += 1) if (ran[at] === SEEN) seen[at] = SEEN;
      this.#seen.set(script, seen);
    }
  }

  /** For each script: how many characters inside of functions ran, and how many there are. */
  shares(): ReadonlyMap<string, { readonly ran: number; readonly all: number }> {
    const shares = new Map<string, { ran: number; all: number }>();
    for (const [script, inside] of this.#inFunctions) {
      const seen = this.#seen.get(script);
      let [ran, all] = [0, 0];
      for (let at = 0; at < inside.length; at += 1) {
        all += inside[at] ?? 0;
        ran += (inside[at] ?? 0) & (seen?.[at] ?? 0);
      }
      shares.set(script, { ran, all });
    }
    return shares;
  }
}

/** The ranges of a function come outermost first; an inner range overrides an outer one. */
function paint(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  const length = Math.max(0, ...functions.flatMap(({ ranges }) => ranges.map(({ endOffset }) => endOffset)));
  const ran = new Uint8Array(length);
  const outermostFirst = [...functions].sort(
    (one, other) => (one.ranges[0]?.startOffset ?? 0) - (other.ranges[0]?.startOffset ?? 0),
  );
  for (const { ranges } of outermostFirst)
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(count > 0 ? SEEN : UNSEEN, startOffset, endOffset);
  return ran;
}

function insideOf(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  const [, ...inner] = [...functions].sort((one, other) => lengthOf(other) - lengthOf(one));
  return paint(
    inner.map((one) => ({ ...one, ranges: one.ranges.slice(0, 1).map((range) => ({ ...range, count: 1 })) })),
  );
}

function lengthOf({ ranges: [whole] }: Profiler.FunctionCoverage): number {
  return whole === undefined ? 0 : whole.endOffset - whole.startOffset;
}
