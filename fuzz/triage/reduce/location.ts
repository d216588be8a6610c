/**
 * Where in its input a fault is: the parts of a smallest case that could not be left out or made plainer. What is plain is
 * only the way to the fault: an empty string, a zero, the type SUBMIT, a length that is right, the names of fields.
 */

import { HEADER_BYTES, SUBMIT } from '../../../conformance/scenario/bytes.ts';
import { counted } from '../../../conformance/util/counted.ts';
import { printableBytes } from '../../../conformance/util/printable.ts';
import { type Action, type Case, type ConnectionActions, encodeAction } from '../../case/case.ts';
import { tokensOf } from '../../case/edits.ts';
import { FIELD_NAMES } from '../../generate/arbitraries/messages.ts';

/** A part of a case without which the fault vanishes. */
export interface FaultSite {
  /** From 1. */
  readonly connection: number;
  /** In what the connection sends: the first byte, and the first byte after. Equal for a step that sends nothing. */
  readonly from: number;
  readonly to: number;
  /** The field of the frame as a path such as `task_id` or `a.b[2]`; absent outside of a JSON object. */
  readonly path?: string;
  /** What it is, in words. Escaped. */
  readonly what: string;
}

/** Sites of one case. A case with more is not understood by them. */
const MOST_SITES = 12;
/** Bytes of a site that its words show. */
const SHOWN_BYTES = 40;
/** Longer payloads are one site. */
const LONGEST_READ = 64 * 1024;

/** The sites of the fault; empty for a case without connections. */
export function faultSitesOf({ connections }: Case): readonly FaultSite[] {
  return connections
    .slice(0, MOST_SITES)
    .flatMap((actions, index) =>
      sitesOfConnection(actions).map((site) => ({ connection: index + 1, ...site })),
    )
    .slice(0, MOST_SITES);
}

/** One line for a person. */
export function siteText({ connection, from, to, what }: FaultSite): string {
  const bytes =
    to - from === 1 ? `byte ${from}` : to > from ? `bytes ${from}–${to - 1}` : `after byte ${from - 1}`;
  return `${bytes}${connection > 1 ? ` of connection ${connection}` : ''}: ${what}`;
}

type Site = Omit<FaultSite, 'connection'>;

function sitesOfConnection(actions: ConnectionActions): Site[] {
  const sites: Site[] = [];
  let from = 0;
  let frames = 0;
  for (const action of actions) {
    const bytes = encodeAction(action);
    if (action.do === 'frame') frames += 1;
    sites.push(
      ...sitesOf(action, bytes, frames).map((site) => ({
        ...site,
        from: from + site.from,
        to: from + site.to,
      })),
    );
    from += bytes.length;
  }
  return sites;
}

function sitesOf(action: Action, bytes: Buffer, nth: number): Site[] {
  const end = bytes.length;
  switch (action.do) {
    case 'frame':
      return sitesOfFrame(action, bytes, nth);
    case 'bytes':
      return end === 0
        ? []
        : [
            {
              from: 0,
              to: end,
              what: `${end === 1 ? '1 byte that is' : `${end} bytes that are`} no frame: ${excerpt(bytes)}`,
            },
          ];
    case 'pause':
      return [{ from: 0, to: 0, what: `a pause of ${action.ms} ms` }];
    case 'fin':
      return [{ from: 0, to: 0, what: 'the end of sending (FIN)' }];
    case 'reset':
      return [{ from: 0, to: 0, what: 'a reset of the connection' }];
  }
}

function sitesOfFrame(action: Extract<Action, { do: 'frame' }>, bytes: Buffer, nth: number): Site[] {
  const { type, declared, payload, segmentBytes } = action;
  const frame = `frame ${nth}`;
  const header: Site[] = [];
  if (type !== SUBMIT) header.push({ from: 0, to: 4, what: `type ${type} of ${frame}` });
  if (declared.kind !== 'exact')
    header.push({
      from: 4,
      to: HEADER_BYTES,
      what: `declared length ${bytes.readUInt32BE(4)} of ${frame}, whose payload has ${counted(payload.length, 'byte')}`,
    });
  if (segmentBytes !== undefined)
    header.push({
      from: 0,
      to: bytes.length,
      what: `${frame} in segments of ${counted(segmentBytes, 'byte')}`,
    });
  const inside = sitesOfPayload(Buffer.from(payload), frame).map((site) => ({
    ...site,
    from: site.from + HEADER_BYTES,
    to: site.to + HEADER_BYTES,
  }));
  if (inside.length > 0 || header.length > 0) return [...header, ...inside];
  // All of it is plain: then the frame as such is what the target does not stand.
  return [
    {
      from: 0,
      to: bytes.length,
      what: payload.length === 0 ? `${frame}, which is empty` : `${frame} as a whole: ${excerpt(payload)}`,
    },
  ];
}

function sitesOfPayload(payload: Buffer, frame: string): Site[] {
  if (payload.length === 0) return [];
  const whole: Site = { from: 0, to: payload.length, what: `payload of ${frame}: ${excerpt(payload)}` };
  const text = payload.length <= LONGEST_READ ? payload.toString('utf8') : '';
  if (!text.startsWith('{') || text.includes('\ufffd')) return [whole];
  const read = sitesOfJson(text, frame);
  return read === undefined || read.length > MOST_SITES ? [whole] : read;
}

/** A container that is open. */
interface Open {
  readonly bracket: string;
  /** The name that stands before a value, or the index of it. */
  key: string;
  index: number;
}

/** Undefined if the brackets of the text do not match. */
function sitesOfJson(text: string, frame: string): Site[] | undefined {
  const tokens = tokensOf(text);
  const sites: Site[] = [];
  const open: Open[] = [];
  const seen = new Set<string>();
  let from = 0;
  for (const [index, token] of tokens.entries()) {
    const to = from + Buffer.byteLength(token);
    const inner = open.at(-1);
    const nextToken = tokens.slice(index + 1, index + 3).find((next) => next.trim() !== '');
    if (token === '{' || token === '[') open.push({ bracket: token, key: '', index: 0 });
    else if (token === '}' || token === ']') {
      if (open.pop()?.bracket !== (token === '}' ? '{' : '[')) return undefined;
    } else if (token === ',' && inner) inner.index += 1;
    else if (inner?.bracket === '{' && nextToken === ':' && token.startsWith('"')) {
      inner.key = token.slice(1, -1);
      const path = pathOf(open);
      if (seen.has(path) || !isPlainName(token))
        sites.push({
          from,
          to,
          path,
          what: `name ${excerpt(Buffer.from(token))}${seen.has(path) ? ', again,' : ''} in ${frame}`,
        });
      seen.add(path);
    } else if (token !== ':' && token !== '""' && token !== '0' && token.trim() !== '') {
      const path = pathOf(open);
      sites.push({
        from,
        to,
        path,
        what: `value of ${printableBytes(Buffer.from(path), 80) || 'the payload'} in ${frame}: ${excerpt(Buffer.from(token))}`,
      });
    }
    from = to;
  }
  return open.length > 0 ? undefined : sites;
}

function isPlainName(token: string): boolean {
  return token === '""' || FIELD_NAMES.includes(token);
}

function pathOf(open: readonly Open[]): string {
  const steps = open.map(({ bracket, key, index }) => (bracket === '{' ? `.${key}` : `[${index}]`));
  return steps.join('').replace(/^\./, '');
}

function excerpt(bytes: Uint8Array): string {
  const shown = printableBytes(bytes, SHOWN_BYTES);
  return bytes.length > SHOWN_BYTES ? `${shown} (${counted(bytes.length, 'byte')})` : shown;
}
