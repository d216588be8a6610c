/** The verdict on a client scenario: observation → verdict. Pure. */

import type { JudgedVerdict } from '../../report/judged.ts';
import { counted } from '../../util/counted.ts';
import { printable } from '../../util/printable.ts';
import { CONNECTION, TIME } from '../scenario/about.ts';
import type { ClientScenario, Outcome, Reported } from '../scenario/client-scenario.ts';
import type { ClientEnd, ClientObservation } from './observation.ts';
import { describeSent, flawOf, SENDS_WHAT_IT_MUST_REFUSE, sentIds } from './sent.ts';
import type { Flaw } from './sent-frame.ts';

const TAKES_FOR_ACCEPTANCE = 'the client takes for an acceptance what is none';
const TAKES_FOR_REJECTION = 'the client takes for a rejection what is none';

/** The verdict of one attempt. */
export type ClientVerdict = Extract<JudgedVerdict, { readonly verdict: 'pass' | 'fail' }>;

/** Judges one attempt. */
export function judgeClient(scenario: ClientScenario, observation: ClientObservation): ClientVerdict {
  const [{ end }] = observation;
  const sent = (scenario.sent ?? []).map((one) => flawOf(one, scenario.play, observation));
  const reported = scenario.reported ? reportFlaws(scenario, scenario.reported, observation) : [];
  const isRefused = end.kind === 'reported' && end.line.outcome === 'refused';
  const flaws = [
    ...observation.map((start) => endFlaw(scenario, start.end)),
    // A client that refuses sends nothing for that reason.
    ...(isRefused ? [...reported, ...sent] : [...sent, ...reported]),
    readOnFlaw(scenario, observation),
  ]
    .map((flaw) => caused(scenario, flaw))
    .filter((flaw) => flaw !== undefined);
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
export function describeExpected({ sent = [], reported, endsReading }: ClientScenario): string {
  return [
    ...sent.map(describeSent),
    ...(endsReading ? ['the client stops reading'] : []),
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
      return { cause: deathOf(scenario), text: `the client ended without a line (${end.how})` };
    case 'not-ended':
      return {
        cause: about(scenario, 'the client does not end in time'),
        text: `the client did not end within ${Math.round(end.afterMs)} ms`,
      };
  }
}

/** A client that dies of what is no error fails as one that reports an error. */
function deathOf(scenario: ClientScenario): string {
  const permitted = scenario.reported?.outcomes ?? [];
  if (!permitted.includes('error') && permitted.length > 0) return causeOf(scenario, 'error', permitted);
  const where = scenario.about === CONNECTION || scenario.about === TIME ? 'its connection' : 'an answer';
  return `the client dies where it must report an error: ${where}`;
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
    return [{ cause: causeOf(scenario, line.outcome, outcomes), text }];
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

function readOnFlaw({ endsReading }: ClientScenario, [{ seen }]: ClientObservation): Flaw | undefined {
  return endsReading && seen.connections.some(({ readOn }) => readOn)
    ? { cause: 'the client reads on without end', text: 'the client read all that the server sent, 64 MiB' }
    : undefined;
}

/** What the client does that it must not do. */
function causeOf(scenario: ClientScenario, outcome: Outcome, permitted: readonly Outcome[]): string {
  if (permitted.includes('refused')) return about(scenario, 'the client does not report a refusal as one');
  if (outcome === 'refused') return about(scenario, 'the client refuses what it must send');
  if (outcome === 'accepted') return about(scenario, TAKES_FOR_ACCEPTANCE);
  if (permitted.includes('rejected')) return 'the client does not take a rejection for one';
  if (outcome === 'rejected') return about(scenario, TAKES_FOR_REJECTION);
  if (permitted.includes('sent')) return 'the client reports an error for what it has sent whole';
  if (outcome === 'sent') return 'the client reports as sent what has not arrived';
  return about(scenario, 'the client does not take a legal answer');
}

function about({ about, clause }: ClientScenario, what: string): string {
  return about === undefined ? `${what} (${clause})` : `${what}: ${about}`;
}

/** Causes that have nothing to do with what the scenario is about. */
const SAME_FOR_ALL =
  /^the client (sends no|sends on more|checks a message|dies where|reports (an error|as sent))/;

/** A flaw in what the scenario is about has the cause that the scenario names. */
function caused(scenario: ClientScenario, flaw: Flaw | undefined): Flaw | undefined {
  const { fault } = scenario;
  if (flaw === undefined || SAME_FOR_ALL.test(flaw.cause)) return flaw;
  if (fault !== undefined && /^the (client|field|message) /.test(flaw.cause))
    return { ...flaw, cause: fault };
  return flaw.cause === SENDS_WHAT_IT_MUST_REFUSE ? { ...flaw, cause: about(scenario, flaw.cause) } : flaw;
}

function shown(text: string): string {
  return text.length > 80
    ? `"${printable(text, 60)}" of ${counted(Buffer.byteLength(text), 'byte')}`
    : `"${printable(text, 80)}"`;
}
