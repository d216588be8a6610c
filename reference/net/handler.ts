/**
 * What a program plugs into the server, and the step from a message to the answer that it owes:
 * SessionMessage → handler → SubmitResponse, or nothing where the protocol wants no answer.
 */

import { MAX_TASK_DESCRIPTION_BYTES, STATUS_ACCEPTED, STATUS_REJECTED } from '../protocol/constants.ts';
import type {
  SubmitRequest,
  SubmitResponse,
  TaskResult,
  TaskResultMessage,
  TaskStatusUpdate,
} from '../protocol/message-types.ts';
import type { Logger } from '../support/logger.ts';
import type { SessionMessage } from './session.ts';

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

/** The answer owed to the peer, and what is to run behind it. */
export interface Response {
  readonly answer: SubmitResponse;
  readonly deliver?: (send: ResultSender) => Promise<void>;
}

/** Runs the handler for `message`. Never rejects; resolves to the response owed to the peer, if any. */
export async function respond(
  handlers: Handlers,
  message: SessionMessage,
  peer: Peer,
  logger: Logger,
): Promise<Response | undefined> {
  try {
    switch (message.kind) {
      case 'submit': {
        const { taskId } = message.request;
        const decision = await handlers.submit(message.request, peer);
        const answer: Answer = typeof decision === 'boolean' ? { accept: decision } : decision;
        if (!answer.accept) return rejection(taskId, answer.message ?? 'Task rejected');
        const { message: reason = 'Task accepted', deliver } = answer;
        return { answer: { taskId, status: STATUS_ACCEPTED, message: reason }, ...(deliver && { deliver }) };
      }
      case 'oversized-submit':
        return rejection(
          message.request.taskId,
          `task description exceeds ${MAX_TASK_DESCRIPTION_BYTES} bytes`,
        );
      case 'status-update':
        await handlers.statusUpdate?.(message.update, peer);
        return undefined;
      case 'results':
        await handlers.results?.(message.message, peer);
        return undefined;
    }
  } catch (err) {
    logger.warn({ peer, message: message.kind, err }, 'handler failed');
    return message.kind === 'submit' ? rejection(message.request.taskId, 'internal error') : undefined;
  }
}

function rejection(taskId: string, message: string): Response {
  return { answer: { taskId, status: STATUS_REJECTED, message } };
}
