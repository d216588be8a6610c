/** Reads of input files. */

import { constants, openSync, type Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { unlessAborted } from '../../conformance/util/combined-signal.ts';

const STANDARD_INPUT = '-';

/**
 * Reads a whole file, or standard input for `-`. Rejects with the system's error, or with the reason of the signal. A named
 * pipe is waited for without a thread: a thread that waits in the system would keep the process, also after a signal.
 */
export async function readWhole(path: string, signal?: AbortSignal): Promise<Buffer> {
  if (path === STANDARD_INPUT) return unlessAborted(concat(process.stdin), signal);
  const pipe = openPipe(path, await stat(path));
  return pipe === undefined ? readFile(path) : unlessAborted(concat(pipe), signal);
}

/** The stream of a named pipe; undefined for any other file. */
export function openPipe(path: string, stats: Stats): Readable | undefined {
  if (!stats.isFIFO()) return undefined;
  // Without O_NONBLOCK, the call returns when a program opens the pipe to write.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

async function concat(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
