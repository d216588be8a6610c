/** Mutations of a payload as tokens or as bytes: white space, surroundings, encodings, damage. */

import fc from 'fast-check';
import { type Edit, tokensOf } from '../../case/edits.ts';
import { anyToken, indexAt, lengths, offsetAt, position, sensitive } from '../arbitraries/pools.ts';
import type { Mutation } from './mutation.ts';

function edit(apply: (payload: Buffer) => Buffer): Edit {
  return { stage: 'payload', apply };
}

/** Replaces `removed` bytes at an offset by others. */
function splice(payload: Buffer, at: number, removed: number, added: Uint8Array): Buffer {
  return Buffer.concat([payload.subarray(0, at), added, payload.subarray(at + removed)]);
}

/** An edit of the list of tokens. A payload that is not UTF-8 stays as it is, because its bytes would change. */
function tokens(apply: (list: string[]) => readonly string[]): Edit {
  return edit((payload) => {
    if (payload.length > LONGEST_TOKENISED) return payload;
    const text = payload.toString('utf8');
    return text.includes('\ufffd') ? payload : Buffer.from(apply(tokensOf(text)).join(''), 'utf8');
  });
}

const LONGEST_TOKENISED = 64 * 1024;

/** White space in JSON, and in other formats. */
const SPACES = [' ', '\t', '\n', '\r', '\r\n', '\v', '\f', '\u00a0', '\u2028', '\u3000', '\ufeff', '\0'];
const COMMENTS = ['// x\n', '/* x */', '# x\n', '<!-- x -->'];
/** Bytes that are not valid UTF-8, or not at most places. */
const INVALID_UTF8 = [
  '80',
  'c0af',
  'c080',
  'e282',
  'eda080',
  'edb080',
  'f4908080',
  'fe',
  'ff',
  'f8888080',
  'e9',
].map((hex) => Buffer.from(hex, 'hex'));

const ENCODINGS: readonly ((payload: Buffer) => Buffer)[] = [
  (payload) => Buffer.from(payload.toString('utf8'), 'latin1'),
  (payload) => Buffer.from(payload.toString('utf8'), 'utf16le'),
  (payload) => Buffer.from(payload.toString('utf8'), 'utf16le').swap16(),
  (payload) => Buffer.concat([Buffer.from('efbbbf', 'hex'), payload]),
  (payload) => Buffer.from(payload.toString('base64'), 'latin1'),
  (payload) => Buffer.from(payload.toString('hex'), 'latin1'),
  (payload) => Buffer.from(encodeURIComponent(payload.toString('utf8')), 'latin1'),
];

const WRAPS: readonly ((text: string) => string)[] = [
  (text) => `[${text}]`,
  (text) => `{"":${text}}`,
  (text) => JSON.stringify(text),
  (text) => `${text}${text}`,
  (text) => `${text},${text}`,
  (text) => `${text}\n${text}`,
  (text) => `(${text})`,
];

/** In bytes or UTF-16 units. */
const LONGEST_COPY = 4096;

