/**
 * A client in replaceable parts, as a driver of this process: the mutants and the conforming variants are this client with
 * one part replaced.
 */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  type Frame,
  FrameDecoder,
  generateTaskId,
  marshalSubmitRequest,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
  type SubmitResponse,
  unmarshalSubmitRequest,
  unmarshalSubmitResponse,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
  ValidationError,
  type ValidationErrorCode,
  validateResultFilename,
  validateSubmitRequest,
  validateTaskResultMessage,
  validateTaskStatusUpdate,
} from '../../../reference/index.ts';
import type { ClientEnd } from '../../clients/judge/observation.ts';
import type { ClientCall, ClientDriver } from '../../clients/run/driver.ts';
import { unlessAborted } from '../../util/combined-signal.ts';

type Action = 'submit' | 'update' | 'results';
type Line = Extract<ClientEnd, { kind: 'reported' }>['line'];

/** The fields of a message by their wire names, as a program would hold them. */
export type Fields = Readonly<Record<string, unknown>>;

/** What the client knows of a call. */
export interface Call {
  readonly action: Action;
  readonly timeoutMs: number;
  /** The id that was sent; empty before. */
  readonly taskId: string;
}

/** The parts. Each has the type of what it replaces. */
export interface Parts {
  readonly makeId: () => string;
  /** Throws a ValidationError for what must not be sent. */
  readonly validate: (fields: Fields, action: Action, payload: Uint8Array) => void;
  /** The payload of the message, whose JSON is given. */
  readonly payload: (fields: Fields, json: Buffer, action: Action) => Uint8Array;
  readonly type: (action: Action) => number;
  readonly header: (type: number, payload: Uint8Array) => Uint8Array;
  /** Bytes after the frame. */
  readonly after: (frame: Uint8Array) => Uint8Array;
  /** Writes the frame, and resolves when it has left. */
  readonly write: (socket: Socket, frame: Uint8Array, call: Call) => Promise<void>;
  /** Reads the answer. */
  readonly read: (socket: Socket, call: Call) => Promise<Frame>;
  readonly decode: (frame: Frame) => SubmitResponse;
  readonly decide: (response: SubmitResponse, call: Call) => Line;
  /** After an update or results. */
  readonly leave: (socket: Socket, call: Call) => Promise<void>;
  readonly report: (line: Line) => Line;
  /** What an error is reported as. */
  readonly fail: (error: unknown, call: Call) => ClientEnd;
  /** How often a call is attempted when the connection breaks before an answer. */
  readonly tries: number;
}

const TYPES = { submit: 1, update: 3, results: 4 } as const;
const MAX_PAYLOAD = 16 * 1024 * 1024;

/** The error of a deadline, or of a connection that ended too early. */
export class CallError extends Error {
  override readonly name = 'CallError';
}

/** Reads one frame within the time limit. */
export async function readFrame(socket: Socket, { timeoutMs }: Call): Promise<Frame> {
  const decoder = new FrameDecoder();
  return withinTime(socket, timeoutMs, async () => {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      decoder.push(chunk as Buffer);
      const frame = decoder.next();
      if (frame !== undefined) return frame;
    }
    throw new CallError('the connection ended before the answer');
  });
}

/** Runs the work; destroys the socket when the time is over. */
export async function withinTime<T>(socket: Socket, ms: number, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => socket.destroy(new CallError('the time is over')), ms);
  try {
    const value = await work();
    if (socket.errored) throw socket.errored;
    return value;
  } finally {
    clearTimeout(timer);
  }
}

