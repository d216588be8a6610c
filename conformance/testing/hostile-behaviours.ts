/**
 * What servers do that try to exhaust the kit, as a table. The bytes come as pieces, so that a behaviour without an end takes no
 * memory here.
 */

import {
  fillDeeply,
  fillWithFiles,
  fillWithOddFiles,
  fillWithSpace,
  growing,
  replacing,
} from './hostile-stores.ts';

const MiB = 1024 * 1024;
const CAP = 16 * MiB;
const PIECE_BYTES = 64 * 1024;

/** What a peer does on a connection. */
export interface Behaviour {
  /** The words of the table, after "the target …". */
  readonly what: string;
  /** What it sends: bytes, possibly without end. `id`: the task id of the request, if it has one. Default: nothing. */
  readonly sends?: (id: string) => Iterable<Uint8Array>;
  /** When it begins. Default: when a SUBMIT has come; other frames are closed without an answer. */
  readonly begins?: 'at once';
  /** Pause after each piece, in milliseconds. Default: none. */
  readonly pauseMs?: number;
  /** What follows. Default: a FIN. */
  readonly ends?: 'open' | 'reset';
  /** So many connections are served well before. Default 0. */
  readonly after?: number;
  /** Of so many connections, one is served in this way and the others well. Default 1. */
  readonly every?: number;
  /** Whether it reads what is sent. Default true. */
  readonly reads?: false;
  /** What is in its store before the first connection. Default: nothing. */
  readonly fills?: (store: string) => void;
  /** What it does to its store before it begins. Default: nothing. */
  readonly stores?: (store: string) => void;
  /** Whether the handshake of connections is completed. Default true. Only for the program, not for `serveHostile`. */
  readonly accepts?: false;
}

function header(type: number, bytes: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(type, 0);
  header.writeUInt32BE(bytes, 4);
  return header;
}

/** The text again and again, at most `bytes` bytes, in whole texts. */
function* filled(text: string | Uint8Array, bytes = Number.POSITIVE_INFINITY): Iterable<Uint8Array> {
  const unit = Buffer.from(text);
  const piece = Buffer.concat(Array<Buffer>(Math.max(1, Math.floor(PIECE_BYTES / unit.length))).fill(unit));
  let left = bytes;
  for (; left >= piece.length; left -= piece.length) yield piece;
  if (left > 0) yield piece.subarray(0, left - (left % unit.length));
}

/** One frame at the cap: a beginning, a text again and again, an end, and spaces for what is left. */
function* atCap(begin: string, text: string | Uint8Array, end = '', type = 1): Iterable<Uint8Array> {
  const room = CAP - Buffer.byteLength(begin) - Buffer.byteLength(end);
  const length = Buffer.from(text).length;
  yield header(type, CAP);
  yield Buffer.from(begin);
  yield* filled(text, room);
  yield Buffer.from(end);
  yield Buffer.alloc(room % length, ' ');
}

/** A legal answer, or one with other text in place of its closing brace. */
export function answer(id: string, message = 'ok', status = 200): Buffer {
  const payload = Buffer.from(JSON.stringify({ task_id: id, status, message }));
  return Buffer.concat([header(1, payload.length), payload]);
}

function* bytewise(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1) yield bytes.subarray(at, at + 1);
}

const ofId = (id: string): string => `{"task_id":"${id}","status":200,"message":"`;
const EMPTY_ID = '{"status":200,"message":"","task_id":"';
const LARGE_ID: Pick<Behaviour, 'sends'> = { sends: () => atCap(EMPTY_ID, 'x', '"}') };
const GARBAGE: Pick<Behaviour, 'sends'> = { sends: () => filled('garbage ') };
const ITEMS: Pick<Behaviour, 'sends'> = { sends: () => atCap('[', '1,', '1]') };
export const GOOD: Pick<Behaviour, 'sends'> = { sends: (id) => [answer(id)] };
const nothing = (): Iterable<Uint8Array> => [];

