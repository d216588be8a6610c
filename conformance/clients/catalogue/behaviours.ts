/** How the kit's server behaves towards a client: well, or badly. `conform serve --behaviour NAME` plays one of them. */

import {
  type Bytes,
  concat,
  inBytes,
  PAYLOAD_CAP,
  repeat,
  SEND_RESULTS,
  STATUS_UPDATE,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import { nestedArrays, object, quoted, string } from '../../scenario/messages.ts';
import type { Behaviour, Reply, ServerStep } from '../scenario/client-scenario.ts';

/** The text of an ordinary answer. */
export const MESSAGE = 'Task accepted';
/** Text that needs care: quotes, a backslash, a line break, other scripts, a character outside the first plane. */
export const ODD_MESSAGE = 'Said "no"\\\n\tZu groß: 日本語 \u{1f680}';
/** So short that the answer has less than 128 bytes even if each character is an escape. */
export const SHORT_MESSAGE = 'Taken';
/** Longer than one read of most clients. */
export const LONG_MESSAGE = 'a'.repeat(100_000);

/** Bytes of a payload with an ordinary answer. */
function answerPayload(fields: Readonly<Record<string, Bytes>> = {}): Bytes {
  return object({ task_id: quoted(taskId()), status: text('200'), message: string(MESSAGE), ...fields });
}

function answer(fields: Readonly<Record<string, Bytes>> = {}): Reply {
  return { payload: answerPayload(fields) };
}

const AWAIT = { do: 'await-frame' } as const;

function send(reply: Reply, how: Omit<Extract<ServerStep, { do: 'send' }>, 'do' | 'reply'> = {}): ServerStep {
  return { do: 'send', reply, ...how };
}

function answering(name: string, describe: string, reply: Reply): Behaviour {
  return { name, describe, steps: [AWAIT, send(reply)] };
}

/** Members before the last one of an ordinary answer, without a closing brace. */
function without(...names: readonly string[]): Bytes {
  const fields = { task_id: quoted(taskId()), status: text('200'), message: string(MESSAGE) };
  return object(Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name))));
}

const OTHER_ID = '00000000-1111-2222-3333-444444444444';

/** Bytes of a header. */
const HEADER = 8;

const accepts = answering('accepts', 'The server answers 200.', answer());
const rejects = answering('rejects', 'The server answers 400.', answer({ status: text('400') }));
/** Answers nothing, as a submitter does to updates and results (U1, R1). */
const silent: Behaviour = {
  name: 'silent',
  describe: 'The server reads a frame, sends nothing and keeps the connection open.',
  steps: [AWAIT],
  holds: true,
};

/** An answer whose message comes first, so that the offsets of its characters do not depend on the id. */
const MESSAGE_FIRST: Reply = {
  payload: object({ message: string(ODD_MESSAGE), status: text('200'), task_id: quoted(taskId()) }),
};

/** The offset in MESSAGE_FIRST after so many bytes of the character. */
function cutIn(character: string, bytes: number): number {
  const token = JSON.stringify(ODD_MESSAGE);
  return HEADER + Buffer.byteLength(`{"message":${token.slice(0, token.indexOf(character))}`) + bytes;
}

