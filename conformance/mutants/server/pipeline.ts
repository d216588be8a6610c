/**
 * A server as a pipeline of functions, so that a mutant is a server with some of them replaced:
 * connection → open → framer → parse → isTooLong → submit, update or results → encode → send → finish. The correct pipeline
 * is composed of the reference's functions. `refuse` handles protocol violations, `onConnectionError` handles resets.
 */

import type { Socket } from 'node:net';
import {
  cancel,
  encodeFrame,
  expire,
  expireStalled,
  type Frame,
  FrameDecoder,
  isAcceptedStalled,
  isExpiredForAccept,
  isExpiredInQueue,
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

/** Bytes in, frames out. Every method may throw a ProtocolError. */
export interface Framer {
  push(chunk: Uint8Array): void;
  next(): Frame | undefined;
  /** Called after the peer has ended the stream and `next` has returned all complete frames. */
  end(): void | Promise<void>;
}

/** Undefined if a message gets no answer. */
export type Answer = SubmitResponse | undefined;

/** The progress of a connection. */
export interface Progress {
  /** Frames that were parsed. */
  readonly served: number;
  /** Bytes that were received. */
  readonly bytes: number;
}

export interface Pipeline {
  /** Called for each new connection. Nothing is read from it before this resolves. */
  readonly open: (socket: Socket) => Promise<void>;
  /** Creates the framer of a connection. */
  readonly framer: (socket: Socket) => Framer;
  /** Throws a ProtocolError if the frame is no legal message. */
  readonly parse: (frame: Frame) => Message;
  /** Whether a description exceeds its limit (S5). */
  readonly isTooLong: (description: string) => boolean;
  /** The answer to a SUBMIT whose description exceeds its limit. */
  readonly submitTooLong: (request: SubmitRequest) => Promise<Answer>;
  readonly submit: (request: SubmitRequest) => Promise<Answer>;
  readonly update: (update: TaskStatusUpdate) => Promise<Answer>;
  readonly results: (message: TaskResultMessage) => Promise<Answer>;
  /** The frame of an answer. */
  readonly encode: (response: SubmitResponse) => Uint8Array;
  readonly send: (socket: Socket, bytes: Uint8Array) => Promise<void>;
  /** How many frames are served on a connection. */
  readonly maxFrames: number;
  /** Called after the last frame, or when the peer has ended the stream between two frames. */
  readonly finish: (socket: Socket) => void;
  /** Called when the peer has violated the protocol. */
  readonly refuse: (socket: Socket, error: ProtocolError) => void;
  /** Called when the connection is reset. */
  readonly onConnectionError: (at: Progress) => void;
  /** Called a minute after a connection was opened, unless it was served before (T6). */
  readonly onIdle: (socket: Socket) => void;
  /** Applies the timeouts of tasks (L1). Called every `sweepMs`. */
  readonly sweep: () => Promise<void>;
  /** Milliseconds between two sweeps (L4). */
  readonly sweepMs: number;
}

/** Replaces the functions of the pipeline that differ from the correct ones. */
export type Replacement = (correct: Pipeline, environment: Environment) => Partial<Pipeline>;

export const PEER: Peer = { address: '127.0.0.1', port: 0 };

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
          throw new ProtocolError('unexpected-type', 'F7', 'unknown type');
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
        (task) => cancel(task, 'Not accepted in time', environment.nowFor(task.createdAt)),
      );
      await received.sweep(
        'ACCEPTED',
        (task) => task.stagedAt !== undefined && isExpiredInQueue(task, environment.nowFor(task.stagedAt)),
        (task) => expire(task, 'Not executed in time'),
      );
      await submitted.sweep(
        'ACCEPTED',
        (task) => isAcceptedStalled(task, environment.nowFor(task.acceptedAt ?? '')),
        expireStalled,
      );
    },
    sweepMs: 10_000,
  };
}

export function acceptance(taskId: string): SubmitResponse {
  return { taskId, status: 200, message: 'accepted' };
}

export function rejection(taskId: string, message = 'rejected'): SubmitResponse {
  return { taskId, status: 400, message };
}
