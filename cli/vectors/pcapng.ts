/** Vectors as captures for Wireshark and other readers of packets: each vector on a connection of its own, named in a comment. */

import {
  ConnectionPackets,
  captureHeader,
  type WritingSide,
} from '../../conformance/capture/capture-writer.ts';
import { MESSAGES } from '../../conformance/vectors/build/messages.ts';
import type { ExportedFile } from './json.ts';
import type { Row } from './rows.ts';

/** The port of the protocol (T1). */
const PORT = 1003;
const CLIENT_PORTS = { first: 10_000, count: 50_000 };
/** The time of the first connection, so that the same vectors give the same file, and the time between two of them. */
const BEGIN_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 10;

/** One file for each kind of vector. Each row has a stream. */
export function pcapngFiles(rows: readonly Row[]): readonly ExportedFile[] {
  return (['golden', 'encode', 'decode', 'frames'] as const).flatMap((kind) => {
    const some = rows.filter((row) => row.kind === kind);
    return some.length === 0 ? [] : [{ path: `${kind}.pcapng`, content: () => captureOf(some) }];
  });
}

/** Whether a capture can hold the vector: the payload of a task file is in no frame. */
export function hasStream(row: Row): boolean {
  return streamOf(row) !== undefined;
}

function captureOf(rows: readonly Row[]): Buffer {
  return Buffer.concat([captureHeader(), ...rows.map((row, at) => connectionOf(row, at))]);
}

function connectionOf(row: Row, at: number): Buffer {
  const port = CLIENT_PORTS.first + (at % CLIENT_PORTS.count);
  const packets = new ConnectionPackets({ host: '127.0.0.1', port }, { host: '127.0.0.1', port: PORT });
  const beginMs = BEGIN_MS + at * STEP_MS;
  // Only an answer comes from the server.
  const side: WritingSide = row.message === 'SubmitResponse' ? 'server' : 'client';
  return Buffer.concat([
    packets.open(beginMs, `${row.id}: ${row.note}`),
    packets.data(side, streamOf(row)?.() ?? Buffer.alloc(0), beginMs + 1),
    packets.fin(side, beginMs + 2),
    packets.fin(side === 'client' ? 'server' : 'client', beginMs + 3),
  ]);
}

/** The bytes of a connection: those of the vector, after a header if they are only a payload. */
function streamOf({ kind, message, bytes }: Row): (() => Buffer) | undefined {
  if (kind !== 'decode') return bytes;
  const type = MESSAGES.find(({ name }) => name === message)?.type;
  if (type === undefined) return undefined;
  return () => {
    const payload = bytes();
    const header = Buffer.alloc(8);
    header.writeUInt32BE(type, 0);
    header.writeUInt32BE(payload.length, 4);
    return Buffer.concat([header, payload]);
  };
}
