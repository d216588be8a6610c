/**
 * The features of a case, as words: types and lengths of its headers, and the kind, the unusual characters and the size of
 * each token of its payloads. A feature that a minimised case has, and that no harmless case had, is the probable cause of
 * the failure: it explains a finding to a person, and shows which later cases fail for the same reason. The words are part
 * of saved files and of the ids of differences: they are permanent.
 */

import { HEADER_BYTES, PAYLOAD_CAP } from '../../conformance/scenario/bytes.ts';
import { printable } from '../../conformance/util/printable.ts';
import { type Action, type Case, encodeAction } from '../case/case.ts';
import { tokensOf } from '../case/edits.ts';
import { readSent, type Sent } from '../case/sent.ts';
import { FIELD_NAMES } from './arbitraries/messages.ts';

/** The tokens of longer payloads, and further actions, give no features. */
const MAX_PAYLOAD_BYTES = 64 * 1024;
const MAX_ACTIONS = 8;
/** From this size on, the size of a payload is a feature. */
const LARGE_BYTES = 512;

export function featuresOf({ connections, arrangement }: Case): ReadonlySet<string> {
  const features = new Set<string>();
  if (connections.length > 1) features.add(`${sizeClass(connections.length)} connections ${arrangement}`);
  for (const actions of connections) {
    if (actions.length > 1) features.add(`steps: ${actions.slice(0, MAX_ACTIONS).map(nameOf).join(', ')}`);
    for (const action of actions.slice(0, MAX_ACTIONS)) addFeatures(features, action);
    const sent = readSent(actions);
    if (sent.frames[0] !== undefined) features.add(`type ${typeClass(sent.frames[0].type)} first`);
    if (sent.bytes.length > 0 && sent.bytes.length < HEADER_BYTES)
      features.add(`${sent.bytes.length} bytes in all`);
    if (actions.length > 1 && !actions.every(isWholeFrame)) addStreamFeatures(features, sent);
  }
  return features;
}

/** The features of a case that stopped nothing. Whether a target reads a second frame of a connection is not known (T2). */
export function harmlessFeaturesOf(value: Case): ReadonlySet<string> {
  const others = [...featuresOf(value)].filter((feature) => !OF_FRAMES.test(feature));
  return new Set([...featuresOf(surelyRead(value)), ...others]);
}

const OF_FRAMES = /^(?:an? |another field|"|nested|brackets|type |header |\d+ bytes)/;

/** What a target reads of a case for certain: the first frame of each connection, if it is complete. */
export function surelyRead(value: Case): Case {
  const connections = value.connections.map((actions) => {
    const [first] = actions;
    return first !== undefined && isWholeFrame(first) ? [first] : actions.length === 1 ? actions : [];
  });
  return { ...value, connections };
}

function isWholeFrame(action: Action): boolean {
  return action.do === 'frame' && action.declared.kind === 'exact';
}

/** The headers that a receiver finds, where actions and frames do not begin at the same bytes. */
function addStreamFeatures(features: Set<string>, { bytes, frames }: Sent): void {
  let at = 0;
  for (const { type, payload } of frames.slice(0, MAX_ACTIONS)) {
    features.add(`type ${typeClass(type)}`);
    at += HEADER_BYTES + payload.length;
  }
  if (frames.length < MAX_ACTIONS && bytes.length - at >= HEADER_BYTES)
    addHeader(features, bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4), bytes.length - at - HEADER_BYTES);
}

/**
 * What a whole connection has: the type of its first complete frame, because a target that serves one frame never reads a second,
 * and a size of less than a header. These are no features of a difference, nor are headers, which both implementations read.
 */
const IS_OF_NO_DIFFERENCE = /^type \w+ first$|^\d bytes in all$|^header /;

/**
 * The features by which two cases show the same difference, sorted. An unusual name decides which field is meant, and
 * everything else may follow from that; so these are the features of names, or all features if there are none of names.
 */
