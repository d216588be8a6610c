/** What a client makes of legal answers to a submit. */

import { inBytes, PAYLOAD_CAP } from '../../scenario/bytes.ts';
import type { Behaviour, ClientScenario, Play, Reported } from '../scenario/client-scenario.ts';
import { good, MESSAGE, ODD_MESSAGE, SHORT_MESSAGE } from './behaviours.ts';
import { submitFields } from './messages.ts';
import { ORDINARY } from './sending-submit.ts';

const ACCEPTED: Reported = { outcomes: ['accepted'] };
const READ = 'client-reading/accepted';
const LENGTH = 'client-reading/length-over-127';

function answered(server: Behaviour): Play {
  return { action: 'submit', message: submitFields(), server };
}

/** Time for an answer of megabytes, on a busy machine too. */
const LARGE_MS = 20_000;

const IN_ONE_READ =
  'One read is taken for the whole answer; a stream delivers a frame in any segments, and reads are repeated until it is complete.';
const STRICT = 'The answer is decoded by a strict schema, or field by field in a fixed order.';

/** One defect fails the scenarios with one of these. */
const IN_SEGMENTS = {
  fault: 'the client does not read an answer in several segments as in one',
} as const;
const LAYOUT = { about: 'other fields, or another layout, than expected' } as const;
export const NOT_BY_HEADER = 'the client does not end the answer where its header says';
export const AFTER_ANSWER = 'a connection that ends after the answer';

