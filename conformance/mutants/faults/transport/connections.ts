/** Servers that handle the beginning or the end of a connection wrongly (T1, T4–T6, F4). */

import { setTimeout as delay } from 'node:timers/promises';
import { FrameDecoder } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import { rejection } from '../../server/pipeline.ts';
import { closed, replacesFramer } from '../../server/replacements.ts';

const TRUNCATED = [
  'frame/truncated-*',
  'status/truncated',
  'results/truncated',
  'store/nothing-of-truncated*',
];

export const endings: readonly Mutant[] = [
  {
    name: 'end-unnoticed',
    clause: 'F4',
    fault: 'The server does not notice the end of a stream and waits for the rest of the frame for ever.',
    fails: [
      'frame/truncated-header-4',
      'frame/truncated-payload-half',
      'transport/half-close-without-a-frame',
      'status/truncated',
      'results/truncated',
    ],
    breaks: replacesFramer((_, socket) => ({
      end: async () => {
        await closed(socket);
      },
    })),
  },
  {
    name: 'end-answered',
    clause: 'F4',
    fault: 'The server answers a stream that ends inside a frame with 400.',
    fails: [...TRUNCATED, 'transport/half-close-without-a-frame', 'frame/second-frame-truncated'],
    breaks: ({ send, encode }) => ({
      maxFrames: 2,
      framer: (socket) => {
        const correct = new FrameDecoder();
        let served = 0;
        return {
          push: (chunk) => correct.push(chunk),
          next: () => {
            const frame = correct.next();
            if (frame !== undefined) served += 1;
            return frame;
          },
          end: async () => {
            if (served === 0 || correct.pendingBytes > 0) await send(socket, encode(rejection('')));
            correct.end();
          },
        };
      },
      refuse: (socket) => {
        socket.end();
      },
    }),
  },
  {
    name: 'end-completes-payload',
    clause: 'F4',
    fault: 'The server pads an incomplete payload with spaces when the stream ends, and processes it.',
    fails: ['frame/truncated-payload-whole-json', 'store/nothing-of-truncated-whole-json'],
    breaks: replacesFramer((decoder) => {
      const chunks: Uint8Array[] = [];
      return {
        push: (chunk) => {
          chunks.push(Uint8Array.from(chunk));
          decoder.push(chunk);
        },
        end: () => {
          const { pendingBytes } = decoder;
          if (pendingBytes <= 8) return decoder.end();
          const missing = Buffer.concat(chunks).subarray(-pendingBytes).readUInt32BE(4) + 8 - pendingBytes;
          decoder.push(Buffer.alloc(missing, ' '));
        },
      };
    }),
  },
  {
    name: 'end-repairs-json',
    clause: 'F4',
    fault: 'The server adds a closing brace to an incomplete payload when the stream ends, and processes it.',
    fails: ['frame/truncated-payload-last-byte', 'store/nothing-of-truncated'],
    breaks: replacesFramer((decoder) => ({
      end: () => {
        if (decoder.pendingBytes > 8) decoder.push(Buffer.from('}'));
        else decoder.end();
      },
    })),
  },
  {
    name: 'half-close-ends-all',
    clause: 'T4',
    fault: 'The server does not answer a peer that has half-closed.',
    fails: ['submit/half-close', 'transport/half-close-after-a-while'],
    breaks: ({ send }) => ({
      send: async (socket, bytes) => {
        // Reading on before the answer is written shows whether the peer has half-closed.
        await delay(20);
        socket.read();
        await new Promise(setImmediate);
        if (socket.readableEnded) socket.destroy();
        else await send(socket, bytes);
      },
    }),
  },
  {
    name: 'unfinished-deadly',
    clause: 'F4',
    fault: 'The server crashes when a connection ends or is reset inside a frame.',
    fails: [
      'frame/reset-in-header*',
      'frame/reset-in-payload',
      'transport/reset-in-*',
      'frame/truncated-header-4',
      'frame/truncated-payload-half',
    ],
    // Some systems report a reset as the end of the stream.
    breaks: (correct, { crash }) => ({
      onConnectionError: ({ served, bytes }) => {
        if (served === 0 && bytes > 0) crash();
      },
      refuse: (socket, error) => {
        if (error.code === 'frame-truncated') crash();
        correct.refuse(socket, error);
      },
    }),
  },
  {
    name: 'resets-deadly',
    clause: 'T5',
    fault: 'The server crashes on the tenth connection that is reset before its first byte.',
    fails: ['transport/reset-at-once'],
    alone: true,
    breaks: (_, { crash }) => {
      let left = 10;
      return {
        onConnectionError: ({ bytes }) => {
          if (bytes === 0) left -= 1;
          if (left === 0) crash();
        },
      };
    },
  },
  {
    name: 'unwritten-deadly',
    clause: 'T5',
    fault: 'The server crashes when it cannot write an answer.',
    fails: ['transport/reset-after-frame'],
    breaks: (_, { crash }) => ({
      send: (socket, bytes) =>
        new Promise((resolve) => {
          socket.write(bytes, (error) => {
            if (error) crash();
            resolve();
          });
        }),
    }),
  },
];

export const beginnings: readonly Mutant[] = [
  {
    name: 'speaks-first',
    clause: 'T1',
    fault: 'The server sends a frame to a peer that has been silent for 25 ms.',
    fails: ['transport/does-not-speak-first', 'transport/late-first-byte'],
    breaks: ({ send, encode }) => ({
      open: async (socket) => {
        const asking = setTimeout(() => void send(socket, encode(rejection('', 'well?'))), 25);
        socket.once('readable', () => clearTimeout(asking));
      },
    }),
  },
  {
    name: 'impatient',
    clause: 'T6',
    fault: 'The server closes a connection after 200 ms of silence.',
    fails: ['transport/late-first-byte', 'frame/long-pause-*'],
    breaks: () => ({
      open: async (socket) => {
        socket.setTimeout(200, () => socket.destroy());
      },
    }),
  },
];
