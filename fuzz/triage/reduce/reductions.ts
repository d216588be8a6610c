/**
 * Reductions: cases that are simpler than a given case by one step. A step removes a connection, an action, or a run of
 * fields, tokens or bytes of a payload, or corrects a header. Each result is strictly smaller or plainer, so that a sequence
 * of steps ends.
 */

import { type Action, type Case, type ConnectionActions, EXACT, encodeActions } from '../../case/case.ts';
import { type Frame, membersOf, payloadOf, tokensOf } from '../../case/edits.ts';
import { actionsOf, readSent } from '../../case/sent.ts';

/** Kinds of reductions, from few large steps to many small ones. Within a kind, the largest steps come first. */
export const REDUCTIONS: readonly ((value: Case) => Iterable<Case>)[] = [
  (value) => largeReductions(value),
  (value) => payloadReductions(value, [fewerFields, plainerStrings, shortenedStrings]),
  (value) => payloadReductions(value, [shorterTexts, plainerTexts]),
  (value) => payloadReductions(value, [shorterStrings, shorterBytes]),
];

function* largeReductions(value: Case): Generator<Case> {
  const { connections } = value;
  yield* sentWhole(value);
  for (const kept of withoutRuns(connections)) if (kept.length > 0) yield { ...value, connections: kept };
  // The order in which connections at once are served is left to chance, so a case needs it only where no order shows the fault.
  const plainer = connections.length > 1 ? 'in-turn' : 'at-once';
  if (value.arrangement !== plainer) yield { ...value, arrangement: plainer };
  for (const [index, actions] of connections.entries()) {
    for (const kept of withoutRuns(actions))
      if (kept.length > 0) yield { ...value, connections: connections.with(index, kept) };
    const frames = framesOf(actions);
    if (frames !== undefined) yield { ...value, connections: connections.with(index, frames) };
  }
  yield* actionReductions(value, withoutPayload);
  yield* actionReductions(value, plainerHeaders);
  yield* actionReductions(value, zeroBytes);
}

/** The same bytes at once, and as frames where they form some: in which pieces they were sent may not matter. */
function* sentWhole(value: Case): Generator<Case> {
  const whole = value.connections.map(wholeOf);
  const changed = whole.flatMap((actions, index) => (actions === undefined ? [] : [{ actions, index }]));
  if (changed.length === 0) return;
  yield { ...value, connections: whole.map((actions, index) => actions ?? value.connections[index] ?? []) };
  if (changed.length > 1)
    for (const { actions, index } of changed)
      yield { ...value, connections: value.connections.with(index, actions) };
}

/** Undefined where the actions are as plain already, or where a header is wrong on purpose. */
function wholeOf(actions: ConnectionActions): ConnectionActions | undefined {
  const isPlain = (action: Action): boolean =>
    action.do === 'frame'
      ? action.segmentBytes === undefined
      : action.do !== 'pause' && action.do !== 'bytes';
  const isWrong = (action: Action): boolean => action.do === 'frame' && action.declared.kind !== 'exact';
  if (actions.every(isPlain) || actions.some(isWrong)) return undefined;
  const last = actions.at(-1);
  const end = last?.do === 'fin' || last?.do === 'reset' ? [last] : [];
  const whole = [...actionsOf(encodeActions(actions)), ...end];
  const isSame = whole.length === actions.length && whole.every(({ do: it }, at) => it === actions[at]?.do);
  return isSame && !actions.some((action) => action.do === 'frame' && action.segmentBytes !== undefined)
    ? undefined
    : whole;
}

/** Zeros in place of bytes that form no frame: only their number may matter. Then one byte after another. */
function* zeroBytes(action: Action): Generator<Action> {
  if (action.do !== 'bytes') return;
  const { bytes } = action;
  if (bytes.some((byte) => byte !== 0)) yield { ...action, bytes: new Uint8Array(bytes.length) };
  if (bytes.length > MOST_ZEROED) return;
  for (const [at, byte] of bytes.entries()) if (byte !== 0) yield { ...action, bytes: bytes.with(at, 0) };
}

