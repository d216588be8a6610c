/**
 * Values and their canonical frames (M12). A row gives a value and its token. Frames are built from tokens, without an
 * encoder that could share a fault with an implementation under test.
 */
import {
  type Bytes,
  concat,
  DESCRIPTION_CAP,
  inBytes,
  MiB,
  RESULT_TEXT_CAP,
  text,
} from '../../scenario/bytes.ts';
import { frame } from '../../scenario/messages.ts';
import {
  isLeftOut,
  kebab,
  MESSAGES,
  type Message,
  SUBMIT_REQUEST,
  TASK_FILE,
  TASK_RESULT,
  TASK_RESULT_MESSAGE,
} from '../build/messages.ts';
import { hexOf, readable, runsOf } from '../build/runs.ts';
import { SAMPLES } from '../build/samples.ts';
import type { EncodeVector, FieldValue, MessageName } from '../build/vector.ts';
import { BY_KIND, CHARACTERS, type EncodeRow, INVALID, quotedRun } from './encode-tokens.ts';

/** A complete message in which one field has the value of the row. */
function vector(
  message: Message,
  name: string,
  [slug, note, value, token, clause = 'M12', level = 'must']: EncodeRow,
): EncodeVector {
  const members = SAMPLES[message.name].map((member): readonly [string, string | Bytes, FieldValue] =>
    member[0] === name ? [name, token, value] : member,
  );
  const written = members.filter(
    ([memberName, memberToken]) =>
      typeof memberToken !== 'string' || !isLeftOut(message, memberName, memberToken),
  );
  const payload = concat(
    text('{'),
    ...written.flatMap(([memberName, memberToken], index) => [
      text(`${index === 0 ? '' : ','}"${memberName}":`),
      typeof memberToken === 'string' ? text(memberToken) : memberToken,
    ]),
    text('}'),
  );
  const bytes = frame(message.type ?? 0, payload);
  const runs = runsOf(bytes);
  return {
    id: `encode-${message.slug}-${kebab(name)}-${slug}`,
    note,
    clause,
    level,
    source: 'derived',
    message: framed(message.name),
    value: Object.fromEntries(members.map(([memberName, , memberValue]) => [memberName, memberValue])),
    ...(runs === undefined ? { ...readable(payload), frame_hex: hexOf(bytes) } : { frame_runs: runs }),
  };
}

function framed(name: MessageName): EncodeVector['message'] {
  if (name === 'TaskFile') throw new Error('no frame carries a task file');
  return name;
}

const FRAMED = MESSAGES.filter((message) => message !== TASK_FILE);

const inResult = ([slug, note, value, token, ...rest]: EncodeRow<string>): EncodeRow => [
  `in-result-${slug}`,
  note,
  { json: JSON.stringify([value]) },
  `[${token}]`,
  ...rest,
];

export const encode: readonly EncodeVector[] = [
  ...[...CHARACTERS, ...INVALID].map((row) => vector(SUBMIT_REQUEST, 'task_description', row)),
  ...CHARACTERS.slice(0x20).map((row) => vector(TASK_RESULT, 'result', inResult(row))),
  ...FRAMED.flatMap((message) =>
    message.fields.flatMap(({ name, kind }) => BY_KIND[kind].map((row) => vector(message, name, row))),
  ),
  vector(SUBMIT_REQUEST, 'task_description', [
    'at-bound',
    `${inBytes(DESCRIPTION_CAP)}, exactly the bound.`,
    { repeat: 'x', times: DESCRIPTION_CAP },
    quotedRun('x', DESCRIPTION_CAP),
    'S5',
  ]),
  vector(SUBMIT_REQUEST, 'task_description', [
    'at-bound-escaped',
    `${inBytes(DESCRIPTION_CAP)}, six times as long once escaped.`,
    { repeat: '<', times: DESCRIPTION_CAP },
    quotedRun('\\u003c', DESCRIPTION_CAP),
    'S5',
  ]),
  vector(TASK_RESULT_MESSAGE, 'result_text', [
    'at-bound',
    `${inBytes(RESULT_TEXT_CAP)}, exactly the bound.`,
    { repeat: 'é', times: MiB / 2 },
    quotedRun('é', MiB / 2),
    'R2',
  ]),
];
