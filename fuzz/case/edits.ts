/**
 * Builds a case from a message in four stages: JSON tokens → payload bytes → frame → case. A mutation is an edit of one of
 * these stages, so that any number of mutations can be combined, in any order.
 */

import { type Action, type Case, EXACT } from './case.ts';

/** One field of a message, as the tokens on the wire. They need not be legal JSON. */
export interface Member {
  readonly name: string;
  readonly value: string;
}

export interface Message {
  readonly type: number;
  readonly members: readonly Member[];
}

export type Frame = Extract<Action, { do: 'frame' }>;

/** A change of one stage. */
export type Edit =
  | { readonly stage: 'message'; readonly apply: (members: readonly Member[]) => readonly Member[] }
  | { readonly stage: 'payload'; readonly apply: (payload: Buffer) => Buffer }
  | { readonly stage: 'frame'; readonly apply: (frame: Frame) => Frame }
  | { readonly stage: 'case'; readonly apply: (value: Case) => Case };

/** In bytes. An edit that makes a payload longer is not applied: several such edits in a row would have no bound. */
const LONGEST_PAYLOAD = 4 * 1024 * 1024;

/** A case of one connection, on which the message is sent after the edits. */
export function buildCase({ type, members }: Message, edits: readonly Edit[]): Case {
  const frame: Frame = {
    do: 'frame',
    type,
    declared: EXACT,
    payload: payloadOf(editMembers(members, edits)),
  };
  return editWhole({ arrangement: 'at-once', connections: [[editFrame(frame, edits)]] }, edits);
}

/** Edits an existing case: its first frame, at every stage, and then the whole case. */
export function editCase(parent: Case, edits: readonly Edit[]): Case {
  const editsMembers = edits.some(({ stage }) => stage === 'message');
  const framed = mapFirstFrame(parent, (frame) => {
    const members = editsMembers ? membersOf(Buffer.from(frame.payload).toString('utf8')) : undefined;
    const payload = members === undefined ? frame.payload : payloadOf(editMembers(members, edits));
    return editFrame({ ...frame, payload }, edits);
  });
  return editWhole(framed, edits);
}

function editMembers(members: readonly Member[], edits: readonly Edit[]): readonly Member[] {
  let list = members;
  for (const edit of edits) if (edit.stage === 'message') list = edit.apply(list);
  return list;
}

function editFrame(frame: Frame, edits: readonly Edit[]): Frame {
  const { buffer, byteOffset, byteLength } = frame.payload;
  let payload: Buffer = Buffer.from(buffer, byteOffset, byteLength);
  for (const edit of edits) {
    if (edit.stage !== 'payload') continue;
    const edited = edit.apply(payload);
    if (edited.length <= LONGEST_PAYLOAD) payload = edited;
  }
  let edited: Frame = { ...frame, payload };
  for (const edit of edits) if (edit.stage === 'frame') edited = edit.apply(edited);
  return edited;
}

function editWhole(value: Case, edits: readonly Edit[]): Case {
  let edited = value;
  for (const edit of edits) if (edit.stage === 'case') edited = edit.apply(edited);
  return edited;
}

/** The case with its first frame changed. A case without a frame is returned unchanged. */
function mapFirstFrame(value: Case, change: (frame: Frame) => Frame): Case {
  let isDone = false;
  const connections = value.connections.map((actions) =>
    actions.map((action) => {
      if (isDone || action.do !== 'frame') return action;
      isDone = true;
      return change(action);
    }),
  );
  return { ...value, connections };
}

/** The payload with these fields. */
export function payloadOf(members: readonly Member[]): Buffer {
  return Buffer.from(`{${members.map(({ name, value }) => `${name}:${value}`).join(',')}}`, 'utf8');
}

/** The tokens of a JSON text: strings, punctuation, white space, and runs of anything else. Joined, they are the text. */
export function tokensOf(text: string): string[] {
  return text.match(/"(?:[^"\\]|\\[\s\S])*"?|[{}[\]:,]|\s+|[^\s{}[\]:,"]+/g) ?? [];
}

/** The fields of a JSON object, as written. Undefined if the text does not begin and end like an object. */
export function membersOf(text: string): Member[] | undefined {
  const tokens = tokensOf(text.trim());
  if (tokens[0] !== '{' || tokens.at(-1) !== '}') return undefined;
  const members: Member[] = [];
  let depth = 0;
  let name = '';
  let held = '';
  const close = (): void => {
    if (name !== '' || held.trim() !== '') members.push({ name: name.trim(), value: held.trim() });
    name = '';
    held = '';
  };
  for (const token of tokens.slice(1, -1)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth === 0 && token === ',') close();
    else if (depth === 0 && token === ':' && name === '') {
      name = held;
      held = '';
    } else held += token;
  }
  close();
  return members;
}