/** Of more bytes, none is replaced by a zero alone. */
const MOST_ZEROED = 16;

/** The frames that a receiver finds in what other actions send. Undefined if the actions are such frames, or if there is none. */
function framesOf(actions: ConnectionActions): ConnectionActions | undefined {
  const isWhole = (action: Action): boolean =>
    action.do === 'frame' && action.declared.kind === 'exact' && action.segmentBytes === undefined;
  const { frames } = readSent(actions);
  if (frames.length === 0 || actions.every(isWhole)) return undefined;
  return frames.map(({ type, payload }): Action => ({ do: 'frame', type, declared: EXACT, payload }));
}

/** Many faults need the header only, and others no payload that is legal. */
function* withoutPayload(action: Action): Generator<Frame> {
  if (action.do === 'frame' && action.payload.length > 0 && action.declared.kind === 'exact')
    yield { ...action, payload: new Uint8Array() };
}

/** Makes each action in turn plainer. */
function* actionReductions(value: Case, plainer: (action: Action) => Iterable<Action>): Generator<Case> {
  for (const [index, actions] of value.connections.entries()) {
    for (const [at, action] of actions.entries())
      for (const reduced of plainer(action))
        yield { ...value, connections: value.connections.with(index, actions.with(at, reduced)) };
  }
}

function* plainerHeaders(action: Action): Generator<Frame> {
  if (action.do !== 'frame') return;
  const { segmentBytes, ...whole } = action;
  if (segmentBytes !== undefined) yield whole;
  if (action.declared.kind !== 'exact') yield { ...action, declared: EXACT };
  if (action.type !== 1) yield { ...action, type: 1 };
}

type ByteReductions = (bytes: Uint8Array) => Iterable<Uint8Array>;

function payloadReductions(value: Case, kinds: readonly ByteReductions[]): Generator<Case> {
  return actionReductions(value, function* (action) {
    for (const simpler of kinds) {
      if (action.do === 'frame') for (const payload of simpler(action.payload)) yield { ...action, payload };
      if (action.do === 'bytes') for (const bytes of simpler(action.bytes)) yield { ...action, bytes };
    }
  });
}

/** Longer payloads are reduced as bytes only. */
const LONGEST_TOKENISED = 64 * 1024;

function tokensOfBytes(bytes: Uint8Array): string[] {
  if (bytes.length > LONGEST_TOKENISED) return [];
  const text = Buffer.from(bytes).toString('utf8');
  return text.includes('\ufffd') ? [] : tokensOf(text);
}

/** The value of each field alone, each field alone, and then the fields without each run of them. */
function* fewerFields(bytes: Uint8Array): Generator<Uint8Array> {
  if (bytes.length > LONGEST_TOKENISED) return;
  const members = membersOf(Buffer.from(bytes).toString('utf8'));
  if (members === undefined) return;
  for (const { value } of members) yield Buffer.from(value);
  if (members.length < 2) return;
  for (const member of members) yield payloadOf([member]);
  for (const kept of withoutRuns(members)) yield payloadOf(kept);
}

/** Removes runs of tokens, so that JSON can stay JSON. */
function* shorterTexts(bytes: Uint8Array): Generator<Uint8Array> {
  for (const kept of withoutRuns(tokensOfBytes(bytes))) yield Buffer.from(kept.join(''), 'utf8');
}

/** Replaces a token by a shorter one, everywhere or once: the value may not matter where the presence does. */
function* plainerTexts(bytes: Uint8Array): Generator<Uint8Array> {
  const tokens = tokensOfBytes(bytes);
  for (const plainer of PLAIN_TOKENS) {
    const isLonger = (token: string): boolean => plainer.length < token.length && !'{}[]:,'.includes(token);
    for (const longer of new Set(tokens.filter(isLonger)))
      yield Buffer.from(tokens.map((token) => (token === longer ? plainer : token)).join(''), 'utf8');
    for (const [index, token] of tokens.entries())
      if (isLonger(token)) yield Buffer.from(tokens.with(index, plainer).join(''), 'utf8');
  }
}

