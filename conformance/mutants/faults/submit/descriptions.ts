/** Servers that apply a wrong limit to a description, or answer wrongly if it is exceeded (S5). */

import { MAX_TASK_DESCRIPTION_BYTES as CAP } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import { acceptance, type Replacement, rejection } from '../../server/pipeline.ts';
import { refusesText } from '../../server/replacements.ts';

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

/** Replaces the limit of a description. */
function limitsDescription(isTooLong: (description: string) => boolean): Replacement {
  return () => ({ isTooLong });
}

export const descriptions: readonly Mutant[] = [
  {
    name: 'description-unbounded',
    clause: 'S5',
    fault: 'The server accepts a description of any length.',
    fails: OVER,
    breaks: limitsDescription(() => false),
  },
  {
    name: 'description-in-characters',
    clause: 'S5',
    fault: 'The server limits a description to 16384 characters instead of bytes.',
    fails: OVER.filter((id) => /-(two-byte|three-byte|four-byte|of-two)$/.test(id)),
    breaks: limitsDescription((text) => [...text].length > CAP),
  },
  {
    name: 'description-in-units',
    clause: 'S5',
    fault: 'The server limits a description to 16384 UTF-16 code units instead of bytes.',
    fails: OVER.filter((id) => /-(two-byte|three-byte|four-byte|of-two)$/.test(id)),
    breaks: limitsDescription((text) => text.length > CAP),
  },
  {
    name: 'description-cap-exclusive',
    clause: 'S5',
    fault: 'The server rejects a description of exactly 16384 bytes.',
    fails: ['submit/description-at-cap*'],
    breaks: limitsDescription((text) => Buffer.byteLength(text) >= CAP),
  },
  {
    name: 'description-header-counted',
    clause: 'S5',
    fault: 'The server counts 8 bytes more than a description has.',
    fails: ['submit/description-below-cap'],
    breaks: limitsDescription((text) => Buffer.byteLength(text) + 8 > CAP),
  },
  {
    name: 'description-as-written',
    clause: 'S5',
    fault: 'The server applies the limit of a description to its escaped form.',
    fails: [
      'submit/description-at-cap-escaped',
      'submit/description-at-cap-surrogate-escapes',
      'submit/description-at-cap-line-breaks',
    ],
    breaks: refusesText((text) => writtenBytes(text) > CAP && !isTooLong(text)),
  },
  {
    name: 'description-trimmed',
    clause: 'S5',
    fault: 'The server ignores surrounding white space when it measures a description.',
    fails: ['submit/description-over-cap-white-space'],
    breaks: limitsDescription((text) => Buffer.byteLength(text.trim()) > CAP),
  },
  {
    name: 'description-in-16-bits',
    clause: 'S5',
    fault: 'The server stores the length of a description in 16 bits, which overflow.',
    fails: ['submit/description-far-over-cap'],
    breaks: limitsDescription((text) => Buffer.byteLength(text) % 65_536 > CAP),
  },
  {
    name: 'description-over-cap-closed',
    clause: 'S5',
    fault: 'The server closes the connection without an answer if a description is too long.',
    fails: OVER,
    breaks: () => ({ submitTooLong: async () => undefined }),
  },
  {
    name: 'description-over-cap-nameless',
    clause: 'S5',
    fault: 'The server omits the task id from its 400 if a description is too long.',
    fails: OVER,
    breaks: () => ({ submitTooLong: async () => rejection('', 'too long') }),
  },
  {
    name: 'description-cut',
    clause: 'S5',
    fault: 'The server truncates a description that is too long and accepts the task.',
    fails: OVER,
    breaks: () => ({ submitTooLong: async ({ taskId }) => acceptance(taskId) }),
  },
];

/** The description in a message, as written. */
function written(text: string): string {
  return /"task_description":("(?:[^"\\]|\\.)*")/.exec(text)?.[1] ?? '""';
}

function writtenBytes(text: string): number {
  return Buffer.byteLength(written(text)) - '""'.length;
}

/** Whether the decoded description exceeds the limit. */
function isTooLong(text: string): boolean {
  return Buffer.byteLength(String(JSON.parse(written(text)))) > CAP;
}
