/** What a client sends when it delivers results. */

import {
  type Bytes,
  FILE_CAP,
  FILENAME_CAP,
  inBytes,
  KiB,
  MiB,
  PAYLOAD_CAP,
  RESULT_TEXT_CAP,
  repeat,
  text,
} from '../../scenario/bytes.ts';
import { AT_BOUND, CHANGES_TEXT, CONNECTION, OVER_BOUND, TIME } from '../scenario/about.ts';
import type { ClientScenario, MessageFields, Play } from '../scenario/client-scenario.ts';
import { bad, good } from './behaviours.ts';
import { fileFields, textFields } from './messages.ts';

const TEXT: Play = { action: 'results', message: textFields(), server: good.takesResults };
const FILE: Play = { ...TEXT, message: fileFields() };

function withText(result_text: MessageFields[string]): Play {
  return { ...TEXT, message: textFields({ result_text }) };
}

function named(filename: MessageFields[string]): Play {
  return { ...TEXT, message: fileFields({ filename }) };
}

function withData(file_data: Bytes): Play {
  return { ...TEXT, message: fileFields({ filename: 'data.bin', file_data }) };
}

const FRAME = 'client-sending/results-frame';
const TEXT_FIELDS = 'client-sending/results-text';
const FILE_FIELDS = 'client-sending/results-file';
const SENT = 'client-sending/results-sent';
const REFUSED = { sent: [{ kind: 'nothing' }], reported: { outcomes: ['refused'] } } as const;
const TEXT_SENT = [{ kind: 'fields', names: ['result_text'] }] as const;
const NAME_SENT = [{ kind: 'fields', names: ['filename', 'file_data'] }] as const;
const EVERY_BYTE: Bytes = { raw: Uint8Array.from({ length: 257 }, (_, index) => index % 256) };
/** More than the buffers of the system hold. */
const LARGE = repeat('0123456789abcdef', (10 * MiB) / 16);

/** How the extension of a name is found. One defect takes names that must be refused and refuses others. */
const LAST_COUNTS = 'the client does not take the extension from the last dot';
const IN_LOWER_CASE = 'the client does not compare extensions in lower case';
type ExtensionRule = typeof LAST_COUNTS | typeof IN_LOWER_CASE;

/** Time for frames of megabytes, on a busy machine too. A client that sends them needs far less. */
const LARGE_MS = 20_000;

/** A file that a client must refuse for its name. By a rule, only if the client refuses source code at all. */
function refusedName(
  name: string,
  filename: string,
  requirement: string,
  likely: string,
  rule?: ExtensionRule,
): ClientScenario {
  return {
    ...{ id: `client-sending/results-extension-${name}`, clause: 'R4', level: 'MUST', requirement },
    ...{ play: named(filename), ...REFUSED, control: FILE_FIELDS, likely },
    ...(rule && { fault: rule, control: 'client-sending/results-extension-forbidden' }),
  };
}

/** A file that a client must send in spite of a name that is easy to refuse. */
function sentName(
  name: string,
  filename: string,
  requirement: string,
  likely: string,
  fault: ExtensionRule,
): ClientScenario {
  return {
    ...{ id: `client-sending/results-extension-${name}`, clause: 'R4', level: 'MUST', requirement },
    ...{
      play: named(filename),
      sent: NAME_SENT,
      reported: { outcomes: ['sent'] },
      control: FILE_FIELDS,
      fault,
      likely,
    },
  };
}

