/** A client that a person starts: the kit prints what to do, and asks what the client reported. */

import { createInterface } from 'node:readline/promises';
import type { ClientDriver, DriverEnd, MessageFields } from '../../conformance/index.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { Context } from '../core/context.ts';

/** By the letter or the word that the person types. */
const OUTCOMES = {
  a: 'accepted',
  r: 'rejected',
  s: 'sent',
  f: 'refused',
  e: 'error',
} as const;

/** UTF-16 units of a value that are shown; a longer one is described by its size. */
const SHOWN = 200;

/** A driver that asks on standard error and reads the answers from standard input. */
export function handDriver(
  context: Pick<Context, 'err'>,
  input: NodeJS.ReadableStream = process.stdin,
): ClientDriver {
  const lines = createInterface({ input });
  const answers = lines[Symbol.asyncIterator]();
  return async ({ host, port, play, message, signal }): Promise<DriverEnd> => {
    context.err(
      [
        '',
        `The kit listens on ${host}:${port}. ${play.server.describe}`,
        `Let your client ${DO[play.action]} there once, with these fields:`,
        ...fieldLines(play.message, message),
        'What did it report? a accepted, r rejected, s sent, f refused, e error; or d if it died or hangs',
        '',
      ].join('\n'),
    );
    while (true) {
      const answer = await Promise.race([answers.next(), rejection(signal)]);
      if (answer.done) return { breach: 'standard input ended before the report of the client was typed' };
      const word = answer.value.trim().toLowerCase();
      if (/^d(ied)?$/.test(word)) return { end: { kind: 'died', how: 'as typed' } };
      const outcome =
        Object.values(OUTCOMES).find((one) => one === word) ?? OUTCOMES[word as keyof typeof OUTCOMES];
      if (outcome !== undefined) return { end: { kind: 'reported', line: { outcome } } };
      context.err('one of: a, r, s, f, e, d\n');
    }
  };
}

const DO = { submit: 'submit a task', update: 'send a status update', results: 'send results' } as const;

function fieldLines(fields: MessageFields, json: string): readonly string[] {
  const values: Readonly<Record<string, unknown>> = JSON.parse(json);
  return Object.keys(fields).map((name) => {
    const value = JSON.stringify(values[name]);
    return `  ${name}: ${value.length > SHOWN ? `${printable(value, 40)} (${value.length - 2} characters)` : printable(value, SHOWN)}`;
  });
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
