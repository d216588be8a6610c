/** The executions of a case, as lines for a person and as the records of a report. */

import type { WireRecord } from '../../conformance/report/record.ts';
import { recordTranscript } from '../../conformance/report/transcript-record.ts';
import { counted } from '../../conformance/util/counted.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { Transcript, WireEvent } from '../../conformance/wire/transcript.ts';
import type { Reply } from '../execute/exchange.ts';
import type { Execution } from '../execute/execute.ts';
import { shownBytes } from '../execute/shown-bytes.ts';
import { breachesOf, type ConnectionBehaviour, type InvariantId } from '../oracle/invariants.ts';

/**
 * The connections of a case as lines. The last one that breaks the invariant is first, because a terminal shows only the first
 * lines. Without an invariant, or if no connection breaks it, they are in their order.
 */
export function describeExecutions(
  executions: readonly Execution[],
  behaviour: ConnectionBehaviour,
  invariant?: InvariantId,
): string[] {
  const count = executions.length;
  if (count === 1) return executions.flatMap(describeExecution);
  const at = executions.findLastIndex((one) => isBroken(one, behaviour, invariant));
  const lines = executions.map((one, index) => {
    const [first = '', ...others] = describeExecution(one);
    return [
      `connection ${index + 1} of ${count}${index === at ? ', which shows it' : ''}: ${first}`,
      ...others,
    ];
  });
  return [...lines.splice(Math.max(at, 0), 1), ...lines].flat();
}

function isBroken(one: Execution, behaviour: ConnectionBehaviour, invariant?: InvariantId): boolean {
  // Where the target died, it owes an answer.
  if (invariant === 'survives') return one.reply.ending !== 'refused' && one.answers.length === 0;
  return breachesOf(one, behaviour).some((breach) => breach.invariant === invariant);
}

/** What was sent, what came back, and how the connection ended: a line each, escaped. */
function describeExecution({ sent, reply }: Execution): string[] {
  const { received, more } = reply;
  const moreBytes = more?.bytes ?? 0;
  const receivedWords =
    received.length === 0
      ? 'nothing came back'
      : `${counted(received.length + moreBytes, 'byte')} came back: ${shownBytes(received, moreBytes)}`;
  return [
    `sent ${counted(sent.bytes.length, 'byte')}: ${shownBytes(sent.bytes)}`,
    receivedWords,
    `${ENDINGS[reply.ending]}${reply.code === undefined ? '' : ` (${printable(reply.code)})`}`,
  ];
}

const ENDINGS: Readonly<Record<Reply['ending'], string>> = {
  fin: 'the target closed the connection',
  reset: 'the connection was reset',
  open: 'the connection stayed open',
  hung: 'the connection stayed open, and there was no reaction until the deadline',
  idle: 'the connection stayed open, waiting for more',
  'own-reset': 'the connection was reset by this side',
  refused: 'the connection was refused',
  flood: 'the target sent more than the kit reads',
};

/** As the records of a report. */
export function wireOf({ sent, reply }: Execution): readonly WireRecord[] {
  const { received, more, afterMs } = reply;
  const { length } = sent.bytes;
  const whole = { head: sent.bytes, total: length, asked: length, segments: 1, tookMs: 0 };
  const isConnected = reply.ending !== 'refused';
  const log: Transcript = [
    ...(isConnected ? [{ kind: 'connected', atMs: 0 } as const] : []),
    ...(isConnected && length > 0 ? [{ kind: 'sent', ...whole, atMs: 0 } as const] : []),
    ...(sent.end === 'fin' ? [{ kind: 'sent-fin', atMs: 0 } as const] : []),
    ...(received.length > 0
      ? [{ kind: 'received', bytes: received, ...(more && { more }), atMs: afterMs } as const]
      : []),
    { ...endingOf(reply), atMs: afterMs },
  ];
  return recordTranscript(log);
}

function endingOf({ ending, code = 'unknown', afterMs, received, more }: Reply): WireEvent {
  switch (ending) {
    case 'fin':
      return { kind: 'fin' };
    case 'reset':
      return { kind: 'reset', code };
    case 'open':
    case 'idle':
      return { kind: 'quiet', ms: Math.round(afterMs) };
    case 'hung':
      return { kind: 'deadline', ms: Math.round(afterMs) };
    case 'own-reset':
      return { kind: 'sent-reset' };
    case 'refused':
      return { kind: 'connect-failed', code };
    case 'flood':
      return { kind: 'flood', keptBytes: received.length + (more?.bytes ?? 0) };
  }
}
