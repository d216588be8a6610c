/** The failure of a scenario as an error, which a test runner shows. */

import { effectiveVerdict } from '../report/effective-verdict.ts';
import type { PlanRecord, ScenarioRecord } from '../report/record.ts';
import { plain } from '../reporters/common/escape.ts';
import { because, clauseLine, explanation, replayLine, wireLog } from '../reporters/common/explanation.ts';

/** Lines of the bytes on the wire, at the most. */
const MOST_WIRE_LINES = 24;

/**
 * A scenario failed, or the run has no verdict. The message names the clause, what was expected and observed, the cause, and the
 * command that repeats the scenario. It has no stack: the fault is in the target.
 */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';

  constructor(message: string) {
    super(message);
    Object.defineProperty(this, 'stack', { value: `${this.name}: ${message}`, writable: true });
  }
}

/** The failure in full. */
export function failureOf(record: ScenarioRecord, plan: PlanRecord): ConformanceError {
  const wire = wireLog(record);
  const shown = wire.length <= MOST_WIRE_LINES ? wire : [...wire.slice(0, MOST_WIRE_LINES - 1), '…'];
  return new ConformanceError(
    [...headOf(record, plan), ...explanation(record, plan), ...shown, ...footOf(record, plan)].join('\n'),
  );
}

/** The failure in short, for one whose cause was explained in the failure of another scenario. */
export function furtherFailureOf(record: ScenarioRecord, plan: PlanRecord, first: string): ConformanceError {
  const reference = `same cause as ${plain(first)}`;
  return new ConformanceError([...headOf(record, plan), reference, ...footOf(record, plan)].join('\n'));
}

/** Why the scenario could not be judged; the failure of its control has a test of its own, or is named here. */
export function inconclusiveOf(record: ScenarioRecord, plan: PlanRecord): ConformanceError {
  return new ConformanceError([...headOf(record, plan), ...footOf(record, plan)].join('\n'));
}

function headOf(record: ScenarioRecord, { strict }: PlanRecord): readonly string[] {
  const { word } = effectiveVerdict(record, strict);
  return [
    `${word} ${plain(record.id)} (${record.level}, clause ${plain(record.clause)}): ${because(record)}`,
    plain(record.requirement),
  ];
}

function footOf(record: ScenarioRecord, plan: PlanRecord): readonly string[] {
  return [`clause:   ${clauseLine(record, plan)}`, `again:    ${replayLine(plan, record)}`];
}
