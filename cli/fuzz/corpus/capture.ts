/** Captures of real traffic as inputs of a campaign: what clients sent to a port, each connection once. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CaptureError } from '../../../conformance/capture/capture-error.ts';
import { CapturedStreams } from '../../../conformance/capture/captured-streams.ts';
import type { CapturedStream } from '../../../conformance/capture/stream-assembler.ts';
import { printablePath } from '../../../conformance/util/printable.ts';
import { codeOf, UsageError } from '../../core/errors.ts';

/** What clients sent. */
export interface CaptureInputs {
  /** Each distinct stream once, in the order in which they ended. */
  readonly streams: readonly Buffer[];
  /** One line for a person. */
  readonly note: string;
}

/** Distinct streams that are kept, and their bytes together, both inclusive. */
const MAX_STREAMS = 4096;
const MAX_BYTES = 32 * 1024 * 1024;

/** Reads a file of any size, in constant memory. `option` is the one that names the port. Throws a UsageError for one that cannot be read, is no capture, or holds no stream to the port. */
export async function readCapture(
  file: string,
  port: number,
  option = '--capture-port',
): Promise<CaptureInputs> {
  const reader = new CapturedStreams({ select: ({ toPort }) => toPort === port });
  const kept = new Map<string, Buffer>();
  const counts = { all: 0, cut: 0, left: 0 };
  let bytes = 0;
  const take = (stream: CapturedStream): void => {
    if (!stream.isClient) return;
    counts.all += 1;
    if (!stream.isWhole) counts.cut += 1;
    const digest = createHash('sha256').update(stream.bytes).digest('base64');
    if (kept.has(digest)) return;
    if (kept.size >= MAX_STREAMS || bytes + stream.bytes.length > MAX_BYTES) {
      counts.left += 1;
      return;
    }
    bytes += stream.bytes.length;
    kept.set(digest, stream.bytes);
  };
  try {
    // Another kind of file may never end.
    if (!(await stat(file)).isFile())
      throw new UsageError(`${printablePath(file)}: a capture must be a file`);
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>)
      for (const stream of reader.push(chunk)) take(stream);
    for (const stream of reader.end()) take(stream);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why = error instanceof CaptureError ? error.message : codeOf(error);
    throw new UsageError(`${printablePath(file)}: ${why}`);
  }
  if (kept.size === 0) throw new UsageError(`${printablePath(file)}: ${emptiness(reader, port, option)}`);
  const parts = [
    `${counts.all} client streams to port ${port}, ${kept.size} of them distinct`,
    ...(counts.cut > 0 ? [`${counts.cut} up to a gap`] : []),
    ...(counts.left > 0 ? [`${counts.left} left out over ${MAX_STREAMS} streams or ${MAX_BYTES} bytes`] : []),
    ...(reader.counts.headless > 0
      ? [`${reader.counts.headless} left out that began before the capture`]
      : []),
  ];
  return { streams: [...kept.values()], note: `${printablePath(file)}: ${parts.join('; ')}` };
}

/** Why there is no stream. */
function emptiness({ counts }: CapturedStreams, port: number, option: string): string {
  const { packets, segments, unknownLinks, ports, headless } = counts;
  if (unknownLinks > 0 && unknownLinks === packets)
    return 'its link-layer headers cannot be read; use Ethernet, loopback, Linux cooked or raw IP';
  if (segments === 0) return `none of its ${packets} packets is TCP over IP`;
  if (headless > 0) return `the connections to port ${port} began before the capture`;
  const others = [...ports].filter((other) => other !== port).sort((one, other) => one - other);
  if (others.length === 0) return `no client sent anything to port ${port}`;
  return `no client sent anything to port ${port}; ${option} chooses another, such as ${others.slice(0, 5).join(', ')}`;
}
