/** Clients that send results wrongly. */

import { extname } from 'node:path';
import {
  ALLOWED_RESULT_EXTENSIONS,
  FORBIDDEN_RESULT_EXTENSIONS,
  type ValidationErrorCode,
} from '../../../../reference/index.ts';
import { CallError, HONEST, validatesBut, validatesGiven } from '../client.ts';
import type { ClientMutant } from '../mutant.ts';

/** The JSON text of the message, changed. */
function rewritten(change: (text: string) => string): ClientMutant['breaks'] {
  return {
    payload: (fields, json, action) => {
      const payload = HONEST.payload(fields, json, action);
      return action === 'results' ? Buffer.from(change(Buffer.from(payload).toString())) : payload;
    },
    validate: validatesGiven,
  };
}

const EXTENSIONS = ['extension-forbidden', 'extension-unknown'] as const;

/** Refuses by the name, and not by the rules with these codes. */
function refusesName(
  isRefused: (filename: string) => boolean,
  codes: readonly ValidationErrorCode[] = [],
): ClientMutant['breaks'] {
  return validatesBut(codes, ({ filename }) => typeof filename === 'string' && isRefused(filename));
}

const allowed: readonly string[] = [...ALLOWED_RESULT_EXTENSIONS];
const forbidden: readonly string[] = [...FORBIDDEN_RESULT_EXTENSIONS];
const MiB = 1024 * 1024;

export const results: readonly ClientMutant[] = [
  {
    name: 'text-as-result',
    clause: 'M12',
    fault: 'The client writes the text of a result in a field named result.',
    fails: ['client-sending/results-text'],
    breaks: rewritten((text) => text.replace('"result_text"', '"result"')),
  },
  {
    name: 'time-without-offset',
    clause: 'M12',
    fault: 'The client writes completed_at without an offset.',
    fails: ['client-sending/results-text'],
    breaks: rewritten((text) => text.replace(/("completed_at":"[^"]*)Z"/, '$1"')),
  },
  {
    name: 'times-as-text',
    clause: 'M9',
    fault: 'The client writes the times of a result as text.',
    fails: ['client-sending/results-times'],
    breaks: rewritten((text) => text.replace(/("time_\w+"):(\d+)/g, '$1:"$2"')),
  },
  {
    name: 'times-through-double',
    clause: 'M9',
    fault: 'The client keeps times as doubles.',
    fails: ['client-sending/results-times-large'],
    breaks: rewritten((text) =>
      text.replace(/("time_\w+"):(\d+)/g, (_, name, time) => `${name}:${Number(time)}`),
    ),
  },
  {
    name: 'base64-twice',
    clause: 'M10',
    fault: 'The client encodes file data as base64 twice.',
    fails: ['client-sending/results-file'],
    breaks: rewritten((text) =>
      text.replace(
        /("file_data"):"([^"]*)"/,
        (_, name, data) => `${name}:"${Buffer.from(data).toString('base64')}"`,
      ),
    ),
  },
  {
    name: 'base64-for-urls',
    clause: 'M10',
    fault: 'The client writes base64 with the letters for URLs.',
    fails: ['client-sending/results-every-byte'],
    breaks: rewritten((text) =>
      text.replace(
        /("file_data"):"([^"]*)"/,
        (_, name, data: string) => `${name}:"${data.replaceAll('+', '-').replaceAll('/', '_')}"`,
      ),
    ),
  },
  {
    name: 'update-before-results',
    clause: 'T2',
    fault: 'The client sends an update and the results on one connection.',
    fails: ['client-sending/results-one-frame'],
    breaks: {
      after: (frame) => (frame[3] === 4 ? frame : new Uint8Array(0)),
    },
  },
  {
    name: 'file-name-of-255',
    clause: 'R2',
    fault: 'The client refuses file names of more than 255 bytes.',
    fails: ['client-sending/results-filename-at-cap'],
    breaks: refusesName((name) => name.length > 255),
  },
  {
    name: 'text-of-1-000-000',
    clause: 'R2',
    fault: 'The client refuses texts of more than 1 000 000 bytes.',
    fails: ['client-sending/results-text-at-cap'],
    breaks: validatesBut([], ({ result_text }) => String(result_text ?? '').length > 1_000_000),
  },
  {
    name: 'any-extension',
    clause: 'R4',
    fault: 'The client sends files with any extension.',
    fails: [
      'client-sending/results-extension-forbidden',
      'client-sending/results-extension-unknown',
      'client-sending/results-extension-missing',
    ],
    breaks: validatesBut(EXTENSIONS),
  },
  {
    name: 'only-forbidden-extensions',
    clause: 'R4',
    fault: 'The client refuses only extensions of the forbidden list.',
    fails: ['client-sending/results-extension-unknown', 'client-sending/results-extension-missing'],
    breaks: validatesBut(['extension-unknown']),
  },
  {
    name: 'first-extension',
    clause: 'R4',
    fault: 'The client takes the part from the first dot to the next as the extension.',
    fails: [
      'client-sending/results-extension-last-counts',
      'client-sending/results-extension-allowed-last-counts',
    ],
    breaks: refusesName((name) => !allowed.includes(`.${name.split('.')[1]?.toLowerCase()}`), EXTENSIONS),
  },
  {
    name: 'extension-as-written',
    clause: 'R4',
    fault: 'The client compares extensions as they are written.',
    fails: ['client-sending/results-extension-allowed-upper-case'],
    breaks: refusesName((name) => !allowed.includes(extname(name))),
  },
  {
    name: 'source-code-as-written',
    clause: 'R4',
    fault: 'The client sends source code whose extension is in upper case.',
    fails: ['client-sending/results-extension-upper-case'],
    breaks: refusesName((name) => forbidden.includes(extname(name)), ['extension-forbidden']),
  },
  {
    name: 'frames-of-8-mib',
    clause: 'F2',
    fault: 'The client refuses payloads of more than 8 MiB.',
    fails: ['client-sending/results-large'],
    breaks: validatesBut([], (_, payload) => payload.length > 8 * MiB),
  },
  {
    name: 'any-frame',
    clause: 'F9',
    fault: 'The client sends payloads of more than 16 MiB.',
    fails: ['client-sending/results-over-frame'],
    breaks: validatesBut(['file-too-large']),
  },
  {
    name: 'ends-while-sending',
    clause: 'F4',
    fault: 'The client resets the connection as soon as it has handed over the bytes.',
    fails: ['client-sending/results-to-slow-reader'],
    breaks: {
      write: async (socket, frame, call) => {
        if (frame.length < MiB) return HONEST.write(socket, frame, call);
        socket.write(frame);
        await new Promise((resolve) => setImmediate(resolve));
        socket.resetAndDestroy();
      },
      leave: async () => {},
    },
  },
  {
    name: 'writes-without-limit',
    clause: 'T6',
    fault: 'The client has no time limit for writes.',
    fails: ['client-sending/results-reading-stops'],
    breaks: { write: (socket, frame, call) => HONEST.write(socket, frame, { ...call, timeoutMs: 60_000 }) },
  },
  {
    name: 'write-errors-ignored',
    clause: 'T5',
    fault: 'The client ignores errors of writes.',
    fails: ['client-sending/results-reset'],
    breaks: {
      write: (socket, frame, call) => HONEST.write(socket, frame, call).catch(() => {}),
      leave: async () => {},
      read: async (socket, call) => {
        if (socket.destroyed) throw new CallError('closed');
        return HONEST.read(socket, call);
      },
    },
  },
];
