/**
 * The cause of a failure in plain words: what differs, without values. Failures with the same text have the same cause.
 * Saved reports hold these texts, so they must not change.
 *
 * What an answer lacks does not depend on the input, so its text is the same for all clauses. How the target treats an
 * input does, so those texts name the clause about the input.
 */

import type { MismatchKind } from '../judge/mismatch.ts';
import type { Verdict } from '../judge/oracle.ts';
import type { GrowthBounds, Scenario } from '../scenario/scenario.ts';

/** A failed verdict. */
export type Failure = Extract<Verdict, { readonly verdict: 'fail' }>;

/** Kinds whose text depends on nothing else. */
const TEXTS: Readonly<Partial<Record<MismatchKind, string>>> = {
  'file escaped': 'the target writes a file outside its folders',
  'task file missing': 'a task is not stored',
  'task file unreadable': 'a stored task is unreadable',
  'task file permissions': 'a stored task is readable for others',
  'data not kept': 'the data of a task is not stored',
  'result file missing': 'a result file is missing',
  'result file content': 'a result file holds other bytes than those sent',
  'bytes after the answer': 'bytes that form no frame follow the answer',
  'number of frames': 'the number of answers is wrong',
  'frame type': "the answer's frame type is wrong",
  'not a response': 'the answer is no SubmitResponse',
  late: 'the answer is late',
};

/** What is wrong with a field, by the end of its kind. */
const PROBLEMS: Readonly<Record<string, string>> = {
  missing: 'is missing',
  unreadable: 'is unreadable',
  'wrong type': 'has the wrong type',
  'wrong value': 'is wrong',
};

/** Messages that are never answered (U1, R1), by frame type. */
const UNANSWERED: Readonly<Record<number, string>> = { 3: 'STATUS_UPDATE', 4: 'SEND_RESULTS' };

/**
 * The cause of the failure. The first mismatch that is about an answer decides, otherwise the first one. `sentType` is the type
 * of the first frame that was sent; absent if none was.
 */
export function causeOf(scenario: Scenario, { mismatches }: Failure, sentType?: number | undefined): string {
  const kinds = mismatches.map(({ kind }) => kind);
  const kind = kinds.find(isAboutAnswer) ?? mostTelling(kinds);
  if (kind === undefined) return `the outcome is not permitted (${scenario.clause})`;
  const text = TEXTS[kind];
  if (text !== undefined) return text;
  const unanswered = sentType === undefined ? undefined : UNANSWERED[sentType];
  if (kind === 'answered' && unanswered !== undefined) return `the target answers a ${unanswered}`;
  if (kind.startsWith('stored '))
    return `a stored task's ${kind.slice('stored '.length)} is wrong or missing`;
  const [, field, problem = ''] = /^(status|task_id|message) (.+)$/.exec(kind) ?? [];
  return field === undefined
    ? `${treatmentOf(kind, scenario)} (${scenario.clause})`
    : `the answer's ${field} ${PROBLEMS[problem] ?? 'is wrong'}`;
}

/** How the target treats the input. */
function treatmentOf(kind: MismatchKind, { accept, maxGrowth = {} }: Scenario): string {
  switch (kind) {
    case 'accepted':
      return 'the target accepts what it must refuse';
    case 'rejected':
      return 'the target rejects what it must accept';
    case 'growth':
      return `the target's process takes too many resources: ${resourcesOf(maxGrowth).join(', ')}`;
    case 'died':
    case 'gone':
      return 'the target dies, or stops answering';
    case 'file touched':
      return 'the target stores what it must not store';
    case 'answered':
      return 'the target answers what it must not answer';
    case 'partial frame':
      return accept.some((outcome) => outcome.kind === 'answers')
        ? 'the target sends bytes that form no frame'
        : 'the target sends bytes where it must send none';
    case 'no answer':
      return 'no answer comes back';
    case 'kept open':
      return 'the target keeps the connection open';
    case 'closed':
      return 'the target closes the connection';
    default:
      return 'the outcome is not permitted';
  }
}

function resourcesOf({ memoryBytes, descriptors, threads }: GrowthBounds): readonly string[] {
  return [
    ...(memoryBytes === undefined ? [] : ['memory']),
    ...(descriptors === undefined ? [] : ['file descriptors']),
    ...(threads === undefined ? [] : ['threads']),
  ];
}

