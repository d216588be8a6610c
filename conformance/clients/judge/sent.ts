/** Conditions on what a client sent: bytes → why they do not hold. Pure. */

import { isSameInstant } from '../../payload/rfc3339.ts';
import {
  type Bytes,
  HEADER_BYTES,
  render,
  SEND_RESULTS,
  STATUS_UPDATE,
  SUBMIT,
} from '../../scenario/bytes.ts';
import { counted } from '../../util/counted.ts';
import { printable } from '../../util/printable.ts';
import { TASK_ID } from '../../util/task-id.ts';
import { readFrames } from '../../wire/frames.ts';
import type { Action, MessageFields, Play, Sent } from '../scenario/client-scenario.ts';
import type { SeenConnection } from '../serve/connection.ts';
import type { ClientObservation } from './observation.ts';
import {
  type Flaw,
  flaw,
  frameFlaw,
  frameOf,
  memberOf,
  nothingSent,
  objectIn,
  severalFrames,
} from './sent-frame.ts';

/** Fields that hold a time, which a client may write in any form of RFC 3339. */
const TIMES: ReadonlySet<string> = new Set(['completed_at']);

/** The cause of what the client sends and must not send. */
export const SENDS_WHAT_IT_MUST_REFUSE = 'the client sends what it must refuse';

/** The type of the frame that each action sends. */
const TYPES: Readonly<Record<Action, number>> = {
  submit: SUBMIT,
  update: STATUS_UPDATE,
  results: SEND_RESULTS,
};

/** The first reason why the condition does not hold; undefined if it holds. */
export function flawOf(
  condition: Sent,
  { action, message }: Pick<Play, 'action' | 'message'>,
  observation: ClientObservation,
): Flaw | undefined {
  const type = TYPES[action];
  const connections = connectionsUsed(observation[0]);
  switch (condition.kind) {
    case 'any-byte':
      return sentBytes(connections) > 0 ? undefined : nothingSent(connections);
    case 'nothing': {
      const total = sentBytes(connections);
      return total === 0
        ? undefined
        : isRefused(observation)
          ? flaw(
              'the client checks a message only after it has sent it',
              `the client sent ${counted(total, 'byte')}, and then reported refused`,
            )
          : flaw(SENDS_WHAT_IT_MUST_REFUSE, `the client sent ${counted(total, 'byte')}`);
    }
    case 'frame':
      return connections.length === 0
        ? nothingSent([])
        : first(connections.map((one) => frameFlaw(one, condition.type)));
    case 'object':
      return first(connections.map((one) => objectFlaw(one, type)));
    case 'fields':
      return first([
        ...(connections.length === 0 ? [nothingSent([])] : []),
        ...connections.flatMap((one) =>
          condition.names.map((name) => fieldFlaw(one, type, name, message[name])),
        ),
      ]);
    case 'id-form':
      return first(connections.map((one) => formFlaw(one, type)));
    case 'ids-differ':
      return repeatedId(observation);
    case 'one-frame':
      return first([
        ...connections.map((one) => afterFlaw(one)),
        ...(connections.length > 2
          ? [
              flaw(
                'the client sends on more connections than two',
                `the client sent on ${counted(connections.length, 'connection')}`,
              ),
            ]
          : []),
      ]);
  }
}

/** The condition in words, for a person. */
export function describeSent(condition: Sent): string {
  switch (condition.kind) {
    case 'any-byte':
      return 'the client sends a byte';
    case 'frame':
      return condition.type === undefined
        ? 'the client sends a complete frame'
        : `the client sends a complete frame of type ${condition.type}`;
    case 'object':
      return 'the payload is one JSON object in UTF-8';
    case 'fields':
      return `${condition.names.join(', ')} ${condition.names.length === 1 ? 'has the value' : 'have the values'} that the client was given`;
    case 'id-form':
      return 'the task_id is 32 digits of lower-case hex in five groups';
    case 'ids-differ':
      return 'all starts send different task ids';
    case 'one-frame':
      return 'the client sends one frame on a connection, and nothing after it';
    case 'nothing':
      return 'the client sends no byte';
  }
}

function isRefused([{ end }]: ClientObservation): boolean {
  return end.kind === 'reported' && end.line.outcome === 'refused';
}

/** The connections on which the client sent; all of them if it sent on none. A connection without a byte is free. */
export function connectionsUsed({ seen }: ClientObservation[number]): readonly SeenConnection[] {
  const sending = seen.connections.filter(({ total }) => total > 0);
  return sending.length > 0 ? sending : seen.connections;
}

