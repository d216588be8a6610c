/** What a client sends when it submits a task. */

import { DESCRIPTION_CAP, inBytes, repeat } from '../../scenario/bytes.ts';
import { AT_BOUND, CHANGES_TEXT, OVER_BOUND } from '../scenario/about.ts';
import type { ClientScenario, MessageFields, Play } from '../scenario/client-scenario.ts';
import { good } from './behaviours.ts';
import { submitFields } from './messages.ts';

/** The ordinary submit: what many scenarios judge by the same start of the client. */
export const ORDINARY: Play = { action: 'submit', message: submitFields(), server: good.accepts };

/** A submit with this description. */
function described(task_description: MessageFields[string]): Play {
  return { ...ORDINARY, message: submitFields({ task_description }) };
}

const DESCRIBED = { kind: 'fields', names: ['task_description'] } as const;
const OBJECT = 'client-sending/submit-object';
const COUNTS = 'The bound is compared with characters or UTF-16 units; S5 counts the bytes of the UTF-8.';

export const sendingSubmit: readonly ClientScenario[] = [
  {
    ...{ id: 'client-sending/speaks-first', clause: 'T1', level: 'MUST' },
    requirement: 'The side that connects sends first.',
    play: ORDINARY,
    sent: [{ kind: 'any-byte' }],
    likely: 'The client waits for a greeting of the server, or the connection fails before the first write.',
  },
  {
    ...{ id: 'client-sending/submit-header', clause: 'F1', level: 'MUST' },
    requirement:
      'A frame begins with type and length as unsigned 32-bit big-endian integers, and the length is the number of payload bytes.',
    play: ORDINARY,
    sent: [{ kind: 'frame' }],
    control: 'client-sending/speaks-first',
    likely:
      'The header is written in another byte order, or the length counts characters, or the header too.',
  },
  {
    ...{ id: 'client-sending/submit-type', clause: 'F6', level: 'MUST' },
    requirement: 'A SUBMIT has type 1.',
    play: ORDINARY,
    sent: [{ kind: 'frame', type: 1 }],
    control: 'client-sending/submit-header',
  },
  {
    ...{ id: OBJECT, clause: 'M6', level: 'MUST' },
    requirement: 'A payload is one JSON object in UTF-8.',
    play: ORDINARY,
    sent: [{ kind: 'object' }],
    control: 'client-sending/submit-header',
    likely: 'The JSON text is encoded twice, cut, or written in another encoding than UTF-8.',
  },
  {
    ...{ id: 'client-sending/submit-description', clause: 'M12', level: 'MUST' },
    requirement: 'The description is sent as it was given.',
    play: ORDINARY,
    sent: [DESCRIBED],
    control: OBJECT,
    likely: 'The field has another name than task_description, or its text is changed.',
  },
  {
    ...{ id: 'client-sending/submit-addresses', clause: 'M12', level: 'MUST' },
    requirement: 'The addresses from_addr and to_addr are sent as they were given.',
    play: ORDINARY,
    sent: [{ kind: 'fields', names: ['from_addr', 'to_addr'] }],
    control: OBJECT,
    likely: 'The two addresses are exchanged, or have other names than from_addr and to_addr.',
  },
  {
    ...{ id: 'client-sending/id-form', clause: 'S10', level: 'MUST' },
    requirement: 'A generated task id is written as xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx in lower-case hex.',
    play: ORDINARY,
    sent: [{ kind: 'id-form' }],
    control: OBJECT,
    likely: 'The id is written in upper case, in braces, without hyphens, or is not made from 16 bytes.',
  },
  {
    ...{ id: 'client-sending/ids-differ', clause: 'S10', level: 'MUST' },
    requirement: 'Clients that start in the same second make different task ids.',
    play: { ...ORDINARY, starts: 20, slowStarts: 200 },
    sent: [{ kind: 'ids-differ' }],
    control: 'client-sending/id-form',
    likely: 'The id is made from the time or from a generator with a fixed seed; S10 wants 128 random bits.',
  },
  {
    ...{ id: 'client-sending/id-reported', clause: 'S3', level: 'MUST' },
    requirement: 'The id that a client reports is the one that it sent.',
    play: ORDINARY,
    sent: [{ kind: 'object' }],
    reported: { outcomes: ['accepted'], repeatsId: true },
    control: 'client-reading/accepted',
    likely: 'A second id is made for the report, or the task_id is left out of the line.',
  },
  {
    ...{ id: 'client-sending/one-frame', clause: 'T2', level: 'SHOULD' },
    requirement: 'A client sends one frame on a connection, and nothing after it.',
    play: ORDINARY,
    sent: [{ kind: 'one-frame' }],
    control: 'client-sending/submit-header',
    likely: 'A line break or a second frame follows the payload.',
  },
  {
    ...{ id: 'client-sending/description-unicode', clause: 'M12', level: 'MUST' },
    fault: CHANGES_TEXT,
    requirement:
      'A description in any script is sent as it was given, and the length of the frame counts bytes.',
    play: described('Größe, 日本語, e\u0301, \u{1f680} and \u{10ffff}'),
    sent: [DESCRIBED],
    control: 'client-sending/submit-description',
    likely:
      'The length in the header counts characters, or the text is written in another encoding than UTF-8.',
  },
  {
    ...{ id: 'client-sending/description-escapes', clause: 'M12', level: 'MUST' },
    fault: CHANGES_TEXT,
    requirement: 'A description with quotes, backslashes and control characters is sent as it was given.',
    play: described('"quoted" \\ back\\slash / \b\f\n\r\t \u0000 \u0001 \u001f \u007f'),
    sent: [DESCRIBED],
    control: 'client-sending/submit-description',
    likely:
      'The JSON is put together from text without the escapes that quotes, backslashes and controls need.',
  },
  {
    ...{ id: 'client-sending/description-markup', clause: 'M12', level: 'MUST' },
    fault: CHANGES_TEXT,
    requirement: 'A description with characters of HTML and line separators is sent as it was given.',
    play: described('<a href="x">&amp; &lt; </a> \u2028 \u2029 %41 +'),
    sent: [DESCRIBED],
    control: 'client-sending/description-unicode',
    likely: 'The text is escaped for HTML or for a URL before it is encoded as JSON.',
  },
  {
    ...{ id: 'client-sending/description-at-cap', clause: 'S5', level: 'MUST' },
    about: AT_BOUND,
    requirement: `A description of exactly ${inBytes(DESCRIPTION_CAP)} is within the bound, and is sent.`,
    play: described(repeat('a', DESCRIPTION_CAP)),
    sent: [DESCRIBED],
    control: 'client-sending/submit-description',
    likely: 'The bound is compared with >= in place of >, or is another number.',
  },
  {
    ...{ id: 'client-sending/description-at-cap-escaped', clause: 'S5', level: 'MUST' },
    about: AT_BOUND,
    requirement: `A description of ${inBytes(DESCRIPTION_CAP)} is within the bound, however long its escaped form is.`,
    play: described(repeat('"', DESCRIPTION_CAP)),
    sent: [DESCRIBED],
    control: 'client-sending/description-escapes',
    likely: 'The bound is compared with the size of the escaped text or of the payload.',
  },
  {
    ...{ id: 'client-sending/description-over-cap', clause: 'S5', level: 'SHOULD' },
    about: OVER_BOUND,
    requirement: `A client refuses a description of more than ${inBytes(DESCRIPTION_CAP)} before it sends anything.`,
    play: described(repeat('a', DESCRIPTION_CAP + 1)),
    sent: [{ kind: 'nothing' }],
    reported: { outcomes: ['refused'] },
    control: 'client-sending/description-at-cap',
    likely: 'The description is not compared with the bound before it is sent.',
  },
  {
    ...{ id: 'client-sending/description-over-cap-in-bytes', clause: 'S5', level: 'SHOULD' },
    about: OVER_BOUND,
    requirement: `A client refuses a description of more than ${inBytes(DESCRIPTION_CAP)}, even if it has fewer characters.`,
    play: described(repeat('é', DESCRIPTION_CAP / 2 + 1)),
    sent: [{ kind: 'nothing' }],
    reported: { outcomes: ['refused'] },
    control: 'client-sending/description-over-cap',
    likely: COUNTS,
  },
];
