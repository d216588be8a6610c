/** Unknown fields of unusual size: nesting depth, numbers, strings, names and the number of fields (M1, M11). */

import {
  type Bytes,
  concat,
  inBytes,
  KiB,
  MiB,
  PAYLOAD_CAP,
  repeat,
  SUBMIT,
  slice,
  text,
} from '../../scenario/bytes.ts';
import {
  frame,
  nestedArrays,
  nestedObjects,
  quoted,
  submit,
  submitPayload,
} from '../../scenario/messages.ts';
import { NO_ANSWER } from '../../scenario/mismatch-kind.ts';
import type { Level } from '../../scenario/requirement.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { ANYTHING, accepts, NOT_ACCEPTED, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

/** The nesting limit, in levels, inclusive: a receiver SHOULD take a deeper value as malformed (M11). */
const MAX_LEVELS = 10_000;

/** Levels that every receiver takes, inclusive; the payload's object is the first (M1). */
const MIN_LEVELS = 32;

/** The number of bracket pairs that fit in one frame together with a legal SUBMIT. */
const FRAME_LEVELS = PAYLOAD_CAP / 2 - KiB;

const DEPTH_CAUSE = 'A recursive parser, or a recursive function over the parsed value, overflows the stack.';

const SHAPES = [
  ['arrays', nestedArrays],
  ['objects', nestedObjects],
] as const;

const nesting: readonly Scenario[] = SHAPES.flatMap(([shape, nested]): readonly Scenario[] => {
  const unknown = (levels: number): Bytes => submit({ x: nested(levels) });
  return [
    {
      id: `json/nested-${shape}-32`,
      clause: 'M1',
      level: 'MUST',
      requirement: `A receiver ignores an unknown field whose nested ${shape} make ${MIN_LEVELS} levels together with the object of the payload.`,
      steps: [send(unknown(MIN_LEVELS - 1))],
      accept: [accepts()],
      needs: 'accepting',
      control: ANSWERED,
      likely: [
        { when: [...NO_ANSWER, 'rejected'], cause: 'The nesting limit of the parser is too low.' },
        { when: ['died'], cause: DEPTH_CAUSE },
      ],
    },
    {
      id: `json/nested-${shape}-100`,
      clause: 'M1',
      // Parsers may set a limit above the floor.
      level: 'MAY',
      requirement: `A receiver may ignore an unknown field that holds 100 nested ${shape}.`,
      steps: [send(unknown(100))],
      accept: [accepts()],
      needs: 'accepting',
      control: ANSWERED,
      likely: [
        {
          when: [...NO_ANSWER, 'rejected'],
          cause: 'The parser has a nesting limit below 100, which is permitted.',
        },
        { when: ['died'], cause: DEPTH_CAUSE },
      ],
    },
    ...[4000, MAX_LEVELS - 1].map(
      (levels): Scenario => ({
        id: `json/nested-${shape}-${levels}`,
        clause: 'M11',
        level: 'MUST',
        requirement: `A receiver survives an unknown field that holds ${levels} nested ${shape}.`,
        steps: [send(unknown(levels))],
        accept: ANYTHING,
        control: ANSWERED,
        likely: [{ when: ['died'], cause: DEPTH_CAUSE }],
      }),
    ),
    {
      id: `json/nested-${shape}-10001`,
      clause: 'M11',
      level: 'SHOULD',
      requirement: `A receiver does not accept a SUBMIT with 10001 nested ${shape}, which makes it malformed.`,
      steps: [send(unknown(MAX_LEVELS + 1))],
      accept: NOT_ACCEPTED,
      control: ANSWERED,
      likely: [
        { when: ['accepted'], cause: 'The parser has no nesting limit.' },
        { when: ['died'], cause: DEPTH_CAUSE },
      ],
    },
  ];
});