const PLAIN_TOKENS = ['""', '0', '{}', ' '];

/** For strings of this length or more, the length itself may matter. */
const LONG_STRING = 16;
const CUT_STRING = 64;

/** Replaces a long string by plain letters, as many as it has characters or bytes: only its length may matter. */
function* plainerStrings(bytes: Uint8Array): Generator<Uint8Array> {
  const tokens = tokensOfBytes(bytes);
  for (const [index, token] of tokens.entries()) {
    if (token.length < LONG_STRING || !isString(token)) continue;
    const units = unitsOf(token);
    const size = units.reduce((sum, unit) => sum + Buffer.byteLength(escapedUnit(unit)), 0);
    for (const count of new Set([units.length, size])) {
      const plainer = `"${'a'.repeat(count)}"`;
      if (plainer !== token && plainer.length <= Buffer.byteLength(token))
        yield Buffer.from(tokens.with(index, plainer).join(''), 'utf8');
    }
  }
}

/** Cuts a long string in few steps: that it is longer than a bound is the fault of many receivers. */
function* shortenedStrings(bytes: Uint8Array): Generator<Uint8Array> {
  const tokens = tokensOfBytes(bytes);
  for (const [index, token] of tokens.entries()) {
    if (token.length < CUT_STRING || !isString(token)) continue;
    const units = unitsOf(token);
    for (const share of [1 / 2, 3 / 4, 7 / 8]) {
      const kept = units.slice(0, Math.ceil(units.length * share)).join('');
      yield Buffer.from(tokens.with(index, `"${kept}"`).join(''), 'utf8');
    }
  }
}

function isString(token: string): boolean {
  return /^"[\s\S]+"$/.test(token);
}

/** The characters of a string token. An escape is one character. */
function unitsOf(token: string): readonly string[] {
  return token.slice(1, -1).match(/\\u[0-9a-fA-F]{4}|\\[\s\S]|[\s\S]/gu) ?? [];
}

/** A character with the same length in UTF-8 as the escaped one. */
function escapedUnit(unit: string): string {
  if (/^\\u[0-9a-fA-F]{4}$/.test(unit)) return String.fromCharCode(Number.parseInt(unit.slice(2), 16));
  return unit.slice(-1);
}

/** Removes runs of characters of a string. */
function* shorterStrings(bytes: Uint8Array): Generator<Uint8Array> {
  const tokens = tokensOfBytes(bytes);
  for (const [index, token] of tokens.entries()) {
    if (!isString(token)) continue;
    for (const kept of withoutRuns(unitsOf(token)))
      yield Buffer.from(tokens.with(index, `"${kept.join('')}"`).join(''), 'utf8');
  }
}

function* shorterBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (const [from, to] of runs(bytes.length))
    yield Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function* withoutRuns<T>(items: readonly T[]): Generator<readonly T[]> {
  for (const [from, to] of runs(items.length)) yield items.toSpliced(from, to - from);
}

/** Runs up to this length are removed at every place; longer ones at multiples of their length. */
const EVERY_PLACE = 8;

/** Runs within `length` items, longest first. */
function* runs(length: number): Generator<readonly [from: number, to: number]> {
  for (
    let size = length;
    size >= 1;
    size = size > EVERY_PLACE ? Math.max(EVERY_PLACE, Math.floor(size / 2)) : size - 1
  ) {
    const stride = size > EVERY_PLACE ? size : 1;
    for (let from = 0; from + size <= length || (stride > 1 && from < length); from += stride)
      yield [from, Math.min(length, from + size)];
  }
}
