/** Clients that take wrong answers, or do not end on servers that misbehave. */

import type { SubmitResponse } from '../../../../reference/index.ts';
import type { ClientEnd } from '../../../clients/judge/observation.ts';
import { CallError, HONEST, type Parts } from '../client.ts';
import { acceptance, byHeader, frameOf, parsed, reader } from '../loose.ts';
import type { ClientMutant } from '../mutant.ts';

/** Decodes by JSON.parse and these conversions. */
function converting(convert: (fields: Readonly<Record<string, unknown>>) => unknown): Parts['decode'] {
  return (frame) => {
    const fields = parsed(frame);
    return {
      taskId: String(fields['task_id']),
      status: convert(fields) as SubmitResponse['status'],
      message: String(fields['message']),
    };
  };
}

const DIED: ClientEnd = { kind: 'died', how: 'exit status 1' };

/** An error of the connection is not caught. */
const dies: Partial<Parts> = {
  fail: (error, call) =>
    error instanceof CallError || (error instanceof Error && 'syscall' in error)
      ? DIED
      : HONEST.fail(error, call),
};

const RESETS = [
  'client-bad-server/resets',
  'client-bad-server/resets-at-once',
  'client-bad-server/resets-inside-answer',
];
const ENDS = [
  'client-bad-server/truncated-header',
  'client-bad-server/truncated-payload',
  'client-bad-server/closes',
  'client-bad-server/closes-at-once',
];

