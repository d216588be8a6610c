/** What passes through a proxy, as lines for a person. */

import { describeProblem } from '../../conformance/judge/describe.ts';
import type { Json } from '../../conformance/payload/json.ts';
import { TYPE_NAMES } from '../../conformance/scenario/bytes.ts';
import type { Finding, Side, TrafficEvent, TrafficFrame } from '../../conformance/traffic/conversation.ts';
import { counted } from '../../conformance/util/counted.ts';
import { printable } from '../../conformance/util/printable.ts';

/** UTF-16 units of a string that are shown. */
const SHOWN = 60;
const ARROW: Readonly<Record<Side, string>> = { sender: '→', receiver: '←' };

/** The frame with its fields. `beganMs` is the beginning of the connection. */
export function frameLine(frame: TrafficFrame, beganMs: number): string {
  const { from, type, length, object, endedMs } = frame;
  const name = from === 'receiver' ? `answer of type ${type}` : (TYPE_NAMES[type] ?? `UNKNOWN(${type})`);
  const time = `${(endedMs - beganMs).toFixed(1)} ms`;
  return `${ARROW[from]} ${time}: ${name}, ${counted(length, 'byte')}${contentOf(object)}`;
}

function contentOf(object: TrafficFrame['object']): string {
  if (object === undefined) return '';
  if ('problem' in object) return `; ${printable(describeProblem(object.problem))}`;
  const fields = [...object.members].map(([name, json]) => `${name} ${shownValue(json)}`);
  return fields.length === 0 ? '' : `: ${fields.join(', ')}`;
}

function shownValue(json: Json): string {
  switch (json.type) {
    case 'string': {
      const units = json.value.length + (json.omitted ?? 0);
      const text = printable(JSON.stringify(json.value), SHOWN);
      return units > SHOWN ? `${text} of ${units} characters` : text;
    }
    case 'number':
      return json.text.slice(0, SHOWN);
    case 'boolean':
      return String(json.value);
    default:
      return json.type;
  }
}

/** How a side ended its direction. Undefined for bytes. */
export function endLine({ kind, from, atMs }: TrafficEvent, beganMs: number): string | undefined {
  if (kind !== 'fin' && kind !== 'reset') return undefined;
  return `${ARROW[from]} ${(atMs - beganMs).toFixed(1)} ms: ${kind === 'fin' ? 'FIN' : 'RST'}`;
}

/** What a side broke. */
export function findingLine({ side, clause, level, rule, seen }: Finding): string {
  return `! the ${side} (${rule}, ${clause}, ${level}): ${seen}`;
}
