/**
 * Executes a case and evaluates it: which signatures it shows, and which invariants it breaks. Where a second implementation
 * is compared, both execute the case at the same time, and a different decision is a breach of the invariant 'agrees'.
 */

import type { Address } from '../../conformance/wire/transport.ts';
import type { Case } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { Execution } from '../execute/execute.ts';
import { Executor } from '../execute/execute.ts';
import {
  type Breach,
  breachesOf,
  type ConnectionBehaviour,
  causeClauseOf,
  INVARIANTS,
  type Symptom,
  statusOf,
} from './invariants.ts';
import { foreignMarkersOf, senderOf } from './markers.ts';
import { type Segmentation, segmentationBreachIn, variationOf } from './segmentation.ts';
import { dispositionOf, Signatures } from './signature.ts';

/** How the target behaves when nothing is wrong. */
export interface TargetBehaviour extends ConnectionBehaviour {
  /** Latency of the answer to a legal SUBMIT, in milliseconds. */
  readonly usualMs: number;
  /** Whether it serves several frames on a connection, and answers in their order. */
  readonly servesSeveral: boolean;
}

/** How often a case is repeated because a reset may have discarded its answer. */
const LOST_REPEATS = 4;

/** Plain data, so that it can be sent to a worker. */
export interface EvaluatorOptions {
  readonly address: Address;
  /** Another implementation, which executes the same cases. */
  readonly against?: Address | undefined;
  readonly behaviour: TargetBehaviour;
}

export interface Evaluation {
  /** One for each connection that differs. */
  readonly signatures: readonly string[];
  /** One for each symptom. */
  readonly breaches: readonly Symptom[];
  /** Whether a connection was refused: the target may be gone. */
  readonly isRefused: boolean;
  /** Markers that came back, and that no connection of the case has sent. */
  readonly foreignMarkers: readonly string[];
}

export interface EvaluatedCase extends Evaluation {
  readonly executions: readonly Execution[];
}

/** What the evaluation is of: the case, or a larger one that was made of it. */
export interface ShownCase extends EvaluatedCase {
  readonly shown: Case;
}

function leakOf(marker: string): Breach {
  const { id, clause } = INVARIANTS['keeps-apart'];
  return {
    invariant: id,
    clause,
    detail: `the answer holds ${marker}, which only another connection has sent`,
  };
}

/** Owns the sockets that its cases use; `release` gives them up. */
export class Evaluator {
  readonly options: EvaluatorOptions;
  readonly #executor = new Executor();
  readonly #signatures = new Signatures();

  constructor(options: EvaluatorOptions) {
    this.options = options;
  }

  /** Executes the case and evaluates it. Rejects with an ExhaustedError only. */
  async run(value: Case, waits: Waits): Promise<EvaluatedCase> {
    const { address, against } = this.options;
    if (against === undefined) {
      const executions = await this.#executor.execute(address, value, waits);
      return { executions, ...this.evaluate(executions, value) };
    }
    const [executions, others] = await Promise.all([
      this.#executor.execute(address, value, waits),
      this.#executor.execute(against, value, waits),
    ]);
    const evaluation = this.evaluate(executions, value);
    const difference = evaluation.isRefused
      ? undefined
      : differenceOf(
          await this.#withLostAnswers(address, value, waits, executions, others),
          await this.#withLostAnswers(against, value, waits, others, executions),
        );
    if (difference === undefined) return { executions, ...evaluation };
    return { executions, ...evaluation, breaches: [...evaluation.breaches, difference] };
  }

