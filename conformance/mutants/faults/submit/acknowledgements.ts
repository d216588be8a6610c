/** Servers that answer messages that get no answer (U1, R1). */

import type { Mutant } from '../../server/mutant.ts';
import { acceptance, type Replacement, rejection } from '../../server/pipeline.ts';
import { rewritesHeader } from '../../server/replacements.ts';

const UPDATES = [
  'status/unanswered-new',
  'status/unanswered-accepted',
  'status/unanswered-declined',
  'status/unanswered-executing',
  'status/unanswered-completed',
  'status/unanswered-succeeded',
  'status/unanswered-cancelled',
  'status/unanswered-expired',
  'status/unanswered-without-justification',
  'status/unanswered-unknown-field',
  'status/unanswered-empty-object',
  'status/unanswered-justification-at-cap',
  'status/unanswered-id-path',
];

const RESULTS = [
  'results/unanswered-text',
  'results/unanswered-file',
  'results/unanswered-empty-text',
  'results/unanswered-file-without-data',
  'results/unanswered-empty-object',
  'results/unanswered-unknown-field',
  'results/unanswered-text-at-cap',
  'results/unanswered-big-integers',
  'results/unanswered-id-path',
  'results/unanswered-filename-path',
];

/** Answers malformed messages of one type with 400. */
function answersMalformed(type: number): Replacement {
  return ({ parse, send, encode }) => {
    let last = 0;
    return {
      parse: (frame) => {
        last = frame.type;
        return parse(frame);
      },
      refuse: (socket) => {
        if (last !== type) socket.destroy();
        else void send(socket, encode(rejection(''))).then(() => socket.end());
      },
    };
  };
}

/** Answers a message of one type with 200 as soon as its header arrives. */
function answersHeader(type: number): Replacement {
  return (correct, environment) => ({
    framer: (socket) => {
      const rewriting = rewritesHeader((header) => {
        if (header.readUInt32BE(0) === type) void correct.send(socket, correct.encode(acceptance('')));
      })(correct, environment);
      return (rewriting.framer ?? correct.framer)(socket);
    },
  });
}

export const acknowledgements: readonly Mutant[] = [
  {
    name: 'updates-acknowledged-early',
    clause: 'U1',
    fault: 'The server answers a STATUS_UPDATE with 200 as soon as its header arrives.',
    fails: [
      'status/unanswered-accepted',
      'status/unanswered-justification-huge',
      'status/truncated',
      'status/unanswered-empty-payload',
    ],
    breaks: answersHeader(3),
  },
  {
    name: 'results-acknowledged-early',
    clause: 'R1',
    fault: 'The server answers a SEND_RESULTS with 200 as soon as its header arrives.',
    fails: [
      'results/unanswered-text',
      'results/unanswered-file-8-mib',
      'results/truncated',
      'results/unanswered-empty-payload',
    ],
    breaks: answersHeader(4),
  },
  {
    name: 'updates-acknowledged',
    clause: 'U1',
    fault: 'The server answers every STATUS_UPDATE with 200.',
    fails: [
      ...UPDATES,
      'status/half-closed',
      'status/one-byte-at-a-time',
      'status/then-submit',
      'frame/type-status-update-unanswered',
    ],
    breaks: () => ({ update: async ({ taskId }) => acceptance(taskId) }),
  },
  {
    name: 'updates-refused-aloud',
    clause: 'U1',
    fault: 'The server answers a STATUS_UPDATE that it refuses with 400.',
    fails: [
      'status/unanswered-accepted',
      'status/unanswered-status-*-case',
      'status/unanswered-status-unknown',
      'status/unanswered-justification-over-cap',
      'status/unanswered-id-path',
    ],
    breaks: ({ update }) => ({
      update: async (message) => await update(message).catch(() => rejection(message.taskId)),
    }),
  },
  {
    name: 'updates-malformed-answered',
    clause: 'U1',
    fault: 'The server answers a malformed STATUS_UPDATE with 400.',
    fails: [
      'status/unanswered-empty-payload',
      'status/unanswered-malformed',
      'status/unanswered-array',
      'status/unanswered-trailing',
      'status/unanswered-status-number',
      'status/unanswered-id-number',
    ],
    breaks: answersMalformed(3),
  },
  {
    name: 'results-acknowledged',
    clause: 'R1',
    fault: 'The server answers every SEND_RESULTS with 200.',
    fails: [
      ...RESULTS,
      'results/half-closed',
      'results/in-segments',
      'results/then-submit',
      'frame/type-send-results-unanswered',
    ],
    breaks: () => ({ results: async ({ taskId }) => acceptance(taskId) }),
  },
  {
    name: 'results-refused-aloud',
    clause: 'R1',
    fault: 'The server answers a SEND_RESULTS that it refuses with 400.',
    fails: [
      'results/unanswered-text',
      'results/unanswered-forbidden-extension',
      'results/unanswered-filename-over-cap',
      'results/unanswered-text-over-cap',
      'results/unanswered-type-unknown',
      'results/unanswered-id-path',
    ],
    breaks: ({ results }) => ({
      results: async (message) => await results(message).catch(() => rejection(message.taskId)),
    }),
  },
  {
    name: 'results-malformed-answered',
    clause: 'R1',
    fault: 'The server answers a malformed SEND_RESULTS with 400.',
    fails: [
      'results/unanswered-empty-payload',
      'results/unanswered-malformed',
      'results/unanswered-array',
      'results/unanswered-trailing',
      'results/unanswered-text-number',
      'results/unanswered-time-string',
      'results/unanswered-base64-broken',
    ],
    breaks: answersMalformed(4),
  },
];
