/** The fields of a frame that statistics and tables need. */

import { TYPE_NAMES } from '../scenario/bytes.ts';
import type { TrafficFrame } from '../traffic/conversation.ts';
import { counted } from '../util/counted.ts';
import { printable } from '../util/printable.ts';

/** Characters of a value that a line shows. */
const SHOWN = 64;

/** A field that is a string; undefined otherwise. */
export function textField({ object }: TrafficFrame, name: string): string | undefined {
  const value = object && 'members' in object ? object.members.get(name) : undefined;
  return value?.type === 'string' ? value.value : undefined;
}

/** A field that is a number. A field that is missing or null is 0 (M2, M3). Undefined for a payload that cannot be read. */
export function numberField({ object }: TrafficFrame, name: string): number | undefined {
  if (object === undefined || 'problem' in object) return undefined;
  const value = object.members.get(name);
  if (value === undefined || value.type === 'null') return 0;
  return value.type === 'number' ? Number(value.text) : undefined;
}

/** The name of its type, or the name of an answer. */
export function nameOf({ from, type }: Pick<TrafficFrame, 'from' | 'type'>): string {
  const name = TYPE_NAMES[type] ?? `UNKNOWN(${type})`;
  return from === 'receiver' ? `answer of type ${type}` : name;
}

/** The status of an answer or of an update, escaped. Undefined without one. */
export function statusField(frame: TrafficFrame): string | undefined {
  const { object } = frame;
  const value = object && 'members' in object ? object.members.get('status') : undefined;
  if (value?.type === 'number') return printable(value.text, SHOWN);
  return value?.type === 'string' ? printable(value.value, SHOWN) : undefined;
}

/** The frame in one line, escaped. */
export function describeFrame(frame: TrafficFrame): string {
  const status = statusField(frame);
  const id = textField(frame, 'task_id');
  const what =
    textField(frame, 'message') ?? textField(frame, 'task_description') ?? textField(frame, 'justification');
  const parts = [
    `${nameOf(frame)}, ${counted(frame.length, 'byte')}`,
    ...(status === undefined ? [] : [status]),
    ...(id === undefined ? [] : [`task ${printable(id, SHOWN)}`]),
    ...(what === undefined || what === '' ? [] : [printable(JSON.stringify(what), SHOWN)]),
  ];
  return parts.join(', ');
}
