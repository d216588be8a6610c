/** What `conform init` has to know: from its options, or from questions on a terminal. */

import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { ObserverError } from '../../conformance/observers/observer-error.ts';
import { hasPlaceholder, withValues } from '../../conformance/observers/placeholders.ts';
import { printable } from '../../conformance/util/printable.ts';
import { notOneOf } from '../core/check-command-line.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { parseAddress } from '../options/address.ts';

/** Where CI runs; 'none': no workflow is written. */
export const CI_SERVICES = ['github', 'gitlab', 'none'] as const;
export type CiService = (typeof CI_SERVICES)[number];

export interface Answers {
  /** How the server is reached: the command that starts it, or the address of one that runs. */
  readonly server: { readonly exec: string } | { readonly target: string };
  readonly ci: CiService;
}

/** Shows the question; resolves with one line, without its end. */
export type Ask = (question: string) => Promise<string>;

/** Throws a UsageError for a command without {port}, or with a placeholder that does not exist. */
export function checkExec(exec: string): string {
  try {
    withValues(exec, { port: '1003', dir: 'store' });
  } catch (error) {
    if (!(error instanceof ObserverError)) throw error;
    throw new UsageError(`--exec: ${error.message}`, 'invalid-value', '--exec');
  }
  if (!hasPlaceholder(exec, 'port'))
    throw new UsageError(
      `--exec ${printable(JSON.stringify(exec))} has no {port}, where the number of the port goes`,
      'invalid-value',
      '--exec',
    );
  return exec;
}

/** Throws a UsageError for what is not HOST:PORT. */
export function checkTarget(target: string): string {
  parseAddress(target, '--target');
  return target;
}

/**
 * Asks until each answer is valid; a line says what is wrong with one that is not. `ci`: what the command line says, which is
 * then not asked.
 */
export async function askAll(ask: Ask, say: Context['out'], ci?: CiService): Promise<Answers> {
  const valid = async <Value>(question: string, read: (answer: string) => Value): Promise<Value> => {
    for (;;) {
      const answer = (await ask(question)).trim();
      try {
        return read(answer);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        say(`${error.message}\n`);
      }
    }
  };
  say('{port} stands for a free port, and {dir} for the folder of its tasks.\n');
  const exec = await valid('Command that starts your server (empty: it runs already): ', (answer) =>
    answer === '' ? undefined : checkExec(answer),
  );
  const server =
    exec === undefined ? { target: await valid('Its address, as HOST:PORT: ', checkTarget) } : { exec };
  return { server, ci: ci ?? (await valid('CI: github, gitlab or none (empty: github): ', ciOf)) };
}

function ciOf(answer: string): CiService {
  const found = CI_SERVICES.find((name) => name === (answer || 'github'));
  if (found === undefined) throw new UsageError(notOneOf(JSON.stringify(answer), answer, CI_SERVICES));
  return found;
}

/**
 * Runs `talk` with questions on a terminal, by default that of this process. Throws a UsageError when the input ends before an
 * answer, as by Ctrl-D.
 */
export async function onTerminal<Value>(
  { interrupted }: Pick<Context, 'interrupted'>,
  talk: (ask: Ask) => Promise<Value>,
  [input, output]: readonly [Readable, Writable] = [process.stdin, process.stdout],
): Promise<Value> {
  const lines = createInterface({ input, output, terminal: true });
  // On a terminal Ctrl-C is a key for this interface, and no signal.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const closed = once(lines, 'close').then(() => Promise.reject(inputEnded()));
  closed.catch(() => {});
  const ask: Ask = async (question) => {
    const answer = lines
      .question(question, { signal: interrupted })
      .catch(() => Promise.reject(inputEnded()));
    return Promise.race([answer, closed]);
  };
  try {
    return await talk(ask);
  } finally {
    lines.close();
  }
}

function inputEnded(): UsageError {
  return new UsageError('the input ended before the answer; nothing was written', 'missing-argument');
}