function isAboutAnswer(kind: MismatchKind): boolean {
  return (
    /^(status|task_id|message) /.test(kind) ||
    [
      'accepted',
      'rejected',
      'number of frames',
      'bytes after the answer',
      'frame type',
      'not a response',
      'late',
    ].includes(kind)
  );
}

/** Where a close and an answer are permitted, a connection that stays open without one is kept open. */
function mostTelling(kinds: readonly MismatchKind[]): MismatchKind | undefined {
  return kinds.find((kind) => kind === 'kept open' || kind === 'answered') ?? kinds[0];
}

/** The cause without the clause about the input; that of a client also without what the client treats so. */
export function withoutInput(cause: string): string {
  return cause.replace(/ \([A-Z]\d+\)$/, '').replace(/^(the client [^:]*): .*$/, '$1');
}

/** Causes that an ordinary peer meets: the target mistreats legal input, or answers it wrongly. */
const MEETS_LEGAL_INPUT =
  /^(the answer|no answer comes back|the number of answers|bytes that form no frame follow|the target (dies|rejects|closes|sends bytes that))/;

/** Whether the cause shows on legal input. Other causes show on input that the target must refuse, or in its files. */
export function showsOnLegalInput(cause: string): boolean {
  return MEETS_LEGAL_INPUT.test(cause);
}

/** Scenarios that judge just the part of the answer or the store that a cause names, by the beginning of its text. */
const JUDGES: readonly (readonly [beginning: string, ids: readonly string[]])[] = [
  ["the answer's status", ['submit/status']],
  ["the answer's task_id", ['submit/task-id-echoed']],
  ["the answer's message", ['submit/message', 'submit/message-not-empty']],
  ["the answer's frame type", ['submit/answered-once', 'submit/answer-type']],
  ['the answer is no SubmitResponse', ['submit/answered-once']],
  ['the answer is late', ['submit/answer-within-deadline', 'submit/answer-within-1s']],
  ['no answer comes back', ['submit/answered-once', 'frame/legal']],
  ['the target sends bytes that form no frame', ['submit/answered-once', 'frame/legal']],
  ['the number of answers', ['submit/answered-once']],
  ['bytes that form no frame follow', ['submit/answered-once']],
  ['the target answers a STATUS_UPDATE', ['status/unanswered-accepted']],
  ['the target answers a SEND_RESULTS', ['results/unanswered-text']],
  ['a task is not stored', ['store/submitted-task-kept']],
  ['a stored task is readable', ['store/submitted-task-private']],
  ['a result file', ['results/store-text', 'results/store-file']],
  ['the client takes for an acceptance', ['client-reading/rejected', 'client-bad-server/not-json']],
  ['the client takes for a rejection', ['client-bad-server/not-json', 'client-bad-server/closes']],
];

/** The same for causes that several scenarios show together: none of them alone is enough. */
const JUDGES_TOGETHER: typeof JUDGES = [
  ['the client dies where', ['client-bad-server/not-json', 'client-bad-server/closes']],
];

/** The beginning of the ids of scenarios that judge what a cause names for one input each, by the beginning of its text. */
const FAMILIES: readonly (readonly [beginning: string, ids: string])[] = [
  ['the target answers a STATUS_UPDATE', 'status/unanswered-'],
  ['the target answers a SEND_RESULTS', 'results/unanswered-'],
];

/** Whether the scenario judges what the cause names for one input. */
export function isOfFamily(cause: string, id: string): boolean {
  return FAMILIES.some(([beginning, ids]) => cause.startsWith(beginning) && id.startsWith(ids));
}

/** The ids of the scenarios that judge just what the cause names, the first one preferred; often none. */
export function judgesOf(cause: string): readonly string[] {
  return of(JUDGES, cause) ?? of(JUDGES_TOGETHER, cause) ?? [];
}

/**
 * Whether the target does what the cause names whatever the input is. `fails` says whether a scenario fails in the same way.
 */
export function isSameForAll(cause: string, fails: (id: string) => boolean): boolean {
  return of(JUDGES, cause)?.some(fails) ?? of(JUDGES_TOGETHER, cause)?.every(fails) ?? false;
}

function of(table: typeof JUDGES, cause: string): readonly string[] | undefined {
  return table.find(([beginning]) => cause.startsWith(beginning))?.[1];
}
