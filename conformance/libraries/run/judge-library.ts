/** One run: starts the adapter, asks it section by section, judges the answers, and tells the events to a recorder. */

import type { JudgedEvent } from '../../report/judged.ts';
import { FailureCount, type FailureLimit } from '../../scenario/failure-limit.ts';
import { sectionOf, withControls } from '../../scenario/requirement.ts';
import { printable } from '../../util/printable.ts';
import type { LibraryCase } from '../cases/case.ts';
import type { Finding } from '../judge/finding.ts';
import { judge } from '../judge/judge.ts';
import { faultsIn, type Loss, Overall, type OverallScenario, SURVIVAL } from '../judge/overall.ts';
import { type Reading, readingOf } from '../judge/polo.ts';
import { AdapterError } from '../pipe/adapter-error.ts';
import { OPS } from '../pipe/interface.ts';
import { Asker, type Reply } from './asker.ts';
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

/** The present time that a library is given that takes one: 2026-01-02T03:04:05Z. */
const PRESENT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
/** How far the clock of a library may be from that of the kit, in milliseconds. */
const MARGIN_MS = 2000;

/**
 * The events of a run. The command is passed to the shell. Throws what is a fault of the kit; an adapter that breaks the
 * interface ends the run as 'cannot-run'.
 */
export async function* judgeLibrary(line: string, run: LibraryRun): AsyncGenerator<JudgedEvent> {
  let asker: Asker | undefined;
  try {
    asker = await Asker.start(line, run);
    const judge = new LibraryJudge(asker, run);
    yield* judge.events();
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
    if (error instanceof Ended) yield { kind: 'end', because: error.because };
    else if (run.signal.aborted) yield { kind: 'end', because: 'interrupted' };
    else if (error instanceof AdapterError)
      yield { kind: 'end', because: 'cannot-run', detail: error.message };
    else throw error;
  }
}

class Ended extends Error {
  readonly because: 'bailed' | 'out-of-time';

  constructor(because: 'bailed' | 'out-of-time') {
    super(because);
    this.because = because;
  }
}

class LibraryJudge {
  readonly #asker: Asker;
  readonly #run: LibraryRun;
  readonly #overall = new Overall();
  readonly #nowMs: number | undefined;
  readonly #beganMs: number;
  readonly #asked = new Set<string>();
  /** Failed scenarios of level MUST. */
  readonly #failed = new Set<string>();
  #reading: Reading | undefined;

  constructor(asker: Asker, run: LibraryRun) {
    this.#asker = asker;
    this.#run = run;
    this.#nowMs = asker.hello.hasClock ? PRESENT_MS : undefined;
    this.#beganMs = run.clock();
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
      const found = await this.#judge(scenarios);
      const durationMs = (this.#run.clock() - fromMs) / scenarios.length;
      for (const scenario of scenarios) {
        const one = found.get(scenario.id);
        if (one === undefined) continue;
        all.set(scenario.id, one);
      }
      for (const scenario of scenarios) {
        const one = all.get(scenario.id);
        if (one === undefined) continue;
        const onlyAsControl = !isSelected(scenario);
        const control = all.get(scenario.control ?? '');
        yield { kind: 'result', judged: { ...judgedOf(scenario, one, control, durationMs), onlyAsControl } };
        if (one.finding.verdict === 'fail' && scenario.level === 'MUST') this.#failed.add(scenario.id);
        if (one.finding.verdict === 'fail' && !onlyAsControl) failures.add(scenario);
        if (failures.isReached) throw new Ended('bailed');
      }
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

  async #judge(scenarios: readonly LibraryScenario[]): Promise<ReadonlyMap<string, Found>> {
    const found = new Map<string, Found>();
    const cases = scenarios.flatMap((one) => (one.by === 'case' ? [one.case] : []));
    const asked = cases.filter((one) => {
      const reason = this.#skipped(one);
      if (reason !== undefined) found.set(one.id, skip(reason));
      return reason === undefined;
    });
    for (const [id, one] of await this.#judgeCases(asked)) found.set(id, one);
    for (const one of scenarios) {
      this.#checkTime();
      if (one.by === 'property') found.set(one.id, await this.#judgeProperty(one.property));
      if (one.by === 'overall') found.set(one.id, await this.#judgeOverall(one.overall));
    }
    return found;
  }

  /** Asks all, and those that failed again. */
  async #judgeCases(cases: readonly LibraryCase[]): Promise<ReadonlyMap<string, Found>> {
    const found = new Map<string, Found>();
    if (cases.length === 0) return found;
    const replies = await this.#asker.askAll(cases, this.#nowMs);
    for (const { id } of cases) this.#asked.add(id);
    const rewards = cases.flatMap(({ expect }, at) => {
      const reply = replies[at];
      const isReward = expect.kind === 'polo' && reply?.kind === 'answered';
      return isReward ? [{ times: expect.times, answer: reply.answer }] : [];
    });
    if (rewards.length > 0) this.#reading = readingOf(rewards);
    for (const [at, one] of cases.entries()) {
      const reply = replies[at];
      if (reply === undefined) continue;
      const finding = this.#findingOf(one, reply);
      if (reply.kind === 'answered') this.#overall.take(one, reply.answer, finding.verdict === 'pass');
      found.set(one.id, once(finding));
    }
    let again = cases.filter(({ id, level }) => level !== 'MAY' && found.get(id)?.finding.verdict === 'fail');
    for (let retry = 0; retry < this.#run.retries && again.length > 0; retry += 1) {
      this.#checkTime();
      // The last ones first, so that what an earlier request left shows as flaky.
      const order = again.toReversed().filter(({ id }) => found.get(id)?.attempts === retry + 1);
      const repeated = await this.#asker.askAll(order, this.#nowMs);
      again = order.filter((one, at) => {
        const reply = repeated[at];
        const before = found.get(one.id);
        if (reply === undefined || before === undefined || reply.kind !== 'answered') return false;
        const passed = this.#findingOf(one, reply).verdict === 'pass';
        found.set(one.id, {
          ...before,
          attempts: before.attempts + 1,
          failed: before.failed + (passed ? 0 : 1),
        });
        return passed || retry > 0;
      });
    }
    return found;
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

  #checkTime(): void {
    const { maxTimeMs, clock, signal } = this.#run;
    signal.throwIfAborted();
    if (maxTimeMs !== undefined && clock() - this.#beganMs >= maxTimeMs) throw new Ended('out-of-time');
  }
}

class NoAnswer extends Error {}
