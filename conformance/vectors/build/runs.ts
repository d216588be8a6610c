/** Turns the bytes of the builders into the hex and the runs of a vector. */
import { type Bytes, render, size } from '../../scenario/bytes.ts';
import type { Payload, Run } from './vector.ts';

/** Vectors have fixed task ids, so slots for fresh ids are an error. */
function noSlots(): never {
  throw new Error('a vector has no task id slots');
}

/** The bytes. Throws an Error when they hold a slot for a task id. */
export function renderBytes(bytes: Bytes): Buffer {
  return Buffer.from(render(bytes, noSlots));
}

export function hexOf(bytes: Bytes): string {
  return renderBytes(bytes).toString('hex');
}

/** The bytes as runs; undefined when nothing repeats, so that plain hex is enough. */
export function runsOf(bytes: Bytes): readonly Run[] | undefined {
  const runs: Run[] = [];
  collect(bytes, runs);
  return runs.some(({ times }) => times > 1) ? runs : undefined;
}

function collect(bytes: Bytes, runs: Run[]): void {
  if (size(bytes) === 0) return;
  if ('parts' in bytes) {
    for (const part of bytes.parts) collect(part, runs);
    return;
  }
  const run =
    'repeat' in bytes
      ? { hex: Buffer.from(bytes.repeat).toString('hex'), times: bytes.times }
      : { hex: hexOf(bytes), times: 1 };
  const last = runs.at(-1);
  if (last?.times === 1 && run.times === 1) runs[runs.length - 1] = { hex: last.hex + run.hex, times: 1 };
  else runs.push(run);
}

/** Control, format, private and unassigned characters, and line separators. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** The fields of a vector that hold its payload, with the text for people if it is readable. */
export function payloadFields(payload: Bytes): { readonly payload?: string } & Payload {
  const runs = runsOf(payload);
  if (runs !== undefined) return { payload_runs: runs };
  return { ...readable(payload), payload_hex: hexOf(payload) };
}

/** The payload as text; empty when the bytes are not UTF-8 or hold characters that do not show. */
export function readable(payload: Bytes): { readonly payload?: string } {
  const bytes = renderBytes(payload);
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) && !UNPRINTABLE.test(text) ? { payload: text } : {};
}
