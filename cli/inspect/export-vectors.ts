/** What the senders of recorded traffic sent, as test vectors: each distinct stream with the frames that it holds, and how it ends. */

import { HEADER_BYTES, PAYLOAD_CAP, TYPE_NAMES } from '../../conformance/scenario/bytes.ts';
import { counted } from '../../conformance/util/counted.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { ExpectedFrame, FrameVector } from '../../conformance/vectors/build/vector.ts';
import { readHeader } from '../../conformance/wire/frames.ts';
import type { Context } from '../core/context.ts';
import { checkOutputFile } from '../core/output-files.ts';
import { replaceFile } from '../core/replace-file.ts';
import { distinctStreams } from './distinct-streams.ts';

/** Longer streams are left out: in hex they make a file that no editor opens. */
const MOST_BYTES = 64 * 1024;
/** As the vectors of the kit name it. */
const SCHEMA = '../schema/frames.schema.json';

/**
 * Writes a file in the format of fixtures/vectors/frames.json. Throws a UsageError for one that cannot be written, and for a file that
 * is no capture or holds no stream.
 */
export async function exportVectors(
  files: readonly string[],
  ports: readonly number[],
  to: string,
  context: Context,
): Promise<void> {
  await checkOutputFile('--export-vectors', to);
  const vectors: FrameVector[] = [];
  let tooLong = 0;
  for (const [digest, stream] of await distinctStreams(files, ports, context)) {
    if (stream.length > MOST_BYTES) tooLong += 1;
    else vectors.push(vectorOf(digest, stream));
  }
  const head = {
    $schema: SCHEMA,
    description: 'Streams of recorded traffic, the frames that each holds, and how each ends.',
    count: vectors.length,
  };
  await replaceFile(to, `${JSON.stringify({ ...head, vectors }, null, 2)}\n`);
  const left = tooLong === 0 ? '' : `; ${tooLong} of more than 64 KiB left out`;
  context.err(`conform: wrote ${counted(vectors.length, 'vector')} to ${printable(to)}${left}\n`);
}

/** The frames of a stream (F1), and what follows them (F2, F4). */
export function vectorOf(digest: string, stream: Buffer): FrameVector {
  const frames: ExpectedFrame[] = [];
  let at = 0;
  let ending: FrameVector['ending'] = 'clean';
  while (at < stream.length && ending === 'clean') {
    const header = readHeader(stream.subarray(at, at + HEADER_BYTES));
    const end = at + HEADER_BYTES + (header?.length ?? 0);
    if (header === undefined) ending = 'truncated';
    else if (header.length > PAYLOAD_CAP) ending = 'too-large';
    else if (end > stream.length) ending = 'truncated';
    else {
      const { type, length } = header;
      const payload = stream.subarray(at + HEADER_BYTES, end).toString('hex');
      frames.push({ type, type_name: TYPE_NAMES[type] ?? `UNKNOWN(${type})`, length, payload_hex: payload });
      at = end;
    }
  }
  return {
    id: `frames-recorded-${digest}`,
    note: 'A stream of recorded traffic.',
    clause: { clean: 'F1', truncated: 'F4', 'too-large': 'F2', unread: 'F3' }[ending],
    level: 'must',
    source: 'derived',
    stream_hex: stream.toString('hex'),
    frames,
    ending,
  };
}
