/**
 * The likely cause of a failure: what was observed decides, and the scenario makes it more precise. Where no cause is known
 * for a mismatch, there is none. Pure.
 */

import type { MismatchKind, Sign } from '../scenario/mismatch-kind.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Verdict } from './oracle.ts';

type Failure = Extract<Verdict, { verdict: 'fail' }>;

/** One sentence; undefined if the verdict is no failure, or if nothing is known about such a mismatch. */
export function likelyCause({ likely = [] }: Pick<Scenario, 'likely'>, verdict: Verdict): string | undefined {
  if (verdict.verdict !== 'fail') return undefined;
  const signs = signsOf(verdict);
  const own = signs.map((sign) => likely.find(({ when }) => when.some((one) => covers(one, sign)))?.cause);
  return [...own, ...signs.map((sign) => ORDINARY[sign])].find((cause) => cause !== undefined);
}

/**
 * The signs of a failure, the most telling first. Where several outcomes are permitted, what is wrong with an answer, or
 * that none came, says more than that the connection did not end as another outcome wants it.
 */
export function signsOf({ mismatches, disposition }: Pick<Failure, 'mismatches' | 'disposition'>): Sign[] {
  const kinds = mismatches.map(({ kind }) => kind);
  const telling = kinds.filter((kind) => !ENDINGS.includes(kind));
  return (telling.length > 0 ? telling : kinds).map((kind) => {
    if (kind !== 'no answer') return kind;
    return disposition === 'closed' ? 'no answer, closed' : 'no answer, open';
  });
}

const ENDINGS: readonly MismatchKind[] = ['answered', 'kept open', 'closed'];

/** `stored field` stands for any field of a task file. */
function covers(wanted: Sign, sign: Sign): boolean {
  return wanted === sign || (wanted === 'stored field' && sign.startsWith('stored '));
}

const NO_JSON =
  'The payload of the answer is not a JSON object in UTF-8: it is cut, encoded twice, or in another format.';

/** Causes that do not depend on the scenario. */
const ORDINARY: Readonly<Partial<Record<Sign, string>>> = {
  'no answer, closed':
    'An error occurs while the message is handled, and ends the connection without an answer.',
  'no answer, open':
    'The receiver waits for more bytes, or an error while the message is handled ends neither with an answer nor with a close.',
  'partial frame':
    'The bytes are not framed, or the length in the header of the answer is not the number of bytes that follow: another byte order, or characters counted instead of bytes (F1).',
  'bytes after the answer':
    'Something follows the payload, such as a line break, or the length in the header of the answer is too small (F1).',
  'number of frames': 'The answer is sent more than once, or one message is processed as several.',
  'frame type': 'The answer is written with another type than that of SUBMIT, which is 1 (S1).',
  'not a response':
    'The payload of the answer is the request itself, has other names of its fields, or is not a JSON object in UTF-8 (S1).',
  'status unreadable': NO_JSON,
  'task_id unreadable': NO_JSON,
  'message unreadable': NO_JSON,
  'status missing': 'The status is left out of the answer, or has another name there (S2).',
  'status wrong type': 'The status is encoded as text or in another form; S2 wants a JSON integer.',
  'status wrong value': 'The status is a code of another protocol, such as HTTP; S2 has only 200 and 400.',
  'task_id missing': 'The answer is built without the task_id of the request (S3).',
  'task_id wrong type': 'The task_id is converted to another type before it is copied into the answer (S3).',
  'task_id wrong value':
    'The receiver generates a new id, or changes the id before it copies it into the answer (S3).',
  'message missing': 'The message is left out of the answer, or has another name there (S4).',
  'message wrong type': 'The message is encoded as null, or as another value than text; S4 wants a string.',
  late: 'The receiver executes the task before it answers.',
  'kept open':
    'The receiver waits for more bytes, or an error stops the processing without a close of the connection.',
  died: 'An error that this input causes is not caught and ends the process, or a loop without an end blocks it.',
  'task file unreadable':
    'The task is written in another format, or in place, so that a reader sees a part of it; a rename of a complete file prevents that.',
  'task file permissions': 'The task file is created with the default mode of the process.',
};