export const good = {
  accepts,
  rejects,
  silent,
  takesAndCloses: {
    name: 'takes-and-closes',
    describe: 'The server reads a frame, and then closes the connection.',
    steps: [AWAIT, { do: 'fin' }],
  },
  /** What it closes on has come whole, also from a client that sends an update first (T2). */
  takesResults: {
    name: 'takes-results',
    describe: 'The server reads frames until one of type 4 has come, and then closes the connection.',
    steps: [{ ...AWAIT, type: SEND_RESULTS }, { do: 'fin' }],
  },
  oddMessage: answering(
    'odd-message',
    'The server answers 200 with quotes, a line break and other scripts in the message.',
    answer({ message: string(ODD_MESSAGE) }),
  ),
  rejectsOddly: answering(
    'rejects-with-odd-message',
    'The server answers 400 with quotes, a line break and other scripts in the message.',
    answer({ status: text('400'), message: string(ODD_MESSAGE) }),
  ),
  escapes: answering(
    'escaped-message',
    'The server answers 200, and writes every character of the message as an escape.',
    answer({
      message: text(
        `"${[...SHORT_MESSAGE].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`,
      ),
    }),
  ),
  twoHundred: answering(
    'answer-of-200-bytes',
    'The server answers 200 in a payload of 200 bytes, so that a byte of the header is over 127.',
    { ...answer(), paddedTo: 200 },
  ),
  atCap: answering(
    'answer-at-cap',
    `The server answers 200 in a frame of ${inBytes(PAYLOAD_CAP)}, filled with spaces.`,
    { ...answer(), paddedTo: PAYLOAD_CAP },
  ),
  longMessage: answering(
    'long-message',
    'The server answers 200 with a message of 100 000 bytes.',
    answer({ message: string(LONG_MESSAGE) }),
  ),
  byteByByte: {
    name: 'byte-by-byte',
    describe: 'The server sends its answer one byte at a time.',
    steps: [AWAIT, send(answer(), { segmentBytes: 1, everyMs: 1 })],
  },
  splitHeader: {
    name: 'split-inside-header',
    describe: 'The server sends 3 bytes of its answer, and the rest after 300 ms.',
    steps: [AWAIT, send(answer(), { to: 3 }), { do: 'pause', ms: 300 }, send(answer(), { from: 3 })],
  },
  splitAfterHeader: {
    name: 'split-after-header',
    describe: 'The server sends the header of its answer, and the payload after 300 ms.',
    steps: [
      AWAIT,
      send(answer(), { to: HEADER }),
      { do: 'pause', ms: 300 },
      send(answer(), { from: HEADER }),
    ],
  },
  splitText: {
    name: 'split-inside-character',
    describe: 'The server sends an answer in three segments, which cut characters of several bytes in two.',
    steps: [
      AWAIT,
      send(MESSAGE_FIRST, { to: cutIn('ß', 1) }),
      { do: 'pause', ms: 100 },
      send(MESSAGE_FIRST, { from: cutIn('ß', 1), to: cutIn('\u{1f680}', 2) }),
      { do: 'pause', ms: 100 },
      send(MESSAGE_FIRST, { from: cutIn('\u{1f680}', 2) }),
    ],
  },
  delays: {
    name: 'delays',
    describe: 'The server answers 200 after 800 ms.',
    steps: [AWAIT, { do: 'pause', ms: 800 }, send(answer())],
  },
  thenJunk: answering('then-junk', 'The server answers 200, followed by bytes that form no frame.', {
    ...answer(),
    after: text('junk'),
  }),
  thenFrame: answering(
    'then-second-frame',
    'The server answers 200, followed by an incomplete second frame.',
    {
      ...answer(),
      after: { raw: Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 200, 0x7b) },
    },
  ),
  thenCloses: {
    name: 'then-closes',
    describe: 'The server answers 200 and closes at once.',
    steps: [AWAIT, send(answer()), { do: 'fin' }],
  },
  thenResets: {
    name: 'then-resets',
    describe: 'The server answers 200, and resets the connection 200 ms later.',
    steps: [AWAIT, send(answer()), { do: 'pause', ms: 200 }, { do: 'reset' }],
  },
  extraFields: answering(
    'extra-fields',
    'The server answers 200 with fields that the protocol does not know.',
    answer({ queue: text('[{"a":null}]'), delay: text('1.5') }),
  ),
  nullMessage: answering(
    'null-message',
    'The server answers 200 with a message of null.',
    answer({ message: text('null') }),
  ),
  noMessage: answering('no-message', 'The server answers 200 without a message.', {
    payload: without('message'),
  }),
  otherOrder: answering(
    'white-space',
    'The server answers 200 with its fields in reverse order, and with white space between all tokens.',
    {
      payload: concat(
        text(` \n{ "message" : "${MESSAGE}" ,\r\n\t"status" : 200 , "task_id" : `),
        quoted(taskId()),
        text(' }\n '),
      ),
    },
  ),
} as const satisfies Readonly<Record<string, Behaviour>>;

