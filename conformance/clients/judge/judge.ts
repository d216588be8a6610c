/** The verdict on a client scenario: observation → verdict. Pure. */

import type { JudgedVerdict } from '../../report/judged.ts';
import { printable } from '../../util/printable.ts';
import type { ClientScenario, Outcome, Reported } from '../scenario/client-scenario.ts';
import type { ClientEnd, ClientObservation } from './observation.ts';
import { describeSent, type Flaw, flawOf, sentIds } from './sent.ts';

/** The verdict of one attempt. */
export type ClientVerdict = Extract<JudgedVerdict, { readonly verdict: 'pass' | 'fail' }>;

/** Judges one attempt. */
export function judgeClient(scenario: ClientScenario, observation: ClientObservation): ClientVerdict {
  const [{ end }] = observation;
  const flaws = [
    ...observation.map((start) => endFlaw(scenario, start.end)),
    ...(scenario.sent ?? []).map((condition) =>
      withClause(scenario, flawOf(condition, scenario.play.message, observation)),
    ),
    ...(scenario.reported && end.kind === 'reported'
      ? reportFlaws(scenario, scenario.reported, observation)
      : []),
  ].filter((flaw) => flaw !== undefined);
  const [first] = flaws;
  if (first === undefined) return { verdict: 'pass', accepted: describeEnd(end) };
  return {
    verdict: 'fail',
    expected: [describeExpected(scenario)],
    mismatches: [...new Set(flaws.map(({ text }) => text))],
    cause: first.cause,
    likelyCause: scenario.likely,
    failedPlays: 1,
  };
}

/** What the observation was, in words. */
export function describeObservation(observation: ClientObservation): string {
  const [{ end, seen }] = observation;
  const sent = seen.connections.map(({ total }) => total);
  const more = seen.further > 0 ? ` and ${seen.further} more` : '';
  const starts = observation.length > 1 ? `, in the first of ${observation.length} starts` : '';
  const what =
    sent.length === 0
      ? 'the client did not connect'
      : `the client sent ${sent.join(' and ')} bytes on ${sent.length}${more} ${sent.length === 1 ? 'connection' : 'connections'}`;
  return `${what}, and ${describeEnd(end)}${starts}`;
}

/** The same without values that differ from run to run. */
export function behaviourOf(observation: ClientObservation): string {
  const [{ end, seen }] = observation;
  const sends = seen.connections.some(({ total }) => total > 0) ? 'sends' : 'sends nothing';
  switch (end.kind) {
    case 'reported':
      return `${sends}; reports ${end.line.outcome}`;
    case 'died':
      return `${sends}; dies`;
    case 'not-ended':
      return `${sends}; does not end`;
  }
}

/** What a scenario expects, in words. */
export function describeExpected({ sent = [], reported }: ClientScenario): string {
  return [
    ...sent.map(describeSent),
    reported === undefined ? 'the client ends in time' : describeReported(reported),
  ].join('; ');
}

/** What the client may report, in words. */
export function describeReported({ outcomes, message, repeatsId }: Reported): string {
  return [
    `the client reports ${outcomes.join(' or ')}`,
    ...(message === undefined ? [] : [`with the message ${shown(message)}`]),
    ...(repeatsId ? ['with the task_id that it sent'] : []),
  ].join(' ');
}

function describeEnd(end: ClientEnd): string {
  switch (end.kind) {
    case 'reported':
      return `reported ${end.line.outcome}`;
    case 'died':
      return `ended without a line (${end.how})`;
    case 'not-ended':
      return `did not end within ${Math.round(end.afterMs)} ms`;
  }
}

function endFlaw(scenario: ClientScenario, end: ClientEnd): Flaw | undefined {
  switch (end.kind) {
    case 'reported':
      return undefined;
    case 'died':
      return withClause(scenario, {
        cause: 'the client dies, or ends without its line',
        text: `the client ended without a line (${end.how})`,
      });
    case 'not-ended':
      return withClause(scenario, {
        cause: 'the client does not end in time',
        text: `the client did not end within ${Math.round(end.afterMs)} ms`,
      });
  }
}

function reportFlaws(
  scenario: ClientScenario,
  { outcomes, message, repeatsId }: Reported,
  observation: ClientObservation,
): (Flaw | undefined)[] {
  const [{ end }] = observation;
  if (end.kind !== 'reported') return [];
  const { line } = end;
  if (!outcomes.includes(line.outcome)) {
    const said = line.message === undefined ? '' : `, with the message ${shown(line.message)}`;
    const text = `the client reported ${line.outcome}${said}, and not ${outcomes.join(' or ')}`;
    return [withClause(scenario, { cause: causeOf(line.outcome, outcomes), text })];
  }
  const [id] = sentIds(observation);
  return [
    message === undefined || line.message === message
      ? undefined
      : {
          cause: 'the message of the answer is not reported as it was sent',
          text: `the client reported ${line.message === undefined ? 'no message' : `the message ${shown(line.message)}`}, and not ${shown(message)}`,
        },
    !repeatsId || line.taskId === id
      ? undefined
      : {
          cause: 'the task id that is reported is not the one that was sent',
          text: `the client reported ${line.taskId === undefined ? 'no task_id' : `the task_id ${shown(line.taskId)}`}, and had sent ${shown(id ?? '')}`,
        },
  ];
}

/** What the client does that it must not do. */
function causeOf(outcome: Outcome, permitted: readonly Outcome[]): string {
  if (permitted.includes('refused')) return 'the client does not refuse what it must refuse';
  if (outcome === 'refused') return 'the client refuses what it must send';
  if (permitted.includes('rejected')) return 'the client does not take a rejection for one';
  if (outcome === 'accepted' || outcome === 'rejected') return `the client takes for an answer what is none`;
  if (permitted.includes('sent')) return 'the client reports an error for what it has sent whole';
  if (outcome === 'sent') return 'the client reports as sent what has not arrived';
  return 'the client does not take a legal answer';
}

/** Causes that have nothing to do with the input. */
const SAME_FOR_ALL = /^the client (sends no|does not end in time|reports an error for what it has sent)/;

/** A cause depends on the input, unless it is about a part of what is sent. */
function withClause({ clause }: ClientScenario, flaw: Flaw | undefined): Flaw | undefined {
  if (flaw === undefined || !/^the client/.test(flaw.cause)) return flaw;
  if (SAME_FOR_ALL.test(flaw.cause)) return flaw;
  return { ...flaw, cause: `${flaw.cause} (${clause})` };
}

function shown(text: string): string {
  return text.length > 80
    ? `"${printable(text, 60)}" of ${Buffer.byteLength(text)} bytes`
    : `"${printable(text, 80)}"`;
}
