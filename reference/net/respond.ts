/** Message → handler → answer of the protocol, without a socket. A handler that fails is logged. */

import { MAX_TASK_DESCRIPTION_BYTES, STATUS_ACCEPTED, STATUS_REJECTED } from '../protocol/constants.ts';
import { Refusable } from '../protocol/errors.ts';
import type { SubmitResponse } from '../protocol/message-types.ts';
import type { ConnectionLog } from '../support/connection-log.ts';
import type { Answer, Decision, Handlers, Peer, ResultSender } from './handler.ts';
import type { SessionMessage } from './messages.ts';

/** The answer to the peer, and the work that follows it on the connection. */
export interface Reply {
  readonly answer: SubmitResponse;
  readonly deliver?: (send: ResultSender) => Promise<void>;
}

/** A message that has an answer or a handler. */
type Handled = Exclude<SessionMessage, { readonly kind: 'oversized' }>;

/**
 * Calls the handler for `message`. Undefined when the message has no answer (U1, R1). When the handler fails, that is logged, and a
 * SUBMIT is answered 400. Throws nothing, and rejects never. It is no promise if the handler returns none.
 */
export function respond(
  handlers: Handlers,
  message: Handled,
  peer: Peer,
  log: ConnectionLog,
): Reply | undefined | Promise<Reply | undefined> {
  const fail = (err: unknown): Reply | undefined => {
    logFailure(log, message.kind, err);
    return message.kind === 'submit' ? rejection(message.request.taskId, 'internal error') : undefined;
  };
  try {
    const reply = callHandler(handlers, message, peer);
    return reply instanceof Promise ? reply.catch(fail) : reply;
  } catch (err) {
    return fail(err);
  }
}

/** A refusal is a fault of the peer, which cannot fill the log with it. What fails otherwise is logged in full each time. */
function logFailure(log: ConnectionLog, message: Handled['kind'], err: unknown): void {
  if (err instanceof Refusable && err.isRefusal)
    log.fault('code' in err ? String(err.code) : err.name, 'message refused', { message, err });
  else log.failure('handler failed', { message, err });
}

function callHandler(
  handlers: Handlers,
  message: Handled,
  peer: Peer,
): Reply | undefined | Promise<Reply | undefined> {
  switch (message.kind) {
    case 'submit': {
      const { taskId } = message.request;
      const decision = handlers.submit(message.request, peer);
      if (isDecided(decision)) return replyTo(taskId, decision);
      return Promise.resolve(decision).then((decided) => replyTo(taskId, decided));
    }
    case 'oversized-submit':
      return rejection(message.taskId, `task description exceeds ${MAX_TASK_DESCRIPTION_BYTES} bytes`);
    case 'status-update':
      return withoutAnswer(handlers.statusUpdate?.(message.update, peer));
    case 'results':
      return withoutAnswer(handlers.results?.(message.message, peer));
  }
}

function isDecided(decision: Decision | Promise<Decision>): decision is Decision {
  return typeof decision === 'boolean' || 'accept' in decision;
}

function replyTo(taskId: string, decision: Decision): Reply {
  const answer: Answer = typeof decision === 'boolean' ? { accept: decision } : decision;
  if (!answer.accept) return rejection(taskId, answer.message ?? 'Task rejected');
  const { message = 'Task accepted', deliver } = answer;
  return { answer: { taskId, status: STATUS_ACCEPTED, message }, ...(deliver && { deliver }) };
}

function rejection(taskId: string, message: string): Reply {
  return { answer: { taskId, status: STATUS_REJECTED, message } };
}

async function withoutAnswer(done: Promise<void> | undefined): Promise<undefined> {
  await done;
  return undefined;
}