/** All behaviours by name. */
export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  // One answer at the cap.
  'id-16-mib': { what: 'answers with a task_id of 16 MiB', ...LARGE_ID },
  'message-16-mib': {
    what: 'answers legally, with a message of 16 MiB',
    sends: (id) => atCap(ofId(id), 'x', '"}'),
  },
  'spaces-16-mib': {
    what: 'answers legally, with 16 MiB of spaces',
    sends: (id) => atCap(`${ofId(id)}"}`, ' '),
  },
  'unknown-member': {
    what: 'answers legally, with a list of 8 million items as an unknown member',
    sends: (id) => atCap('{"x":[', '1,', `1],${ofId(id).slice(1)}"}`),
  },
  brackets: { what: 'answers with 16 MiB of [', sends: () => atCap('', '[') },
  objects: { what: 'answers with 16 MiB of {"a":', sends: () => atCap('', '{"a":') },
  'empty-lists': { what: 'answers with 16 MiB of [],', sends: () => atCap('[', '[],', '1]') },
  escapes: {
    what: 'answers with a message of escapes only',
    sends: (id) => atCap(ofId(id), '\\u0041', '"}'),
  },
  backslashes: {
    what: 'answers with a message of backslashes only',
    sends: (id) => atCap(ofId(id), '\\\\', '"}'),
  },
  items: { what: 'answers with a list of 8 million items', ...ITEMS },
  keys: { what: 'answers with 1.2 million members', sends: () => atCap('{', '"abcdefghij":1,', '"a":1}') },
  'equal-members': {
    what: 'answers with a million equal members',
    sends: (id) => atCap('{', '"status":200,', ofId(id).slice(1).concat('"}')),
  },
  digits: { what: 'answers with a status of 16 million digits', sends: () => atCap('{"status":', '1', '}') },
  'not-utf8': { what: 'answers with 16 MiB of the byte ff', sends: () => atCap('', Buffer.from([0xff])) },
  'four-byte': {
    what: 'answers with a message of 4 million emoji',
    sends: (id) => atCap(ofId(id), '🚀', '"}'),
  },
  'control-sequences': {
    what: 'answers with 16 MiB of terminal commands',
    sends: () => atCap('', '\u001b[2J\u001b]0;x\u0007'),
  },
  'string-not-closed': {
    what: 'answers with a string that is not closed',
    sends: () => atCap('{"message":"', 'x'),
  },
  surrogates: {
    what: 'answers with a message of lone surrogates, escaped',
    sends: (id) => atCap(ofId(id), '\\ud800', '"}'),
  },
  'line-ends': {
    what: 'answers with a message of 8 million line ends',
    sends: (id) => atCap(ofId(id), '\\n', '"}'),
  },
  markup: {
    what: 'answers with a message of markup only',
    sends: (id) => atCap(ofId(id), '<script>alert(1)</script>', '"}'),
  },
  'long-key': { what: 'answers with a key of 16 MiB', sends: () => atCap('{"', 'k', '":1}') },
  exponent: {
    what: 'answers with an exponent of 16 million digits',
    sends: () => atCap('{"status":2e', '0', '}'),
  },
  'nul-bytes': { what: 'answers with 16 MiB of zeros', sends: () => atCap('', Buffer.alloc(1)) },
  'message-100-kib': {
    what: 'answers legally, with a message of 100 KiB',
    sends: (id) => [answer(id, 'x'.repeat(100 * 1024))],
  },
  'type-99': { what: 'answers with 16 MiB of type 99', sends: () => atCap('', 'x', '', 99) },
  // Without end.
  garbage: { what: 'sends garbage without end', ...GARBAGE },
  zeros: { what: 'sends zeros without end', sends: () => filled(Buffer.alloc(1024)) },
  'over-cap-flood': {
    what: 'announces 2^32 - 1 bytes, and sends without end',
    sends: function* () {
      yield header(1, 0xffffffff);
      yield* filled('x');
    },
  },
  'at-cap-flood': {
    what: 'answers with 16 MiB, and sends on without end',
    sends: function* () {
      yield header(1, CAP);
      yield* filled('x');
    },
  },
  'answer-then-flood': {
    what: 'answers legally, and sends garbage without end after it',
    sends: function* (id) {
      yield answer(id);
      yield* filled('garbage ');
    },
  },
  answers: { what: 'answers legally without end', sends: (id) => filled(answer(id)) },
  'empty-frames': { what: 'sends empty frames without end', sends: () => filled(header(1, 0)) },
  'frames-1-mib': {
    what: 'sends frames of 1 MiB without end',
    sends: () => filled(Buffer.concat([header(1, MiB), Buffer.alloc(MiB, '[')])),
  },
  'answers-100': { what: 'answers 100 times', sends: (id) => filled(answer(id), 100 * answer(id).length) },
  'flood-at-once': { what: 'sends garbage without end, before any request', ...GARBAGE, begins: 'at once' },
  'updates-flood': {
    what: 'sends updates without end',
    sends: (id) => {
      const payload = Buffer.from(JSON.stringify({ task_id: id, status: 'ACCEPTED', justification: '' }));
      return filled(Buffer.concat([header(3, payload.length), payload]));
    },
  },
  'reads-nothing-answers': {
    what: 'reads nothing, and sends answers without end',
    sends: () => filled(answer('')),
    begins: 'at once',
    reads: false,
  },
  'single-bytes': {
    what: 'sends single bytes without end',
    sends: () => bytewise(Buffer.alloc(64 * MiB, 'x')),
  },
  // Slowly.
  trickle: {
    what: 'sends a byte every 20 ms without end',
    sends: () => bytewise(Buffer.alloc(MiB, 'x')),
    pauseMs: 20,
  },
  'trickle-answer': {
    what: 'answers legally, a byte every 20 ms',
    sends: (id) => bytewise(answer(id)),
    pauseMs: 20,
  },
  'trickle-16-mib': {
    what: 'announces 16 MiB, and sends a kilobyte every 20 ms',
    sends: function* () {
      yield header(1, CAP);
      for (let sent = 0; sent < CAP; sent += 1024) yield Buffer.alloc(1024, 'x');
    },
    pauseMs: 20,
  },
  'answer-then-trickle': {
    what: 'answers legally, and sends a byte every 20 ms after it',
    sends: function* (id) {
      yield answer(id);
      yield* bytewise(Buffer.alloc(MiB, 'x'));
    },
    pauseMs: 20,
  },
  'answer-then-open': {
    what: 'answers legally, and never closes',
    sends: (id) => [answer(id)],
    ends: 'open',
  },
  'announces-only': {
    what: 'announces 16 MiB, and sends nothing more',
    sends: () => [header(1, CAP)],
    ends: 'open',
  },
  'half-header': {
    what: 'sends half a header, and nothing more',
    sends: () => [Buffer.alloc(4)],
    ends: 'open',
  },
  silence: { what: 'never answers', sends: nothing, ends: 'open' },
  'reads-nothing': {
    what: 'neither reads nor answers',
    sends: nothing,
    ends: 'open',
    begins: 'at once',
    reads: false,
  },
  // Endings.
  'closes-at-once': { what: 'closes every connection at once', sends: nothing, begins: 'at once' },
  'resets-at-once': {
    what: 'resets every connection at once',
    sends: nothing,
    begins: 'at once',
    ends: 'reset',
  },
  'resets-inside': {
    what: 'resets the connection within an answer of 16 MiB',
    sends: () => [header(1, CAP), ...filled('x', 4 * MiB)],
    ends: 'reset',
  },
  'speaks-first': { what: 'answers before any request', sends: () => [answer('')], begins: 'at once' },
  'answer-then-reset': {
    what: 'answers legally, and resets the connection',
    sends: (id) => [answer(id)],
    ends: 'reset',
  },
  'no-handshake': { what: 'completes no handshake', accepts: false },
  // After a good beginning.
  'later-id-16-mib': {
    what: 'answers with a task_id of 16 MiB, after 20 good answers',
    ...LARGE_ID,
    after: 20,
  },
  'later-garbage': { what: 'sends garbage without end, after 20 good answers', ...GARBAGE, after: 20 },
  'later-items': { what: 'answers with 8 million items, after 20 good answers', ...ITEMS, after: 20 },
  'later-silence': { what: 'never answers, after 20 good answers', sends: nothing, ends: 'open', after: 20 },
  'later-resets': {
    what: 'resets every connection, after 20 good answers',
    sends: nothing,
    begins: 'at once',
    ends: 'reset',
    after: 20,
  },
  'third-id-16-mib': { what: 'answers every third time with a task_id of 16 MiB', ...LARGE_ID, every: 3 },
  'third-garbage': { what: 'sends garbage without end every third time', ...GARBAGE, every: 3 },
  'third-silence': { what: 'never answers every third time', sends: nothing, ends: 'open', every: 3 },
  'third-keys': {
    what: 'answers every third time with 1.2 million members',
    sends: () => atCap('{', '"abcdefghij":1,', '"a":1}'),
    every: 3,
  },
  // In its store.
  'store-many-files': {
    what: 'has 100 000 files in its store',
    ...GOOD,
    fills: (store) => fillWithFiles(store, 100_000),
  },
  'store-large-file': {
    what: 'has a file of 4 GiB in its store',
    ...GOOD,
    fills: (store) => fillWithSpace(store, 4096),
  },
  'store-deep': {
    what: 'has 3000 folders in each other in its store',
    ...GOOD,
    fills: (store) => fillDeeply(store, 3000),
  },
  'store-odd-files': {
    what: 'has FIFOs, links, sockets and names of any bytes in its store',
    ...GOOD,
    fills: fillWithOddFiles,
  },
  'store-grows': { what: 'stores 64 MiB for each task', ...GOOD, stores: growing(64) },
  'store-vanishes': {
    what: 'removes its store with each task, and makes an empty one',
    ...GOOD,
    stores: replacing,
  },
};
