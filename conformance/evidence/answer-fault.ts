/** The part of an answer that is at fault, so that a report can mark it: a field of its header, or a member of its JSON. */

import { signsOf } from '../judge/likely.ts';
import type { Observation } from '../judge/observe.ts';
import type { Verdict } from '../judge/oracle.ts';
import { HEADER_BYTES } from '../scenario/bytes.ts';
import { type Frame, payloadBytes } from '../wire/frames.ts';
import { KEPT_BYTES, type Span } from './span.ts';

/** A span of all bytes received; undefined if no part of them is at fault, or none that is simple to show. */
export function answerFault(verdict: Verdict, { frames, restBytes }: Observation): Span | undefined {
  if (verdict.verdict !== 'fail') return undefined;
  const [sign = 'died'] = signsOf(verdict);
  const at = verdict.mismatches.find(({ kind }) => kind === sign)?.frame ?? 0;
  const frame = frames[at];
  const begin = bytesOf(frames.slice(0, at));
  const received = bytesOf(frames);
  const inPayload = (span: Span | undefined) =>
    span && { ...span, offset: begin + HEADER_BYTES + span.offset };
  switch (sign) {
    case 'frame type':
      return { offset: begin, bytes: 4 };
    case 'number of frames': {
      const firstBytes = bytesOf(frames.slice(0, 1));
      return { offset: firstBytes, bytes: received - firstBytes };
    }
    case 'bytes after the answer':
      return { offset: received, bytes: restBytes };
    case 'partial frame':
      return restBytes < HEADER_BYTES ? undefined : { offset: received + 4, bytes: 4 };
    case 'accepted':
    case 'rejected':
      return frame && inPayload(memberValue(frame.payload, 'status'));
    default: {
      const member = /^(status|task_id|message) wrong/.exec(sign)?.[1];
      return member === undefined || frame === undefined
        ? undefined
        : inPayload(memberValue(frame.payload, member));
    }
  }
}

/** The bytes of whole frames. */
function bytesOf(frames: readonly Frame[]): number {
  return frames.reduce((sum, frame) => sum + HEADER_BYTES + payloadBytes(frame), 0);
}

/** A string, a bracket, a comma, or a run of other characters without white space. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gs;

/** The value of the last member of this name among the first members of a JSON object. A name with escapes is not found. */
export function memberValue(payload: Uint8Array, name: string): Span | undefined {
  // Latin-1 has one character for each byte, so that offsets in the text are offsets in the bytes.
  const text = Buffer.from(payload.subarray(0, KEPT_BYTES)).toString('latin1');
  let found: Span | undefined;
  let depth = 0;
  let key: string | undefined;
  let value: { readonly start: number; end: number } | undefined;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (depth === 1 && (token === ',' || token === '}')) {
      if (key === `"${name}"` && value) found = { offset: value.start, bytes: value.end - value.start };
      key = undefined;
      value = undefined;
    } else if (depth === 1 && key === undefined) {
      key = token;
    } else if (depth > 1 || (depth === 1 && token !== ':')) {
      value = { start: value?.start ?? index, end: index + token.length };
    }
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
  }
  return found;
}
