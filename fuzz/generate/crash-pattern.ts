/**
 * Crash patterns: what the cases have in common that stop the target for a known reason. The generator draws another case
 * instead of one that matches, because each match costs a restart of the target.
 */

import { type Case, caseSize, encodeActions } from '../case/case.ts';
import { tokensOf } from '../case/edits.ts';
import { readSent } from '../case/sent.ts';
import { featuresOf } from './features.ts';

/** In bytes. Longer connections and payloads are not read. */
const LONGEST_READ = 1536 * 1024;

/** Plain data, so that it can be sent to a worker. */
export type CrashPattern = Condition & Mark;

/** What a frame of the case has to be, because others were harmless. */
interface Condition {
  /** Its payload is well-formed JSON. */
  readonly isJson?: boolean;
  /** Its type is none of these. */
  readonly exceptTypes?: readonly number[];
}

type Mark =
  /** The case has all of these features. */
  | { readonly kind: 'features'; readonly features: readonly string[] }
  /** What a connection of the case sends contains these bytes. `type`: only after a header of this type. */
  | { readonly kind: 'bytes'; readonly type?: number; readonly bytes: Uint8Array }
  /** Each size, by the names of `sizesOf`, is at least this one. */
  | { readonly kind: 'sizes'; readonly type?: number; readonly sizes: Readonly<Record<string, number>> };

/** Whether the case matches one of the patterns. */
export function matchesCrash(value: Case, patterns: readonly CrashPattern[]): boolean {
  let features: ReadonlySet<string> | undefined;
  let sizes: ReadonlyMap<string, number> | undefined;
  let sent: readonly Buffer[] | undefined;
  let bytes: number | undefined;
  return patterns.some((pattern) => hasMark(pattern) && meets(value, pattern));

  function hasMark(pattern: CrashPattern): boolean {
    if (pattern.kind === 'features') {
      features ??= featuresOf(value);
      return pattern.features.every((feature) => features?.has(feature));
    }
    if (pattern.type !== undefined && !hasType(value, pattern.type)) return false;
    if (pattern.kind === 'bytes') {
      sent ??= value.connections.map(encodeActions);
      return sent.some((bytes) => bytes.includes(Buffer.from(pattern.bytes)));
    }
    // To read the tokens costs ten times as much as to make a case, and most cases are too small.
    bytes ??= caseSize(value);
    const leastBytes = Math.max(0, ...Object.values(pattern.sizes));
    if (bytes < leastBytes) return false;
    sizes ??= sizesOf(value);
    return Object.entries(pattern.sizes).every(([name, least]) => (sizes?.get(name) ?? 0) >= least);
  }
}

function meets({ connections }: Case, { isJson = false, exceptTypes = [] }: Condition): boolean {
  if (!isJson && exceptTypes.length === 0) return true;
  const frames = connections.flatMap((actions) => readSent(actions).frames);
  if (frames.length === 0) return !isJson;
  return frames.some(
    ({ type, payload }) => !exceptTypes.includes(type) && (!isJson || isWellFormed(payload)),
  );
}

/** Whether it is JSON, as far as that can be found out soon. */
export function isWellFormed(payload: Uint8Array): boolean {
  if (payload.length > LONGEST_READ) return false;
  try {
    JSON.parse(Buffer.from(payload).toString());
    return true;
  } catch {
    return false;
  }
}

function hasType({ connections }: Case, type: number): boolean {
  return connections.some((actions) =>
    actions.some((action) =>
      action.do === 'frame'
        ? action.type === type
        : action.do === 'bytes' &&
          action.bytes.length >= 4 &&
          Buffer.from(action.bytes).readUInt32BE(0) === type,
    ),
  );
}

/** Smaller sizes are usual. */
const USUAL = { characters: 64, depth: 8, connections: 8 };

/** The name in `sizesOf` of the longest value, whatever field it belongs to. */
export const LONGEST_VALUE = 'characters of a value';

/**
 * The unusual sizes of a case: the depth of its brackets, the longest value, the longest value of each name, and its
 * connections.
 */
export function sizesOf({ connections }: Case): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  const raise = (name: string, size: number, usual: number): void => {
    if (size > usual && size > (sizes.get(name) ?? 0)) sizes.set(name, size);
  };
  raise('connections', connections.length, USUAL.connections);
  for (const actions of connections) {
    const bytes = encodeActions(actions);
    if (bytes.length > LONGEST_READ) continue;
    let name = '';
    let depth = 0;
    const tokens = tokensOf(bytes.toString('latin1'));
    for (const [at, token] of tokens.entries()) {
      if (token === '{' || token === '[') {
        depth += 1;
        raise('depth', depth, USUAL.depth);
      } else if (token === '}' || token === ']') depth -= 1;
      else if (token.startsWith('"')) {
        const isName = tokens[at + 1] === ':';
        raise(`characters of ${isName ? 'a name' : name}`, token.length - 2, USUAL.characters);
        if (!isName) raise(LONGEST_VALUE, token.length - 2, USUAL.characters);
        if (isName) name = token.slice(0, USUAL.characters);
      }
    }
  }
  return sizes;
}
