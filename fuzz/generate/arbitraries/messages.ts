/** Legal messages of every kind, as tokens: a case before any mutation. */

import fc from 'fast-check';
import { TASK_STATES } from '../../../conformance/scenario/bytes.ts';
import type { Member, Message } from '../../case/edits.ts';
import { shortText, spelled } from './pools.ts';

/** Text as a JSON string with the usual escapes: always legal. */
const legalText = (): fc.Arbitrary<string> => shortText().map((text) => JSON.stringify(text));

/** A task id in the documented form (S10), as a token. Shrinks to zeros. */
export function idToken(): fc.Arbitrary<string> {
  const word = fc.nat({ max: 0xffffffff });
  return fc.tuple(word, word, word, word).map((words) => {
    const hex = words.map((value) => value.toString(16).padStart(8, '0')).join('');
    return `"${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}"`;
  });
}

/** An address in the documented form, or any text. Its digits are random, so that it is a marker of its case. */
function addressToken(): fc.Arbitrary<string> {
  const group = fc.nat({ max: 0xffff }).map((value) => value.toString(16).toUpperCase().padStart(4, '0'));
  return fc.oneof(
    legalText(),
    fc.tuple(group, group, group).map((groups) => `"0:${groups.join('.')}"`),
  );
}

const INT64S = ['1500', '0', '1', '9007199254740993', '9223372036854775807', '-1', '-9223372036854775808'];
const int64Token = (): fc.Arbitrary<string> => fc.constantFrom(...INT64S);

const TIMES = ['2025-06-01T12:00:00Z', '2025-06-01T12:00:00.123456789Z', '0001-01-01T00:00:00Z', ''];
const FILENAMES = ['result.txt', 'report.pdf', 'a.csv', 'image.png', 'result.TXT'];
const BASE64 = ['Rm9ydHktdHdv', '', 'AA==', '/+8=', 'AAAA'];

const tokenFrom = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...texts.map((text) => JSON.stringify(text)));

/** Fields in the documented order. */
const submit = {
  task_id: idToken(),
  task_description: legalText(),
  from_addr: addressToken(),
  to_addr: addressToken(),
};
const response = { task_id: idToken(), status: fc.constantFrom('200', '400'), message: legalText() };
const update = { task_id: idToken(), status: tokenFrom(TASK_STATES), justification: legalText() };
const times = { time_idle_ms: int64Token(), time_staged_ms: int64Token(), time_cpu_ms: int64Token() };
const textResult = {
  task_id: idToken(),
  result_type: fc.constant('"text"'),
  result_text: legalText(),
  completed_at: tokenFrom(TIMES),
  ...times,
};
const fileResult = {
  task_id: idToken(),
  result_type: fc.constant('"file"'),
  filename: tokenFrom(FILENAMES),
  file_data: tokenFrom(BASE64),
  completed_at: tokenFrom(TIMES),
  ...times,
};

/** Every field of every message, as tokens. */
export const FIELD_NAMES = [
  ...new Set([submit, response, update, textResult, fileResult].flatMap((fields) => Object.keys(fields))),
].map((name) => JSON.stringify(name));

/** A legal message. Half of them are SUBMITs, the only messages whose answer shows what the target has read. */
export function message(): fc.Arbitrary<Message> {
  return fc.oneof(
    { weight: 8, arbitrary: messageOf(1, submit) },
    { weight: 3, arbitrary: messageOf(3, update) },
    { weight: 2, arbitrary: messageOf(4, textResult) },
    { weight: 3, arbitrary: messageOf(4, fileResult) },
    { weight: 1, arbitrary: messageOf(2, response) },
  );
}

function messageOf(
  type: number,
  fields: Readonly<Record<string, fc.Arbitrary<string>>>,
): fc.Arbitrary<Message> {
  const names = Object.keys(fields).map((name) => JSON.stringify(name));
  return fc.tuple(...Object.values(fields)).map((values) => ({
    type,
    members: values.map((value, at): Member => ({ name: names[at] ?? '""', value })),
  }));
}

/** A name for a field: that of a field of some message, or any text. */
export const fieldToken = (): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...FIELD_NAMES), spelled(shortText()));