export const sendingResults: readonly ClientScenario[] = [
  {
    ...{ id: FRAME, clause: 'F6', level: 'MUST' },
    requirement: 'A SEND_RESULTS is a frame of type 4.',
    play: TEXT,
    sent: [{ kind: 'frame', type: 4 }],
    control: 'client-sending/speaks-first',
    likely: 'The frame has the type of RESULT, which is 2 and is not for results that a client delivers.',
  },
  {
    ...{ id: TEXT_FIELDS, clause: 'M12', level: 'MUST' },
    requirement:
      'The task_id, the type, the text and the time of a result are sent as they were given; the time in any form of RFC 3339.',
    play: TEXT,
    sent: [{ kind: 'fields', names: ['task_id', 'result_type', 'result_text', 'completed_at'] }],
    control: FRAME,
    likely: 'A field has another name, is left out, or holds another value than the one given.',
  },
  {
    ...{ id: 'client-sending/results-times', clause: 'M9', level: 'SHOULD' },
    requirement: 'The three times are sent as JSON integers with the values that were given.',
    play: TEXT,
    sent: [{ kind: 'fields', names: ['time_idle_ms', 'time_staged_ms', 'time_cpu_ms'] }],
    control: TEXT_FIELDS,
    likely: 'The times are left out, written as text or with a fraction, or counted in seconds.',
  },
  {
    ...{ id: 'client-sending/results-times-large', clause: 'M9', level: 'SHOULD' },
    requirement: 'A time above 2^53 is sent with all its digits.',
    play: { ...TEXT, message: textFields({ time_cpu_ms: 9_007_199_254_740_993n }) },
    sent: [{ kind: 'fields', names: ['time_cpu_ms'] }],
    control: 'client-sending/results-times',
    likely: 'The number passes through a double, which loses the low digits above 2^53.',
  },
  {
    ...{ id: SENT, clause: 'R1', level: 'MUST' },
    requirement: 'Results have no answer: a client that has sent them whole reports that.',
    play: TEXT,
    reported: { outcomes: ['sent'] },
    control: FRAME,
    likely: 'The client waits for an answer, and takes the close of the connection as an error.',
  },
  {
    ...{ id: 'client-sending/results-unanswered', clause: 'R1', level: 'MUST' },
    about: TIME,
    requirement: 'Results have no answer: a client does not need the server to close, either.',
    play: { ...TEXT, server: good.silent, timeoutMs: 1000 },
    reported: { outcomes: ['sent'] },
    control: SENT,
    likely: 'The client waits until the server closes or answers, and reports an error when neither comes.',
  },
  {
    ...{ id: 'client-sending/results-one-frame', clause: 'T2', level: 'SHOULD' },
    requirement: 'A client sends one message on a connection: results are not sent after an update.',
    play: TEXT,
    sent: [{ kind: 'one-frame' }],
    control: FRAME,
    likely:
      'An update and the results share a connection; a receiver that serves one frame loses the second.',
  },
  {
    ...{ id: FILE_FIELDS, clause: 'M10', level: 'MUST' },
    requirement: 'The name and the data of a file are sent as they were given.',
    play: FILE,
    sent: [{ kind: 'fields', names: ['result_type', 'filename', 'file_data'] }],
    control: FRAME,
    likely: 'The data is encoded as base64 twice, or not at all, or the name has another field.',
  },
  {
    ...{ id: 'client-sending/results-every-byte', clause: 'M10', level: 'MUST' },
    requirement: 'File data with every byte value is written in the standard base64 alphabet with padding.',
    play: withData(EVERY_BYTE),
    sent: [{ kind: 'fields', names: ['file_data'] }],
    control: FILE_FIELDS,
    likely:
      'The base64 has the letters for URLs (- and _), no padding, or line breaks, or the data was text.',
  },
  {
    ...{ id: 'client-sending/results-text-unicode', clause: 'M12', level: 'MUST' },
    fault: CHANGES_TEXT,
    requirement: 'A text in any script is sent as it was given.',
    play: withText('Zweiundvierzig – 四十二 "\\\n\u2028 \u{1f680}'),
    sent: TEXT_SENT,
    control: TEXT_FIELDS,
    likely:
      'The length in the header counts characters, or the text is written in another encoding than UTF-8.',
  },
  {
    ...{ id: 'client-sending/results-text-at-cap', clause: 'R2', level: 'MUST' },
    about: AT_BOUND,
    requirement: `A text of exactly ${inBytes(RESULT_TEXT_CAP)} is within the bound, and is sent.`,
    play: withText(repeat('a', RESULT_TEXT_CAP)),
    sent: TEXT_SENT,
    control: TEXT_FIELDS,
    likely:
      'The bound is compared with >= in place of >, is 1 000 000, or one write does not take all bytes.',
  },
  {
    ...{ id: 'client-sending/results-text-over-cap', clause: 'R2', level: 'SHOULD' },
    about: OVER_BOUND,
    requirement: `A client refuses a text of more than ${inBytes(RESULT_TEXT_CAP)} before it sends anything.`,
    play: withText(repeat('a', RESULT_TEXT_CAP + 1)),
    ...REFUSED,
    control: 'client-sending/results-text-at-cap',
    likely: 'The text is not compared with the bound before it is sent.',
  },
  {
    ...{ id: 'client-sending/results-text-over-cap-in-bytes', clause: 'R2', level: 'SHOULD' },
    about: OVER_BOUND,
    requirement: `A client refuses a text of more than ${inBytes(RESULT_TEXT_CAP)}, even if it has fewer characters.`,
    play: withText(repeat('é', RESULT_TEXT_CAP / 2 + 1)),
    ...REFUSED,
    control: 'client-sending/results-text-over-cap',
    likely: 'The bound is compared with characters or UTF-16 units; R2 counts the bytes of the UTF-8.',
  },
  {
    ...{ id: 'client-sending/results-filename-at-cap', clause: 'R2', level: 'MUST' },
    about: AT_BOUND,
    requirement: `A file name of exactly ${inBytes(FILENAME_CAP)} is within the bound, and is sent.`,
    play: named({ parts: [repeat('a', FILENAME_CAP - 4), text('.txt')] }),
    sent: NAME_SENT,
    control: FILE_FIELDS,
    likely: 'The bound is compared with >= in place of >, or is that of a file system, which is 255.',
  },
  {
    ...{ id: 'client-sending/results-filename-over-cap', clause: 'R2', level: 'SHOULD' },
    about: OVER_BOUND,
    requirement: `A client refuses a file name of more than ${inBytes(FILENAME_CAP)} before it sends anything.`,
    play: named({ parts: [repeat('a', FILENAME_CAP - 3), text('.txt')] }),
    ...REFUSED,
    control: 'client-sending/results-filename-at-cap',
    likely: 'The file name is not compared with the bound before it is sent.',
  },
  refusedName(
    'forbidden',
    'result.py',
    'A client refuses a file with source code by its extension, before it sends anything.',
    'The extension is not compared with the allowed list before the file is sent.',
  ),
  refusedName(
    'unknown',
    'result.exe',
    'A client refuses a file whose extension is in neither list.',
    'Only the forbidden extensions are refused; R4 refuses all that are not allowed.',
  ),
  refusedName(
    'missing',
    'README',
    'A client refuses a file without an extension.',
    'A name without a dot has no extension that could be forbidden, and is taken as allowed.',
  ),
  refusedName(
    'last-counts',
    'result.txt.py',
    'Of a name with two extensions, the last one counts: .txt.py is refused.',
    'The extension is looked for anywhere in the name, or from the first dot on.',
    LAST_COUNTS,
  ),
  refusedName(
    'upper-case',
    'RESULT.PY',
    'Extensions are compared in lower case: .PY is refused.',
    'A forbidden extension in upper case is not recognised, and unknown ones are taken as allowed.',
    IN_LOWER_CASE,
  ),
  sentName(
    'allowed-upper-case',
    'REPORT.PDF',
    'Extensions are compared in lower case: .PDF is allowed.',
    'The extension is compared with the allowed list as it was written.',
    IN_LOWER_CASE,
  ),
  sentName(
    'allowed-last-counts',
    'model.py.txt',
    'Of a name with two extensions, the last one counts: .py.txt is allowed.',
    'A forbidden extension is looked for anywhere in the name, or from the first dot on.',
    LAST_COUNTS,
  ),
  {
    ...{ id: 'client-sending/results-large', clause: 'F2', level: 'MUST' },
    about: 'a large frame',
    requirement: `A frame of nearly ${inBytes(PAYLOAD_CAP)} is legal, and is sent whole.`,
    play: { ...withData(repeat('\u0000', 12 * MiB - 64 * KiB)), timeoutMs: LARGE_MS },
    sent: [{ kind: 'fields', names: ['filename', 'file_data'] }],
    reported: { outcomes: ['sent'] },
    control: FILE_FIELDS,
    likely: 'One write does not take all bytes, or the connection is closed before all have left.',
  },
  {
    ...{ id: 'client-sending/results-over-frame', clause: 'F9', level: 'MUST' },
    about: `a frame over ${inBytes(PAYLOAD_CAP)}`,
    requirement: `A client refuses a message whose payload exceeds ${inBytes(PAYLOAD_CAP)} before the first byte is sent.`,
    play: withData(repeat('\u0000', 12 * MiB + 64 * KiB)),
    ...REFUSED,
    control: 'client-sending/results-large',
    likely: `Only the file is compared with its bound of ${inBytes(FILE_CAP)}; its base64 is a third larger.`,
  },
  {
    ...{ id: 'client-sending/results-to-slow-reader', clause: 'F4', level: 'MUST' },
    requirement: 'All bytes arrive at a server that reads slowly: a frame that is cut counts as not sent.',
    play: { ...withData(LARGE), server: bad.readsSlowly, timeoutMs: LARGE_MS },
    sent: [{ kind: 'fields', names: ['file_data'] }],
    reported: { outcomes: ['sent'] },
    control: FILE_FIELDS,
    likely: 'The process ends, or the connection is closed, before the system has sent all bytes.',
  },
  {
    ...{ id: 'client-sending/results-reading-stops', clause: 'T6', level: 'SHOULD' },
    about: TIME,
    requirement: 'A client gives up in time on a server that stops reading, and reports an error.',
    play: { ...withData(LARGE), server: bad.stopsReading, timeoutMs: 500 },
    reported: { outcomes: ['error'] },
    control: 'client-sending/results-to-slow-reader',
    likely: 'The time limit covers the connection and the answer, and not the writes.',
  },
  {
    ...{ id: 'client-sending/results-reset', clause: 'T5', level: 'MUST' },
    about: CONNECTION,
    requirement: 'A reset while a client still sends is an error: the results have not arrived whole.',
    play: { ...withData(LARGE), server: bad.resetsWhileReading },
    reported: { outcomes: ['error'] },
    control: 'client-sending/results-to-slow-reader',
    likely: 'The result of a write is ignored, or the error of the connection is taken as its end.',
  },
];
