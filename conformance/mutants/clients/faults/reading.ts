/** Clients that read legal answers wrongly. */

import { once } from 'node:events';
import { CallError, HONEST } from '../client.ts';
import { byHeader, frameOf, parsed, reader } from '../loose.ts';
import type { ClientMutant } from '../mutant.ts';

/** Refuses an answer whose beginning is cut in such a way by the first read. */
function refusesSegments(isRefused: (first: Buffer) => boolean): ClientMutant['breaks'] {
  let isFirst = true;
  return {
    read: (socket, call) => {
      isFirst = true;
      return reader({
        frameIn: (bytes) => {
          if (isFirst && isRefused(bytes)) throw new CallError('the answer is cut');
          isFirst = false;
          return byHeader(bytes);
        },
      })(socket, call);
    },
  };
}

const IN_SEGMENTS = [
  'client-reading/message-long',
  'client-reading/byte-by-byte',
  'client-reading/split-inside-header',
  'client-reading/split-after-header',
];

/** Reads by the header, and refuses an answer whose length is refused. */
function refusesLength(isRefused: (length: number) => boolean): ClientMutant['breaks'] {
  return {
    read: reader({
      frameIn: (bytes) => {
        if (bytes.length >= 8 && isRefused(bytes.readUInt32BE(4))) throw new CallError('too large');
        return byHeader(bytes);
      },
    }),
  };
}

