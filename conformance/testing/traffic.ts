/** Conversations for tests: what both sides do, in short. */

import type { TrafficEvent } from '../traffic/conversation.ts';

const ID = '3b9f0c52-7a1e-e6d4-1c88-90f5ab27d163';

/** A frame of any type. */
export function frame(type: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(type, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

/** A legal SUBMIT, unless fields are changed. */
export function submit(fields: object = {}): Buffer {
  const legal = { task_id: ID, task_description: 'hello', from_addr: '0:0000.0000.0001', to_addr: '' };
  return frame(1, JSON.stringify({ ...legal, ...fields }));
}

/** Its answer. */
export function answer(fields: object = {}): Buffer {
  return frame(1, JSON.stringify({ task_id: ID, status: 200, message: 'ok', ...fields }));
}

/** A legal STATUS_UPDATE. */
export function update(fields: object = {}): Buffer {
  return frame(3, JSON.stringify({ task_id: ID, status: 'ACCEPTED', justification: '', ...fields }));
}

/** A legal SEND_RESULTS with a text. */
export function results(fields: object = {}): Buffer {
  const text = { result_type: 'text', result_text: 'done', completed_at: '2026-01-02T03:04:05.678Z' };
  return frame(4, JSON.stringify({ task_id: ID, ...text, time_cpu_ms: 5, ...fields }));
}

/** The first bytes. */
export function cut(bytes: Buffer, length: number): Buffer {
  return bytes.subarray(0, length);
}

type Step = readonly [side: '>' | '<', what: Buffer | 'fin' | 'reset', afterMs?: number];

/** The steps as events, a millisecond apart unless a step says otherwise. `>` is the sender. */
export function events(steps: readonly Step[]): TrafficEvent[] {
  let atMs = 0;
  return steps.map(([side, what, afterMs = 1]): TrafficEvent => {
    atMs += afterMs;
    const from = side === '>' ? 'sender' : 'receiver';
    return typeof what === 'string' ? { kind: what, from, atMs } : { kind: 'bytes', bytes: what, from, atMs };
  });
}
