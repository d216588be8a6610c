/** Reads files of traffic, in constant memory, and tells their kinds by their beginnings. */

import { open, stat } from 'node:fs/promises';
import { CaptureError } from '../../conformance/capture/capture-error.ts';
import { printablePath } from '../../conformance/util/printable.ts';
import { codeOf, UsageError } from '../core/errors.ts';
import { CaptureSource } from './captures.ts';
import type { Reading, Source } from './reading.ts';
import { TranscriptSource } from './transcripts.ts';

const CHUNK_BYTES = 256 * 1024;
/** The first four bytes of captures, in hex. */
const CAPTURES: readonly string[] = ['0a0d0d0a', 'a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1'];

/** Lines about the file. Throws a UsageError that names it; what precedes a damaged part has been read then. */
export async function inspectFile(file: string, reading: Reading): Promise<readonly string[]> {
  const name = printablePath(file);
  try {
    // Opening a pipe waits for another program.
    const found = await stat(file);
    if (!found.isFile()) throw new UsageError(`${name}: it is no file`);
    const handle = await open(file, 'r');
    try {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      let source: Source | undefined;
      for (let at = 0; ; ) {
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0 || reading.signal.aborted) break;
        source ??= sourceFor(chunk.subarray(0, bytesRead), reading);
        source.push(chunk.subarray(0, bytesRead));
        at += bytesRead;
        reading.onProgress(at, found.size);
      }
      if (source === undefined) throw new UsageError(`${name}: it is empty`);
      const port =
        source instanceof CaptureSource && reading.ports.length === 0 ? source.onlyPort : undefined;
      // A proxy and a test listen on ports of their own.
      if (port !== undefined) return await inspectFile(file, { ...reading, ports: [port] });
      return reading.signal.aborted ? [] : source.end().map((line) => `${name}: ${line}`);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof UsageError && error.message.startsWith(name)) throw error;
    if (error instanceof UsageError || error instanceof CaptureError)
      throw new UsageError(`${name}: ${error.message}`);
    throw new UsageError(`${name}: cannot be read (${codeOf(error)})`);
  }
}

function sourceFor(beginning: Buffer, reading: Reading): Source {
  if (CAPTURES.includes(beginning.subarray(0, 4).toString('hex'))) return new CaptureSource(reading);
  if (/^(?:\ufeff)?\s*\{/.test(beginning.toString('utf8', 0, 64))) return new TranscriptSource(reading);
  throw new UsageError('it is neither a capture, pcap or pcapng, nor JSON Lines with transcripts');
}
