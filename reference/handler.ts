/**
 * What a program plugs into the server, and the step from a message to the answer that it owes:
 * SessionMessage → handler → SubmitResponse, or nothing where the protocol wants no answer.
 */
import type { Logger } from './logger.ts';
import type { SubmitRequest, SubmitResponse, TaskResultMessage, TaskStatusUpdate } from './message-types.ts';
import { MAX_TASK_DESCRIPTION_BYTES, STATUS_ACCEPTED, STATUS_REJECTED } from './protocol.ts';
import type { SessionMessage } from './session.ts';

/** The other end of a connection. */
export interface Peer {
  /** IP address in text. */
  readonly address: string;
  readonly port: number;
}

/**
 * Decides on a task: true accepts (200), false rejects (400). A throw answers 400 'internal error' and is logged.
 * Resolve to true only when the task is safe: the answer is a promise (S9). The connection waits for as long as the
 * handler takes; no deadline of the server runs meanwhile.
 */
export type Handler = (request: SubmitRequest, peer: Peer) => boolean | Promise<boolean>;

/** Handlers by message. A message without a handler is read, checked and dropped. */
export interface Handlers {
  readonly submit: Handler;
  /** A failure is logged; the peer hears of neither outcome (U1). */
  readonly statusUpdate?: (update: TaskStatusUpdate, peer: Peer) => Promise<void>;
  /** A failure is logged; the peer hears of neither outcome (R1). */
  readonly results?: (message: TaskResultMessage, peer: Peer) => Promise<void>;
}

/** Runs the handler for `message`. Never rejects; resolves to the answer owed to the peer, if any. */
export async function respond(
  handlers: Handlers,
  message: SessionMessage,
  peer: Peer,
  logger: Logger,
): Promise<SubmitResponse | undefined> {
  try {
    switch (message.kind) {
      case 'submit': {
        const { taskId } = message.request;
        return (await handlers.submit(message.request, peer))
          ? { taskId, status: STATUS_ACCEPTED, message: 'Task accepted' }
          : rejection(taskId, 'Task rejected');
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

function rejection(taskId: string, message: string): SubmitResponse {
  return { taskId, status: STATUS_REJECTED, message };
}