function sentBytes(connections: readonly SeenConnection[]): number {
  return connections.reduce((sum, { total }) => sum + total, 0);
}

function objectFlaw(connection: SeenConnection, type: number): Flaw | undefined {
  const members = objectIn(connection, type);
  return members instanceof Map ? undefined : (members as Flaw);
}

function fieldFlaw(
  connection: SeenConnection,
  type: number,
  name: string,
  expected: MessageFields[string] | undefined,
): Flaw | undefined {
  const member = memberOf(connection, type, name);
  if ('cause' in member) return member;
  const cause = `the field ${name} is wrong or missing`;
  const wanted = wantedValue(name, expected);
  const found = member.value ?? { type: 'null' };
  const got =
    found.type === 'string'
      ? found.value
      : found.type === 'number'
        ? found.text
        : found.type === 'null'
          ? zeroOf(wanted)
          : undefined;
  if (member.value === undefined && got !== wanted)
    return flaw(cause, `${name} is missing, and should be ${shown(wanted)}`);
  const isRightType =
    found.type === 'null' ||
    found.type === (/^\d+$/.test(wanted) && name.endsWith('_ms') ? 'number' : 'string');
  if (isRightType && (got === wanted || (TIMES.has(name) && isSameInstant(got ?? '', wanted))))
    return undefined;
  return flaw(
    cause,
    `${name} is ${got === undefined ? found.type : shown(got)}, and should be ${shown(wanted)}`,
  );
}

/** As it stands in a message: file data as base64, numbers in decimal. */
function wantedValue(name: string, expected: MessageFields[string] | undefined): string {
  if (typeof expected === 'number' || typeof expected === 'bigint') return String(expected);
  if (typeof expected === 'string' || expected === undefined) return expected ?? '';
  const bytes = Buffer.from(renderValue(expected));
  return bytes.toString(name === 'file_data' ? 'base64' : 'utf8');
}

function renderValue(value: Bytes): Uint8Array {
  return render(value, () => '');
}

function zeroOf(wanted: string): string {
  return wanted === '0' ? '0' : '';
}

function shown(text: string): string {
  return text.length > 60
    ? `"${printable(text, 40)}" of ${counted(Buffer.byteLength(text), 'byte')}`
    : `"${printable(text, 60)}"`;
}

function taskIdIn(connection: SeenConnection, type: number): string | Flaw {
  const member = memberOf(connection, type, 'task_id');
  if ('cause' in member) return member;
  return member.value?.type === 'string'
    ? member.value.value
    : flaw('the field task_id is wrong or missing', 'task_id is no text');
}

function formFlaw(connection: SeenConnection, type: number): Flaw | undefined {
  const id = taskIdIn(connection, type);
  if (typeof id !== 'string') return id;
  return new RegExp(`^${TASK_ID}$`).test(id)
    ? undefined
    : flaw('a task id has another form than the documented one', `task_id is ${shown(id)}`);
}

/** The ids that the starts submitted, one for each start that sent one. */
export function sentIds(observation: ClientObservation): readonly string[] {
  return observation.flatMap((start) => {
    const [connection] = connectionsUsed(start);
    const id = connection && taskIdIn(connection, SUBMIT);
    return typeof id === 'string' ? [id] : [];
  });
}

function repeatedId(observation: ClientObservation): Flaw | undefined {
  const ids = sentIds(observation);
  const missing = observation.length - ids.length;
  if (missing > 0)
    return flaw('a start sends no task id', `${missing} of ${observation.length} starts sent no id`);
  const different = new Set(ids).size;
  return different === ids.length
    ? undefined
    : flaw('task ids repeat', `${ids.length} starts sent ${different} different ids`);
}

function afterFlaw(connection: SeenConnection): Flaw | undefined {
  const frame = frameOf(connection);
  if (frame === undefined) return frameFlaw(connection, undefined);
  const more = connection.total - HEADER_BYTES - frame.payload.length;
  const { frames } = readFrames(connection.bytes);
  if (frames.length > 1) return severalFrames(frames);
  return more === 0
    ? undefined
    : flaw('bytes follow the frame', `${counted(more, 'byte follows', 'bytes follow')} the frame`);
}

function first(flaws: readonly (Flaw | undefined)[]): Flaw | undefined {
  return flaws.find((one) => one !== undefined);
}
