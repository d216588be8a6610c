/** One run: starts the adapter, asks it section by section, judges the answers, and tells the events to a recorder. */

import type { JudgedEvent } from '../../report/judged.ts';
import { FailureCount, type FailureLimit } from '../../scenario/failure-limit.ts';
import { sectionOf, withControls } from '../../scenario/requirement.ts';
import { combinedSignal } from '../../util/combined-signal.ts';
import { printable } from '../../util/printable.ts';
import type { LibraryCase } from '../cases/case.ts';
import type { Finding } from '../judge/finding.ts';
import { judge } from '../judge/judge.ts';
import { faultsIn, type Loss, Overall, type OverallScenario, SURVIVAL } from '../judge/overall.ts';
import { type Reading, readingOf } from '../judge/polo.ts';
import { AdapterError } from '../pipe/adapter-error.ts';
import { OPS } from '../pipe/interface.ts';
import { Asker, type Question, type Reply } from './asker.ts';
import type { LibraryProperty, LibraryScenario } from './catalogue.ts';
import { type Found, judgedOf, once, skip } from './found.ts';

export interface LibraryRun extends FailureLimit {
  readonly catalogue: readonly LibraryScenario[];
  readonly isSelected: (scenario: LibraryScenario) => boolean;
  /** How often a failed scenario is attempted again, from 0. */
  readonly retries: number;
  readonly maxTimeMs?: number | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** How long the adapter may take until it answers `hello`, and without an answer later, in milliseconds. */
  readonly startMs: number;
  readonly answerMs: number;
}

/** The present time that a library is given that takes one: 2026-01-02T03:04:05.678Z. A fraction that is cut off shows. */
const PRESENT_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
/** How far the clock of a library may be from that of the kit, in milliseconds. */
const MARGIN_MS = 2000;

/**
 * The events of a run. The command is passed to the shell. Whatever ends the run, what was judged until then comes before its end.
 * Throws what is a fault of the kit; an adapter that breaks the interface ends the run as 'cannot-run'.
 */
export async function* judgeLibrary(line: string, run: LibraryRun): AsyncGenerator<JudgedEvent> {
  const { signal, release } = combinedSignal([run.signal], run.maxTimeMs);
  let asker: Asker | undefined;
  try {
    asker = await Asker.start(line, { ...run, signal });
    const judge = new LibraryJudge(asker, { ...run, signal });
    yield* judge.events();
    // Everything is judged in time.
    release();
    const left = await asker.finish();
    if (left.length > 0)
      throw new AdapterError(
        'did-not-end',
        `the adapter left running processes, which were ended: ${left.join(', ')}`,
      );
    const [loss] = judge.unshown();
    if (loss === undefined) yield { kind: 'end', because: 'complete' };
    else yield { kind: 'end', because: 'cannot-run', detail: `${loss.how}, ${loss.when}` };
  } catch (error) {
    await asker?.stop();
    if (error instanceof Bailed) yield { kind: 'end', because: 'bailed' };
    else if (run.signal.aborted) yield { kind: 'end', because: 'interrupted' };
    else if (signal.aborted) yield { kind: 'end', because: 'out-of-time' };
    else if (error instanceof AdapterError)
      yield { kind: 'end', because: 'cannot-run', detail: error.message };
    else throw error;
  } finally {
    release();
  }
}

class Bailed extends Error {}

class LibraryJudge {
  readonly #asker: Asker;
  readonly #run: LibraryRun;
  readonly #overall = new Overall();
  readonly #nowMs: number | undefined;
  readonly #asked = new Set<string>();
  /** Failed scenarios of level MUST. */
  readonly #failed = new Set<string>();
  #reading: Reading | undefined;

  constructor(asker: Asker, run: LibraryRun) {
    this.#asker = asker;
    this.#run = run;
    this.#nowMs = asker.hello.hasClock ? PRESENT_MS : undefined;
  }

