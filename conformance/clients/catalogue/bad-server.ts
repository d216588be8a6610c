/** What a client makes of answers that are wrong, and of servers that misbehave: it ends in time, with the right outcome. */

import { inBytes, PAYLOAD_CAP } from '../../scenario/bytes.ts';
import type { Level } from '../../scenario/requirement.ts';
import { CONNECTION, TIME } from '../scenario/about.ts';
import type { Behaviour, ClientScenario, Outcome, Play } from '../scenario/client-scenario.ts';
import { bad, good, MESSAGE } from './behaviours.ts';
import { submitFields } from './messages.ts';
import { AFTER_ANSWER, NOT_BY_HEADER } from './reading.ts';

interface Case {
  readonly server: Behaviour;
  /** Default: the name of the behaviour. */
  readonly name?: string;
  readonly clause: string;
  /** Default MUST. */
  readonly level?: Level;
  readonly requirement: string;
  /** Default: an error. */
  readonly outcomes?: readonly Outcome[];
  readonly timeoutMs?: number;
  readonly message?: string;
  /** Default: an accepted answer. */
  readonly control?: string;
  readonly endsReading?: true;
  readonly fault?: string;
  readonly about?: string;
  readonly likely: string;
}

function judging(one: Case): ClientScenario {
  const {
    server,
    clause,
    level = 'MUST',
    requirement,
    outcomes = ['error'],
    timeoutMs,
    message,
    control = 'client-reading/accepted',
    endsReading,
    fault,
    about,
    likely,
  } = one;
  const play: Play = {
    ...{ action: 'submit', message: submitFields(), server },
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
  return {
    ...{ id: `client-bad-server/${one.name ?? server.name}`, clause, level, requirement, play, likely },
    reported: { outcomes, ...(message !== undefined && { message }) },
    ...(endsReading && { endsReading }),
    ...(fault !== undefined && { fault }),
    ...(about !== undefined && { about }),
    control,
  };
}

const UNCHECKED = 'The field is used without a check of its type, or converted to the type that is wanted.';
const UNREAD = 'The error of the connection is not caught, or what came before it is taken for the answer.';
const NO_CAP = `The length in the header is not compared with the cap of ${inBytes(PAYLOAD_CAP)} before the payload is read.`;

const OTHER_ID = {
  fault: 'the client does not compare the id of an answer with the one that it sent',
  control: 'client-reading/rejected',
  likely: 'The task_id of the answer is not read, or is compared only if the status is 200.',
} as const;
const OTHER_STATUS = {
  fault: 'the client takes another status than 200 and 400 for an answer',
  control: 'client-reading/rejected',
} as const;
const OVER_CAP = {
  fault: `the client does not refuse an answer over the cap of ${inBytes(PAYLOAD_CAP)}`,
  control: 'client-reading/length-at-cap',
} as const;
const TYPES = { about: 'a field of another type' } as const;
const PAYLOAD = { about: 'a payload that is not one JSON object' } as const;
const BROKEN = { about: CONNECTION } as const;
const STANDS_STILL = { about: TIME, control: 'client-bad-server/closes' } as const;

const CASES: readonly Case[] = [
  {
    ...{ server: bad.otherId, clause: 'S3' },
    ...OTHER_ID,
    requirement: 'An answer with the id of another task is no acceptance.',
  },
  {
    // The id of a 400 to a malformed SUBMIT is free (S6), so that a server may send one.
    ...{ server: bad.rejectsOtherId, clause: 'S3', level: 'SHOULD' },
    ...OTHER_ID,
    requirement: 'An answer with the id of another task is no rejection of this one.',
  },
  {
    ...{ server: bad.status500, clause: 'S2', level: 'SHOULD' },
    ...OTHER_STATUS,
    requirement: 'A status that is neither 200 nor 400 is an error.',
    likely: 'Every status but 200 counts as a rejection, or every answer as an acceptance.',
  },
  {
    ...{ server: bad.status201, clause: 'S2', level: 'SHOULD' },
    ...OTHER_STATUS,
    requirement: 'A status of the family of 200 is not 200, and is an error.',
    likely: 'The status is compared as in HTTP, where 200 to 299 are successes.',
  },
  {
    ...{ server: bad.statusText, clause: 'M4' },
    ...TYPES,
    requirement: 'A status that is text makes the answer malformed, and is an error.',
    likely: UNCHECKED,
  },
  {
    ...{ server: bad.statusTrue, clause: 'M4' },
    ...TYPES,
    requirement: 'A status that is a boolean makes the answer malformed, and is an error.',
    likely: UNCHECKED,
  },
  {
    ...{ server: bad.statusFraction, clause: 'M9', level: 'SHOULD' },
    ...TYPES,
    requirement: 'A status with a fraction is no integer, and is an error.',
    likely: 'The number is rounded or cut to an integer before it is compared.',
  },
  {
    ...{ server: bad.noStatus, clause: 'S2', level: 'SHOULD' },
    ...OTHER_STATUS,
    requirement: 'A missing status is read as 0, which is no status, and is an error.',
    likely: 'A default stands in for the missing status.',
  },
  {
    ...{ server: bad.idNumber, clause: 'M4' },
    ...TYPES,
    requirement: 'A task_id that is a number makes the answer malformed, and is an error.',
    likely: UNCHECKED,
  },
  {
    ...{ server: bad.messageNumber, clause: 'M4' },
    ...TYPES,
    requirement: 'A message that is a number makes the answer malformed, and is an error.',
    likely: UNCHECKED,
  },
  {
    ...{ server: bad.otherType, clause: 'S1', level: 'SHOULD' },
    about: 'a frame of another type',
    requirement: 'An answer in a frame of another type than 1 or 2 is an error.',
    likely: 'The type in the header of the answer is not looked at.',
  },
  {
    ...{ server: bad.typeOverByte, clause: 'S1', level: 'SHOULD' },
    ...{ about: 'a frame of another type', control: 'client-bad-server/other-type' },
    requirement:
      'All 32 bits of the type of an answer count: one in a frame of type 257, whose last byte is 1, is an error.',
    likely: 'The type is read as one byte, or cut to one.',
  },
  {
    ...{ server: bad.notJson, clause: 'M6' },
    ...PAYLOAD,
    requirement: 'A payload that is no JSON is an error.',
    likely: 'The text is searched for 200, or the error of the decoder is not caught.',
  },
  {
    ...{ server: bad.array, clause: 'M6' },
    ...PAYLOAD,
    requirement: 'A payload that is an array is an error.',
    likely: 'The decoded value is used without a check that it is an object.',
  },
  {
    ...{ server: bad.empty, clause: 'F8' },
    ...PAYLOAD,
    requirement: 'A frame of length 0 is complete, and its payload is no JSON: an error.',
    likely: 'The client waits for the bytes of the payload, or takes an empty answer as success.',
  },
  {
    ...{ server: bad.trailing, clause: 'M5' },
    ...PAYLOAD,
    requirement: 'A second value after the JSON makes the answer malformed, and is an error.',
    likely: 'The decoder stops at the end of the first value, and the rest is not looked at.',
  },
  {
    ...{ server: bad.brokenUtf8, clause: 'M8', outcomes: ['accepted', 'error'] },
    ...PAYLOAD,
    requirement: 'A client survives bytes that are no UTF-8: U+FFFD or an error.',
    likely: 'The error of the text decoder is not caught.',
  },
  {
    ...{ server: bad.deep, clause: 'M11', outcomes: ['accepted', 'error'] },
    ...PAYLOAD,
    requirement: 'A client survives any depth of nesting: an acceptance or an error.',
    likely: 'The decoder is recursive, and its stack overflows.',
  },
  {
    ...{ server: bad.blanks, clause: 'M6', timeoutMs: 10_000 },
    ...PAYLOAD,
    requirement: `A payload of ${inBytes(PAYLOAD_CAP)} of spaces is no JSON: an error, in bounded time.`,
    likely: 'Each segment is added to a copy of all before, or decoded again from the beginning.',
  },
  {
    ...{ server: bad.overCap, clause: 'F2', timeoutMs: 10_000 },
    ...OVER_CAP,
    requirement: `An answer whose header declares more than ${inBytes(PAYLOAD_CAP)} is an error, whatever its payload is.`,
    likely: NO_CAP,
  },
  {
    ...{ server: bad.overCapHeader, clause: 'F2', timeoutMs: 1000 },
    ...{ ...OVER_CAP, endsReading: true },
    requirement: 'A client ends on a header over the cap, and does not read what follows without end.',
    likely: `${NO_CAP} A length of 4 GiB that is read as a signed number is negative.`,
  },
  {
    ...{ server: bad.endless, clause: 'F3', timeoutMs: 1000, outcomes: ['accepted'] },
    ...{ fault: NOT_BY_HEADER, control: 'client-reading/byte-by-byte' },
    requirement: 'A client ends after its answer, and does not read what follows without end.',
    likely: 'The client reads until the server closes, in place of the length in the header.',
  },
  {
    ...{ server: bad.truncatedHeader, clause: 'F4' },
    ...{ ...BROKEN, control: 'client-reading/split-inside-header' },
    requirement: 'An answer that ends inside its header is an error.',
    likely: UNREAD,
  },
  {
    ...{ server: bad.truncatedPayload, clause: 'F4' },
    ...{ ...BROKEN, control: 'client-reading/byte-by-byte' },
    requirement: 'An answer that ends inside its payload is an error.',
    likely: UNREAD,
  },
  {
    ...{ server: bad.truncatedWhole, clause: 'F4' },
    ...{ fault: NOT_BY_HEADER, about: CONNECTION, control: 'client-bad-server/truncated-payload' },
    requirement:
      'An answer that is shorter than declared is truncated, even if its JSON is complete: an error.',
    likely:
      'The client reads until the server closes, and does not compare the number of bytes with the header.',
  },
  {
    ...{ server: bad.closes, clause: 'S1' },
    ...BROKEN,
    requirement: 'A close without an answer is an error.',
    likely: 'The end of the connection is taken as success, or as a rejection.',
  },
  {
    ...{ server: bad.closesAtOnce, clause: 'T5' },
    ...BROKEN,
    requirement: 'A server that closes at once is an error.',
    likely: UNREAD,
  },
  {
    ...{ server: bad.resetsAtOnce, clause: 'T5' },
    ...BROKEN,
    requirement: 'A server that resets the connection at once is an error.',
    likely: UNREAD,
  },
  {
    ...{ server: bad.resets, clause: 'T5' },
    ...BROKEN,
    requirement: 'A reset without an answer is an error.',
    likely: UNREAD,
  },
  {
    ...{ server: bad.resetsInAnswer, clause: 'T5' },
    ...BROKEN,
    requirement: 'A reset inside the answer is an error.',
    likely: UNREAD,
  },
  {
    ...{ server: bad.absent, name: 'not-connected', clause: 'T1' },
    ...BROKEN,
    requirement: 'A client that cannot connect reports an error.',
    likely: 'The error of the connection is not caught.',
  },
  {
    ...{ server: good.silent, name: 'never-answers', clause: 'S8', timeoutMs: 500 },
    ...STANDS_STILL,
    requirement: 'A client gives up in time on a server that never answers, and reports an error.',
    likely: 'No time limit covers the wait for the answer.',
  },
  {
    ...{ server: bad.drips, clause: 'T6', level: 'SHOULD', timeoutMs: 1000 },
    ...STANDS_STILL,
    requirement: 'A client gives up in time on an answer that never becomes complete, and reports an error.',
    likely: 'The time limit starts again with each byte.',
  },
];

export const badServer: readonly ClientScenario[] = [
  ...CASES.map(judging),
  judging({
    ...{ server: good.thenResets, name: 'resets-after-answer', clause: 'S4', message: MESSAGE },
    ...{ about: AFTER_ANSWER, control: 'client-reading/then-resets' },
    requirement: 'The message of an answer is reported, also if the connection is reset after it.',
    outcomes: ['accepted'],
    likely: 'A reset discards what was read before it.',
  }),
];