export const reading: readonly ClientScenario[] = [
  {
    ...{ id: READ, clause: 'S2', level: 'MUST' },
    requirement: 'An answer with status 200 and the id that was sent is an acceptance.',
    play: ORDINARY,
    reported: ACCEPTED,
    control: 'client-sending/submit-object',
    likely:
      'The client waits for the server to close, or takes the answer in another form than a frame of type 1.',
  },
  {
    ...{ id: 'client-reading/rejected', clause: 'S2', level: 'MUST' },
    about: 'a rejection',
    requirement: 'An answer with status 400 and the id that was sent is a rejection.',
    play: answered(good.rejects),
    reported: { outcomes: ['rejected'] },
    control: READ,
    likely: 'Any answer counts as an acceptance, or a rejection as an error.',
  },
  {
    ...{ id: 'client-reading/message', clause: 'S4', level: 'MUST' },
    requirement: 'The message of an acceptance is reported as it was sent.',
    play: ORDINARY,
    reported: { ...ACCEPTED, message: MESSAGE },
    control: 'client-reading/rejected',
    likely: 'The message is left out of the line, or replaced by a text of the client.',
  },
  {
    ...{ id: 'client-reading/message-of-rejection', clause: 'S4', level: 'MUST' },
    requirement: 'The message of a rejection, which gives its reason, is reported as it was sent.',
    play: answered(good.rejects),
    reported: { outcomes: ['rejected'], message: MESSAGE },
    control: 'client-reading/rejected',
    likely: 'The reason of a rejection is replaced by a text of the client.',
  },
  {
    ...{ id: 'client-reading/message-unicode', clause: 'M12', level: 'MUST' },
    requirement: 'A message with quotes, line breaks and other scripts is reported as it was sent.',
    play: answered(good.oddMessage),
    reported: { ...ACCEPTED, message: ODD_MESSAGE },
    control: LENGTH,
    likely: 'The payload is decoded with another encoding than UTF-8, or its escapes are not.',
  },
  {
    ...{ id: 'client-reading/message-unicode-of-rejection', clause: 'M12', level: 'MUST' },
    requirement: 'The reason of a rejection in any script is reported as it was sent.',
    play: answered(good.rejectsOddly),
    reported: { outcomes: ['rejected'], message: ODD_MESSAGE },
    control: 'client-reading/message-of-rejection',
    likely: 'The payload is decoded with another encoding than UTF-8, or its escapes are not.',
  },
  {
    ...{ id: 'client-reading/message-escaped', clause: 'M12', level: 'MUST' },
    requirement: 'A message that is written with escapes has the same value as one without.',
    play: answered(good.escapes),
    reported: { ...ACCEPTED, message: SHORT_MESSAGE },
    control: 'client-reading/message',
    likely: 'The text of the JSON is searched in place of being decoded.',
  },
  {
    ...{ id: LENGTH, clause: 'F1', level: 'MUST' },
    requirement: 'The length of an answer is a number of four bytes, each from 0 to 255.',
    play: answered(good.twoHundred),
    fault: 'the client does not read the header of an answer as two numbers of four bytes',
    reported: ACCEPTED,
    control: 'client-reading/message',
    likely:
      'The stream is decoded as text, which damages bytes from 128 on, or a byte is taken for a signed number.',
  },
  {
    ...{ id: 'client-reading/message-long', clause: 'F2', level: 'MUST' },
    ...IN_SEGMENTS,
    requirement: 'An answer of 100 000 bytes is legal, and is read whole.',
    play: answered(good.longMessage),
    reported: ACCEPTED,
    control: LENGTH,
    likely: IN_ONE_READ,
  },
  {
    ...{ id: 'client-reading/length-at-cap', clause: 'F2', level: 'MUST' },
    about: `an answer of ${inBytes(PAYLOAD_CAP)}`,
    requirement: `An answer of exactly ${inBytes(PAYLOAD_CAP)} is legal, and is read whole.`,
    play: { ...answered(good.atCap), timeoutMs: LARGE_MS },
    reported: ACCEPTED,
    control: 'client-reading/message-long',
    likely:
      'The length is compared with >= in place of >, with a smaller number, or one of its four bytes is left out.',
  },
  {
    ...{ id: 'client-reading/message-null', clause: 'M3', level: 'MUST' },
    ...LAYOUT,
    requirement: 'A message of null is read as an empty text.',
    play: answered(good.nullMessage),
    reported: ACCEPTED,
    control: READ,
    likely: 'The value null is taken for a wrong type.',
  },
  {
    ...{ id: 'client-reading/message-missing', clause: 'M2', level: 'MUST' },
    ...LAYOUT,
    requirement: 'A missing message is read as an empty text.',
    play: answered(good.noMessage),
    reported: ACCEPTED,
    control: READ,
    likely: 'The field is accessed without a check whether it is there.',
  },
  {
    ...{ id: 'client-reading/extra-fields', clause: 'M1', level: 'MUST' },
    ...LAYOUT,
    requirement: 'Fields that the protocol does not know are ignored.',
    play: answered(good.extraFields),
    reported: ACCEPTED,
    control: READ,
    likely: STRICT,
  },
  {
    ...{ id: 'client-reading/other-layout', clause: 'M5', level: 'MUST' },
    ...LAYOUT,
    requirement: 'White space around the tokens, and another order of the fields, change nothing.',
    play: answered(good.otherOrder),
    reported: ACCEPTED,
    control: READ,
    likely: 'The text of the JSON is compared or searched in place of being decoded.',
  },
  {
    ...{ id: 'client-reading/byte-by-byte', clause: 'F3', level: 'MUST' },
    ...IN_SEGMENTS,
    requirement: 'An answer that arrives one byte at a time is the same answer.',
    play: answered(good.byteByByte),
    reported: ACCEPTED,
    control: READ,
    likely: IN_ONE_READ,
  },
  {
    ...{ id: 'client-reading/split-inside-header', clause: 'F3', level: 'MUST' },
    ...IN_SEGMENTS,
    requirement: 'An answer whose header arrives in two segments is the same answer.',
    play: answered(good.splitHeader),
    reported: ACCEPTED,
    control: READ,
    likely: IN_ONE_READ,
  },
  {
    ...{ id: 'client-reading/split-after-header', clause: 'F3', level: 'MUST' },
    ...IN_SEGMENTS,
    requirement: 'An answer whose payload arrives after its header is the same answer.',
    play: answered(good.splitAfterHeader),
    reported: ACCEPTED,
    control: READ,
    likely: IN_ONE_READ,
  },
  {
    ...{ id: 'client-reading/split-inside-character', clause: 'F3', level: 'MUST' },
    ...IN_SEGMENTS,
    requirement: 'A message whose characters are cut by segments is reported as it was sent.',
    play: answered(good.splitText),
    reported: { ...ACCEPTED, message: ODD_MESSAGE },
    control: 'client-reading/message-unicode',
    likely:
      'Each segment is decoded as text on its own; a character of several bytes may be cut by segments.',
  },
  {
    ...{ id: 'client-reading/delayed', clause: 'S8', level: 'MUST' },
    about: 'an answer that comes late',
    requirement: 'A client waits for an answer as long as its time limit says.',
    play: answered(good.delays),
    reported: ACCEPTED,
    control: READ,
    likely: 'The time limit of the client is fixed, and shorter than CONFORM_TIMEOUT_MS.',
  },
  {
    ...{ id: 'client-reading/then-junk', clause: 'F3', level: 'MUST' },
    fault: NOT_BY_HEADER,
    requirement: 'Bytes after the answer in the same segment do not belong to it.',
    play: answered(good.thenJunk),
    reported: ACCEPTED,
    control: 'client-reading/byte-by-byte',
    likely: 'All bytes that were read are taken for the payload; its length is in the header.',
  },
  {
    ...{ id: 'client-reading/then-second-frame', clause: 'F3', level: 'MUST' },
    fault: NOT_BY_HEADER,
    requirement: 'The beginning of a next frame after the answer changes nothing.',
    play: answered(good.thenFrame),
    reported: ACCEPTED,
    control: 'client-reading/byte-by-byte',
    likely: 'All bytes that were read are taken for the payload, or the last frame counts.',
  },
  {
    ...{ id: 'client-reading/then-closes', clause: 'T5', level: 'MUST' },
    about: AFTER_ANSWER,
    requirement: 'An answer that arrived before the server closed counts.',
    play: answered(good.thenCloses),
    reported: ACCEPTED,
    control: READ,
    likely: 'The end of the connection is taken as an error before the bytes that came first are read.',
  },
  {
    ...{ id: 'client-reading/then-resets', clause: 'T5', level: 'MUST' },
    about: AFTER_ANSWER,
    requirement: 'An answer that arrived before the server reset the connection counts.',
    play: answered(good.thenResets),
    reported: ACCEPTED,
    control: 'client-reading/then-junk',
    likely: 'The answer counts only after the end of the connection, and a reset is taken as an error.',
  },
];
