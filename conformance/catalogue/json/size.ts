/** JSON of unusual size in fields that a receiver does not know: depth, numbers, names and their number (M1, M11). */

import {
  type Bytes,
  concat,
  frame,
  KiB,
  MiB,
  nestedArrays,
  nestedObjects,
  PAYLOAD_CAP,
  quoted,
  repeat,
  SUBMIT,
  slice,
  submit,
  submitPayload,
  text,
} from '../../scenario/bytes.ts';
import type { Level, Scenario } from '../../scenario/scenario.ts';
import { ANYTHING, accepts, NOT_ACCEPTED, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

/** More levels are to be taken as malformed (M11). */
const MOST_LEVELS = 10_000;

/** Brackets that fit a frame beside a legal SUBMIT, in pairs. */
const FRAME_LEVELS = PAYLOAD_CAP / 2 - KiB;

const DEPTH_CAUSE = 'A recursive parser, or a recursive walk over what it returned, overflows its stack.';

const SHAPES = [
  ['arrays', nestedArrays],
  ['objects', nestedObjects],
] as const;

const nesting: readonly Scenario[] = SHAPES.flatMap(([shape, nested]): readonly Scenario[] => {
  const unknown = (levels: number): Bytes => submit({ x: nested(levels) });
  return [
    {
      id: `json/nested-${shape}-100`,
      clause: 'M1',
      level: 'MUST',
      requirement: `An unknown field that holds 100 ${shape} in each other is ignored.`,
      steps: [send(unknown(100))],
      accept: [accepts()],
      needs: 'accepting',
      control: ANSWERED,
      likelyCause: 'The parser has a low limit on depth.',
    },
    ...[4000, MOST_LEVELS - 1].map(
      (levels): Scenario => ({
        id: `json/nested-${shape}-${levels}`,
        clause: 'M11',
        level: 'MUST',
        requirement: `A receiver survives ${levels} ${shape} in each other in an unknown field.`,
        steps: [send(unknown(levels))],
        accept: ANYTHING,
        control: ANSWERED,
        likelyCause: DEPTH_CAUSE,
      }),
    ),
    {
      id: `json/nested-${shape}-10001`,
      clause: 'M11',
      level: 'SHOULD',
      requirement: `A SUBMIT with 10001 ${shape} in each other is malformed and never accepted.`,
      steps: [send(unknown(MOST_LEVELS + 1))],
      accept: NOT_ACCEPTED,
      control: ANSWERED,
      likelyCause: 'There is no limit on depth.',
    },
  ];
});

const floods: readonly Scenario[] = (
  [
    [
      'nested-arrays-full-frame',
      `${FRAME_LEVELS} arrays in each other`,
      submitPayload({ x: nestedArrays(FRAME_LEVELS) }),
    ],
    [
      'nested-objects-full-frame',
      'two million objects in each other',
      submitPayload({ x: nestedObjects(2_000_000) }),
    ],
    ['opening-brackets-full-frame', '16 MiB of opening brackets', repeat('[', PAYLOAD_CAP)],
    ['opening-braces-full-frame', 'millions of objects that are never closed', repeat('{"a":', 3_000_000)],
  ] as const
).map(
  ([name, what, payload]): Scenario => ({
    id: `json/${name}`,
    clause: 'M11',
    level: 'MUST',
    requirement: `A receiver survives a SUBMIT that consists of ${what}.`,
    steps: [send(frame(SUBMIT, payload))],
    accept: ANYTHING,
    control: ANSWERED,
    heavy: true,
    likelyCause: DEPTH_CAUSE,
  }),
);

/** An unknown field that is to be ignored whatever its size; less than MUST where JSON itself lets parsers set limits. */
function ignored(name: string, level: Level, what: string, bytes: Bytes): Scenario {
  return {
    id: `json/${name}`,
    clause: 'M1',
    level,
    requirement: `A SUBMIT with ${what} is a SUBMIT like any other.`,
    steps: [send(bytes)],
    accept: [accepts()],
    needs: 'accepting',
    control: ANSWERED,
    likelyCause: 'The parser has a low limit, or turns values that nobody needs into numbers and strings.',
  };
}

const ignoredSizes: readonly Scenario[] = [
  ignored(
    'number-above-2-53',
    'MUST',
    'an unknown integer above 2^53',
    submit({ x: text('9007199254740993') }),
  ),
  ignored(
    'number-above-2-64',
    'MUST',
    'an unknown integer above 2^64',
    submit({ x: text('123456789012345678901234567890') }),
  ),
  ignored('number-minus-zero', 'MUST', 'an unknown minus zero', submit({ x: text('-0') })),
  ignored('number-exponent', 'MUST', 'an unknown number with an exponent', submit({ x: text('1.25E+10') })),
  ignored('number-out-of-range', 'MAY', 'an unknown number beyond any double', submit({ x: text('1e999') })),
  ignored('number-tiny', 'MAY', 'an unknown number next to zero', submit({ x: text('-1e-999') })),
  ignored(
    'number-of-5000-digits',
    'MAY',
    'an unknown integer of 5000 digits',
    submit({ x: repeat('7', 5000) }),
  ),
  ignored(
    'number-of-5000-places',
    'MAY',
    'an unknown fraction of 5000 places',
    submit({ x: concat(text('0.'), repeat('3', 5000)) }),
  ),
  ignored('string-of-1-mib', 'MUST', 'an unknown string of 1 MiB', submit({ x: quoted(repeat('a', MiB)) })),
  ignored('array-of-100000', 'MUST', 'an unknown array of 100000 numbers', submit({ x: list(100_000) })),
  ignored('name-of-1-kib', 'MUST', 'an unknown field whose name is 1 KiB long', named(KiB)),
  ignored('name-of-64-kib', 'MAY', 'an unknown field whose name is 64 KiB long', named(64 * KiB)),
  ignored('fields-1000', 'MUST', '1000 unknown fields', manyFields(1000)),
  ignored('fields-10000', 'SHOULD', '10000 unknown fields', manyFields(10_000)),
];

function list(count: number): Bytes {
  return concat(text('[0'), repeat(',1', count - 1), text(']'));
}

function named(nameBytes: number): Bytes {
  return beginning(concat(text('"'), repeat('n', nameBytes), text('":1')));
}

/** Names that share no prefix, for parsers that keep them in a table. */
function manyFields(count: number): Bytes {
  const members = Array.from({ length: count }, (_, index) => `"${index}x":${index}`).join(',');
  return beginning(text(members));
}

/** A SUBMIT frame that begins with the given members. */
function beginning(first: Bytes): Bytes {
  const payload = submitPayload();
  return frame(SUBMIT, concat(text('{'), first, text(','), slice(payload, 1)));
}

export const jsonSize: readonly Scenario[] = [...nesting, ...floods, ...ignoredSizes];