  /**
   * Executes the case again where a reset may have discarded an answer that the other implementation gave, and takes the
   * first execution of each connection that has one.
   */
  async #withLostAnswers(
    address: Address,
    value: Case,
    waits: Waits,
    executions: readonly Execution[],
    others: readonly Execution[],
  ): Promise<readonly Execution[]> {
    let best = executions;
    const isLost = (one: Execution, index: number): boolean =>
      mayHaveLostAnswer(one) && (others[index]?.answers.length ?? 0) > 0;
    for (let repeat = 0; repeat < LOST_REPEATS && best.some(isLost); repeat += 1) {
      const again = await this.#executor.execute(address, value, waits);
      best = best.map((one, index) => (isLost(one, index) ? (again[index] ?? one) : one));
    }
    return best;
  }

  /** Executes the case on the target, without an evaluation. Rejects with an ExhaustedError only. */
  async execute(value: Case, waits: Waits): Promise<void> {
    await this.#executor.execute(this.options.address, value, waits);
  }

  /** Evaluates what was executed of the case. */
  evaluate(executions: readonly Execution[], value: Case): Evaluation {
    const { behaviour } = this.options;
    const breaches: Symptom[] = [];
    const foreignMarkers: string[] = [];
    const add = (breach: Breach, disposition: string): void => {
      const symptom = `${breach.invariant} ${causeClauseOf(breach)}: ${disposition}`;
      if (!breaches.some((other) => other.symptom === symptom)) breaches.push({ ...breach, symptom });
    };
    for (const one of executions) {
      // On a connection of several frames, the answers before the last one are not the cause, and disappear as the case
      // gets smaller.
      const disposition = dispositionOf({ ...one, answers: one.answers.slice(-1) });
      const broken = breachesOf(one, behaviour);
      for (const breach of broken) add(breach, disposition);
      for (const marker of foreignMarkersOf(one)) {
        if (senderOf(marker, value) === undefined) foreignMarkers.push(marker);
        else if (broken.length === 0) add(leakOf(marker), disposition);
      }
    }
    const difference = segmentationBreachIn(value, executions);
    if (difference !== undefined)
      add(
        { invariant: 'reads-segments', clause: INVARIANTS['reads-segments'].clause, detail: difference },
        difference,
      );
    return {
      foreignMarkers,
      signatures: this.#signatures.of(executions, behaviour.usualMs),
      breaches,
      isRefused: executions.some(({ reply }) => reply.ending === 'refused'),
    };
  }

  /** Sends the frame of the case in another segmentation as well. Undefined if the case is no single short frame. */
  async runVariation(value: Case, segmentation: Segmentation, waits: Waits): Promise<ShownCase | undefined> {
    const variation = variationOf(value, segmentation);
    return variation && { ...(await this.run(variation, waits)), shown: variation };
  }

  /** Sends the case right after the connection of another case that sends the marker. Undefined if none of those does. */
  async runAfterSender(
    marker: string,
    others: Iterable<Case>,
    value: Case,
    waits: Waits,
  ): Promise<ShownCase | undefined> {
    for (const other of others) {
      const sender = senderOf(marker, other);
      if (sender === undefined) continue;
      const shown: Case = { arrangement: 'in-turn', connections: [sender, ...value.connections] };
      const evaluated = await this.run(shown, waits);
      if (evaluated.breaches.length > 0 || evaluated.isRefused) return { ...evaluated, shown };
      // What the answer showed is a fact, even where it depends on what is left in memory.
      const breach = leakOf(marker);
      const [last] = evaluated.executions.slice(-1);
      const symptom = `${breach.invariant} ${breach.clause}: ${last === undefined ? '' : dispositionOf(last)}`;
      return { ...evaluated, shown, breaches: [{ ...breach, symptom }] };
    }
    return undefined;
  }

  /** How often this machine had no connection left. */
  get exhaustions(): number {
    return this.#executor.exhaustions;
  }

  release(): void {
    this.#executor.release();
  }
}

/**
 * Where two implementations decide differently about the same case. A difference is a failure of neither. Undefined where
 * they agree, or where nothing can be said.
 */
export function differenceOf(
  executions: readonly Execution[],
  others: readonly Execution[],
): Symptom | undefined {
  for (const [index, one] of executions.entries()) {
    const other = others[index];
    // The protocol leaves open whether a second frame is served (T2), and what becomes of a connection that was reset.
    if (other === undefined || one.sent.frames.length > 1 || one.sent.end === 'reset') continue;
    if (one.reply.ending === 'refused' || other.reply.ending === 'refused') continue;
    // Bytes after the frame that are never read make the kernel of the target reset the connection (T5).
    if (one.sent.tail !== 'none' && (mayHaveLostAnswer(one) || mayHaveLostAnswer(other))) continue;
    const mine = decisionOf(one);
    const theirs = decisionOf(other);
    if (mine !== theirs) return differs(`${mine} here, ${theirs} there`);
    if (idOf(one) !== idOf(other)) return differs(`${mine} on both sides, with different task ids`);
  }
  return undefined;
}

/** Whether the connection was reset before any answer arrived. An answer may have been sent before the reset (T5). */
function mayHaveLostAnswer({ reply, answers }: Execution): boolean {
  return reply.ending === 'reset' && answers.length === 0;
}

function differs(detail: string): Symptom {
  return { invariant: 'agrees', clause: INVARIANTS.agrees.clause, detail, symptom: `agrees: ${detail}` };
}

/** The status, or that there is no answer. Whether the connection is closed or kept makes no difference. */
function decisionOf({ answers }: Execution): string {
  const [first] = answers;
  return first === undefined ? 'no answer' : `status ${statusOf(first) ?? 'missing'}`;
}

function idOf({ answers }: Execution): string | undefined {
  const id = answers[0]?.taskId;
  return id && 'value' in id ? id.value : undefined;
}
