/**
 * What is peculiar about a case, as words: which types and lengths its headers have, and for each token of its payloads
 * the kind, the odd characters, the size. A feature that a small failing input has, and that no harmless case ever had, is
 * what the failure hangs on, as far as one feature can tell: it explains a finding to a person, and tells which of the cases
 * that fail later do so for the same reason.
 */

import { HEADER_BYTES, PAYLOAD_CAP } from '../../conformance/scenario/bytes.ts';
import { printable } from '../../conformance/util/printable.ts';
import { type Action, type Case, encodeAction } from '../case/case.ts';
import { tokensOf } from '../case/edits.ts';
import { FIELD_NAMES } from './arbitraries/messages.ts';

/** Longer payloads, and more actions, are not looked at any closer. */
const MAX_PAYLOAD_BYTES = 64 * 1024;
const MAX_ACTIONS = 8;
/** From here on the size of a payload may matter. */
const LARGE_BYTES = 512;

export function featuresOf({ connections, arrangement }: Case): ReadonlySet<string> {
  const features = new Set<string>();
  if (connections.length > 1) features.add(`${sizeClass(connections.length)} connections ${arrangement}`);
  for (const actions of connections) {
    if (actions.length > 1) features.add(`steps: ${actions.slice(0, MAX_ACTIONS).map(nameOf).join(', ')}`);
    for (const action of actions.slice(0, MAX_ACTIONS)) addFeatures(features, action);
  }
  return features;
}

/**
 * The features by which two cases show the same difference. What is odd about a name decides which field is meant, and
 * everything else may follow from that; without such a feature, all of them.
 */
export function featuresOfDifference(value: Case): string[] {
  const features = [...featuresOf(value)].sort();
  const ofNames = features.filter((feature) => /^a (?:field's )?name /.test(feature));
  return ofNames.length > 0 ? ofNames : features;
}

function nameOf(action: Action): string {
  return action.do === 'frame' ? `type ${typeClass(action.type)}` : action.do;
}

function typeClass(type: number): string {
  return type <= 5 ? String(type) : 'unknown';
}

/** Half a power of two: 'about 300' is 256 to 511. */
function sizeClass(count: number): string {
  return count < 4 ? String(count) : `${2 ** Math.floor(Math.log2(count))} or more`;
}

function addFeatures(features: Set<string>, action: Action): void {
  const bytes = encodeAction(action);
  if (bytes.length < HEADER_BYTES) {
    if (bytes.length > 0) features.add(`${bytes.length} bytes only`);
    return;
  }
  const type = `type ${typeClass(bytes.readUInt32BE(0))}`;
  const declared = bytes.readUInt32BE(4);
  const payload = bytes.subarray(HEADER_BYTES);
  features.add(type);
  if (declared !== payload.length) {
    const size = declared > PAYLOAD_CAP ? 'over the cap' : sizeClass(declared);
    features.add(`${type} declares ${declared < payload.length ? 'too few' : 'more'} bytes, ${size}`);
  } else if (declared >= LARGE_BYTES) features.add(`${type} with ${sizeClass(declared)} bytes`);
  if (payload.length <= MAX_PAYLOAD_BYTES) addTokens(features, payload.toString('utf8'));
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
      // How the letters are written, escaped or not, is no matter of its own then.
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

/** Whether the name is a field's to who folds letter case (M7), and only to him. */
function hasOtherLetterCase(name: string): boolean {
  const read = canonical(name);
  const folded = read.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k');
  return folded !== read && FIELD_NAMES.includes(folded);
}

/** The string in its usual spelling, if it is one. */
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
