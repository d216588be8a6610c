/**
 * The interface between the server and the program that uses it: one handler for each message. roles/receiver.ts and
 * roles/submitter.ts implement it on a store. connection.ts calls the handlers.
 */

import type {
  SubmitRequest,
  TaskResult,
  TaskResultMessage,
  TaskStatusUpdate,
} from '../protocol/message-types.ts';

/** The address of the other end of a connection. */
export interface Peer {
  /** An IP address as text. */
  readonly address: string;
  readonly port: number;
}

/**
 * Sends a RESULT to the submitter, on the connection of its SUBMIT (F6). Results are sent one after another, in the order of
 * the calls. Rejects when the connection has ended, also when a deadline or the limit of memory has ended it, and once
 * `deliver` has settled.
 */
export type ResultSender = (result: TaskResult) => Promise<void>;

/** The answer to a SUBMIT, and work that follows it. */
export interface Answer {
  /** true gives 200, false gives 400 (S2). */
  readonly accept: boolean;
  /** The message for the peer, sent as it is (S4). Default: 'Task accepted' or 'Task rejected'. */
  readonly message?: string;
  /** Runs after an answer of 200. The connection stays open until it settles and its results are sent. A failure is logged. */
  readonly deliver?: (send: ResultSender) => Promise<void>;
}

/** A decision on a SUBMIT: true accepts, false rejects, as in the documentation; an Answer can say more. */
export type Decision = boolean | Answer;

/**
 * Decides on a SUBMIT whose description is within its bound (S5). If it throws, the answer is 400 'internal error'
 * and the error is logged. Accept only when the task is stored, because 200 is a promise (S9). The connection waits
 * until the handler has settled; no deadline of the server runs in this time.
 */
export type Handler = (request: SubmitRequest, peer: Peer) => Decision | Promise<Decision>;

/** The handlers of a Server. A message without a handler, or with a field over its bound, is read and checked, and then dropped. */
export interface Handlers {
  /** For SUBMIT (S1). */
  readonly submit: Handler;
  /**
   * For a STATUS_UPDATE whose justification is within its bound (U4). A failure is logged; the peer receives no answer in any case (U1).
   * A refusal (`isRefusal` of the errors of the reference) is a fault of the peer, and the log counts those.
   */
  readonly statusUpdate?: (update: TaskStatusUpdate, peer: Peer) => Promise<void>;
  /** For SEND_RESULTS whose fields are within their bounds (R2). A failure is logged as that of an update (R1). */
  readonly results?: (message: TaskResultMessage, peer: Peer) => Promise<void>;
}
