/**
 * What a program plugs into the server, and the step from a message to the answer that it owes:
 * SessionMessage → handler → SubmitResponse, or nothing where the protocol wants no answer.
 */

import type {
  SubmitRequest,
  TaskResult,
  TaskResultMessage,
  TaskStatusUpdate,
} from '../protocol/message-types.ts';

/** The other end of a connection. */
export interface Peer {
  /** IP address in text. */
  readonly address: string;
  readonly port: number;
}

/** Sends a RESULT to the submitter, on the connection of its SUBMIT (F6). Rejects when the connection is gone. */
export type ResultSender = (result: TaskResult) => Promise<void>;

/** What to answer a SUBMIT with, and what follows. */
export interface Answer {
  /** true is 200, false is 400 (S2). */
  readonly accept: boolean;
  /** Goes to the peer as it is (S4). Default: a word on the decision. */
  readonly message?: string;
  /** Runs behind an answer of 200, with the connection kept open until it resolves. A failure is logged. */
  readonly deliver?: (send: ResultSender) => Promise<void>;
}

/** The short form is the documented one: true accepts, false rejects. */
export type Decision = boolean | Answer;

/**
 * Decides on a task: accepts (200) or rejects (400). A throw answers 400 'internal error' and is logged.
 * Accept only when the task is safe: the answer is a promise (S9). The connection waits for as long as the
 * handler takes; no deadline of the server runs meanwhile.
 */
export type Handler = (request: SubmitRequest, peer: Peer) => Decision | Promise<Decision>;

/** Handlers by message. A message without a handler is read, checked and dropped. */
export interface Handlers {
  readonly submit: Handler;
  /** A failure is logged; the peer hears of neither outcome (U1). */
  readonly statusUpdate?: (update: TaskStatusUpdate, peer: Peer) => Promise<void>;
  /** A failure is logged; the peer hears of neither outcome (R1). */
  readonly results?: (message: TaskResultMessage, peer: Peer) => Promise<void>;
}
