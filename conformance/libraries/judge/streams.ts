/** Frames read from a stream, and the names of types. */

import { PAYLOAD_CAP } from '../../scenario/bytes.ts';
import { counted } from '../../util/counted.ts';
import type { Expectation } from '../cases/case.ts';
import { readBase64 } from '../pipe/field.ts';
import { type Answer, isObject } from '../pipe/interface.ts';
import { type Cause, type Finding, fail, pass, shownValue, WRONG_SHAPE } from './finding.ts';

type Frames = Extract<Expectation, { kind: 'frames' }>;

interface Frame {
  readonly type: number;
  readonly payload: Buffer;
}

const ENDINGS: Readonly<Record<string, string>> = {
  clean: 'no error',
  truncated: 'the error "truncated"',
  'too-large': 'the error "too-large"',
};

export function judgeFrames({ frames, ending }: Frames, answer: Answer, clause: string): Finding {
  const wanted = frames.map(({ type, payload }) => ({ type, payload: payload() }));
  const read = answer.kind === 'value' ? framesIn(answer.value) : undefined;
  if (read === undefined) {
    const got = shownValue(answer.kind === 'value' ? answer.value : answer);
    return fail(got, '{"frames": […], "error": …}', WRONG_SHAPE);
  }
  const found = read.error ?? 'clean';
  const shown = (list: readonly Frame[], end: string) =>
    `${list.length === 0 ? 'no frame' : list.map(shownFrame).join(', ')}, then ${ENDINGS[end] ?? 'anything'}`;
  const got = shown(read.frames.slice(0, 4), found);
  const expected = shown(wanted.slice(0, 4), ending);
  const differs = wanted.some((frame, at) => !isSame(frame, read.frames[at]));
  const isFree = ending === 'unread';
  if (!isFree && found !== ending) return fail(got, expected, endCause(found, ending, clause));
  if (!differs && (isFree || read.frames.length === wanted.length))
    return pass('the frames and the end of the stream');
  return fail(got, expected, frameCause(read.frames, wanted, clause));
}

function endCause(found: string, wanted: string, clause: string): Cause {
  if (wanted === 'truncated' && found === 'clean')
    return {
      cause: 'a stream that ends inside a frame is not reported as truncated (F4)',
      likely:
        'the end of the stream is taken for the end of a frame; compare what arrived with the declared length',
    };
  if (wanted === 'clean' && found === 'truncated')
    return {
      cause: 'a stream is reported as truncated that is not (F4)',
      likely:
        'the end of the stream after a whole frame, or a read of fewer bytes, is taken for a truncation',
    };
  if (wanted === 'too-large')
    return {
      cause: 'a length over the cap is not refused (F2)',
      likely: `compare the length as an unsigned number with ${PAYLOAD_CAP} before anything of the payload is awaited`,
    };
  if (found === 'too-large')
    return {
      cause: 'a legal length is refused as too large (F2)',
      likely: `the cap is inclusive: exactly ${PAYLOAD_CAP} is legal; the length is big-endian`,
    };
  return { cause: `the end of a stream is not reported as it is (${clause})` };
}

function frameCause(found: readonly Frame[], wanted: readonly Frame[], clause: string): Cause {
  if (found.length < wanted.length)
    return {
      cause: 'whole frames of a stream are lost (F3)',
      likely: 'what follows the first frame in one read, or precedes an error, is thrown away',
    };
  if (found.length > wanted.length) return { cause: `frames are read that were not sent (${clause})` };
  const isType = wanted.some((frame, at) => found[at]?.type !== frame.type);
  return isType
    ? { cause: 'the type of a frame is misread (F6)', likely: 'all 32 bits count, unsigned and big-endian' }
    : { cause: 'the payload of a frame is misread (F3)' };
}

export function judgeTypeName(wanted: string, answer: Answer): Finding {
  const got = answer.kind === 'value' ? answer.value : undefined;
  if (got === wanted) return pass(wanted);
  return fail(shownValue(got), shownValue(wanted), {
    cause: 'a type has another name than the protocol gives it (F6)',
    likely: 'unknown types are UNKNOWN(n), with n unsigned and in decimal',
  });
}

function framesIn(
  value: unknown,
): { readonly frames: readonly Frame[]; readonly error?: string } | undefined {
  if (!isObject(value) || !Array.isArray(value['frames'])) return undefined;
  const frames: Frame[] = [];
  for (const frame of value['frames'] as readonly unknown[]) {
    if (!isObject(frame)) return undefined;
    const { type, payload_base64 } = frame;
    const payload = typeof payload_base64 === 'string' ? readBase64(payload_base64) : undefined;
    if (typeof type !== 'number' || payload === undefined) return undefined;
    frames.push({ type, payload });
  }
  const { error } = value;
  if (error === undefined || error === null || error === '') return { frames };
  return typeof error === 'string' ? { frames, error } : undefined;
}

function isSame(a: Frame, b: Frame | undefined): boolean {
  return b !== undefined && a.type === b.type && a.payload.equals(b.payload);
}

function shownFrame({ type, payload }: Frame): string {
  return `type ${type} with ${counted(payload.length, 'byte')}`;
}