export const bad = {
  otherId: answering(
    'other-id',
    'The server answers 200 with the id of another task.',
    answer({ task_id: string(OTHER_ID) }),
  ),
  rejectsOtherId: answering(
    'rejects-other-id',
    'The server answers 400 with the id of another task.',
    answer({ status: text('400'), task_id: string(OTHER_ID) }),
  ),
  status500: answering('status-500', 'The server answers with status 500.', answer({ status: text('500') })),
  status201: answering('status-201', 'The server answers with status 201.', answer({ status: text('201') })),
  statusText: answering(
    'status-text',
    'The server answers with the text "200" as status.',
    answer({ status: string('200') }),
  ),
  statusFraction: answering(
    'status-fraction',
    'The server answers with status 200.5.',
    answer({ status: text('200.5') }),
  ),
  statusTrue: answering(
    'status-true',
    'The server answers with true as status.',
    answer({ status: text('true') }),
  ),
  noStatus: answering('no-status', 'The server answers without a status.', { payload: without('status') }),
  idNumber: answering(
    'id-number',
    'The server answers with a number as task_id.',
    answer({ task_id: text('7') }),
  ),
  messageNumber: answering(
    'message-number',
    'The server answers with a number as message.',
    answer({ message: text('7') }),
  ),
  otherType: answering('other-type', 'The server answers 200 in a frame of type 3.', {
    ...answer(),
    type: STATUS_UPDATE,
  }),
  typeOverByte: answering(
    'type-over-a-byte',
    'The server answers 200 in a frame of type 257, whose last byte is 1.',
    { ...answer(), type: 0x0000_0101 },
  ),
  notJson: answering('not-json', 'The server answers with text that is no JSON.', {
    payload: text('200 OK'),
  }),
  array: answering('array', 'The server answers with an array.', {
    payload: concat(text('['), answerPayload(), text(']')),
  }),
  empty: answering('empty-payload', 'The server answers with a frame of length 0.', { payload: text('') }),
  trailing: answering(
    'data-after-json',
    'The server answers 200, with a second object in the same payload.',
    {
      payload: concat(answerPayload(), text('{}')),
    },
  ),
  brokenUtf8: answering(
    'broken-utf8',
    'The server answers 200 with bytes that are no UTF-8 in the message.',
    answer({ message: { raw: Uint8Array.of(0x22, 0x61, 0xff, 0xc3, 0x28, 0x22) } }),
  ),
  deep: answering(
    'deep-nesting',
    'The server answers 200 with an unknown field of 100 000 nested arrays.',
    answer({ extra: nestedArrays(100_000) }),
  ),
  blanks: answering('blanks', `The server answers with ${inBytes(PAYLOAD_CAP)} of spaces.`, {
    payload: repeat(' ', PAYLOAD_CAP),
  }),
  overCap: answering(
    'over-cap',
    `The server answers 200 in a frame of ${inBytes(PAYLOAD_CAP)} and 1 byte, filled with spaces.`,
    { ...answer(), paddedTo: PAYLOAD_CAP + 1 },
  ),
  overCapHeader: {
    name: 'over-cap-header',
    describe: 'The server sends a header that declares 4 GiB, and then sends zeros without end.',
    steps: [
      AWAIT,
      send({ payload: text(''), declared: 0xffff_ffff }),
      { do: 'repeat', bytes: repeat('\0', 64 * 1024) },
    ],
    holds: true,
  },
  endless: {
    name: 'endless',
    describe: 'The server answers 200, and then sends bytes without end.',
    steps: [AWAIT, send(answer()), { do: 'repeat', bytes: repeat('\0', 64 * 1024) }],
    holds: true,
  },
  truncatedHeader: {
    name: 'truncated-header',
    describe: 'The server sends 5 bytes of a header, and closes.',
    steps: [AWAIT, send(answer(), { to: 5 }), { do: 'fin' }],
  },
  truncatedPayload: {
    name: 'truncated-payload',
    describe: 'The server sends its answer without the last 10 bytes, and closes.',
    steps: [AWAIT, send(answer(), { to: -10 }), { do: 'fin' }],
  },
  truncatedWhole: {
    name: 'truncated-after-json',
    describe: 'The server declares 10 bytes more than its answer has, and closes after the complete JSON.',
    steps: [AWAIT, send({ ...answer(), declared: { more: 10 } }), { do: 'fin' }],
  },
  closes: {
    name: 'closes',
    describe: 'The server reads the frame, and closes without an answer.',
    steps: [AWAIT, { do: 'fin' }],
  },
  closesAtOnce: {
    name: 'closes-at-once',
    describe: 'The server closes each connection as soon as it is established.',
    steps: [{ do: 'fin' }],
  },
  resetsAtOnce: {
    name: 'resets-at-once',
    describe: 'The server resets each connection as soon as it is established.',
    steps: [{ do: 'reset' }],
  },
  resets: {
    name: 'resets',
    describe: 'The server reads the frame, and resets the connection without an answer.',
    steps: [AWAIT, { do: 'reset' }],
  },
  resetsInAnswer: {
    name: 'resets-inside-answer',
    describe: 'The server sends a part of its answer, and resets the connection 100 ms later.',
    steps: [AWAIT, send(answer(), { to: 20 }), { do: 'pause', ms: 100 }, { do: 'reset' }],
  },
  resetsWhileReading: {
    name: 'resets-while-reading',
    describe: 'The server resets the connection when the first bytes have come.',
    steps: [{ do: 'await-byte' }, { do: 'reset' }],
  },
  absent: {
    name: 'absent',
    describe: 'No server listens on the port.',
    steps: [],
    isAbsent: true,
  },
  drips: {
    name: 'drips',
    describe: `The server declares an answer of ${inBytes(PAYLOAD_CAP)}, and sends a byte of it every 50 ms.`,
    steps: [
      AWAIT,
      send({ payload: text('{'), declared: PAYLOAD_CAP }),
      { do: 'repeat', bytes: text(' '), everyMs: 50 },
    ],
    holds: true,
  },
  readsSlowly: {
    name: 'reads-slowly',
    describe: 'The server reads 64 KiB every 4 ms.',
    steps: [{ do: 'read-slowly', everyMs: 4 }, AWAIT],
  },
  stopsReading: {
    name: 'stops-reading',
    describe: 'The server reads the first bytes that come, and nothing more.',
    steps: [{ do: 'await-byte' }, { do: 'stop-reading' }],
  },
} as const satisfies Readonly<Record<string, Behaviour>>;

/** All of them, by name. */
export const behaviours: readonly Behaviour[] = [...Object.values(good), ...Object.values(bad)];