export const badServer: readonly ClientMutant[] = [
  {
    name: 'any-id',
    clause: 'S3',
    fault: 'The client does not compare the id of the answer.',
    fails: ['client-bad-server/other-id'],
    breaks: { decide: (response, call) => HONEST.decide({ ...response, taskId: call.taskId }, call) },
  },
  {
    name: 'any-id-rejects',
    clause: 'S3',
    fault: 'The client compares the id of the answer only if the status is 200.',
    fails: ['client-bad-server/rejects-other-id'],
    breaks: {
      decide: (response, call) =>
        HONEST.decide(response.status === 400 ? { ...response, taskId: call.taskId } : response, call),
    },
  },
  {
    name: 'else-rejected',
    clause: 'S2',
    fault: 'The client takes every status but 200 for a rejection.',
    fails: ['client-bad-server/status-500', 'client-bad-server/status-201', 'client-bad-server/no-status'],
    breaks: {
      decide: (response, call) =>
        HONEST.decide({ ...response, status: response.status === 200 ? 200 : 400 }, call),
    },
  },
  {
    name: 'status-as-in-http',
    clause: 'S2',
    fault: 'The client takes 200 to 299 for success.',
    fails: ['client-bad-server/status-201'],
    breaks: {
      decide: (response, call) =>
        HONEST.decide(
          { ...response, status: Math.floor(Number(response.status) / 100) === 2 ? 200 : response.status },
          call,
        ),
    },
  },
  {
    name: 'converts-types',
    clause: 'M4',
    fault: 'The client converts fields to the types that it wants.',
    fails: [
      'client-bad-server/status-text',
      'client-bad-server/status-fraction',
      'client-bad-server/message-number',
    ],
    breaks: { decode: converting(({ status }) => Math.trunc(Number(status))) },
  },
  {
    name: 'status-is-truth',
    clause: 'M4',
    fault: 'The client takes any status that is true in its language for success.',
    fails: ['client-bad-server/status-true', 'client-bad-server/status-text'],
    breaks: { decode: converting(({ status }) => (status === 400 ? 400 : status ? 200 : 0)) },
  },
  {
    name: 'id-of-any-type',
    clause: 'M4',
    fault: 'The client takes an id that is no text for its own.',
    fails: ['client-bad-server/id-number'],
    breaks: {
      decode: (frame) => {
        const { task_id, ...fields } = parsed(frame);
        const isText = typeof task_id === 'string';
        const payload = Buffer.from(JSON.stringify(isText ? { task_id, ...fields } : fields));
        return isText ? HONEST.decode(frame) : { ...HONEST.decode({ ...frame, payload }), taskId: '*' };
      },
      decide: (response, call) =>
        HONEST.decide(response.taskId === '*' ? { ...response, taskId: call.taskId } : response, call),
    },
  },
  {
    name: 'any-type',
    clause: 'S1',
    fault: 'The client does not look at the type of the answer.',
    fails: ['client-bad-server/other-type'],
    breaks: { decode: (frame) => HONEST.decode({ ...frame, type: 1 }) },
  },
  {
    name: 'type-in-a-byte',
    clause: 'S1',
    fault: 'The client looks at the last byte of the type.',
    fails: ['client-bad-server/type-over-a-byte'],
    breaks: { decode: (frame) => HONEST.decode({ ...frame, type: frame.type & 0xff }) },
  },
  {
    name: 'searches-200',
    clause: 'M6',
    fault: 'The client searches the payload for 200.',
    fails: ['client-bad-server/not-json', 'client-bad-server/array', 'client-bad-server/data-after-json'],
    breaks: {
      decode: (frame) => {
        const text = Buffer.from(frame.payload).toString();
        if (!/\b200\b/.test(text)) return HONEST.decode(frame);
        return { taskId: '*', status: 200, message: /"message":"([^"]*)"/.exec(text)?.[1] ?? '' };
      },
      decide: (response, call) =>
        HONEST.decide(response.taskId === '*' ? { ...response, taskId: call.taskId } : response, call),
    },
  },
  {
    name: 'empty-is-success',
    clause: 'F8',
    fault: 'The client takes an empty or blank payload for success.',
    fails: ['client-bad-server/empty-payload', 'client-bad-server/blanks'],
    breaks: {
      decode: (frame) =>
        Buffer.from(frame.payload).toString().trim() === ''
          ? { taskId: '*', status: 200, message: '' }
          : HONEST.decode(frame),
      decide: (response, call) =>
        response.taskId === '*'
          ? ({ outcome: 'accepted', ...acceptance(call), taskId: call.taskId } as never)
          : HONEST.decide(response, call),
    },
  },
  {
    name: 'first-value',
    clause: 'M5',
    fault: 'The client decodes the first JSON value, and does not look at the rest.',
    fails: ['client-bad-server/data-after-json'],
    breaks: {
      decode: (frame) => {
        const end = Buffer.from(frame.payload).indexOf('}{');
        return HONEST.decode(end < 0 ? frame : { ...frame, payload: frame.payload.subarray(0, end + 1) });
      },
    },
  },
  {
    name: 'dies-of-broken-text',
    clause: 'M8',
    fault: 'The client dies of bytes that are no UTF-8.',
    fails: ['client-bad-server/broken-utf8'],
    breaks: {
      decode: (frame) => {
        new TextDecoder('utf-8', { fatal: true }).decode(frame.payload);
        return HONEST.decode(frame);
      },
      fail: (error, call) => (error instanceof TypeError ? DIED : HONEST.fail(error, call)),
    },
  },
  {
    name: 'recursive-decoder',
    clause: 'M11',
    fault: 'The client dies of deep nesting.',
    fails: ['client-bad-server/deep-nesting'],
    breaks: {
      decode: (frame) => {
        if (Buffer.from(frame.payload).includes('['.repeat(20_000))) throw new RangeError('stack overflow');
        return HONEST.decode(frame);
      },
      fail: (error, call) => (error instanceof RangeError ? DIED : HONEST.fail(error, call)),
    },
  },
  {
    name: 'no-cap',
    clause: 'F2',
    fault: 'The client reads answers of any length.',
    fails: ['client-bad-server/over-cap'],
    breaks: {
      read: (socket, call) => {
        // Bytes are only joined when enough have come.
        let needed = 8;
        return reader({
          frameIn: (bytes) => {
            if (bytes.length < needed) return undefined;
            needed = 8 + bytes.readUInt32BE(4);
            return bytes.length < needed ? undefined : frameOf(bytes, needed);
          },
        })(socket, call);
      },
    },
  },
  {
    name: 'reads-on-without-cap',
    clause: 'F2',
    fault: 'The client keeps what follows a header, whatever length it declares.',
    fails: ['client-bad-server/over-cap-header'],
    breaks: {
      read: (socket, call) =>
        new Promise((resolve, reject) => {
          let [header, total] = [Buffer.alloc(0), 0];
          const kept: Buffer[] = [];
          let timer = setTimeout(() => socket.destroy(new CallError('the time is over')), call.timeoutMs);
          socket.on('close', () => clearTimeout(timer));
          socket.on('data', (chunk: Buffer) => {
            if (header.length < 8) {
              header = Buffer.concat([header, chunk]).subarray(0, 8);
              if (header.length === 8 && header.readUInt32BE(4) > 32 * 1024 * 1024) {
                // Long enough for all that the server sends, also on a busy machine.
                clearTimeout(timer);
                timer = setTimeout(
                  () => socket.destroy(new CallError('the time is over')),
                  20 * call.timeoutMs,
                );
              }
            }
            total += chunk.length;
            if (total < 32 * 1024 * 1024) kept.push(chunk);
            if (header.length === 8 && total >= 8 + header.readUInt32BE(4))
              resolve(frameOf(Buffer.concat(kept), 8 + header.readUInt32BE(4)));
          });
          socket.on('close', () => reject(socket.errored ?? new CallError('closed')));
          socket.on('end', () => reject(new CallError('closed')));
        }),
    },
  },
  {
    name: 'reads-to-the-end',
    clause: 'F3',
    fault: 'The client shuts down its side, reads until the server closes, and takes all for the answer.',
    fails: [
      'client-reading/then-junk',
      'client-bad-server/endless',
      'client-bad-server/truncated-after-json',
    ],
    breaks: {
      read: (socket, call) => {
        socket.end();
        return reader({
          frameIn: (bytes) => void byHeader(bytes),
          atEnd: (bytes) => frameOf(bytes),
        })(socket, call);
      },
    },
  },
  {
    name: 'end-is-success',
    clause: 'F4',
    fault: 'The client takes the end of the connection for success.',
    fails: ENDS,
    breaks: {
      fail: (error, call) =>
        call.action === 'submit' && error instanceof CallError && /before the answer/.test(error.message)
          ? { kind: 'reported', line: { outcome: 'accepted', taskId: call.taskId } }
          : HONEST.fail(error, call),
    },
  },
  {
    name: 'dies-of-broken-connection',
    clause: 'T5',
    fault: 'The client dies of an error of its connection.',
    fails: [...RESETS, 'client-bad-server/not-connected', 'client-bad-server/closes-at-once'],
    breaks: dies,
  },
  {
    name: 'limit-for-each-read',
    clause: 'T6',
    fault: 'The time limit of the client begins again with each read.',
    fails: ['client-bad-server/drips'],
    breaks: { read: reader({ frameIn: byHeader, limit: 'each-read' }) },
  },
  {
    name: 'waits-forever',
    clause: 'S8',
    fault: 'The client has no time limit for the answer.',
    fails: ['client-bad-server/never-answers', 'client-bad-server/drips'],
    breaks: { read: reader({ frameIn: byHeader, limit: 'none' }) },
  },
];
