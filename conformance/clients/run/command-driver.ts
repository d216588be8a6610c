/** Starts a client by a command line: environment in, one line and an exit status out. */

import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Guard } from '../../observers/guard.ts';
import { Output } from '../../observers/output.ts';
import { type Exit, endStrays, type LeftProcess, ProcessGroup } from '../../observers/process-group.ts';
import { MiB } from '../../scenario/bytes.ts';
import { combinedSignal } from '../../util/combined-signal.ts';
import { printable } from '../../util/printable.ts';
import { readOutcomeLine } from '../judge/outcome-line.ts';
import type { ClientCall, ClientDriver, DriverEnd } from './driver.ts';

/** Most bytes of standard output. A message of an answer can be long. */
const MOST_OUTPUT = 4 * MiB;
/** How long the output may stay open after the process has ended, in milliseconds: a child may hold it. */
const OUTPUT_MS = 200;
/** Lines of standard error in a message, and UTF-16 units of each. */
const SHOWN = { lines: 2, characters: 200 };

/** A driver that starts processes. */
export interface CommandDriver {
  readonly start: ClientDriver;
  /** Ends the processes that left the group of their client. Resolves to each of them, for a person. */
  readonly close: () => Promise<readonly string[]>;
}

/** A driver that runs the command in a shell, and writes messages to files in the folder. */
export function commandDriver(command: string, folder: string): CommandDriver {
  const guard = new Guard();
  let count = 0;
  return {
    start: async (call) => {
      count += 1;
      const file = join(folder, `${count}.json`);
      await writeFile(file, call.message);
      try {
        return await start(command, file, guard, call);
      } finally {
        await rm(file, { force: true });
      }
    },
    close: async () => {
      // A look reads all of /proc, so there is one at the end, and none after each start.
      const left = await endStrays(guard);
      guard.done();
      return described(left);
    },
  };
}

async function start(command: string, file: string, guard: Guard, call: ClientCall): Promise<DriverEnd> {
  const group = await ProcessGroup.start(command, {
    guard,
    env: {
      CONFORM_HOST: call.host,
      CONFORM_PORT: String(call.port),
      CONFORM_ACTION: call.play.action,
      CONFORM_MESSAGE: file,
      CONFORM_TIMEOUT_MS: String(call.timeoutMs),
    },
  });
  const [stdout, stderr] = group.output;
  const tooMuch = new AbortController();
  const printed = stdout && collect(stdout, () => tooMuch.abort());
  const errors = stderr && new Output(stderr);
  const over = combinedSignal([group.exit, tooMuch.signal, call.signal, call.deadline.signal]);
  try {
    if (!over.signal.aborted) await once(over.signal, 'abort');
    // On a busy machine, the end may have come before the deadline, and its event is still to be handled.
    await setImmediate();
    await group.closedWithin(group.exited === undefined ? 0 : OUTPUT_MS);
    const exited = group.exited;
    const left = exited === undefined ? [] : await group.members();
    await group.end(true);
    call.signal.throwIfAborted();
    return {
      ...endOf(exited, printed?.() ?? '', tooMuch.signal.aborted, errors?.lines ?? [], call.deadline.afterMs),
      ...(left.length > 0 && { left: described(left) }),
    };
  } finally {
    over.release();
    await group.end(true);
  }
}

/** Keeps the output of a stream. `onTooMuch` is called when it exceeds the bound; what follows is dropped. */
function collect(stream: Readable, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let total = 0;
  stream.on('data', (chunk: Buffer) => {
    total += chunk.length;
    if (total <= MOST_OUTPUT) chunks.push(chunk);
    else onTooMuch();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function endOf(
  exited: Exit | undefined,
  output: string,
  isTooMuch: boolean,
  errors: readonly string[],
  afterMs: number,
): DriverEnd {
  if (isTooMuch) return { breach: `more than ${MOST_OUTPUT / MiB} MiB came on standard output` };
  const line = readOutcomeLine(output);
  if (typeof line === 'object' && 'breach' in line) return { breach: `${line.breach}${said(errors)}` };
  if (exited === undefined) return { end: { kind: 'not-ended', afterMs } };
  const how = exited.signal === null ? `exit status ${exited.code ?? 0}` : `signal ${exited.signal}`;
  if (line === 'none') return { end: { kind: 'died', how: `${how}${said(errors)}` } };
  if (how !== 'exit status 0') return { breach: `a line came, and then ${how}${said(errors)}` };
  return { end: { kind: 'reported', line } };
}

function said(errors: readonly string[]): string {
  const last = errors.slice(-SHOWN.lines).map((line) => printable(line, SHOWN.characters));
  return last.length === 0 ? '' : `; it wrote: ${last.join(' / ')}`;
}

function described(left: readonly LeftProcess[]): readonly string[] {
  return left.map(({ pid, command }) => `${pid} (${printable(command, 100)})`);
}