export function featuresOfDifference(value: Case): string[] {
  const features = [...featuresOf(value)].filter((feature) => !IS_OF_NO_DIFFERENCE.test(feature)).sort();
  const ofNames = features.filter((feature) => /^a (?:field's )?name /.test(feature));
  return ofNames.length > 0 ? ofNames : features;
}

function nameOf(action: Action): string {
  return action.do === 'frame' ? `type ${typeClass(action.type)}` : action.do;
}

function typeClass(type: number): string {
  return type <= 5 ? String(type) : 'unknown';
}

/** The count up to 3, and then the power of two below it: 300 is '256 or more'. */
function sizeClass(count: number): string {
  return count < 4 ? String(count) : `${2 ** Math.floor(Math.log2(count))} or more`;
}

function addFeatures(features: Set<string>, action: Action): void {
  const bytes = encodeAction(action);
  if (bytes.length < HEADER_BYTES) {
    if (bytes.length > 0) features.add(`${bytes.length} bytes only`);
    return;
  }
  const payload = bytes.subarray(HEADER_BYTES);
  const declared = bytes.readUInt32BE(4);
  addHeader(features, bytes.readUInt32BE(0), declared, payload.length);
  // An incomplete payload is not parsed.
  if (declared <= payload.length && declared <= MAX_PAYLOAD_BYTES)
    addTokens(features, payload.toString('utf8', 0, declared));
}

/** `follow`: number of bytes that follow the header. */
function addHeader(features: Set<string>, code: number, declared: number, follow: number): void {
  const type = `type ${typeClass(code)}`;
  // Of an incomplete frame, the header alone may be harmless, or all that the fault needs.
  features.add(`header of ${type}`);
  if (declared <= follow) features.add(type);
  if (declared !== follow) {
    const size = declared > PAYLOAD_CAP ? 'over the cap' : sizeClass(declared);
    features.add(`${type} declares ${declared < follow ? 'too few' : 'more'} bytes, ${size}`);
  } else if (declared >= LARGE_BYTES) features.add(`${type} with ${sizeClass(declared)} bytes`);
}

function addTokens(features: Set<string>, text: string): void {
  const names = new Map<string, number>();
  let field = '';
  let depth = 0;
  let deepest = 0;
  const tokens = tokensOf(text);
  for (const [index, token] of tokens.entries()) {
    if (token === '{' || token === '[') {
      depth += 1;
      deepest = Math.max(deepest, depth);
      if (field !== '')
        features.add(`${field} is ${token}${tokens[index + 1] === CLOSING[token] ? CLOSING[token] : ''}`);
    }
    if (token === '}' || token === ']') depth -= 1;
    const isName = token.startsWith('"') && tokens[index + 1] === ':';
    if (isName) {
      field = FIELD_NAMES.includes(token) ? token : 'another field';
      // Whether its letters are escaped is then no feature of its own.
      if (hasOtherLetterCase(token)) features.add("a field's name in other letter case");
      else addToken(features, 'name', token);
      names.set(token, (names.get(token) ?? 0) + 1);
    } else if (token === ',') field = '';
    else if (!/^[{}[\]:]$/.test(token)) addToken(features, 'value', token);
    if (!isName && field !== '' && !/^[{}[\]:,\s]/.test(token)) features.add(`${field} is ${kindOf(token)}`);
  }
  const repeats = Math.max(0, ...names.values());
  if (repeats > 1) features.add(`a name stands ${repeats > 3 ? '4 or more' : repeats} times`);
  if (deepest > 2) features.add(`nested ${sizeClass(deepest)} deep`);
  if (depth !== 0) features.add('brackets that do not match');
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/** Whether the name is a field's name only to a reader that folds letter case (M7). */
function hasOtherLetterCase(name: string): boolean {
  const read = canonical(name);
  const folded = read.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k');
  return folded !== read && FIELD_NAMES.includes(folded);
}

/** The token with its usual escapes, if it is a string. */
function canonical(token: string): string {
  try {
    return JSON.stringify(JSON.parse(token));
  } catch {
    return token;
  }
}

function kindOf(token: string): string {
  if (token.startsWith('"')) return 'a string';
  return /^-?\d/.test(token) ? 'a number' : 'a word';
}

function addToken(features: Set<string>, role: 'name' | 'value', token: string): void {
  if (!token.startsWith('"')) {
    const shape = token.slice(0, 40).replaceAll(/[1-9]\d*/g, 'N');
    features.add(`a ${role} ${printable(shape)}`);
    if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?[eE][-+]?\d+$/.test(token)) features.add(`a ${role} with an exponent`);
    return;
  }
  const size = token.length - 2;
  if (size > 64) features.add(`a ${role} of ${sizeClass(size)} characters`);
  if (!token.endsWith('"') || token.length < 2) features.add(`a ${role} without an end`);
  const units = token.slice(1, 1 + 400).match(/\\u[0-9a-fA-F]{4}|\\[\s\S]|[^a-zA-Z0-9 _:.,"/+=-]/gu) ?? [];
  for (const unit of new Set(units)) features.add(`a ${role} holds ${printable(unit)}`);
  const end = /(?:\\u[0-9a-fA-F]{4}|\\[\s\S])"$/.exec(token)?.[0];
  if (end !== undefined) features.add(`a ${role} ends in ${printable(end.slice(0, -1))}`);
}