export const PAYLOAD_MUTATIONS: readonly Mutation[] = [
  {
    name: 'space/insert',
    weight: 3,
    edits: fc
      .tuple(position(), fc.constantFrom(...SPACES, ...COMMENTS), fc.oneof(fc.constant(1), lengths(300)))
      .map(([at, space, times]) =>
        tokens((list) => list.toSpliced(offsetAt(at, list.length), 0, space.repeat(times))),
      ),
  },
  {
    name: 'token/drop',
    weight: 3,
    edits: fc
      .tuple(position(), fc.integer({ min: 1, max: 4 }))
      .map(([at, count]) => tokens((list) => list.toSpliced(indexAt(at, list.length), count))),
  },
  {
    name: 'token/repeat',
    weight: 2,
    edits: fc.tuple(position(), fc.integer({ min: 1, max: 8 }), lengths(64)).map(([at, count, times]) =>
      tokens((list) => {
        const chosen = list.slice(indexAt(at, list.length)).slice(0, count);
        return list.toSpliced(
          indexAt(at, list.length),
          0,
          chosen.join('').slice(0, LONGEST_COPY).repeat(times),
        );
      }),
    ),
  },
  {
    name: 'token/replace',
    weight: 3,
    edits: fc
      .tuple(position(), fc.oneof(anyToken(), fc.constantFrom(...'{}[]:,')))
      .map(([at, token]) => tokens((list) => list.toSpliced(indexAt(at, list.length), 1, token))),
  },
  {
    name: 'json/behind',
    weight: 2,
    edits: fc
      .tuple(fc.oneof(fc.constantFrom(...SPACES, ...'{}[]:,"'), anyToken(), sensitive()), lengths(70))
      .map(([what, times]) => edit((payload) => Buffer.concat([payload, Buffer.from(what.repeat(times))]))),
  },
  {
    name: 'json/before',
    weight: 1,
    edits: fc
      .oneof(fc.constantFrom(...SPACES, ...COMMENTS, ...'{}[]:,"'), anyToken())
      .map((what) => edit((payload) => Buffer.concat([Buffer.from(what), payload]))),
  },
  {
    name: 'json/cut',
    weight: 3,
    edits: position().map((at) => edit((payload) => payload.subarray(0, offsetAt(at, payload.length)))),
  },
  {
    name: 'json/wrap',
    weight: 2,
    edits: fc
      .constantFrom(...WRAPS)
      .map((wrap) => edit((payload) => Buffer.from(wrap(payload.toString('utf8')), 'utf8'))),
  },
  {
    name: 'json/other',
    weight: 2,
    edits: anyToken().map((token) => edit(() => Buffer.from(token, 'utf8'))),
  },
  {
    name: 'text/encoding',
    weight: 2,
    edits: fc.constantFrom(...ENCODINGS).map((encode) => edit(encode)),
  },
  {
    name: 'text/no-utf8',
    weight: 3,
    edits: fc
      .tuple(position(), fc.constantFrom(...INVALID_UTF8))
      .map(([at, bytes]) => edit((payload) => splice(payload, offsetAt(at, payload.length), 0, bytes))),
  },
  {
    name: 'text/insert',
    weight: 3,
    edits: fc
      .tuple(position(), sensitive())
      .map(([at, text]) =>
        edit((payload) => splice(payload, offsetAt(at, payload.length), 0, Buffer.from(text))),
      ),
  },
  {
    name: 'bytes/flip',
    weight: 4,
    edits: fc.tuple(position(), fc.nat({ max: 7 })).map(([at, bit]) =>
      edit((payload) => {
        if (payload.length === 0) return payload;
        const copy = Buffer.from(payload);
        const index = indexAt(at, copy.length);
        copy[index] = (copy[index] ?? 0) ^ (1 << bit);
        return copy;
      }),
    ),
  },
  {
    name: 'bytes/set',
    weight: 3,
    edits: fc
      .tuple(position(), fc.nat({ max: 255 }))
      .map(([at, byte]) =>
        edit((payload) => splice(payload, indexAt(at, payload.length), 1, Uint8Array.of(byte))),
      ),
  },
  {
    name: 'bytes/insert',
    weight: 2,
    edits: fc
      .tuple(position(), fc.uint8Array({ minLength: 1, maxLength: 8 }))
      .map(([at, bytes]) => edit((payload) => splice(payload, offsetAt(at, payload.length), 0, bytes))),
  },
  {
    name: 'bytes/remove',
    weight: 2,
    edits: fc
      .tuple(position(), lengths(64))
      .map(([at, count]) =>
        edit((payload) => splice(payload, indexAt(at, payload.length), count, Buffer.alloc(0))),
      ),
  },
  {
    name: 'bytes/repeat',
    weight: 2,
    edits: fc.tuple(position(), lengths(300), lengths(64)).map(([at, count, times]) =>
      edit((payload) => {
        const from = indexAt(at, payload.length);
        const chunk = payload.subarray(from, from + count).subarray(0, LONGEST_COPY);
        return splice(payload, from, 0, Buffer.concat(Array.from({ length: times }, () => chunk)));
      }),
    ),
  },
  {
    name: 'bytes/random',
    weight: 1,
    edits: fc.uint8Array({ maxLength: 64 }).map((bytes) => edit(() => Buffer.from(bytes))),
  },
];
