/** Servers that support only some of the strings of JSON and UTF-8, or crash on the others (S1, M8). */

import { isUtf8 } from 'node:buffer';
import type { Mutant } from '../../server/mutant.ts';
import { acceptance } from '../../server/pipeline.ts';
import {
  crashesOn,
  LONE_ESCAPES,
  refusesText,
  rewritesPayload,
  rewritesText,
} from '../../server/replacements.ts';

/** The bytes that are valid UTF-8, as `errors='ignore'` leaves them. */
function withoutInvalid(payload: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [];
  for (let at = 0; at < payload.length; ) {
    const size = [1, 2, 3, 4].find((length) => isUtf8(payload.subarray(at, at + length)));
    if (size !== undefined) kept.push(payload.subarray(at, at + size));
    at += size ?? 1;
  }
  return Buffer.concat(kept);
}

export const strings: readonly Mutant[] = [
  {
    name: 'escapes-few',
    clause: 'S1',
    fault: 'The server refuses short escapes other than those of quotes, backslashes and line feeds.',
    fails: ['json/escapes', 'submit/id-control-characters', 'submit/id-quote-and-backslash'],
    breaks: refusesText((text) => /(?<!\\)(?:\\\\)*\\[/bfrt]/.test(text)),
  },
  {
    name: 'escapes-in-hex-refused',
    clause: 'S1',
    fault: 'The server refuses Unicode escapes.',
    fails: [
      'json/escape-upper-case',
      'json/escape-surrogate-pair',
      'json/escape-nul',
      'json/escape-replacement',
      'json/escaped-name',
      'submit/id-escaped',
      'submit/description-at-cap-escaped',
      'submit/description-at-cap-surrogate-escapes',
      'submit/description-over-cap-escaped',
    ],
    breaks: refusesText((text) => text.includes('\\u')),
  },
  {
    name: 'escapes-lower-case',
    clause: 'S1',
    fault: 'The server refuses Unicode escapes with digits in upper case.',
    fails: ['json/escape-upper-case'],
    breaks: refusesText((text) => /\\u[0-9a-f]*[A-F]/.test(text)),
  },
  {
    name: 'escapes-one-by-one',
    clause: 'S1',
    fault: 'The server refuses a pair of surrogate escapes, because it decodes each of them alone.',
    fails: ['json/escape-surrogate-pair', 'submit/id-escaped', 'submit/description-at-cap-surrogate-escapes'],
    breaks: refusesText((text) => /\\ud[89ab]/i.test(text)),
  },
  {
    name: 'escapes-first',
    clause: 'S1',
    fault: 'The server decodes escaped quotes before it parses the JSON.',
    fails: ['json/json-inside', 'json/escapes'],
    breaks: rewritesText((text) => text.replaceAll('\\"', '"')),
  },
  {
    name: 'braces-counted',
    clause: 'S1',
    fault: 'The server finds the end of a message by counting braces, including those in strings.',
    fails: ['json/braces-inside'],
    breaks: rewritesText((text) => {
      let depth = 0;
      for (let at = 0; at < text.length; at += 1) {
        if (text[at] === '{') depth += 1;
        if (text[at] === '}') depth -= 1;
        if (depth === 0 && text[at] === '}') return text.slice(0, at + 1);
      }
      return text;
    }),
  },
  {
    name: 'plane-zero',
    clause: 'S1',
    fault: 'The server refuses characters that have four bytes in UTF-8.',
    fails: [
      'json/four-byte',
      'json/highest-character',
      'submit/id-four-byte',
      'submit/description-at-cap-four-byte',
    ],
    breaks: refusesText((text) => /[\ud800-\udbff]/.test(text)),
  },
  {
    name: 'text-printable',
    clause: 'S1',
    fault: 'The server refuses text with characters that cannot be printed.',
    fails: [
      'json/delete',
      'json/noncharacter',
      'json/line-separators',
      'json/byte-order-mark-inside',
      'json/bidi',
      'json/escape-nul',
      'submit/id-nul',
    ],
    breaks: refusesText((text) => /.[\u007f\u2028\u2029\u202e\ufeff\uffff]|\\u0000/.test(text)),
  },
  {
    name: 'marks-64',
    clause: 'S1',
    fault: 'The server refuses more than 64 combining marks in a row.',
    fails: ['json/combining'],
    breaks: refusesText((text) => /\p{Mn}{65}/u.test(text)),
  },
  {
    name: 'replacement-is-a-fault',
    clause: 'S1',
    fault: 'The server refuses an escaped U+FFFD, because it considers it a sign of malformed UTF-8.',
    fails: ['json/escape-replacement'],
    breaks: refusesText((text) => text.includes('\\ufffd')),
  },
  {
    name: 'utf8-deadly',
    clause: 'M8',
    fault: 'The server crashes on malformed UTF-8.',
    fails: ['json/no-utf8-*'],
    breaks: crashesOn((_, { payload }) => {
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(payload);
        return false;
      } catch {
        return true;
      }
    }),
  },
  {
    name: 'utf8-returned',
    clause: 'M8',
    fault: 'The server returns the bytes of the task id as they came, even if they are malformed UTF-8.',
    fails: ['json/no-utf8-*-in-id'],
    breaks: ({ parse }) => {
      const tokens = new Map<string, string>();
      return {
        parse: (frame) => {
          const message = parse(frame);
          const [, token] = /"task_id":"([^"\\]+)"/.exec(Buffer.from(frame.payload).toString('latin1')) ?? [];
          if (message.kind === 'submit' && token) tokens.set(message.request.taskId, token);
          return message;
        },
        // Answered whether or not such a task can be stored.
        submit: async ({ taskId }) => acceptance(taskId),
        encode: ({ taskId, status, message }) => {
          const id = tokens.get(taskId) ?? JSON.stringify(taskId).slice(1, -1);
          const payload = Buffer.from(
            `{"task_id":"${id}","status":${status},"message":"${message}"}`,
            'latin1',
          );
          const header = Buffer.alloc(8);
          header.writeUInt32BE(1, 0);
          header.writeUInt32BE(payload.length, 4);
          return Buffer.concat([header, payload]);
        },
      };
    },
  },
  {
    name: 'utf8-dropped',
    clause: 'M8',
    fault: 'The server drops bytes that are malformed UTF-8, and accepts the rest.',
    fails: ['json/no-utf8-*-in-id', 'store/no-utf8-in-description'],
    breaks: rewritesPayload(withoutInvalid),
  },
  {
    name: 'utf8-as-latin1',
    clause: 'M8',
    fault: 'The server reads a payload that is malformed UTF-8 as Latin-1.',
    fails: ['json/no-utf8-*-in-id', 'store/no-utf8-in-description'],
    breaks: rewritesPayload((payload) =>
      isUtf8(payload) ? payload : Buffer.from(Buffer.from(payload).toString('latin1')),
    ),
  },
  {
    name: 'surrogate-dropped',
    clause: 'M8',
    fault: 'The server drops lone surrogates, and accepts the rest.',
    fails: ['json/surrogate-*-in-id', 'store/surrogates-in-description'],
    breaks: rewritesText((text) => text.replace(LONE_ESCAPES, '')),
  },
  {
    name: 'surrogate-deadly',
    clause: 'M8',
    fault: 'The server crashes on a lone surrogate, because it cannot encode it in the answer.',
    fails: ['json/surrogate-*'],
    breaks: crashesOn((text) => {
      const escapes = text.replace(/\\u([0-9a-f]{4})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      return /[\ud800-\udfff]/u.test(escapes);
    }),
  },
];
