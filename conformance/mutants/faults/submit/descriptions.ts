/** Servers that measure a description otherwise, or answer wrongly to one over its bound (S5). */

import type { Mutant } from '../../server/mutant.ts';
import { acceptance, type Replacement, rejection } from '../../server/pipeline.ts';
import { refusesText } from '../../server/replacements.ts';

const CAP = 16 * 1024;

const OVER = [
  'submit/description-over-cap',
  'submit/description-over-cap-two-byte',
  'submit/description-over-cap-three-byte',
  'submit/description-over-cap-four-byte',
  'submit/description-over-cap-by-one-of-two',
  'submit/description-over-cap-escaped',
  'submit/description-over-cap-white-space',
  'submit/description-far-over-cap',
];

/** Measures a description in another way. */
function limitsDescription(isTooLong: (description: string) => boolean): Replacement {
  return () => ({ isTooLong });
}

export const descriptions: readonly Mutant[] = [
  {
    name: 'description-unbounded',
    clause: 'S5',
    fault: 'A description may be as long as it likes.',
    fails: OVER,
    breaks: limitsDescription(() => false),
  },
  {
    name: 'description-in-characters',
    clause: 'S5',
    fault: 'The bound of a description counts characters.',
    fails: OVER.filter((id) => /-(two-byte|three-byte|four-byte|of-two)$/.test(id)),
    breaks: limitsDescription((text) => [...text].length > CAP),
  },
  {
    name: 'description-in-units',
    clause: 'S5',
    fault: 'The bound of a description counts UTF-16 units.',
    fails: OVER.filter((id) => /-(two-byte|three-byte|four-byte|of-two)$/.test(id)),
    breaks: limitsDescription((text) => text.length > CAP),
  },
  {
    name: 'description-cap-exclusive',
    clause: 'S5',
    fault: 'A description of exactly 16384 bytes is rejected.',
    fails: ['submit/description-at-cap*'],
    breaks: limitsDescription((text) => Buffer.byteLength(text) >= CAP),
  },
  {
    name: 'description-16000',
    clause: 'S5',
    fault: 'The bound of a description is 16000 bytes.',
    fails: ['submit/description-below-cap', 'submit/description-at-cap*'],
    breaks: limitsDescription((text) => Buffer.byteLength(text) > 16_000),
  },
  {
    name: 'description-as-written',
    clause: 'S5',
    fault: 'The bound of a description counts the bytes that stand on the wire, escapes and all.',
    fails: [
      'submit/description-at-cap-escaped',
      'submit/description-at-cap-surrogate-escapes',
      'submit/description-at-cap-line-breaks',
    ],
    breaks: refusesText((text) => longest(text) > CAP),
  },
  {
    name: 'description-trimmed',
    clause: 'S5',
    fault: 'White space around a description does not count.',
    fails: ['submit/description-over-cap-white-space'],
    breaks: limitsDescription((text) => Buffer.byteLength(text.trim()) > CAP),
  },
  {
    name: 'description-in-16-bits',
    clause: 'S5',
    fault: 'The size of a description is kept in 16 bits.',
    fails: ['submit/description-far-over-cap'],
    breaks: limitsDescription((text) => Buffer.byteLength(text) % 65_536 > CAP),
  },
  {
    name: 'description-over-cap-closed',
    clause: 'S5',
    fault: 'A description over the bound ends the connection without an answer.',
    fails: OVER,
    breaks: () => ({ submitTooLong: async () => undefined }),
  },
  {
    name: 'description-over-cap-nameless',
    clause: 'S5',
    fault: 'The 400 to a description over the bound names no task.',
    fails: OVER,
    breaks: () => ({ submitTooLong: async () => rejection('', 'too long') }),
  },
  {
    name: 'description-cut',
    clause: 'S5',
    fault: 'A description over the bound is cut, and the task accepted.',
    fails: OVER,
    breaks: () => ({ submitTooLong: async ({ taskId }) => acceptance(taskId) }),
  },
];

/** The longest string token of a text. */
function longest(text: string): number {
  return Math.max(
    ...[...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, token = '']) => Buffer.byteLength(token)),
  );
}
