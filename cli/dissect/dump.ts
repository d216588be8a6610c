/** Writes a dissected frame as text for people, or as one line of JSON for programs. */

import type { Colors } from '../../conformance/index.ts';
import { jsonEscape, UNSAFE } from '../../conformance/util/printable.ts';
import { typeName } from '../../reference/index.ts';
import type { Finding } from './content.ts';
import { type Dissected, isLegal, violationsOf } from './dissect.ts';
import type { Part } from './part.ts';

/** Bytes of a part that are shown. */
const SHOWN_BYTES = 8;
const HEX_WIDTH = SHOWN_BYTES * 3 + 2;
/** The width of the longest name, `task_description`, with its indent. */
const LABEL_WIDTH = 18;
const MARGIN = ' '.repeat(10 + HEX_WIDTH);

/** A line for each part: offset, bytes, name, meaning; below it the findings; at the end the verdict. */
export function dumpText(frame: Dissected, { good, bad, warn, dim, bold }: Colors): string {
  const type = frame.header === undefined ? '' : `, ${typeName(frame.header.type)}`;
  const lines = [bold(`frame ${frame.index} at byte ${frame.offset}${type}`)];
  const mark = ({ kind, clause, text }: Finding): string =>
    `${MARGIN}${kind === 'violation' ? bad('violation') : warn('note')} ${clause}: ${text}`;
  for (const part of frame.parts) {
    const place = part.offset.toString(16).padStart(6, '0');
    const label = `${part.isMember ? '  ' : ''}${part.label}`.padEnd(LABEL_WIDTH);
    lines.push(
      `  ${dim(`${place}  ${hexOf(part)}`)}${label}  ${part.meaning}`.trimEnd(),
      ...part.findings.map(mark),
    );
  }
  if (frame.hidden > 0) lines.push(`${MARGIN}and ${frame.hidden} more members, not shown`);
  if (frame.unread > 0)
    lines.push(`${MARGIN}and ${frame.unread} more bytes: the start of the next frame is unknown`);
  lines.push(`  ${isLegal(frame) ? good(verdict(frame)) : bad(verdict(frame))}`);
  return `${lines.join('\n')}\n`;
}

function hexOf({ bytes }: Part): string {
  const hex = Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('hex').replace(/../g, '$& ');
  return (bytes.length > SHOWN_BYTES ? `${hex}…` : hex).padEnd(HEX_WIDTH);
}

function verdict({ message, isCanonical, opening, parts }: Dissected): string {
  const violations = violationsOf(parts);
  const [first] = violations;
  if (first !== undefined) {
    const clauses = [...new Set(violations.map(({ clause }) => clause))].join(', ');
    if (opening !== undefined) return `ILLEGAL (${clauses}): ${opening}`;
    const others = violations.length > 1 ? `; and ${violations.length - 1} more above` : '';
    return `ILLEGAL (${clauses}): ${first.text}${others}`;
  }
  return `legal ${message}, ${isCanonical === true ? 'in canonical form' : 'not in canonical form, which is permitted (M12)'}`;
}

/** UTF-16 units of a value that the JSON holds. */
const SHOWN_UNITS = 4096;

/**
 * One line of bounded length, whatever the payload is: the first bytes of each part, and its value, which may be cut.
 * `stream` names the sender and the receiver, if they are known.
 */
export function dumpJson(frame: Dissected, stream?: string): string {
  const { index, offset, header, present, opening, message, isCanonical, parts, hidden, unread } = frame;
  const json = JSON.stringify({
    ...(stream !== undefined && { stream }),
    index,
    offset,
    ...(header && { type: header.type, type_name: typeName(header.type), length: header.length }),
    present,
    ...(opening !== undefined && { opening }),
    ...(message !== undefined && { message }),
    legal: isLegal(frame),
    ...(isCanonical !== undefined && { canonical: isCanonical }),
    violations: violationsOf(parts).map(({ clause }) => clause),
    parts: parts.map(({ offset, bytes, label, isMember, meaning, value, findings }) => ({
      offset,
      length: bytes.length,
      hex: Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('hex'),
      [isMember ? 'member' : 'part']: label,
      meaning,
      ...(value !== undefined && valueJson(value)),
      findings,
    })),
    hidden_members: hidden,
    unread_bytes: unread,
  });
  // JSON.stringify leaves most unsafe characters as they are.
  return `${json.replace(UNSAFE, jsonEscape)}\n`;
}

/** An integer beyond ±(2^53 − 1) becomes a string of its digits. */
function valueJson(value: string | number | bigint): { value: string | number; cut?: true } {
  if (typeof value === 'number') return { value };
  const text = String(value);
  return text.length > SHOWN_UNITS ? { value: text.slice(0, SHOWN_UNITS), cut: true } : { value: text };
}