const fullFrames: readonly Scenario[] = (
  [
    [
      'nested-arrays-full-frame',
      `with ${FRAME_LEVELS} nested arrays in an unknown field`,
      submitPayload({ x: nestedArrays(FRAME_LEVELS) }),
    ],
    [
      'nested-objects-full-frame',
      'with 2000000 nested objects in an unknown field',
      submitPayload({ x: nestedObjects(2_000_000) }),
    ],
    [
      'opening-brackets-full-frame',
      `whose payload is ${inBytes(PAYLOAD_CAP)} of opening brackets`,
      repeat('[', PAYLOAD_CAP),
    ],
    [
      'opening-braces-full-frame',
      'whose payload opens 3000000 objects and closes none of them',
      repeat('{"a":', 3_000_000),
    ],
  ] as const
).map(
  ([name, what, payload]): Scenario => ({
    id: `json/${name}`,
    clause: 'M11',
    level: 'MUST',
    requirement: `A receiver survives a SUBMIT ${what}.`,
    steps: [send(frame(SUBMIT, payload))],
    accept: ANYTHING,
    control: ANSWERED,
    heavy: true,
    likely: [{ when: ['died'], cause: DEPTH_CAUSE }],
  }),
);

/** Unknown fields that a receiver ignores whatever their size. The level is below MUST where JSON lets parsers set limits. */
function ignored(name: string, level: Level, what: string, bytes: Bytes): Scenario {
  return {
    id: `json/${name}`,
    clause: 'M1',
    level,
    requirement: `A receiver ${level === 'MAY' ? 'may ignore' : 'ignores'} ${what}.`,
    steps: [send(bytes)],
    accept: [accepts()],
    needs: 'accepting',
    control: ANSWERED,
    likely: [
      {
        when: [...NO_ANSWER, 'rejected'],
        cause: 'The parser has a low limit, or fails when it converts the value of an unknown field.',
      },
    ],
  };
}

const ignoredSizes: readonly Scenario[] = [
  ignored(
    'number-above-2-53',
    'MUST',
    'an unknown field whose value is an integer above 2^53',
    submit({ x: text('9007199254740993') }),
  ),
  ignored(
    'number-above-2-64',
    'MUST',
    'an unknown field whose value is an integer above 2^64',
    submit({ x: text('123456789012345678901234567890') }),
  ),
  ignored('number-minus-zero', 'MUST', 'an unknown field whose value is -0', submit({ x: text('-0') })),
  ignored(
    'number-exponent',
    'MUST',
    'an unknown field whose value is a number with an exponent',
    submit({ x: text('1.25E+10') }),
  ),
  ignored(
    'number-out-of-range',
    'MAY',
    'an unknown field whose value is too large for a double',
    submit({ x: text('1e999') }),
  ),
  ignored(
    'number-tiny',
    'MAY',
    'an unknown field whose value is too close to zero for a double',
    submit({ x: text('-1e-999') }),
  ),
  ignored(
    'number-of-5000-digits',
    'MAY',
    'an unknown field whose value is an integer of 5000 digits',
    submit({ x: repeat('7', 5000) }),
  ),
  ignored(
    'number-of-5000-places',
    'MAY',
    'an unknown field whose value is a fraction of 5000 decimal places',
    submit({ x: concat(text('0.'), repeat('3', 5000)) }),
  ),
  ignored(
    'string-of-1-mib',
    'MUST',
    'an unknown field whose value is a string of 1 MiB',
    submit({ x: quoted(repeat('a', MiB)) }),
  ),
  ignored(
    'array-of-100000',
    'MUST',
    'an unknown field whose value is an array of 100000 numbers',
    submit({ x: list(100_000) }),
  ),
  ignored('name-of-1-kib', 'MUST', 'an unknown field whose name is 1 KiB long', named(KiB)),
  ignored('name-of-64-kib', 'MAY', 'an unknown field whose name is 64 KiB long', named(64 * KiB)),
  ignored('fields-1000', 'MUST', '1000 unknown fields', manyFields(1000)),
  ignored('fields-10000', 'SHOULD', '10000 unknown fields', manyFields(10_000)),
];

function list(count: number): Bytes {
  return concat(text('[0'), repeat(',1', count - 1), text(']'));
}

function named(nameBytes: number): Bytes {
  return startingWith(concat(text('"'), repeat('n', nameBytes), text('":1')));
}

/** The names differ from their first characters on, to exercise the name tables of parsers. */
function manyFields(count: number): Bytes {
  const members = Array.from({ length: count }, (_, index) => `"${index}x":${index}`).join(',');
  return startingWith(text(members));
}

/** A SUBMIT frame whose first fields are these members. */
function startingWith(first: Bytes): Bytes {
  const payload = submitPayload();
  return frame(SUBMIT, concat(text('{'), first, text(','), slice(payload, 1)));
}

export const jsonSize: readonly Scenario[] = [...nesting, ...fullFrames, ...ignoredSizes];