  async *events(): AsyncGenerator<JudgedEvent> {
    const { catalogue, isSelected } = this.#run;
    const planned = withControls(catalogue, isSelected);
    yield {
      ...{ kind: 'plan', about: this.#about() },
      planned: planned.filter(isSelected).map(({ id }) => id),
      controls: planned.filter((one) => !isSelected(one)).map(({ id }) => id),
    };
    // A control stands before the cases that need it.
    const all = new Map<string, Found>();
    const failures = new FailureCount(this.#run);
    for (const section of new Set(planned.map(({ id }) => sectionOf(id)))) {
      const scenarios = planned.filter(({ id }) => sectionOf(id) === section);
      const fromMs = this.#run.clock();
      const found = new Map<string, Found>();
      let stop: { readonly reason: unknown } | undefined;
      try {
        await this.#judge(scenarios, found);
      } catch (reason) {
        stop = { reason };
      }
      const durationMs = (this.#run.clock() - fromMs) / scenarios.length;
      for (const [id, one] of found) all.set(id, one);
      for (const scenario of scenarios) {
        const one = all.get(scenario.id);
        const control = all.get(scenario.control ?? '');
        const lacksControl = scenario.control !== undefined && control === undefined;
        if (one === undefined || (one.finding.verdict === 'pass' && lacksControl)) continue;
        const onlyAsControl = !isSelected(scenario);
        yield { kind: 'result', judged: { ...judgedOf(scenario, one, control, durationMs), onlyAsControl } };
        if (one.finding.verdict === 'fail' && scenario.level === 'MUST') this.#failed.add(scenario.id);
        if (one.finding.verdict === 'fail' && !onlyAsControl) failures.add(scenario);
        if (failures.isReached) throw new Bailed();
      }
      if (stop !== undefined) throw stop.reason;
    }
  }

  /** Faults that no failure shows, since the scenarios that would were not selected, or were judged before. */
  unshown(): readonly Loss[] {
    if (this.#failed.has(SURVIVAL)) return [];
    return faultsIn(this.#asker.losses).filter(({ by }) => by === undefined || !this.#failed.has(by));
  }

  #about(): readonly string[] {
    const { name, version, language, ops, hasClock } = this.#asker.hello;
    const of = ops.length === OPS.length ? 'all operations' : `${ops.length} of ${OPS.length} operations`;
    const time = hasClock
      ? 'takes the present time from the kit'
      : 'takes the present time from its own clock';
    return [`library: ${name} ${version} (${language}), ${of}, ${time}`];
  }

  /** Adds what is found to `found`, also before it throws. */
  async #judge(scenarios: readonly LibraryScenario[], found: Map<string, Found>): Promise<void> {
    const cases = scenarios.flatMap((one) => (one.by === 'case' ? [one.case] : []));
    const asked = cases.filter((one) => {
      const reason = this.#skipped(one);
      if (reason !== undefined) found.set(one.id, skip(reason));
      return reason === undefined;
    });
    await this.#judgeCases(asked, found);
    for (const one of scenarios) {
      this.#run.signal.throwIfAborted();
      if (one.by === 'property') found.set(one.id, await this.#judgeProperty(one.property));
      if (one.by === 'overall') found.set(one.id, await this.#judgeOverall(one.overall));
    }
  }

  /** Asks all, and those that failed again. Adds what is found to `found`, also before it throws. */
  async #judgeCases(cases: readonly LibraryCase[], found: Map<string, Found>): Promise<void> {
    if (cases.length === 0) return;
    for (const { id } of cases) this.#asked.add(id);
    const replies = new Map<Question, Reply>();
    try {
      await this.#asker.askAll(cases, replies, this.#nowMs);
    } finally {
      this.#judgeReplies(cases, replies, found);
    }
    let again = cases.filter(({ id, level }) => level !== 'MAY' && found.get(id)?.finding.verdict === 'fail');
    for (let retry = 0; retry < this.#run.retries && again.length > 0; retry += 1) {
      // The last ones first, so that what an earlier request left shows as flaky.
      const order = again.toReversed().filter(({ id }) => found.get(id)?.attempts === retry + 1);
      const repeated = new Map<Question, Reply>();
      await this.#asker.askAll(order, repeated, this.#nowMs);
      again = order.filter((one) => {
        const reply = repeated.get(one);
        const before = found.get(one.id);
        if (before === undefined || reply?.kind !== 'answered') return false;
        const passed = this.#findingOf(one, reply).verdict === 'pass';
        found.set(one.id, {
          ...before,
          attempts: before.attempts + 1,
          failed: before.failed + (passed ? 0 : 1),
        });
        return passed || retry > 0;
      });
    }
  }

  #judgeReplies(
    cases: readonly LibraryCase[],
    replies: ReadonlyMap<Question, Reply>,
    found: Map<string, Found>,
  ): void {
    const rewards = cases.flatMap((one) => {
      const reply = replies.get(one);
      const isReward = one.expect.kind === 'polo' && reply?.kind === 'answered';
      return isReward ? [{ times: one.expect.times, answer: reply.answer }] : [];
    });
    if (rewards.length > 0) this.#reading = readingOf(rewards);
    for (const one of cases) {
      const reply = replies.get(one);
      if (reply === undefined) continue;
      const finding = this.#findingOf(one, reply);
      if (reply.kind === 'answered') this.#overall.take(one, reply.answer, finding.verdict === 'pass');
      found.set(one.id, once(finding));
    }
  }

  #findingOf(one: LibraryCase, reply: Reply): Finding {
    if (reply.kind === 'given-up')
      return { verdict: 'skipped', reason: 'the adapter was lost too often to go on' };
    if (reply.kind === 'lost')
      return {
        verdict: 'fail',
        got: printable(reply.how),
        wanted: 'an answer',
        cause: 'the library ends, or does not answer in time',
        likely: 'it does not survive this input: a stack overflows, or an exception is not caught',
      };
    const { fromMs, toMs, answer } = reply;
    const present =
      this.#nowMs === undefined
        ? { givenMs: fromMs, fromMs: fromMs - MARGIN_MS, toMs: toMs + MARGIN_MS }
        : { givenMs: this.#nowMs, fromMs: this.#nowMs, toMs: this.#nowMs };
    return judge(one, answer, { present, reading: this.#reading });
  }

  async #judgeProperty(property: LibraryProperty): Promise<Found> {
    const { ops } = this.#asker.hello;
    const missing = property.ops.find((op) => !ops.includes(op));
    if (missing !== undefined) return skip(`the adapter does not list ${missing}`);
    try {
      return once(
        await property.check(async (op, args) => {
          const reply = await this.#asker.ask({ id: property.id, op, args: () => args });
          if (reply.kind !== 'answered')
            throw new NoAnswer(reply.kind === 'lost' ? reply.how : 'lost too often');
          return reply.answer;
        }),
      );
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return once(this.#findingOf({} as LibraryCase, { kind: 'lost', how: error.message }));
    }
  }

  /** Asks what it needs and was not selected, as a filter or a shard leaves out. */
  async #judgeOverall(overall: OverallScenario): Promise<Found> {
    const { ops } = this.#asker.hello;
    const isAsked = overall.ops.length === 0 || overall.ops.some((op) => ops.includes(op));
    if (!isAsked) return skip(`the adapter does not list ${overall.ops.join(' or ')}`);
    const needed = this.#run.catalogue.flatMap((one) => (one.by === 'case' ? [one.case] : []));
    await this.#judgeCases(
      needed.filter(
        (one) => overall.ops.includes(one.op) && !this.#asked.has(one.id) && this.#skipped(one) === undefined,
      ),
      new Map(),
    );
    if (overall.id === SURVIVAL) await this.#asker.probe();
    return once(this.#overall.finding(overall, this.#asker.losses));
  }

  #skipped({ op, needsClock = false }: LibraryCase): string | undefined {
    const { ops, hasClock } = this.#asker.hello;
    if (!ops.includes(op)) return `the adapter does not list ${op}`;
    if (needsClock && !hasClock)
      return 'needs an adapter that takes the present time from the kit (clock: true)';
    return undefined;
  }
}

class NoAnswer extends Error {}