export const HONEST: Parts = {
  makeId: generateTaskId,
  validate: (_, action, payload) => {
    if (action === 'submit') validateSubmitRequest(unmarshalSubmitRequest({ type: 1, payload }));
    if (action === 'update') validateTaskStatusUpdate(unmarshalTaskStatusUpdate({ type: 3, payload }));
    if (action === 'results') {
      const message = unmarshalTaskResultMessage({ type: 4, payload });
      validateTaskResultMessage(message);
      if (message.filename !== undefined) validateResultFilename(message.filename);
    }
    if (payload.length > MAX_PAYLOAD) throw new ValidationError('file-too-large', 'F2', 'over the cap');
  },
  payload: (_, json, action) => {
    if (action === 'submit')
      return marshalSubmitRequest(unmarshalSubmitRequest({ type: 1, payload: json })).payload;
    if (action === 'update')
      return marshalTaskStatusUpdate(unmarshalTaskStatusUpdate({ type: 3, payload: json })).payload;
    return marshalTaskResultMessage(unmarshalTaskResultMessage({ type: 4, payload: json })).payload;
  },
  type: (action) => TYPES[action],
  header: (type, payload) => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(type);
    header.writeUInt32BE(payload.length, 4);
    return header;
  },
  after: () => new Uint8Array(0),
  write: (socket, frame, { timeoutMs }) =>
    withinTime(
      socket,
      timeoutMs,
      () =>
        new Promise<void>((resolve, reject) => {
          socket.once('close', () => reject(socket.errored ?? new CallError('closed')));
          socket.write(frame, (error) => (error ? reject(error) : resolve()));
        }),
    ),
  read: readFrame,
  decode: unmarshalSubmitResponse,
  decide: ({ taskId, status, message }, call) => {
    if (taskId !== call.taskId) throw new Error('the answer is about another task');
    if (status !== 200 && status !== 400) throw new Error('the answer has no status');
    return { outcome: status === 200 ? 'accepted' : 'rejected', taskId, message };
  },
  leave: async (socket) => {
    await withinTime(socket, 50, () => once(socket.resume(), 'end')).catch((error: unknown) => {
      if (!(error instanceof CallError)) throw error;
    });
  },
  report: (line) => line,
  fail: (error) => {
    const outcome = error instanceof ValidationError ? 'refused' : 'error';
    return { kind: 'reported', line: { outcome, message: String(error) } };
  },
  tries: 1,
};

/** Shuts down its sending side after the frame. */
export const halfCloses: Pick<Parts, 'write'> = {
  write: async (socket, frame, call) => {
    await HONEST.write(socket, frame, call);
    socket.end();
  },
};

/** Validates what was given and not what is sent, which a fault has changed. */
export const validatesGiven: Parts['validate'] = (fields, action) =>
  HONEST.validate(fields, action, Buffer.from(JSON.stringify(fields)));

/** Validates but for the rules with these codes, and refuses the fields for which `isRefused` (default: none) returns true. */
export function validatesBut(
  codes: readonly ValidationErrorCode[],
  isRefused: (fields: Fields, payload: Uint8Array) => boolean = () => false,
): Pick<Parts, 'validate'> {
  return {
    validate: (fields, action, payload) => {
      try {
        HONEST.validate(fields, action, payload);
      } catch (error) {
        if (!(error instanceof ValidationError) || !codes.includes(error.code)) throw error;
      }
      if (isRefused(fields, payload)) throw new ValidationError('extension-unknown', 'R4', 'refused');
    },
  };
}

/** The client with some parts replaced, as a driver that starts no process. */
export function clientOf(replaced: Partial<Parts>): ClientDriver {
  const parts: Parts = { ...HONEST, ...replaced };
  return async (call) => {
    const sockets: Socket[] = [];
    try {
      return { end: await unlessAborted(act(parts, call, sockets), call.deadline.signal) };
    } catch (error) {
      if (!call.deadline.signal.aborted) throw error;
      return { end: { kind: 'not-ended', afterMs: call.deadline.afterMs } };
    } finally {
      // The end of a process closes its sockets.
      for (const socket of sockets) socket.on('error', () => {}).destroy();
    }
  };
}

async function act(
  parts: Parts,
  { host, port, play, message, timeoutMs }: ClientCall,
  sockets: Socket[],
): Promise<ClientEnd> {
  const { action } = play;
  let call: Call = { action, timeoutMs, taskId: '' };
  try {
    const taskId = action === 'submit' ? parts.makeId() : '';
    const json = action === 'submit' ? withId(message, taskId) : Buffer.from(message);
    const fields = JSON.parse(json.toString()) as Fields;
    call = { ...call, taskId };
    const payload = parts.payload(fields, json, action);
    parts.validate(fields, action, payload);
    const framed = Buffer.concat([parts.header(parts.type(action), payload), payload]);
    const frame = Buffer.concat([framed, parts.after(framed)]);
    for (let left = parts.tries; ; left -= 1) {
      try {
        return {
          kind: 'reported',
          line: parts.report(await exchange(parts, { host, port }, frame, call, sockets)),
        };
      } catch (error) {
        if (left <= 1) throw error;
      }
    }
  } catch (error) {
    return parts.fail(error, call);
  }
}

async function exchange(
  parts: Parts,
  address: { readonly host: string; readonly port: number },
  frame: Uint8Array,
  call: Call,
  sockets: Socket[],
): Promise<Line> {
  const socket = connect({ ...address, allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  await parts.write(socket, frame, call);
  if (call.action === 'submit') return parts.decide(parts.decode(await parts.read(socket, call)), call);
  await parts.leave(socket, call);
  return { outcome: 'sent' };
}

function withId(message: string, taskId: string): Buffer {
  return Buffer.from(message.replace('{', `{${JSON.stringify('task_id')}: ${JSON.stringify(taskId)},`));
}
