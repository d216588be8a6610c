/**
 * A server in parts, each a function, so that a broken server is one that has a part replaced:
 * connection → open → framer → read → exceeds → submit, update or results → write → send → leave. The sound parts are the
 * reference's, put together anew; what is no legal message goes to refuse, a connection that breaks to broken.
 */

import type { Socket } from 'node:net';
import {
  cancel,
  encodeFrame,
  expire,
  type Frame,
  FrameDecoder,
  isAcceptedStalled,
  isExpiredForAccept,
  MAX_TASK_DESCRIPTION_BYTES,
  marshalSubmitResponse,
  type Peer,
  ProtocolError,
  Receiver,
  type SubmitRequest,
  type SubmitResponse,
  Submitter,
  type TaskResultMessage,
  type TaskStatusUpdate,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  TYPE_SUBMIT,
  unmarshalSubmitRequest,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
} from '../../../reference/index.ts';
import type { Environment } from './environment.ts';

export type Message =
  | { readonly kind: 'submit'; readonly request: SubmitRequest }
  | { readonly kind: 'update'; readonly update: TaskStatusUpdate }
  | { readonly kind: 'results'; readonly results: TaskResultMessage };

/** Bytes in, frames out. Its calls throw a ProtocolError for what is no frame. */
export interface Framer {
  push(chunk: Uint8Array): void;
  next(): Frame | undefined;
  /** The peer has ended, and the complete frames have been taken. */
  end(): void | Promise<void>;
}

/** Nothing where a message gets no answer. */
export type Answer = SubmitResponse | undefined;

/** How far a connection has come. */
export interface Progress {
  /** Frames that were taken from it. */
  readonly served: number;
  readonly bytes: number;
}

export interface Pipeline {
  /** A connection has come about. It is read once this resolves. */
  readonly open: (socket: Socket) => Promise<void>;
  /** One for each connection. */
  readonly framer: (socket: Socket) => Framer;
  /** Throws a ProtocolError for what is no legal message. */
  readonly parse: (frame: Frame) => Message;
  /** Whether a description is over its bound (S5). */
  readonly isTooLong: (description: string) => boolean;
  /** The answer to a description over its bound. */
  readonly submitTooLong: (request: SubmitRequest) => Promise<Answer>;
  readonly submit: (request: SubmitRequest) => Promise<Answer>;
  readonly update: (update: TaskStatusUpdate) => Promise<Answer>;
  readonly results: (message: TaskResultMessage) => Promise<Answer>;
  /** The bytes of an answer's frame. */
  readonly encode: (response: SubmitResponse) => Uint8Array;
  readonly send: (socket: Socket, bytes: Uint8Array) => Promise<void>;
  /** Frames that are served on a connection. */
  readonly maxFrames: number;
  /** The last frame was served, or the peer has ended between two. */
  readonly finish: (socket: Socket) => void;
  /** The peer broke the protocol. */
  readonly refuse: (socket: Socket, error: ProtocolError) => void;
  /** The connection broke. */
  readonly onConnectionError: (at: Progress) => void;
  /** A peer has been silent for a minute. */
  readonly onIdle: (socket: Socket) => void;
  /** Ends the tasks whose time is up (L1); called every 10 seconds. */
  readonly sweep: () => Promise<void>;
}

/** Replaces a part, or the few that one fault shows in. */
export type Replacement = (correct: Pipeline, environment: Environment) => Partial<Pipeline>;

const PEER: Peer = { address: '127.0.0.1', port: 0 };

export function correctPipeline(environment: Environment): Pipeline {
  const { store, now } = environment;
  const receiver = new Receiver({ store, clock: now });
  const submitter = new Submitter({ store, clock: now });
  return {
    open: async () => {},
    framer: () => new FrameDecoder(),
    parse: (frame) => {
      switch (frame.type) {
        case TYPE_SUBMIT:
          return { kind: 'submit', request: unmarshalSubmitRequest(frame) };
        case TYPE_STATUS_UPDATE:
          return { kind: 'update', update: unmarshalTaskStatusUpdate(frame) };
        case TYPE_SEND_RESULTS:
          return { kind: 'results', results: unmarshalTaskResultMessage(frame) };
        default:
          throw new ProtocolError('unexpected-type', 'F7', 'no type of a message');
      }
    },
    isTooLong: (description) => Buffer.byteLength(description) > MAX_TASK_DESCRIPTION_BYTES,
    submitTooLong: async ({ taskId }) => rejection(taskId, 'the description is too long'),
    submit: async (request) => {
      if (!environment.storesTasks) return acceptance(request.taskId);
      const decision = await receiver.submit(request, PEER);
      const { accept, message = 'accepted' } =
        typeof decision === 'boolean' ? { accept: decision } : decision;
      return accept ? acceptance(request.taskId) : rejection(request.taskId, message);
    },
    update: async (update) => {
      await submitter.statusUpdate(update, PEER);
      return undefined;
    },
    results: async (message) => {
      await submitter.results(message, PEER);
      return undefined;
    },
    encode: (response) => encodeFrame(marshalSubmitResponse(response)),
    send: (socket, bytes) =>
      new Promise((resolve) => {
        socket.write(bytes, () => resolve());
      }),
    maxFrames: 1,
    finish: (socket) => {
      socket.end();
    },
    refuse: (socket) => {
      socket.destroy();
    },
    onConnectionError: () => {},
    onIdle: (socket) => {
      socket.destroy();
    },
    sweep: async () => {
      const { received, submitted } = store;
      await received.sweep(
        'NEW',
        (task) => isExpiredForAccept(task, environment.nowFor(task.createdAt)),
        (task) => cancel(task, 'Nobody accepted it', environment.nowFor(task.createdAt)),
      );
      await submitted.sweep(
        'ACCEPTED',
        (task) => isAcceptedStalled(task, environment.nowFor(task.acceptedAt ?? '')),
        (task) => expire(task, 'No results came'),
      );
    },
  };
}

export function acceptance(taskId: string): SubmitResponse {
  return { taskId, status: 200, message: 'accepted' };
}

export function rejection(taskId: string, message = 'rejected'): SubmitResponse {
  return { taskId, status: 400, message };
}
