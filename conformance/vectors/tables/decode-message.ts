/** Payloads of complete messages: fields in any order and layout, and fields as long as their bounds allow. */
import {
  type Bytes,
  concat,
  DESCRIPTION_CAP,
  inBytes,
  PAYLOAD_CAP,
  repeat,
  size,
  text,
} from '../../scenario/bytes.ts';
import {
  BOUNDS,
  kebab,
  MESSAGES,
  type Message,
  messageValue,
  repeated,
  SUBMIT_REQUEST,
  TASK_RESULT_MESSAGE,
} from '../build/messages.ts';
import { payloadFields } from '../build/runs.ts';
import { SAMPLES } from '../build/samples.ts';
import type { DecodeVector, FieldValue, Level } from '../build/vector.ts';

interface Row {
  readonly slug: string;
  readonly note: string;
  readonly clause: string;
  readonly level: Level;
  readonly message: Message;
  readonly payload: Bytes;
  readonly value: Readonly<Record<string, FieldValue>>;
}

function vector({ slug, note, clause, level, message, payload, value }: Row): DecodeVector {
  return {
    id: `decode-${message.slug}-${slug}`,
    note,
    clause,
    level,
    source: 'derived',
    message: message.name,
    ...payloadFields(payload),
    valid: true,
    value: messageValue(message, value),
  };
}

const whole = MESSAGES.flatMap((message) => {
  const members = SAMPLES[message.name];
  const value = Object.fromEntries(members.map(([name, , field]) => [name, field]));
  const written = members.map(([name, token]) => `"${name}":${token}`);
  const row = (slug: string, note: string, payload: string) =>
    vector({ slug, note, clause: 'M12', level: 'must', message, payload: text(payload), value });
  return [
    row('all-fields', 'All fields, in the documented order.', `{${written.join(',')}}`),
    row('all-fields-reversed', 'All fields, the last one first.', `{${written.toReversed().join(',')}}`),
    row('all-fields-indented', 'All fields, over several lines.', `{\n  ${written.join(',\n  ')}\n}\n`),
    row(
      'all-fields-and-unknown',
      'Unknown fields between them.',
      `{"x":0,${written.join(',"y":[],')},"z":{}}`,
    ),
  ];
});

/** Decoding does not judge the bounds: a SUBMIT over its bound is answered. */
const bounded = BOUNDS.filter(({ field }) => field !== 'file_data').flatMap(
  ({ message, field: name, clause, maxBytes: bound }) => {
    const end = name === 'filename' ? '.txt' : '';
    const most = bound - end.length;
    const row = (slug: string, note: string, letter: string, times: number, token = letter) =>
      vector({
        slug: `${kebab(name)}-${slug}`,
        note,
        clause,
        level: 'must',
        message,
        payload: concat(text(`{"${name}":"`), repeat(token, times), text(`${end}"}`)),
        value: { [name]: repeated(letter, times, end) },
      });
    return [
      row('below-bound', `${bound - 1} bytes, one below the bound.`, 'a', most - 1),
      row('at-bound', `${bound} bytes, exactly the bound.`, 'a', most),
      row('at-bound-in-two-byte-characters', 'The bound counts bytes of UTF-8.', 'é', most / 2),
      row('at-bound-escaped', 'Six bytes on the wire for each letter.', 'a', most, '\\u0061'),
    ];
  },
);

const aboveBound = vector({
  slug: 'task-description-above-bound',
  note: 'Over the bound, but decoded: the answer is 400 and needs the task_id.',
  clause: 'S5',
  level: 'must',
  message: SUBMIT_REQUEST,
  payload: concat(text('{"task_id":"x","task_description":"'), repeat('a', DESCRIPTION_CAP + 1), text('"}')),
  value: { task_id: 'x', task_description: { repeat: 'a', times: DESCRIPTION_CAP + 1 } },
});

const FILE_HEAD = text('{"file_data":"');
const FILE_TAIL = text('"}');
const GROUPS = (PAYLOAD_CAP - size(FILE_HEAD) - size(FILE_TAIL)) / 4;

const largestFile = vector({
  slug: 'file-data-fills-frame',
  note: `As much file data as a payload of ${inBytes(PAYLOAD_CAP)} holds.`,
  clause: 'R3',
  level: 'must',
  message: TASK_RESULT_MESSAGE,
  payload: concat(FILE_HEAD, repeat('AAAA', GROUPS), FILE_TAIL),
  value: { file_data: { hex: '00', times: 3 * GROUPS } },
});

export const decodeMessage: readonly DecodeVector[] = [...whole, ...bounded, aboveBound, largestFile];