export const reading: readonly ClientMutant[] = [
  {
    name: 'cap-exclusive',
    clause: 'F2',
    fault: 'The client refuses answers of exactly 16 MiB.',
    fails: ['client-reading/length-at-cap'],
    breaks: refusesLength((length) => length >= 16 * 1024 * 1024),
  },
  {
    name: 'cap-of-1-mib',
    clause: 'F2',
    fault: 'The client refuses answers of more than 1 MiB.',
    fails: ['client-reading/length-at-cap'],
    breaks: refusesLength((length) => length > 1024 * 1024),
  },
  {
    name: 'length-of-three-bytes',
    clause: 'F1',
    fault: 'The client looks at the last three bytes of the length.',
    fails: ['client-reading/length-at-cap'],
    breaks: {
      read: reader({
        frameIn: (bytes) => {
          const end = bytes.length < 8 ? 8 : 8 + bytes.readUIntBE(5, 3);
          return bytes.length < end ? undefined : frameOf(bytes, end);
        },
      }),
    },
  },
  {
    name: 'wants-type-2',
    clause: 'S1',
    fault: 'The client takes only answers of type 2.',
    fails: ['client-reading/accepted'],
    breaks: {
      decode: (frame) => {
        if (frame.type !== 2) throw new CallError('no answer');
        return HONEST.decode({ ...frame, type: 1 });
      },
    },
  },
  {
    name: 'every-answer-accepts',
    clause: 'S2',
    fault: 'The client takes every answer for an acceptance.',
    fails: ['client-reading/rejected'],
    breaks: { decide: ({ message }, { taskId }) => ({ outcome: 'accepted', taskId, message }) },
  },
  {
    name: 'own-message',
    clause: 'S4',
    fault: 'The client reports a text of its own for an acceptance.',
    fails: ['client-reading/message', 'client-bad-server/resets-after-answer'],
    breaks: { report: (line) => (line.outcome === 'accepted' ? { ...line, message: 'accepted' } : line) },
  },
  {
    name: 'drops-reason',
    clause: 'S4',
    fault: 'The client reports a rejection without its reason.',
    fails: ['client-reading/message-of-rejection'],
    breaks: {
      report: ({ message, ...line }) =>
        line.outcome === 'rejected' || message === undefined ? line : { ...line, message },
    },
  },
  {
    name: 'latin-1',
    clause: 'M12',
    fault: 'The client decodes answers as Latin-1.',
    fails: ['client-reading/message-unicode', 'client-reading/message-unicode-of-rejection'],
    breaks: {
      decode: (frame) =>
        HONEST.decode({ ...frame, payload: Buffer.from(Buffer.from(frame.payload).toString('latin1')) }),
    },
  },
  {
    name: 'searches-message',
    clause: 'M12',
    fault: 'The client searches the message in the text of the JSON.',
    fails: ['client-reading/message-escaped', 'client-reading/message-unicode'],
    breaks: {
      decode: (frame) => {
        const [, message] = /"message":"((?:[^"\\]|\\.)*)"/.exec(Buffer.from(frame.payload).toString()) ?? [];
        const response = HONEST.decode(frame);
        return { ...response, message: message ?? response.message };
      },
    },
  },
  {
    name: 'stream-as-text',
    clause: 'F1',
    fault: 'The client decodes what comes as text, header and all.',
    fails: ['client-reading/length-over-127'],
    breaks: {
      read: (socket, call) =>
        reader({ frameIn: (bytes) => byHeader(Buffer.from(bytes.toString('utf8'))) })(socket, call),
    },
  },
  {
    name: 'one-read',
    clause: 'F3',
    fault: 'The client takes one read for the whole answer.',
    fails: [...IN_SEGMENTS, 'client-reading/split-inside-character'],
    breaks: {
      read: (socket, call) =>
        reader({
          frameIn: (bytes) => {
            const frame = byHeader(bytes);
            if (frame === undefined) throw new CallError('the answer is incomplete');
            return frame;
          },
        })(socket, call),
    },
  },
  {
    name: 'header-in-one-read',
    clause: 'F3',
    fault: 'The client refuses a header that does not arrive in one read.',
    fails: ['client-reading/split-inside-header', 'client-reading/byte-by-byte'],
    breaks: refusesSegments((first) => first.length < 8),
  },
  {
    name: 'payload-with-header',
    clause: 'F3',
    fault: 'The client refuses an answer whose payload arrives after its header.',
    fails: ['client-reading/split-after-header'],
    breaks: refusesSegments((first) => first.length === 8),
  },
  {
    name: 'text-by-read',
    clause: 'F3',
    fault: 'The client decodes each read as text on its own.',
    fails: ['client-reading/split-inside-character'],
    breaks: {
      read: async (socket, call) => {
        const pieces: string[] = [];
        socket.on('data', (chunk: Buffer) =>
          pieces.push(chunk.subarray(pieces.length === 0 ? 8 : 0).toString('utf8')),
        );
        const frame = await HONEST.read(socket, call);
        const text = pieces.join('');
        return text.includes('\ufffd') ? { ...frame, payload: Buffer.from(text) } : frame;
      },
    },
  },
  {
    name: 'null-is-wrong',
    clause: 'M3',
    fault: 'The client refuses a field that is null.',
    fails: ['client-reading/message-null'],
    breaks: {
      decode: (frame) => {
        if (Object.values(parsed(frame)).includes(null)) throw new CallError('a field is null');
        return HONEST.decode(frame);
      },
    },
  },
  {
    name: 'missing-is-wrong',
    clause: 'M2',
    fault: 'The client refuses an answer without a message.',
    fails: ['client-reading/message-missing'],
    breaks: {
      decode: (frame) => {
        if (!('message' in parsed(frame))) throw new CallError('a field is missing');
        return HONEST.decode(frame);
      },
    },
  },
  {
    name: 'strict-schema',
    clause: 'M1',
    fault: 'The client refuses fields that it does not know.',
    fails: ['client-reading/extra-fields'],
    breaks: {
      decode: (frame) => {
        if (Object.keys(parsed(frame)).length > 3) throw new CallError('an unknown field');
        return HONEST.decode(frame);
      },
    },
  },
  {
    name: 'compares-text',
    clause: 'M5',
    fault: 'The client compares the text of the JSON with the form that it expects.',
    fails: ['client-reading/other-layout'],
    breaks: {
      decode: (frame) => {
        if (!Buffer.from(frame.payload).toString().startsWith('{"task_id":"'))
          throw new CallError('no answer');
        return HONEST.decode(frame);
      },
    },
  },
  {
    name: 'fixed-limit',
    clause: 'S8',
    fault: 'The client gives up after 400 ms.',
    fails: ['client-reading/delayed'],
    breaks: { read: (socket, call) => HONEST.read(socket, { ...call, timeoutMs: 400 }) },
  },
  {
    name: 'all-bytes-are-payload',
    clause: 'F3',
    fault: 'The client takes all bytes of the read for the payload.',
    fails: ['client-reading/then-junk', 'client-reading/then-second-frame'],
    breaks: {
      read: (socket, call) =>
        reader({ frameIn: (bytes) => (byHeader(bytes) ? frameOf(bytes) : undefined) })(socket, call),
    },
  },
  {
    name: 'close-is-an-error',
    clause: 'T5',
    fault: 'The client takes a close right after the answer for an error.',
    fails: ['client-reading/then-closes'],
    breaks: {
      read: async (socket, call) => {
        const frame = await HONEST.read(socket, call);
        const isOpen = new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 100));
        const isEnded = once(socket.resume(), 'end').then(() => false);
        if (!(await Promise.race([isOpen, isEnded.catch(() => true)])))
          throw new CallError('the server closed');
        return frame;
      },
    },
  },
  {
    name: 'reset-discards-answer',
    clause: 'T5',
    fault: 'The client waits a while after the answer, and takes a reset for an error.',
    fails: ['client-reading/then-resets'],
    breaks: {
      read: async (socket, call) => {
        const frame = await HONEST.read(socket, call);
        await new Promise<void>((resolve, reject) => {
          // Longer than the server takes to reset, also on a busy machine.
          setTimeout(resolve, 1500);
          socket.resume().once('error', reject);
        });
        return frame;
      },
    },
  },
];
